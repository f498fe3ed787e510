/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Passive opens: a connection begins when accept() returns it to a process. */
#ifndef TCPTRACE_ACCEPT_H
#define TCPTRACE_ACCEPT_H

#include "close.h"

static __always_inline void describe_accept(struct sock *sk, struct file *file,
					    struct connection *c)
{
	c->since_ns = bpf_ktime_get_ns();
	c->inode = file_inode(file);
	c->phase = PHASE_ACCEPTED;
	c->direction = DIRECTION_IN;
	read_current(&c->owner);
	match_endpoints(sk, &c->ends);
	c->isns = read_isns(sk, DIRECTION_IN);
	/* the connection may have been reset while it waited in the backlog */
	if (FIELD(sk, __sk_common.skc_state) == TCP_CLOSE)
		c->ended_by = end_by_error(FIELD(sk, sk_err));
}

/*
 * Handles a socket that accept() returned. Inserts it into the map first, because another thread
 * may close it meanwhile. The thread that deletes the backlog entry reports the accept.
 * @is_certain: the socket was accepted, even if it has no backlog entry.
 */
static __noinline void on_accept(struct sock *sk, struct file *file, bool is_certain)
{
	struct connection c = {}, *known = connection_find(sk);
	bool is_stored;

	if (known)
		count_lost_close(known);
	describe_accept(sk, file, &c);
	is_stored = connection_put(sk, &c);
	if (!is_stored) {
		count(COUNTER_MAP_FULL);
		seen_put(sk, SEEN_ACCEPT, c.inode);
	}
	if (!backlog_take(sk) && !is_certain) {
		/* closed meanwhile; the closing thread has reported it */
		connection_drop(sk);
		return;
	}
	emit_accept(sk, &c);
	known = is_stored ? connection_find(sk) : NULL;
	if (known && known->inode == c.inode)
		known->phase = PHASE_LIVE;
}

/* Handles the moment when accept() attaches a socket to its file. @is_first: first program copy. */
static __always_inline void on_graft(struct sock *sk, struct file *file, bool is_first)
{
	struct connection *c;
	__u64 inode;

	if (!file || !is_tcp(sk))
		return;
	c = connection_find(sk);
	inode = file_inode(file);
	if (c ? c->inode == inode : !is_first && seen_find(sk, SEEN_ACCEPT) == inode)
		return;
	on_accept(sk, file, true);
}

/* Monotonic time since which every child of a listener enters the backlog map; set by the addon. */
__u64 watched_since_ns = ~0ULL;

static __always_inline bool is_preexisting(const struct sock *sk)
{
	return FIELD(sk, sk_protocol) == IPPROTO_TCP && established_ns(sk) < watched_since_ns;
}

/* True for a child of a listener that may lack a backlog entry: preexisting, or the map was full.
 */
static __always_inline bool may_be_accepted(const struct sock *sk)
{
	return (backlog_overflowed || is_preexisting(sk)) &&
	       FIELD(sk, __sk_common.skc_state) != TCP_LISTEN && FIELD(sk, __sk_common.skc_dport) &&
	       guess_direction(sk, fin_was_sent(FIELD(sk, __sk_common.skc_state))) == DIRECTION_IN;
}

/*
 * Handles a descriptor that accept() returned. Checks the socket's state, because another thread or
 * a seccomp supervisor may have installed any file there. @is_certain: the call was accept().
 */
static __always_inline void on_accepted_fd(int fd, bool is_certain)
{
	struct file *file = current_file(fd);
	struct sock *sk = file_sock(file);
	struct connection *c;
	__u64 inode;

	if (!sk || !is_tcp(sk))
		return;
	c = connection_find(sk);
	inode = file_inode(file);
	/* already reported, perhaps by another program copy, or an active open */
	if (c && c->inode == inode)
		return;
	if (backlog_has(sk))
		on_accept(sk, file, false);
	else if (is_certain && seen_find(sk, SEEN_ACCEPT) != inode && may_be_accepted(sk))
		on_accept(sk, file, true);
}

#endif
