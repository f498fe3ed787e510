/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * MPTCP: the application holds an MPTCP socket (msk). Its subflows are TCP sockets that point to
 * the same struct socket. tcptrace reports events of the msk, which passes through TCP's states,
 * and none of its subflows.
 */
#ifndef TCPTRACE_MPTCP_H
#define TCPTRACE_MPTCP_H

#include "cast.h"
#include "connection.h"

static __always_inline bool typed_is_subflow(const struct sock *sk)
{
	const struct socket *socket = typed_socket(sk);

	return socket && socket->sk != sk;
}

/* True for a subflow of MPTCP, even if its msk has released it. */
static __always_inline bool was_subflow(const struct sock *sk)
{
	const struct tcp_sock *tp = (const struct tcp_sock *)sk;

	return bpf_core_field_exists(tp->is_mptcp) && FIELD(tp, is_mptcp);
}

/* Returns the socket that the application holds: for a subflow its msk, else @sk itself. */
static __always_inline struct sock *typed_application_sock(struct sock *sk)
{
	return typed_socket(sk)->sk;
}

static __always_inline struct sock *application_sock(struct sock *sk)
{
	return BPF_CORE_READ(sk, sk_socket, sk);
}

/*
 * False if the kernel counts no bytes of MPTCP (before 6.5). bytes_sent covers the data before
 * snd_nxt, without DATA_FIN.
 */
static __always_inline bool mptcp_totals(const struct sock *sk, struct totals *t)
{
	const struct mptcp_sock *msk = (const struct mptcp_sock *)sk;
	const struct tcp_sock *first;

	if (!bpf_core_field_exists(struct mptcp_sock, bytes_sent))
		return false;
	t->tx_bytes = BPF_CORE_READ(msk, bytes_sent) + BPF_CORE_READ(msk, write_seq) -
		      BPF_CORE_READ(msk, snd_nxt);
	t->rx_bytes = BPF_CORE_READ(msk, bytes_received);
	first = (const struct tcp_sock *)BPF_CORE_READ(msk, first);
	if (first) {
		t->rtt_us = BPF_CORE_READ(first, srtt_us) >> 3;
		t->retrans = BPF_CORE_READ(first, total_retrans);
	}
	return true;
}

#endif
