/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Both initial sequence numbers of a connection, which its two endpoints have in common. They stay
 * in the kernel and the addon, because who knows them can inject segments: the addon replaces them
 * by a hash, the flow (native/flow.h, docs/flow.md).
 */
#ifndef TCPTRACE_ISN_H
#define TCPTRACE_ISN_H

#include "direction.h"
#include "totals.h"

#define ISN_TRIES 4

/*
 * Returns both initial sequence numbers, the smaller one in the lower half; 0: unknown. The SYN of
 * an active open counts as acknowledged; a SYN-ACK does not, and neither side counts what it
 * received of them. Both sides of a simultaneous open are active opens, so the direction gives no
 * order.
 */
static __always_inline __u64 join_isns(__u32 first_sent, __u32 first_received, __u8 direction)
{
	__u32 ours = first_sent - (direction == DIRECTION_IN), theirs = first_received - 1;

	return ours < theirs ? ours | (__u64)theirs << 32 : theirs | (__u64)ours << 32;
}

/*
 * Returns the sequence numbers that precede what was acknowledged (lower half) and received, or 0.
 * Reads in the opposite order to the kernel, which changes a count before its sequence number.
 *
 * A count and its sequence number change together under the lock (tcp_rcv_nxt_update(),
 * tcp_snd_una_update()), and others may do that meanwhile, so half a change may be seen. It was not
 * - if nothing was acknowledged or read yet: copied_seq is still the first number. Half a change
 *   makes the difference of the other two smaller than it;
 * - or if no segment is in processing between two equal reads.
 */
static __always_inline __u64 read_first_seqs(const struct tcp_sock *tp)
{
	__u32 copied_seq = FIELD(tp, copied_seq), ours, theirs;
	bool is_quiet = false;
	__u64 acked, last = 0;

	barrier();
	/* unrolled, it would take a quarter of the stack */
#pragma clang loop unroll(disable)
	for (int i = 0; i < ISN_TRIES; i++) {
		/* or the compiler keeps the addresses of all fields on the stack */
		barrier_var(tp);
		ours = FIELD(tp, snd_una);
		barrier();
		acked = FIELD(tp, bytes_acked);
		ours -= acked;
		theirs = FIELD(tp, bytes_received);
		barrier();
		theirs = FIELD(tp, rcv_nxt) - theirs;
		if ((!acked && theirs == copied_seq) ||
		    (is_quiet && last == (ours | (__u64)theirs << 32)))
			return ours | (__u64)theirs << 32;
		last = ours | (__u64)theirs << 32;
		barrier();
		is_quiet = !is_receiving(false, (const struct sock *)tp);
		barrier();
	}
	return 0;
}

static __always_inline const struct sock *first_subflow(const struct sock *sk)
{
	/* since 5.11 */
	if (!bpf_core_field_exists(struct mptcp_sock, first))
		return NULL;
	return FIELD((const struct mptcp_sock *)sk, first);
}

/*
 * As read_isns(). A global function, which the verifier walks once, and not for each of its callers
 * and results.
 */
__noinline __u64 isns_at(__u64 address, __u32 direction)
{
	const struct sock *sk = (const struct sock *)address;
	__u64 seqs;

	if (FIELD(sk, sk_protocol) == IPPROTO_MPTCP)
		sk = first_subflow(sk);
	seqs = sk ? read_first_seqs((const struct tcp_sock *)sk) : 0;
	return seqs ? join_isns(seqs, seqs >> 32, direction) : 0;
}

/*
 * Returns the result of join_isns() for a socket that is not locked; 0 also if it changes all the
 * time. The numbers of MPTCP are those of its first subflow.
 */
static __always_inline __u64 read_isns(const struct sock *sk, __u8 direction)
{
	if (direction == DIRECTION_UNKNOWN)
		return 0;
	return isns_at(sock_address(sk), direction);
}

/* As read_isns(). @sk: typed, and locked by the current context */
static __always_inline __u64 typed_isns(struct sock *sk, __u8 direction)
{
	const struct tcp_sock *tp;

	if (direction == DIRECTION_UNKNOWN)
		return 0;
	tp = typed_tcp_sock(sk);
	/* the lock of an MPTCP socket is not that of its subflow */
	if (!tp)
		return read_isns(sk, direction);
	return join_isns(tp->snd_una - (__u32)tp->bytes_acked, tp->rcv_nxt - tp->bytes_received,
			 direction);
}

/*
 * True if the numbers of a preexisting connection can be known. A socket that TCP_REPAIR restored
 * has none; it has sent no SYN, like a child of a listener.
 */
static __always_inline bool has_isns(__u8 direction, __u32 backlog_limit, unsigned long flags)
{
	return direction != DIRECTION_IN || is_child(backlog_limit, flags);
}

static __always_inline __u64 read_preexisting_isns(const struct sock *sk, __u8 direction)
{
	if (!has_isns(direction, FIELD(sk, sk_max_ack_backlog), FIELD(sk, __sk_common.skc_flags)))
		return 0;
	return read_isns(sk, direction);
}

static __always_inline __u64 typed_preexisting_isns(struct sock *sk, __u8 direction)
{
	if (!has_isns(direction, sk->sk_max_ack_backlog, sk->__sk_common.skc_flags))
		return 0;
	return typed_isns(sk, direction);
}

#endif
