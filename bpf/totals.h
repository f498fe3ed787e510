/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Byte counts, round-trip time and retransmissions of a connection. */
#ifndef TCPTRACE_TOTALS_H
#define TCPTRACE_TOTALS_H

#include "mptcp.h"
#include "socket.h"

/* Returns the socket as a tcp_sock, or NULL for MPTCP. */
static __always_inline const struct tcp_sock *typed_tcp_sock(struct sock *sk)
{
	/* set_state_perf must not call the helper; kernels that need that program can cast */
	if (!can_cast)
		return bpf_skc_to_tcp_sock(sk);
	if (sk->sk_protocol != IPPROTO_TCP)
		return NULL;
	return bpf_rdonly_cast(sk, bpf_core_type_id_kernel(struct tcp_sock));
}

/*
 * True at ESTABLISHED for a connection restored by TCP_REPAIR: tcp_connect() sent no SYN that the
 * peer could acknowledge.
 */
static __always_inline bool typed_is_restored(struct sock *sk)
{
	const struct tcp_sock *tp = typed_tcp_sock(sk);

	return tp && !tp->bytes_acked;
}

/*
 * Sent bytes are the acknowledged sequence numbers (64 bits) plus those not yet acknowledged
 * (never more than a window), minus the local SYN and FIN.
 */
static __always_inline bool typed_totals(struct sock *sk, bool syn_sent, bool fin_sent,
					 struct totals *t)
{
	const struct tcp_sock *tp = typed_tcp_sock(sk);
	__u64 used, flags = fin_sent + syn_sent;

	if (!tp)
		return mptcp_totals(sk, t);
	used = tp->bytes_acked + (__u32)(tp->write_seq - tp->snd_una);
	t->tx_bytes = used < flags ? 0 : used - flags;
	t->rx_bytes = tp->bytes_received - typed_fin_was_received(sk);
	t->rtt_us = tp->srtt_us >> 3;
	t->retrans = tp->total_retrans;
	return true;
}

#endif
