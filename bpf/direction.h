/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Which end opened a connection, by the socket alone. */
#ifndef TCPTRACE_DIRECTION_H
#define TCPTRACE_DIRECTION_H

#include "socket.h"

/*
 * Who opened a connection that is older than the trace. A child of a listener
 * keeps its backlog limit (sk_clone()); with a limit of 0, the acknowledged SYN
 * of an active open is the one sequence number that is neither payload nor FIN.
 */
static __always_inline __u8 direction_by_extra(__u64 extra)
{
	switch (extra) {
	case 0:
		return DIRECTION_IN;
	case 1:
		return DIRECTION_OUT;
	default:
		return DIRECTION_UNKNOWN;
	}
}

/* How many sequence numbers of ours are no payload; not for MPTCP. */
static __always_inline __u64 count_extra(const struct sock *sk)
{
	const struct tcp_sock *tp = (const struct tcp_sock *)sk;
	__u32 write_seq = BPF_CORE_READ(tp, write_seq);
	__u64 used, payload;

	used = BPF_CORE_READ(tp, bytes_acked) + (__u32)(write_seq - BPF_CORE_READ(tp, snd_una));
	payload = BPF_CORE_READ(tp, bytes_sent) - BPF_CORE_READ(tp, bytes_retrans) +
		  (__u32)(write_seq - BPF_CORE_READ(tp, snd_nxt));
	return used - payload;
}

static __always_inline __u8 guess_direction(const struct sock *sk, bool fin_sent)
{
	if (BPF_CORE_READ(sk, sk_max_ack_backlog))
		return DIRECTION_IN;
	if (BPF_CORE_READ(sk, sk_protocol) == IPPROTO_MPTCP)
		return DIRECTION_UNKNOWN;
	return direction_by_extra(count_extra(sk) - fin_sent);
}

/* The same for fin_was_sent() of a connection that has ended, whose state tells no more. */
static __always_inline bool fin_was_sent_before(const struct sock *sk)
{
	return count_extra(sk) > !BPF_CORE_READ(sk, sk_max_ack_backlog);
}

/* @tp: the same socket, NULL for MPTCP */
static __always_inline __u8 typed_guess_direction(const struct sock *sk, const struct tcp_sock *tp,
						  bool fin_sent)
{
	__u64 used, payload;

	if (sk->sk_max_ack_backlog)
		return DIRECTION_IN;
	if (!tp)
		return DIRECTION_UNKNOWN;
	used = tp->bytes_acked + (__u32)(tp->write_seq - tp->snd_una);
	payload = tp->bytes_sent - tp->bytes_retrans + (__u32)(tp->write_seq - tp->snd_nxt);
	return direction_by_extra(used - fin_sent - payload);
}

#endif
