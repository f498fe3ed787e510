/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Children of listeners, until accept() returns them. One that is closed while it is still here was
 * accepted unnoticed: another thread had replaced or closed the descriptor before the system call
 * returned, io_uring installed it without a descriptor, or a 32-bit program made the call.
 */
#ifndef TCPTRACE_BACKLOG_H
#define TCPTRACE_BACKLOG_H

#include "emit.h"

static __always_inline bool is_new_child(int oldstate, int newstate)
{
	/* the second case is MPTCP */
	return oldstate == TCP_LISTEN && (newstate == TCP_SYN_RECV || newstate == TCP_ESTABLISHED);
}

static __always_inline void emit_accept(const struct connection *c)
{
	struct facts f = {.now_ns = bpf_ktime_get_ns(), .process = &c->owner};

	emit(EVENT_ACCEPT, c, &f);
}

/* Reports the accept before the close, if on_accept() has not done so on another CPU. */
static __always_inline void report_accept(struct sock *sk, const struct connection *c)
{
	if (c->phase == PHASE_ACCEPTED && backlog_take(sk))
		emit_accept(c);
}

#endif
