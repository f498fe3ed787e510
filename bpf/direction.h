/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Finds which side opened a connection, from the socket alone. */
#ifndef TCPTRACE_DIRECTION_H
#define TCPTRACE_DIRECTION_H

#include "socket.h"

/*
 * True for a child of a listener: it inherits the listener's backlog limit (sk_clone()). A socket
 * that listened before it connected also has a limit, but it has SOCK_RCU_FREE, too, which
 * inet_csk_clone_lock() clears in children. A listener's limit of 0 needs direction_by_extra().
 */
static __always_inline bool is_child(__u32 backlog_limit, unsigned long flags)
{
	return backlog_limit && !(flags >> bpf_core_enum_value(enum sock_flags, SOCK_RCU_FREE) & 1);
}

/* @extra: acknowledged sequence numbers that are neither payload nor FIN. The opener's SYN is one.
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

/*
 * Counts local sequence numbers that are not payload; not for MPTCP. A FIN that a full window holds
 * back counts as payload: it is in write_seq and not in snd_nxt.
 */
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

/* As guess_direction(). A global function, which the verifier walks once. */
__noinline __u32 direction_at(__u64 address, __u32 fin_sent)
{
	const struct sock *sk = (const struct sock *)address;
	const struct tcp_sock *tp;

	if (is_child(BPF_CORE_READ(sk, sk_max_ack_backlog),
		     BPF_CORE_READ(sk, __sk_common.skc_flags)))
		return DIRECTION_IN;
	if (BPF_CORE_READ(sk, sk_protocol) == IPPROTO_MPTCP)
		return DIRECTION_UNKNOWN;
	tp = (const struct tcp_sock *)sk;
	fin_sent = fin_sent && BPF_CORE_READ(tp, write_seq) == BPF_CORE_READ(tp, snd_nxt);
	return direction_by_extra(count_extra(sk) - fin_sent);
}

static __always_inline __u8 guess_direction(const struct sock *sk, bool fin_sent)
{
	return direction_at(sock_address(sk), fin_sent);
}

/* Like fin_was_sent(), for a closed connection, whose state no longer shows it. */
static __always_inline bool fin_was_sent_before(const struct sock *sk)
{
	return count_extra(sk) > !is_child(BPF_CORE_READ(sk, sk_max_ack_backlog),
					   BPF_CORE_READ(sk, __sk_common.skc_flags));
}

/* @tp: the same socket, NULL for MPTCP */
static __always_inline __u8 typed_guess_direction(const struct sock *sk, const struct tcp_sock *tp,
						  bool fin_sent)
{
	__u64 used, payload;

	if (is_child(sk->sk_max_ack_backlog, sk->__sk_common.skc_flags))
		return DIRECTION_IN;
	if (!tp)
		return DIRECTION_UNKNOWN;
	used = tp->bytes_acked + (__u32)(tp->write_seq - tp->snd_una);
	payload = tp->bytes_sent - tp->bytes_retrans + (__u32)(tp->write_seq - tp->snd_nxt);
	fin_sent = fin_sent && tp->write_seq == tp->snd_nxt;
	return direction_by_extra(used - fin_sent - payload);
}

#endif
