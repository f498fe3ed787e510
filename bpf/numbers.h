/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Reads the numbers of a live socket, without its lock. */
#ifndef TCPTRACE_NUMBERS_H
#define TCPTRACE_NUMBERS_H

#include "mptcp.h"
#include "socket.h"

#define USEC_PER_SEC 1000000

/* tcp_compute_delivery_rate() */
static __always_inline __u64 read_delivery_rate(bool is_typed, const struct tcp_sock *tp)
{
	__u64 segments = FIELD_IF(is_typed, tp, rate_delivered);
	__u32 interval_us = FIELD_IF(is_typed, tp, rate_interval_us);

	if (!interval_us)
		return 0;
	return segments * FIELD_IF(is_typed, tp, mss_cache) * USEC_PER_SEC / interval_us;
}

/* As tcp_get_info() and tcp_diag_get_info() fill them. */
static __always_inline void read_numbers(bool is_typed, const struct tcp_sock *tp,
					 struct numbers *n)
{
	/* the lower end of a queue first: it only grows, up to the upper end */
	__u32 snd_una = FIELD_IF(is_typed, tp, snd_una);
	__u32 copied_seq = FIELD_IF(is_typed, tp, copied_seq);
	__u32 min_rtt_us = FIELD_IF(is_typed, tp, rtt_min.s[0].v);

	barrier();
	n->tx_queue = FIELD_IF(is_typed, tp, write_seq) - snd_una;
	n->rx_queue = FIELD_IF(is_typed, tp, rcv_nxt) - copied_seq;
	n->delivery_rate = read_delivery_rate(is_typed, tp);
	n->rttvar_us = FIELD_IF(is_typed, tp, mdev_us) >> 2;
	n->min_rtt_us = min_rtt_us == ~0U ? 0 : min_rtt_us;
	n->cwnd = FIELD_IF(is_typed, tp, snd_cwnd);
	n->unacked = FIELD_IF(is_typed, tp, packets_out);
	n->reordered = FIELD_IF(is_typed, tp, reord_seen);
}

static __always_inline bool fin_was_received(bool is_typed, const struct sock *sk)
{
	return FIELD_IF(is_typed, sk, __sk_common.skc_flags) >>
		       bpf_core_enum_value(enum sock_flags, SOCK_DONE) &
	       1;
}

/* The state of a socket of TCP at a visit. */
struct reading {
	struct totals totals;
	struct progress progress;
	__u32 first_seq; /* snd_una - bytes_acked */
	bool is_exact;	 /* false: rx_bytes may be one too low */
};

/*
 * Reads the totals as typed_totals() does, without @fin_sent and @syn_sent in tx_bytes. False if
 * the socket changed meanwhile.
 *
 * tcp_fin() notes a FIN after it was counted as received. What was counted at the visit before,
 * @old_received, has no such FIN. Of what was counted since, the last byte may be one while the
 * socket is receiving; then it is left to the next visit.
 */
static __always_inline bool read_totals(bool is_typed, const struct tcp_sock *tp,
					__u64 old_received, struct reading *r)
{
	const struct sock *sk = (const struct sock *)tp;
	/* before the fields that is_unmoved() compares with it */
	__u32 segs_out = FIELD_IF(is_typed, tp, segs_out), snd_una, write_seq;
	__u64 received = FIELD_IF(is_typed, tp, bytes_received),
	      acked = FIELD_IF(is_typed, tp, bytes_acked);
	bool is_unsure = received != old_received && is_receiving(is_typed, sk);
	bool fin_received = fin_was_received(is_typed, sk);

	barrier();
	snd_una = FIELD_IF(is_typed, tp, snd_una);
	barrier();
	write_seq = FIELD_IF(is_typed, tp, write_seq);
	r->is_exact = fin_received || !is_unsure;
	r->totals.tx_bytes = acked + (__u32)(write_seq - snd_una);
	r->totals.rx_bytes = received - (fin_received || is_unsure);
	r->totals.rtt_us = FIELD_IF(is_typed, tp, srtt_us) >> 3;
	r->totals.retrans = FIELD_IF(is_typed, tp, total_retrans);
	r->first_seq = snd_una - (__u32)acked;
	r->progress = (struct progress){received, write_seq, segs_out};
	barrier();
	return FIELD_IF(is_typed, tp, bytes_acked) == acked &&
	       FIELD_IF(is_typed, tp, snd_una) == snd_una &&
	       FIELD_IF(is_typed, tp, bytes_received) == received;
}

/*
 * True if no byte has moved since @old was read. A counter of segments excludes that exactly 4 GiB
 * were sent meanwhile.
 */
static __always_inline bool is_unmoved(const struct sock *sk, const struct progress *old)
{
	const struct tcp_sock *tp = (const struct tcp_sock *)sk;

	return FIELD(tp, write_seq) == old->write_seq && FIELD(tp, segs_out) == old->segs_out &&
	       FIELD(tp, bytes_received) == old->bytes_received;
}

#endif
