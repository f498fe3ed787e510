/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Reads the numbers of a live socket, without its lock. */
#ifndef TCPTRACE_NUMBERS_H
#define TCPTRACE_NUMBERS_H

#include "mptcp.h"
#include "socket.h"

#define USEC_PER_SEC 1000000

/* tcp_compute_delivery_rate() */
static __always_inline __u64 read_delivery_rate(const struct tcp_sock *tp)
{
	__u64 segments = FIELD(tp, rate_delivered);
	__u32 interval_us = FIELD(tp, rate_interval_us);

	return interval_us ? segments * FIELD(tp, mss_cache) * USEC_PER_SEC / interval_us : 0;
}

/* As tcp_get_info() and tcp_diag_get_info() fill them. */
static __always_inline void read_numbers(const struct tcp_sock *tp, struct numbers *n)
{
	/* the lower end of a queue first: it only grows, up to the upper end */
	__u32 snd_una = FIELD(tp, snd_una), copied_seq = FIELD(tp, copied_seq);
	__u32 min_rtt_us = FIELD(tp, rtt_min.s[0].v);

	n->tx_queue = FIELD(tp, write_seq) - snd_una;
	n->rx_queue = FIELD(tp, rcv_nxt) - copied_seq;
	n->delivery_rate = read_delivery_rate(tp);
	n->rttvar_us = FIELD(tp, mdev_us) >> 2;
	n->min_rtt_us = min_rtt_us == ~0U ? 0 : min_rtt_us;
	n->cwnd = FIELD(tp, snd_cwnd);
	n->unacked = FIELD(tp, packets_out);
	n->reordered = FIELD(tp, reord_seen);
}

static __always_inline bool fin_was_received(const struct sock *sk)
{
	return FIELD(sk, __sk_common.skc_flags) >> bpf_core_enum_value(enum sock_flags, SOCK_DONE) &
	       1;
}

/*
 * Reads the totals of a TCP socket as typed_totals() does. False if the socket changed meanwhile.
 * @ours: sequence numbers of the local SYN and FIN
 * @first_seq: receives snd_una - bytes_acked, which the caller compares with an earlier value
 */
static __always_inline bool read_totals(const struct sock *sk, __u32 ours, struct totals *t,
					__u32 *first_seq)
{
	const struct tcp_sock *tp = (const struct tcp_sock *)sk;
	__u64 received = FIELD(tp, bytes_received), acked = FIELD(tp, bytes_acked);
	__u32 snd_una = FIELD(tp, snd_una);
	__u64 used = acked + (__u32)(FIELD(tp, write_seq) - snd_una);
	bool fin_received = fin_was_received(sk);

	t->tx_bytes = used < ours ? 0 : used - ours;
	t->rx_bytes = received - fin_received;
	t->rtt_us = FIELD(tp, srtt_us) >> 3;
	t->retrans = FIELD(tp, total_retrans);
	*first_seq = snd_una - (__u32)acked;
	/* tcp_fin() notes the FIN after it was counted as received */
	return FIELD(tp, bytes_acked) == acked && FIELD(tp, snd_una) == snd_una &&
	       FIELD(tp, bytes_received) == received && fin_was_received(sk) == fin_received;
}

#endif
