/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Children of listeners, until accept() returns them. A child that is closed while it has an entry
 * was accepted without a program seeing it: another thread replaced or closed the descriptor before
 * the system call returned, io_uring installed it without a descriptor, or a 32-bit program made
 * the call.
 */
#ifndef TCPTRACE_BACKLOG_H
#define TCPTRACE_BACKLOG_H

#include "emit.h"

static __always_inline bool is_new_child(int oldstate, int newstate)
{
	/* an MPTCP child starts in ESTABLISHED */
	return oldstate == TCP_LISTEN && (newstate == TCP_SYN_RECV || newstate == TCP_ESTABLISHED);
}

/*
 * Returns the monotonic time of ESTABLISHED; 0 for MPTCP. tcp_init_buffer_space() sets
 * rcvq_space.time at ESTABLISHED, and only a receiving application changes it.
 */
static __always_inline __u64 established_ns(const struct sock *sk)
{
	if (FIELD(sk, sk_protocol) != IPPROTO_TCP)
		return 0;
	return FIELD((const struct tcp_sock *)sk, rcvq_space.time) * NSEC_PER_USEC;
}

/* @sk: NULL if the application may have used the socket since accept() returned it. */
static __always_inline void emit_accept(const struct sock *sk, const struct connection *c)
{
	struct facts f = {.now_ns = bpf_ktime_get_ns(), .process = &c->owner};

	if (sk) {
		f.since_ns = established_ns(sk);
		read_syn_retrans(sk, &f);
	}
	emit(EVENT_ACCEPT, c, &f);
}

/* Reports the accept before the close, if on_accept() has not done so on another CPU. */
static __always_inline void report_accept(struct sock *sk, const struct connection *c)
{
	if (c->phase == PHASE_ACCEPTED && backlog_take(sk))
		emit_accept(NULL, c);
}

#endif
