/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Reads what a listing shows of a socket besides its connection: numbers, timer, backlog. */
#ifndef TCPTRACE_LISTED_H
#define TCPTRACE_LISTED_H

#include "isn.h"
#include "numbers.h"
#include "timer.h"

/* True if the output has them: they take cache lines that nothing else needs. */
const volatile bool has_numbers = false;

/* Attempts to read totals while another CPU changes them. */
#define TRIES 3

static __always_inline void set_totals(struct event *e, const struct totals *t)
{
	e->known |= KNOWN_TOTALS;
	e->tx_bytes = t->tx_bytes;
	e->rx_bytes = t->rx_bytes;
	e->rtt_us = t->rtt_us;
	e->retrans = t->retrans;
}

/* @tp: not in LISTEN */
static __always_inline void record_tcp(bool is_typed, const struct tcp_sock *tp, struct event *e)
{
	const struct sock *sk = (const struct sock *)tp;
	/* the local SYN and FIN are no payload */
	__u32 ours = (e->direction == DIRECTION_OUT) + fin_was_sent(e->state);
	struct reading r = {};
	int i;

	e->known |= KNOWN_NUMBERS;
	read_numbers(is_typed, tp, &e->numbers);
	read_timer(is_typed, tp, &e->listed);
	/* with TCP Fast Open, SYN_RECV is a full socket, whose SYN-ACK is not acknowledged */
	if (e->direction == DIRECTION_UNKNOWN || e->state == TCP_SYN_RECV)
		return;
	for (i = 0; i < TRIES; i++) {
		/* a FIN may have been sent meanwhile */
		if (!read_totals(is_typed, tp, 0, &r) ||
		    FIELD_IF(is_typed, sk, __sk_common.skc_state) != e->state)
			continue;
		r.totals.tx_bytes = r.totals.tx_bytes < ours ? 0 : r.totals.tx_bytes - ours;
		set_totals(e, &r.totals);
		return;
	}
}

/* @tp: the same socket, NULL for MPTCP, of which only the totals are known */
static __always_inline void record_numbers(bool is_typed, const struct sock *sk,
					   const struct tcp_sock *tp, struct event *e)
{
	struct totals totals = {};

	if (e->state != TCP_LISTEN && e->state != TCP_SYN_SENT)
		e->flow = read_preexisting_isns(sk, e->direction);
	if (!tp) {
		if (e->state != TCP_LISTEN && mptcp_totals(sk, &totals))
			set_totals(e, &totals);
	} else if (e->state == TCP_LISTEN) {
		e->known |= KNOWN_NUMBERS;
		e->numbers.rx_queue = FIELD_IF(is_typed, sk, sk_ack_backlog);
		e->numbers.tx_queue = FIELD_IF(is_typed, sk, sk_max_ack_backlog);
	} else {
		record_tcp(is_typed, tp, e);
	}
}

#endif
