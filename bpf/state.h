/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Dispatches state changes to the handlers of connect and close; the socket is locked. */
#ifndef TCPTRACE_STATE_H
#define TCPTRACE_STATE_H

#include "connect.h"

/*
 * True for changes that do not concern a connection held by a process. Before accept() and after
 * close(), the socket has no struct socket; the first change of close() precedes sock_orphan().
 */
static __always_inline bool typed_is_idle_change(const struct sock *sk, int oldstate, int newstate)
{
	return oldstate == TCP_LISTEN || newstate == TCP_LISTEN ||
	       (oldstate == TCP_FIN_WAIT1 && newstate == TCP_FIN_WAIT2) || !typed_socket(sk);
}

/*
 * Stores the error that ended a subflow. __mptcp_subflow_error_report() clears the error of the
 * subflow, then changes the state of the msk, and only then copies the error to the msk.
 */
static __always_inline void subflow_changed(struct sock *sk, int newstate)
{
	struct connection *c;

	if (newstate != TCP_CLOSE || !sk->sk_err)
		return;
	c = connection_find(typed_application_sock(sk));
	if (c)
		c->subflow_error = sk->sk_err;
}

static __always_inline bool was_established(int state)
{
	return ~(1 << TCP_SYN_SENT | 1 << TCP_SYN_RECV | 1 << TCP_CLOSE) >> state & 1;
}

static __always_inline void known_changed(struct sock *sk, struct connection *c, int oldstate,
					  int newstate)
{
	c->last_change = change_id(oldstate, newstate);
	if (c->phase == PHASE_CONNECTING && was_established(oldstate)) {
		/* the kernel skipped the change to ESTABLISHED, so its time is unknown */
		c->since_ns = 0;
		connect_established(sk, c, true);
		c->since_ns = 0;
	}
	if (c->phase == PHASE_CONNECTING)
		connecting_changed(sk, c, newstate);
	else
		live_changed(sk, c, oldstate, newstate);
}

/* Handles a change of a socket that is not in the map. */
static __always_inline void unseen_changed(struct sock *sk, int oldstate, int newstate)
{
	if (oldstate == TCP_SYN_SENT)
		connecting_unseen_changed(sk, oldstate, newstate);
	else
		live_unseen_changed(sk, oldstate, newstate);
}

static __always_inline void state_changed(struct sock *sk, int oldstate, int newstate)
{
	struct connection *c = connection_find(sk);

	if (newstate == TCP_SYN_SENT)
		syn_sent(sk, c);
	else if (c)
		known_changed(sk, c, oldstate, newstate);
	else
		unseen_changed(sk, oldstate, newstate);
	if (full_since_ns)
		seen_put(sk, SEEN_CHANGE, change_id(oldstate, newstate));
}

/* True if state_changed() has handled this change of a socket that is not in the map. */
static __always_inline bool was_handled(const struct sock *sk, __u64 change)
{
	/* calls that began before the map was full have recorded nothing */
	if (!full_since_ns || bpf_ktime_get_ns() - full_since_ns < NSEC_PER_SEC / 10)
		return true;
	if (seen_find(sk, SEEN_CHANGE) != change)
		return false;
	seen_drop(sk, SEEN_CHANGE);
	return true;
}

/* Runs in the second program copy: does the work of state_changed() if the first was skipped. */
static __always_inline void state_change_skipped(struct sock *sk, int oldstate, int newstate)
{
	__u16 change = change_id(oldstate, newstate);
	struct connection *c = connection_find(sk);

	if (newstate == TCP_SYN_SENT) {
		if (c ? c->phase != PHASE_CONNECTING : seen_find(sk, SEEN_CHANGE) != change)
			syn_sent(sk, c);
	} else if (c) {
		if (c->last_change != change)
			known_changed(sk, c, oldstate, newstate);
	} else if (!was_handled(sk, change)) {
		unseen_changed(sk, oldstate, newstate);
	}
}

#endif
