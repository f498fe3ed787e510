/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Passive opens: a connection counts from the moment accept() gives it to a process. */
#ifndef TCPTRACE_ACCEPT_H
#define TCPTRACE_ACCEPT_H

#include "close.h"

/* What `handled` has of a connection that was accepted, and found no room; no change_id(). */
static __always_inline __u64 accepted_id(__u64 inode)
{
	return 1ULL << 63 | inode;
}

/* @old: what the map has of it. */
static __always_inline void accepted(struct sock *sk, struct file *file,
				     const struct connection *old)
{
	__u64 key = (__u64)sk, id;
	struct connection c = {};
	struct facts f = {};
	__u8 state;

	if (!file || !is_tcp(sk))
		return;
	f.now_ns = bpf_ktime_get_ns();
	f.process = &c.owner;
	c.since_ns = f.now_ns;
	c.inode = file_inode(file);
	c.phase = PHASE_LIVE;
	c.direction = DIRECTION_IN;
	read_current(&c.owner);
	read_endpoints(sk, &c.ends);
	/* it may have been reset while it waited in the backlog */
	state = FIELD(sk, __sk_common.skc_state);
	if (state == TCP_CLOSE)
		c.ended_by = end_by_error(FIELD(sk, sk_err));
	emit(EVENT_ACCEPT, &c, &f);
	if (old)
		lose_close(old);
	id = accepted_id(c.inode);
	if (!connection_put(sk, &c))
		bpf_map_update_elem(&handled, &key, &id, BPF_ANY);
}

static __always_inline bool was_accepted(const struct sock *sk, __u64 inode)
{
	__u64 key = (__u64)sk, *known;

	if (!full_since_ns)
		return false;
	known = bpf_map_lookup_elem(&handled, &key);
	return known && *known == accepted_id(inode);
}

/* For several programs on one call: does what none before it has. */
static __always_inline void accepted_once(struct sock *sk, struct file *file, bool is_first)
{
	struct connection *c = connection_find(sk);
	__u64 inode = file_inode(file);

	if (c ? c->inode != inode : is_first || !was_accepted(sk, inode))
		accepted(sk, file, c);
}

#endif
