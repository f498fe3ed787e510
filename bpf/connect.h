/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Active opens: connect() yields `connect` or `fail`, never both. */
#ifndef TCPTRACE_CONNECT_H
#define TCPTRACE_CONNECT_H

#include "close.h"
#include "connect_call.h"

/* Set by the addon if programs run at the return of tcp_v4_connect() and tcp_v6_connect(). */
const volatile bool is_return_hooked = false;

/*
 * Handles a connect() that has reached TCP. Runs in the caller, with the socket locked. @old: the
 * socket's entry in the map, or NULL. Returns false if the map is full.
 */
static __always_inline bool connect_begun(struct sock *sk, const struct connection *old,
					  __u64 inode)
{
	struct connect_call *call;
	struct connection c = {};

	if (!inode)
		return true;
	/* an older connection, ended and disconnected: syn_sent() or connect_exited() closes it */
	if (old && old->phase == PHASE_LIVE)
		return true;
	call = current_call_of(sk);
	c.since_ns = call ? call->since_ns : bpf_ktime_get_ns();
	c.inode = inode;
	c.direction = DIRECTION_OUT;
	read_current(&c.owner);
	if (!connection_put(sk, &c))
		return false;
	if (call)
		call->reached_tcp = true;
	return true;
}

static __always_inline void connect_called(struct sock *sk, __u64 inode)
{
	connect_begun(sk, connection_find(sk), inode);
}

/* Handles CLOSE -> SYN_SENT, inside connect(). */
static __always_inline void syn_sent(struct sock *sk, struct connection *old)
{
	struct connect_call *call;

	if (old && old->phase == PHASE_LIVE) {
		if (old->inode == typed_inode(sk))
			emit_close(sk, old, true);
		else
			count_lost_close(old);
		connection_drop(sk);
		old = NULL;
	}
	/* connect_called() has inserted the entry */
	if (is_return_hooked && old && old->phase == PHASE_CONNECTING)
		return;
	if (connect_begun(sk, old, typed_inode(sk)))
		return;
	count(COUNTER_MAP_FULL);
	call = current_call_of(sk);
	if (call)
		call->reached_tcp = true;
}

/*
 * Handles SYN_SENT or SYN_RECV -> ESTABLISHED. Takes the process from @c, because it usually runs
 * in softirq. @is_late: the kernel skipped that change, and the connection may have sent data
 * since.
 */
static __noinline void connect_established(struct sock *sk, struct connection *c, bool is_late)
{
	struct facts f = {
		.now_ns = bpf_ktime_get_ns(),
		.process = &c->owner,
		.since_ns = c->since_ns,
	};

	typed_match_endpoints(sk, &c->ends);
	c->without_syn = typed_is_restored(sk);
	if (!c->without_syn)
		c->isns = typed_isns(sk, DIRECTION_OUT);
	if (!is_late && !c->without_syn)
		read_syn_retrans(sk, &f);
	emit(EVENT_CONNECT, c, &f);
	c->phase = PHASE_LIVE;
	c->since_ns = f.now_ns;
}

/* Emits `fail`. @sk: NULL if connect() failed at once, before any SYN was retransmitted. */
static __always_inline void emit_fail(const struct sock *sk, struct connection *c, __u16 error)
{
	struct facts f = {
		.now_ns = bpf_ktime_get_ns(),
		.process = &c->owner,
		.since_ns = c->since_ns,
		.error = error,
	};

	if (sk)
		read_syn_retrans(sk, &f);
	emit(EVENT_FAIL, c, &f);
}

/*
 * True inside the call that sent the SYN: __inet_stream_connect() leaves SS_UNCONNECTED only after
 * the protocol's connect() has returned.
 */
static __always_inline bool typed_is_in_connect(const struct sock *sk)
{
	return typed_socket(sk)->state == SS_UNCONNECTED && typed_is_owned(sk);
}

/*
 * Handles SYN_SENT -> CLOSE inside connect(), where only the return value has the errno. False if
 * connect_returned() reports the failure.
 */
static __always_inline bool connect_failed_at_once(struct sock *sk, struct connection *c,
						   bool is_in_map)
{
	struct connect_call *call;

	if (is_return_hooked && is_in_map)
		return false;
	call = current_call_of(sk);
	if (call) {
		typed_match_endpoints(sk, &call->ends);
		call->failed_at_once = true;
		return true;
	}
	/* sendto(MSG_FASTOPEN) or io_uring: the errno stays unknown */
	typed_match_endpoints(sk, &c->ends);
	emit_fail(NULL, c, 0);
	return true;
}

/* Handles SYN_SENT or SYN_RECV -> CLOSE, after connect() returned or while it waits. */
static __noinline void connect_failed(struct sock *sk, struct connection *c)
{
	__u16 error = sk->sk_err ?: c->subflow_error;

	typed_match_endpoints(sk, &c->ends);
	/* close(), shutdown(), AF_UNSPEC and exit in SYN_SENT leave no error */
	emit_fail(sk, c, error ?: ECANCELED);
}

/* Handles a state change of a socket in PHASE_CONNECTING. */
static __always_inline void connecting_changed(struct sock *sk, struct connection *c, int newstate)
{
	if (newstate == TCP_SYN_RECV) /* simultaneous open */
		return;
	if (newstate != TCP_CLOSE) {
		connect_established(sk, c, false);
	} else if (!typed_is_in_connect(sk)) {
		connect_failed(sk, c);
		connection_drop(sk);
	} else if (connect_failed_at_once(sk, c, true)) {
		connection_drop(sk);
	}
}

/*
 * Like connecting_changed(), for a socket that is not in the map: connect() was called before the
 * trace, or the map was full.
 */
static __always_inline void connecting_unseen_changed(struct sock *sk, int oldstate, int newstate)
{
	struct connection c = {
		.direction = DIRECTION_OUT,
		.inode = typed_inode(sk),
		.last_change = change_id(oldstate, newstate),
	};

	if (!c.inode || newstate == TCP_SYN_RECV)
		return;
	if (newstate != TCP_CLOSE) {
		connect_established(sk, &c, false);
		connection_put(sk, &c);
	} else if (typed_is_in_connect(sk)) {
		connect_failed_at_once(sk, &c, false);
	} else {
		connect_failed(sk, &c);
	}
}

#endif
