/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The maps. The comment of each names the files or functions that insert, delete and read entries.
 */
#ifndef TCPTRACE_MAPS_H
#define TCPTRACE_MAPS_H

#include "connection.h"

/*
 * connections: socket address -> state of the connection, for its later events.
 * inserted: connect.h, connect_return.h, accept.h, initial.h
 * deleted:  connect.h, connect_return.h, close.h
 * read:     all of these; user space, to count the entries
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 262144);
	__type(key, __u64);
	__type(value, struct connection);
} connections SEC(".maps");

/*
 * reserve: like connections, used when that map is full. The entries of a user are limited, so that
 * one user cannot fill both maps and thereby hide the connections of others.
 * inserted, deleted, read: by connection_*(); the addon sets the size
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__type(key, __u64);
	__type(value, struct connection);
} reserve SEC(".maps");

/* A connection at the last visit for `update`, and the values of its last `update`; update.h. */
struct reported {
	__u64 inode;	/* inode and since_ns identify a connection at this socket address */
	__u64 since_ns; /* connection.since_ns */
	__u64 tx_bytes;
	__u64 rx_bytes;
	struct progress progress;
	__u32 retrans;
	__u32 first_seq; /* snd_una - bytes_acked, which never changes */
	__u32 state;
	__u32 is_exact; /* rx_bytes fits progress.bytes_received: see read_totals() */
};

/*
 * reported: socket address -> what was seen and reported. inserted, read: update.h
 * deleted: connection_drop(), update.h; the addon sets the size
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct reported);
} reported SEC(".maps");

/*
 * holders: socket address -> a process that held the preexisting connection when the trace began.
 * inserted: initial.h   read: update.h   deleted: connection_drop(); the addon sets the size
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct process);
} holders SEC(".maps");

/* Set by the addon if the trace emits `update` events. */
const volatile bool has_updates = false;

/* Set by the addon: the first visit reports preexisting connections even without payload, so that a
 * later one is known to be new. */
const volatile bool reports_preexisting = false;

/* Set by the addon: user space finds the peer of each connection; the filter may exclude it. */
const volatile bool has_peers = false;

/*
 * reserve_shares: uid -> entries of `reserve` that belong to the user.
 * inserted, changed, read: by share_take() and share_return()
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u32);
} reserve_shares SEC(".maps");

/* Limit of entries in `reserve` per user. */
const volatile __u32 reserve_share = 1024;

/* Kinds of entries in seen_by_copy; separate, because a FIN may arrive between two program copies
 * that see accept(). */
enum seen_what {
	SEEN_CHANGE,
	SEEN_ACCEPT,
	SEEN_CLOSE,
};

struct seen_key {
	__u64 sk;
	__u64 what;
};

/*
 * seen_by_copy: what one program copy has handled, so that another copy does not handle it again.
 * Used if the map of connections has no entry that shows it.
 * SEEN_CHANGE, once connections is full: socket address -> change_id() of its last state change
 * SEEN_ACCEPT, once connections is full: socket address -> inode that accept() returned
 * SEEN_CLOSE: socket address -> inode that was closed before its accept() returned
 * inserted, deleted, read: by seen_*(), in state.h, accept.h and close.h
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct seen_key);
	__type(value, __u64);
} seen_by_copy SEC(".maps");

/*
 * connecting_sock: thread -> arguments of tcp_v{4,6}_connect(), which kretprobes cannot read.
 * LRU: a return probe that the kernel skips (maxactive) leaves an entry that is evicted later.
 * inserted: kprobe_tcp_v{4,6}_connect   deleted, read: kretprobe_tcp_v{4,6}_connect
 */
struct connecting_sock {
	__u64 sk;
	__u64 uaddr;
	__u32 len;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, struct connecting_sock);
} connecting_sock SEC(".maps");

/*
 * backlog: socket address -> 1, for each child of a listener that no accept() has returned yet.
 * inserted: state.h   deleted: accept.h, close.h
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__type(key, __u64);
	__type(value, __u8);
} backlog SEC(".maps");

/* True once the backlog map was full: then a socket without an entry may also wait for accept(). */
bool backlog_overflowed = false;

/*
 * counters: a cache line for each CPU, modulo COUNTER_LINES, indexed by enum counter.
 * incremented: count(). read: user space, through a memory mapping. bpf(2) would make the CPU skip
 * kprobes and tracepoints until it returns, even while it is preempted
 * (bpf_disable_instrumentation(); seen on 6.12 with preempt=full, and on 7.2).
 */
__u64 counters[COUNTER_LINES * COUNTER_LINE_LEN] __attribute__((aligned(64)));

/* ring: the records. written: emit.h, new_cgroup.h. read: the addon's reader thread. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 * 1024 * 1024);
} ring SEC(".maps");

/*
 * Set by the addon before it detaches programs. They detach one by one; without this flag, the
 * remaining ones would report half a connection, or count it as lost.
 */
