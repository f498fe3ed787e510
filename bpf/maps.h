/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The maps; each says who inserts, deletes and reads. */
#ifndef TCPTRACE_MAPS_H
#define TCPTRACE_MAPS_H

#include "connection.h"

/*
 * connections: socket address -> what its events need later.
 * inserted: connect.h, connect_return.h, accept.h, initial.h
 * deleted:  connect.h, connect_return.h, close.h
 * read:     all of these; user space counts the entries
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 262144);
	__type(key, __u64);
	__type(value, struct connection);
} connections SEC(".maps");

/* What several copies of a program see; apart, for between two that see accept() a FIN may come. */
enum seen_what {
	SEEN_CHANGE,
	SEEN_ACCEPT,
	SEEN_FAIL,
	SEEN_RETURN,
};

struct seen_key {
	__u64 sk;
	__u64 what;
};

/*
 * seen_by_copy: socket address and what -> change_id() of its last state change, or the inode that was
 * accepted, or whose connect() failed or returned, once the map of connections is full: what tells
 * one program that another has run.
 * inserted, deleted, read: by seen_*(), in state.h, accept.h, connect.h, connect_return.h
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct seen_key);
	__type(value, __u64);
} seen_by_copy SEC(".maps");

/*
 * connecting_sock: thread -> socket it called connect() on, for kretprobes, which
 * do not see their function's arguments. LRU: a return that the kernel skipped
 * (maxactive) costs one unreported synchronous failure, never a full table.
 * inserted: kprobe_tcp_v{4,6}_connect   deleted, read: kretprobe_tcp_v{4,6}_connect
 */
struct connect_call {
	__u64 sk;
	__u64 uaddr;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, struct connect_call);
} connecting_sock SEC(".maps");

/*
 * counters: a cache line for each CPU, modulo COUNTER_LINES, in which enum counter is the
 * index. incremented: count(). read: user space, mapped; a system call would keep kprobes and
 * tracepoints of that CPU from running BPF until it is done, and it may be preempted in
 * there (bpf_disable_instrumentation(); seen on 6.12 with preempt=full, and on 7.2).
 */
__u64 counters[COUNTER_LINES * COUNTER_LINE_LEN] __attribute__((aligned(64)));

/* ring: the records. written: emit.h. read: the addon's reader thread. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 * 1024 * 1024);
} ring SEC(".maps");

/*
 * The trace is over: what happens while one program after the other is detached is told of in
 * part, or taken for lost. Written by the addon, before it detaches the first.
 */
bool stopping = false;

static __always_inline void count(__u32 which)
{
	__u32 line = bpf_get_smp_processor_id() % COUNTER_LINES;

	if (stopping)
		return;
	__sync_fetch_and_add(&counters[line * COUNTER_LINE_LEN + which], 1);
}

/* When a connection first found the map of them full; 0: never. Read by state.h, too. */
__u64 full_since_ns = 0;

static __always_inline struct connection *connection_find(const struct sock *sk)
{
	__u64 key = (__u64)sk;

	return bpf_map_lookup_elem(&connections, &key);
}

/*
 * @flags: BPF_ANY, or BPF_NOEXIST for -EEXIST where there is one. Not long: before 6.4 these
 * functions return int (struct bpf_map_ops), of which a program sees the upper half as zero.
 */
static __always_inline int connection_insert(const struct sock *sk, const struct connection *c,
					     __u64 flags)
{
	__u64 key = (__u64)sk;
	int err = bpf_map_update_elem(&connections, &key, c, flags);

	if (err && err != -EEXIST && !full_since_ns)
		full_since_ns = bpf_ktime_get_ns();
	return err;
}

/* Whether it found room. */
static __always_inline bool connection_put(const struct sock *sk, const struct connection *c)
{
	return !connection_insert(sk, c, BPF_ANY);
}

static __always_inline void connection_drop(const struct sock *sk)
{
	__u64 key = (__u64)sk;

	bpf_map_delete_elem(&connections, &key);
}

/* What was done last for this socket; 0: nothing that was noted. */
static __always_inline __u64 seen_find(const struct sock *sk, enum seen_what what)
{
	struct seen_key key = {(__u64)sk, what};
	__u64 *id;

	if (!full_since_ns)
		return 0;
	id = bpf_map_lookup_elem(&seen_by_copy, &key);
	return id ? *id : 0;
}

static __always_inline void seen_put(const struct sock *sk, enum seen_what what, __u64 id)
{
	struct seen_key key = {(__u64)sk, what};

	bpf_map_update_elem(&seen_by_copy, &key, &id, BPF_ANY);
}

static __always_inline void seen_drop(const struct sock *sk, enum seen_what what)
{
	struct seen_key key = {(__u64)sk, what};

	bpf_map_delete_elem(&seen_by_copy, &key);
}

#endif
