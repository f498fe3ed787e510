/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Reads the timer of a socket, as inet_diag(7) reports it and ss(8) shows it. */
#ifndef TCPTRACE_TIMER_H
#define TCPTRACE_TIMER_H

#include "cast.h"
#include "event.h"

#define MSEC_PER_SEC 1000

/* Timer interrupts per second (CONFIG_HZ); the unit of `jiffies`. */
const volatile __u32 hz = 0;

/* include/net/inet_connection_sock.h: values of icsk_pending */
enum pending_timer {
	ICSK_TIME_RETRANS = 1,
	ICSK_TIME_PROBE0 = 3,
	ICSK_TIME_LOSS_PROBE = 5,
	ICSK_TIME_REO_TIMEOUT = 6,
};

/* TIME_WAIT, and a connection request */
struct inet_timewait_sock {
	volatile unsigned char tw_substate;
	struct timer_list tw_timer;
} __attribute__((preserve_access_index));

struct request_sock {
	__u8 num_retrans;
	struct timer_list rsk_timer;
} __attribute__((preserve_access_index));

/* @expires: in jiffies */
static __always_inline void set_timer(struct listed *l, enum timer timer, unsigned long expires,
				      __u8 retrans)
{
	long left = expires - (unsigned long)bpf_jiffies64();

	if (!hz)
		return;
	l->timer = timer;
	l->timer_ms = left > 0 ? (__u64)left * MSEC_PER_SEC / hz : 0;
	l->timer_retrans = retrans;
}

/* tcp_timeout_expires() */
static __always_inline unsigned long read_timeout(bool is_typed, const struct tcp_sock *tp)
{
	const struct inet_connection_sock *icsk = &tp->inet_conn;

	if (bpf_core_field_exists(struct inet_connection_sock, icsk_timeout))
		return FIELD_IF(is_typed, icsk, icsk_timeout);
	if (bpf_core_field_exists(struct inet_connection_sock, icsk_retransmit_timer))
		return FIELD_IF(is_typed, icsk, icsk_retransmit_timer.expires);
	return FIELD_IF(is_typed, icsk, icsk_inet.sk.tcp_retransmit_timer.expires);
}

/* Sets @expires to the time of the keepalive timer, if it runs. */
static __always_inline bool read_keepalive(bool is_typed, const struct tcp_sock *tp,
					   unsigned long *expires)
{
	const struct inet_connection_sock *icsk = &tp->inet_conn;

	/* since 6.19, sk_timer is the timer of retransmissions */
	if (bpf_core_field_exists(struct inet_connection_sock, icsk_keepalive_timer)) {
		*expires = FIELD_IF(is_typed, icsk, icsk_keepalive_timer.expires);
		return FIELD_IF(is_typed, icsk, icsk_keepalive_timer.entry.pprev) != NULL;
	}
	*expires = FIELD_IF(is_typed, icsk, icsk_inet.sk.sk_timer.expires);
	return FIELD_IF(is_typed, icsk, icsk_inet.sk.sk_timer.entry.pprev) != NULL;
}

/* inet_sk_diag_fill() */
static __always_inline void read_timer(bool is_typed, const struct tcp_sock *tp, struct listed *l)
{
	__u8 pending = FIELD_IF(is_typed, tp, inet_conn.icsk_pending);
	unsigned long expires;

	if (pending == ICSK_TIME_RETRANS || pending == ICSK_TIME_REO_TIMEOUT ||
	    pending == ICSK_TIME_LOSS_PROBE)
		set_timer(l, TIMER_ON, read_timeout(is_typed, tp),
			  FIELD_IF(is_typed, tp, inet_conn.icsk_retransmits));
	else if (pending == ICSK_TIME_PROBE0)
		set_timer(l, TIMER_PERSIST, read_timeout(is_typed, tp),
			  FIELD_IF(is_typed, tp, inet_conn.icsk_probes_out));
	else if (read_keepalive(is_typed, tp, &expires))
		set_timer(l, TIMER_KEEPALIVE, expires,
			  FIELD_IF(is_typed, tp, inet_conn.icsk_probes_out));
}

/* inet_twsk_diag_fill() */
static __always_inline void read_timewait_timer(const struct inet_timewait_sock *tw,
						struct listed *l)
{
	set_timer(l, TIMER_TIMEWAIT, BPF_CORE_READ(tw, tw_timer.expires), 0);
}

/* inet_req_diag_fill() */
static __always_inline void read_request_timer(const struct request_sock *request, struct listed *l)
{
	set_timer(l, TIMER_ON, BPF_CORE_READ(request, rsk_timer.expires),
		  BPF_CORE_READ(request, num_retrans));
}

#endif