bool stopping = false;

static __always_inline void count(__u32 which)
{
	__u32 line = bpf_get_smp_processor_id() % COUNTER_LINES;

	if (stopping)
		return;
	__sync_fetch_and_add(&counters[line * COUNTER_LINE_LEN + which], 1);
}

/* Monotonic time when the map of connections was first full; 0: never. state.h reads it, too. */
__u64 full_since_ns = 0;

static __always_inline struct connection *connection_find(const struct sock *sk)
{
	__u64 key = (__u64)sk;
	struct connection *c = bpf_map_lookup_elem(&connections, &key);

	return c || !full_since_ns ? c : bpf_map_lookup_elem(&reserve, &key);
}

/* Counts one more entry of the user in the reserve. False if the user has reached the limit. */
static __always_inline bool share_take(__u32 uid)
{
	__u32 *used = bpf_map_lookup_elem(&reserve_shares, &uid), one = 1;

	if (!used)
		return !bpf_map_update_elem(&reserve_shares, &uid, &one, BPF_NOEXIST);
	if (*used >= reserve_share)
		return false;
	__sync_fetch_and_add(used, 1);
	return true;
}

static __always_inline void share_return(__u32 uid)
{
	__u32 *used = bpf_map_lookup_elem(&reserve_shares, &uid);

	if (used)
		__sync_fetch_and_add(used, -1);
}

/* Inserts into the reserve, because the map of connections is full. Returns 0 or -E2BIG. */
static __noinline int reserve_insert(__u64 key, const struct connection *c)
{
	if (!full_since_ns)
		full_since_ns = bpf_ktime_get_ns();
	if (!share_take(c->owner.uid))
		return -E2BIG;
	if (!bpf_map_update_elem(&reserve, &key, c, BPF_NOEXIST))
		return 0;
	share_return(c->owner.uid);
	return -E2BIG;
}

/*
 * Inserts or replaces an entry. @flags: BPF_ANY, or BPF_NOEXIST to return -EEXIST if the entry
 * exists. Returns int, not long: before 6.4 the map operations return int (struct bpf_map_ops), and
 * as long a negative result would look positive.
 */
static __always_inline int connection_insert(const struct sock *sk, const struct connection *c,
					     __u64 flags)
{
	__u64 key = (__u64)sk;
	int err;

	if (full_since_ns && bpf_map_lookup_elem(&reserve, &key)) {
		if (flags == BPF_NOEXIST)
			return -EEXIST;
		return bpf_map_update_elem(&reserve, &key, c, BPF_EXIST);
	}
	err = bpf_map_update_elem(&connections, &key, c, flags);
	return err && err != -EEXIST ? reserve_insert(key, c) : err;
}

/* False if the map is full and the user has reached the limit in the reserve. */
static __always_inline bool connection_put(const struct sock *sk, const struct connection *c)
{
	return !connection_insert(sk, c, BPF_ANY);
}

static __noinline bool reserve_drop(__u64 key)
{
	struct connection *c = bpf_map_lookup_elem(&reserve, &key);
	__u32 uid;

	if (!c)
		return false;
	uid = c->owner.uid;
	if (bpf_map_delete_elem(&reserve, &key))
		return false;
	share_return(uid);
	return true;
}

/* Deletes the entry. False if it does not exist, or if another program has just deleted it. */
static __always_inline bool connection_drop(const struct sock *sk)
{
	__u64 key = (__u64)sk;
	bool is_dropped = !bpf_map_delete_elem(&connections, &key);

	if (!is_dropped)
		is_dropped = full_since_ns && reserve_drop(key);
	if (has_updates) {
		bpf_map_delete_elem(&reported, &key);
		bpf_map_delete_elem(&holders, &key);
	}
	return is_dropped;
}

static __always_inline void backlog_put(const struct sock *sk)
{
	__u64 key = (__u64)sk;
	__u8 one = 1;

	if (bpf_map_update_elem(&backlog, &key, &one, BPF_ANY))
		backlog_overflowed = true;
}

static __always_inline bool backlog_has(const struct sock *sk)
{
	__u64 key = (__u64)sk;

	return bpf_map_lookup_elem(&backlog, &key);
}

/* Deletes the entry. Returns true if it existed, for one caller only. */
static __always_inline bool backlog_take(const struct sock *sk)
{
	__u64 key = (__u64)sk;

	return !bpf_map_delete_elem(&backlog, &key);
}

/* Returns the recorded change or inode of this socket; 0: none. */
static __always_inline __u64 seen_find(const struct sock *sk, enum seen_what what)
{
	struct seen_key key = {(__u64)sk, what};
	__u64 *id;

	if (!full_since_ns && what != SEEN_CLOSE)
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
