/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Passive opens: a connection counts from the moment accept() gives it to a process. */
#ifndef TCPTRACE_ACCEPT_H
#define TCPTRACE_ACCEPT_H

#include "close.h"

/* @old: what the map has of it. */
static __always_inline void on_accept(struct sock *sk, struct file *file,
				      const struct connection *old)
{
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
		count_lost_close(old);
	if (connection_put(sk, &c))
		return;
	count(COUNTER_MAP_FULL);
	seen_put(sk, SEEN_ACCEPT, c.inode);
}

/* For several programs on one call: does what none before it has. */
static __always_inline void on_accept_once(struct sock *sk, struct file *file, bool is_first)
{
	struct connection *c = connection_find(sk);
	__u64 inode = file_inode(file);

	if (c ? c->inode != inode : is_first || seen_find(sk, SEEN_ACCEPT) != inode)
		on_accept(sk, file, c);
}

#endif
