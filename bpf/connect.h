/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Active opens: connect() is called, then `connect` or `fail`, never both. */
#ifndef TCPTRACE_CONNECT_H
#define TCPTRACE_CONNECT_H

#include "close.h"

/*
 * Set where the return of connect() is seen as a system call: there a connection that failed must
 * be remembered until connect() has returned, or its error would look like a second failure.
 */
const volatile bool remember_failures = false;

/*
 * connect() reached TCP; runs in the caller, the socket is locked. @old: what the map has of it.
 * False where there was no room.
 */
static __always_inline bool connect_begun(struct sock *sk, const struct connection *old,
					  __u64 inode)
{
	struct connection c = {};

	if (!inode)
		return true;
	/*
	 * CONNECTING: tcp_v6_connect() calls tcp_v4_connect() when the peer is IPv4-mapped.
	 * LIVE: reset, then disconnected by AF_UNSPEC, which shows only in syn_sent().
	 */
	if (old && (old->phase == PHASE_CONNECTING || old->phase == PHASE_LIVE))
		return true;
	c.since_ns = bpf_ktime_get_ns();
	c.inode = inode;
	c.direction = DIRECTION_OUT;
	read_current(&c.owner);
	return connection_put(sk, &c);
}

static __always_inline void connect_called(struct sock *sk, __u64 inode)
{
	connect_begun(sk, connection_find(sk), inode);
}

/* CLOSE -> SYN_SENT, inside connect(). */
static __always_inline void syn_sent(struct sock *sk, struct connection *old)
{
	if (old && old->phase == PHASE_LIVE) {
		if (old->inode == typed_inode(sk))
			emit_close(sk, old, true);
		else
			count_lost_close(old);
		connection_drop(sk);
		old = NULL;
	}
	if (!connect_begun(sk, old, typed_inode(sk)))
		count(COUNTER_MAP_FULL);
}

/* SYN_SENT or SYN_RECV -> ESTABLISHED, most often in softirq: all identity comes from @c. */
static __noinline void connect_established(struct sock *sk, struct connection *c)
{
	struct facts f = {
		.now_ns = bpf_ktime_get_ns(),
		.process = &c->owner,
		.since_ns = c->since_ns,
	};

	read_endpoints(sk, &c->ends);
	emit(EVENT_CONNECT, c, &f);
	c->phase = PHASE_LIVE;
	c->since_ns = f.now_ns;
}

static __always_inline void emit_fail(struct connection *c, __u16 error)
{
	struct facts f = {
		.now_ns = bpf_ktime_get_ns(),
		.process = &c->owner,
		.since_ns = c->since_ns,
		.error = error,
	};

	emit(EVENT_FAIL, c, &f);
}

/*
 * SYN_SENT or SYN_RECV -> CLOSE. False while connect() itself is still running:
 * __inet_stream_connect() leaves SS_UNCONNECTED only once the protocol's connect()
 * is back, so this one fails at once, and its return value is the errno.
 */
static __noinline bool connect_failed(struct sock *sk, struct connection *c)
{
	__u16 error = sk->sk_err ?: c->subflow_error;

	if (typed_socket(sk)->state == SS_UNCONNECTED && typed_is_owned(sk))
		return false;
	read_endpoints(sk, &c->ends);
	/* close(), shutdown(), AF_UNSPEC and exit in SYN_SENT leave no error */
	emit_fail(c, error ?: ECANCELED);
	return true;
}

/* A state change of a socket for which connect() was called and no event is out. */
static __always_inline void connecting_changed(struct sock *sk, struct connection *c, int newstate)
{
	if (newstate == TCP_SYN_RECV) /* both sides called connect() */
		return;
	if (newstate != TCP_CLOSE)
		connect_established(sk, c);
	else if (connect_failed(sk, c)) {
		if (remember_failures)
			c->phase = PHASE_FAILED;
		else
			connection_drop(sk);
	}
}

/* The same where the call was not seen: it began before the trace, or the map was full. */
static __always_inline void connecting_unseen_changed(struct sock *sk, int oldstate, int newstate)
{
	struct connection c = {
		.direction = DIRECTION_OUT,
		.inode = typed_inode(sk),
		.last_change = change_id(oldstate, newstate),
	};

	if (!c.inode || newstate == TCP_SYN_RECV)
		return;
	if (newstate != TCP_CLOSE)
		connect_established(sk, &c);
	else if (!connect_failed(sk, &c) || !remember_failures)
		return;
	else
		c.phase = PHASE_FAILED;
	if (!connection_put(sk, &c) && c.phase == PHASE_FAILED)
		seen_put(sk, SEEN_FAIL, c.inode);
}

#endif
