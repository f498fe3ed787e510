/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Detects when and how a connection closes. tcp_close() always sets the state, even if it stays the
 * same (tcp_close_state()). At that time the socket is locked, both directions are shut down and
 * the file has no references. So inet_sock_set_state alone distinguishes close() from shutdown()
 * and from actions of the peer. It fires in the context of the closing process.
 */
#ifndef TCPTRACE_CLOSE_H
#define TCPTRACE_CLOSE_H

#include "backlog.h"
#include "isn.h"

static __always_inline __u16 change_id(int oldstate, int newstate)
{
	return oldstate << 8 | newstate;
}

/* The side that sent its FIN first, as far as one state shows it: LAST_ACK and CLOSING do not. */
#define ENDS                                                                                       \
	((__u64)ENDED_REMOTE << 4 * TCP_CLOSE_WAIT | (__u64)ENDED_LOCAL << 4 * TCP_FIN_WAIT1 |     \
	 (__u64)ENDED_LOCAL << 4 * TCP_FIN_WAIT2)

static __always_inline __u8 end_so_far(int state)
{
	return ENDS >> 4 * state & 0xf;
}

/*
 * Returns what ended a connection without a FIN. tcp_reset(), tcp_write_err() and tcp_abort() set
 * sk_err before they change the state. A global function, which the verifier walks once.
 */
__noinline __u32 end_by_error(int err)
{
	switch (err) {
	case 0:
		return ENDED_UNKNOWN;
	case ECONNABORTED:
		return ENDED_LOCAL_RESET;
	case ECONNRESET:
	case EPIPE:
		return ENDED_REMOTE_RESET;
	default: /* ETIMEDOUT, or the soft error that tcp_write_err() prefers */
		return ENDED_TIMEOUT;
	}
}

static __always_inline void keep_totals(struct sock *sk, struct connection *c)
{
	if (c->has_totals)
		return;
	c->has_totals = typed_totals(sk, c->direction == DIRECTION_OUT && !c->without_syn,
				     c->fin_sent, &c->totals);
	if (!c->isns && !c->without_syn)
		c->isns = typed_preexisting_isns(sk, c->direction);
}

/* Emits `close`. @is_closer: the current process closes the connection. */
static __noinline void emit_close(struct sock *sk, struct connection *c, bool is_closer)
{
	struct process closer = {};
	struct facts f = {
		.now_ns = bpf_ktime_get_ns(),
		.process = &closer,
		.owner = &c->owner,
		.since_ns = c->since_ns,
	};

	if (is_closer)
		read_current(&closer);
	keep_totals(sk, c);
	c->is_closed = true;
	emit(EVENT_CLOSE, c, &f);
}

/*
 * Counts the lost `close` of an older socket at the same address, which was freed without a program
 * run. Some kernels run no program in the context of a process that they protect. Such a process
 * closes a socket if it holds the last reference, for example by reading /proc while the owner
 * closes it.
 */
static __noinline void count_lost_close(const struct connection *old)
{
	struct process nobody = {};

	if (old->phase != PHASE_CONNECTING &&
	    filter_passes(EVENT_CLOSE, &old->ends, &nobody, &old->owner))
		count(COUNTER_UNSEEN);
	clear_result();
}

/* True if this is the first state change of a running tcp_close(). */
static __always_inline bool is_closing(const struct sock *sk, int oldstate, int newstate)
{
	if (newstate != oldstate && newstate != TCP_FIN_WAIT1 && newstate != TCP_LAST_ACK &&
	    newstate != TCP_CLOSE)
		return false;
	return typed_is_owned(sk) && sk->sk_shutdown == SHUTDOWN_MASK && typed_file_is_dead(sk);
}

/* True in tcp_disconnect() by connect(AF_UNSPEC): no error, and no complete FIN exchange. */
static __always_inline bool is_disconnecting(const struct sock *sk, int oldstate, int newstate)
{
	if (newstate != TCP_CLOSE || !typed_is_owned(sk) || sk->sk_err)
		return false;
	if (oldstate == TCP_FIN_WAIT1 || oldstate == TCP_FIN_WAIT2)
		return !typed_fin_was_received(sk);
	return oldstate == TCP_ESTABLISHED || oldstate == TCP_CLOSE_WAIT;
}

