/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Emits one record: filter, reserve, fill, submit. */
#ifndef TCPTRACE_EMIT_H
#define TCPTRACE_EMIT_H

#include "maps.h"
#include "matched.h"
#include "record.h"
#include "refused.h"

#define NSEC_PER_SEC  1000000000ULL
#define NSEC_PER_USEC 1000

/*
 * Returns TAI if the kernel has the helper (6.1), because TAI follows changes of the wall clock;
 * otherwise monotonic time. The addon checks for the same helper (Tracer::clock_is_tai()).
 */
static __always_inline __u64 event_clock_ns(__u64 now_ns)
{
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_ktime_get_tai_ns))
		return bpf_ktime_get_tai_ns();
	return now_ns;
}

/* Data of one event that is not part of the connection. */
struct facts {
	__u64 now_ns;
	const struct process *process; /* that caused the event; zero if unknown */
	const struct process *owner;   /* close: the opener; NULL for other events */
	__u64 since_ns;		       /* 0: elapsed time unknown */
	__u32 syn_retrans;	       /* valid with KNOWN_SYN_RETRANS */
	__u16 error;
	__u8 known; /* KNOWN_SYN_RETRANS, or 0 */
};

/*
 * Counts the retransmissions of this endpoint's SYN or SYN-ACK, for a socket that has sent nothing
 * else; a child of a listener starts with those of its request (tcp_create_openreq_child()). The
 * handshake of MPTCP is that of a subflow.
 */
static __always_inline void read_syn_retrans(const struct sock *sk, struct facts *f)
{
	/* by multiplication, as in note_lists() */
	f->known = is_zero(FIELD(sk, sk_protocol) ^ IPPROTO_TCP) * KNOWN_SYN_RETRANS;
	f->syn_retrans = FIELD((const struct tcp_sock *)sk, total_retrans);
}

static __always_inline void fill(struct event *e, __u8 type, const struct connection *c,
				 const struct facts *f)
{
	__u64 time_ns = event_clock_ns(f->now_ns);

	__builtin_memset(e, 0, sizeof(*e));
	e->version = EVENT_VERSION;
	e->type = type;
	e->time_sec = time_ns / NSEC_PER_SEC;
	e->time_nsec = time_ns % NSEC_PER_SEC;
	e->inode = c->inode;
	e->flow = c->isns;
	record_ends(e, &c->ends);
	e->direction = c->direction;
	record_process(e, f->process);
	if (!e->cgroup && f->owner)
		e->cgroup = f->owner->cgroup;
	if (f->owner && f->owner->pid)
		record_owner(e, f->owner);
	e->known = f->known;
	if (f->since_ns) {
		e->known |= KNOWN_ELAPSED;
		e->elapsed_us = (f->now_ns - f->since_ns) / NSEC_PER_USEC;
	}
	e->ended_by = c->ended_by;
	if (c->has_totals) {
		e->known |= KNOWN_TOTALS;
		e->tx_bytes = c->totals.tx_bytes;
		e->rx_bytes = c->totals.rx_bytes;
		e->rtt_us = c->totals.rtt_us;
		e->retrans = c->totals.retrans;
	}
	if (f->known)
		e->syn_retrans = f->syn_retrans;
	e->error = f->error;
}

/*
 * Ends a void function that is not inlined. Without this, r0 may hold a stack pointer, which the
 * verifier does not allow as a result (prepare_func_exit()).
 */
static __always_inline void clear_result(void)
{
	asm volatile("r0 = 0" ::: "r0");
}

/* True for events by which user space finds peers, even if the filter excludes them. */
static __always_inline bool shows_peer(__u8 type)
{
	return has_peers && (type == EVENT_CONNECT || type == EVENT_ACCEPT || type == EVENT_CLOSE);
}

/* Not inlined, like all large functions with several callers, to keep the programs small. */
static __noinline void emit(__u8 type, const struct connection *c, const struct facts *f)
{
	bool passes = filter_passes(type, &c->ends, f->process, f->owner) &&
		      cgroups_pass(f->process, f->owner, f->now_ns);
	struct event *e;

	if (stopping || (!passes && !shows_peer(type))) {
		clear_result();
		return;
	}
	e = bpf_ringbuf_reserve(&ring, sizeof(*e), 0);
	if (!e) {
		count(COUNTER_LOST);
		return;
	}
	fill(e, type, c, f);
	e->for_peers = passes ^ 1;
	bpf_ringbuf_submit(e, 0);
}

#endif