/* Handles any state change of a connection that a process holds. */
static __always_inline void live_changed(struct sock *sk, struct connection *c, int oldstate,
					 int newstate)
{
	bool is_local =
		is_closing(sk, oldstate, newstate) || is_disconnecting(sk, oldstate, newstate);

	if (!c->ended_by)
		c->ended_by = end_so_far(oldstate) ?: end_so_far(newstate);
	if (!c->ended_by && newstate == TCP_CLOSE)
		c->ended_by =
			is_local ? ENDED_LOCAL_RESET : end_by_error(sk->sk_err ?: c->subflow_error);
	/* a FIN that this change sends is not in write_seq yet */
	c->fin_sent |= fin_was_sent(oldstate);
	if (is_local) {
		report_accept(sk, c);
		emit_close(sk, c, true);
		connection_drop(sk);
		return;
	}
	c->fin_sent |= fin_was_sent(newstate);
	if (newstate == TCP_CLOSE)
		keep_totals(sk, c);
}

/* Reports an accept() that no program saw before the close. Assumes that this process called it. */
static __always_inline void report_hidden_accept(struct sock *sk, struct connection *c)
{
	c->direction = DIRECTION_IN;
	read_current(&c->owner);
	emit_accept(NULL, c);
	seen_put(sk, SEEN_CLOSE, c->inode);
}

/*
 * Like live_changed(), for a connection that is not in the map: it was in flight (SCM_RIGHTS) when
 * the trace began, no program saw its accept(), or the map was full. Only close() emits an event.
 */
static __always_inline void live_unseen_changed(struct sock *sk, int oldstate, int newstate)
{
	struct connection c = {}, *known;
	bool is_hidden;

	if (!is_closing(sk, oldstate, newstate))
		return;
	/* a lingering close() gets here again when the peer has answered */
	if (newstate == TCP_CLOSE && oldstate != TCP_ESTABLISHED && oldstate != TCP_CLOSE_WAIT)
		return;
	c.inode = typed_inode(sk);
	typed_match_endpoints(sk, &c.ends);
	c.fin_sent = fin_was_sent(oldstate);
	c.direction = guess_direction(sk, c.fin_sent);
	c.ended_by = end_so_far(oldstate) ?: end_so_far(newstate) ?:
		     newstate == TCP_CLOSE ? ENDED_LOCAL_RESET : ENDED_UNKNOWN;
	is_hidden = backlog_take(sk);
	known = is_hidden ? NULL : connection_find(sk);
	/* on_accept() may have inserted it on another CPU meanwhile */
	if (known) {
		live_changed(sk, known, oldstate, newstate);
		return;
	}
	if (is_hidden)
		report_hidden_accept(sk, &c);
	emit_close(sk, &c, true);
}

/* Like live_unseen_changed(), when the socket is destroyed: it was reset before its close(). */
static __always_inline void on_destroy_unseen(struct sock *sk)
{
	struct connection c = {};

	/*
	 * A child that was not accepted: inet_child_forget() disconnects it without the lock. A
	 * subflow never is: accept() returns its msk, and mptcp_worker() may destroy it with the
	 * lock.
	 */
	if (!backlog_take(sk) || !typed_is_owned(sk) || sk->sk_shutdown != SHUTDOWN_MASK ||
	    was_subflow(sk))
		return;
	typed_match_endpoints(sk, &c.ends);
	c.ended_by = end_by_error(sk->sk_err);
	report_hidden_accept(sk, &c);
	emit_close(sk, &c, true);
}

/* True if live_unseen_changed() has reported accept and close before a late on_accept(). */
static __always_inline bool was_hidden(const struct sock *sk, const struct connection *c)
{
	return c->phase == PHASE_ACCEPTED && seen_find(sk, SEEN_CLOSE) == c->inode;
}

/*
 * Handles tcp_destroy_sock. For a connection that ended while its file was open, only this event
 * shows the last close(). It fires in the closing process, with the socket locked.
 */
static __always_inline void on_destroy(struct sock *sk)
{
	struct connection *c = connection_find(sk);

	if (!c) {
		on_destroy_unseen(sk);
		return;
	}
	/* tcp_disconnect() of a connection that had ended also clears the port */
	if (!c->has_totals && bpf_ntohs(sk->__sk_common.skc_dport) != c->ends.rport)
		count_lost_close(c);
	else if (c->phase != PHASE_CONNECTING && !was_hidden(sk, c)) {
		report_accept(sk, c);
		emit_close(sk, c, typed_is_owned(sk));
	}
	connection_drop(sk);
}

#endif
