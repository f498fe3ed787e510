/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Live connections: an iterator visits them, reads their sockets, and emits `update` for those that
 * have changed since the last visit. The sockets themselves run no program for it.
 *
 * A close on another CPU must not overtake: emit_close() sets is_closed before it reserves its
 * record, and the iterator looks at is_closed after it has reserved its own. Both reserve under the
 * lock of the ring buffer, so a record whose connection is not closed by then precedes the close.
 * Until then the socket exists, so what was read belongs to this connection.
 */
#ifndef TCPTRACE_UPDATE_H
#define TCPTRACE_UPDATE_H

#include "emit.h"
#include "isn.h"
#include "numbers.h"

/* A visit to a connection. */
struct visit {
	struct reading now;
	__u8 state;
	bool has_totals;
};

/* The inode of the socket's file; 0 if it has none. */
static __always_inline __u64 held_inode(const struct sock *sk)
{
	const struct socket *socket = FIELD(sk, sk_socket);
	const struct file *file = FIELD(socket, file);

	return file ? file_inode(file) : 0;
}

/*
 * True if the connection is as it was at the visit @old. It reads four cache lines of the socket,
 * none of which another CPU writes while nothing happens: most connections are idle.
 */
static __always_inline bool is_idle(const struct sock *sk, const struct reported *old)
{
	return old->is_exact && FIELD(sk, __sk_common.skc_state) == old->state &&
	       is_unmoved(sk, &old->progress) &&
	       FIELD((const struct tcp_sock *)sk, total_retrans) == old->retrans;
}

/* False if the socket changes now: the next visit reads it. */
static __always_inline bool read_visit(struct sock *sk, const volatile struct connection *c,
				       const struct reported *old, struct visit *v)
{
	__u64 *tx_bytes = &v->now.totals.tx_bytes;
	__u32 ours;

	v->state = FIELD(sk, __sk_common.skc_state);
	v->has_totals = true;
	if (c->has_totals) {
		v->now.totals = *(const struct totals *)&c->totals;
		return true;
	}
	if (FIELD(sk, sk_protocol) == IPPROTO_MPTCP) {
		v->has_totals = mptcp_totals(sk, &v->now.totals);
		return true;
	}
	/* TCP Fast Open: the child may be accepted before its SYN-ACK is acknowledged */
	if (v->state == TCP_SYN_RECV ||
	    !read_totals(false, (const struct tcp_sock *)sk, old ? old->progress.bytes_received : 0,
			 &v->now))
		return false;
	/* after write_seq: the program that sets fin_sent runs before tcp_send_fin() */
	ours = (c->direction == DIRECTION_OUT && !c->without_syn) + c->fin_sent;
	*tx_bytes = *tx_bytes < ours ? 0 : *tx_bytes - ours;
	return true;
}

/* False if the visit read in the middle of a change. */
static __always_inline bool follows(const struct visit *v, const struct reported *old)
{
	const struct totals *t = &v->now.totals;

	if (v->now.first_seq && old->first_seq && v->now.first_seq != old->first_seq)
		return false;
	return t->tx_bytes >= old->tx_bytes && t->rx_bytes >= old->rx_bytes &&
	       t->retrans >= old->retrans;
}

/* True if the connection has changed since @old, or since it began if @old is NULL. */
static __always_inline bool is_news(const struct connection *c, const struct visit *v,
				    const struct reported *old)
{
	const struct totals *t = &v->now.totals;

	/* without payload, only SYN and SYN-ACK can have been retransmitted */
	if (!old)
		return (reports_preexisting && !c->since_ns) || t->tx_bytes || t->rx_bytes ||
		       v->state != TCP_ESTABLISHED;
	return t->tx_bytes != old->tx_bytes || t->rx_bytes != old->rx_bytes ||
	       t->retrans != old->retrans || v->state != old->state;
}

static __always_inline void fill_update(struct event *e, struct sock *sk,
					const struct connection *c, const struct process *p,
					const struct visit *v)
{
	struct facts f = {.now_ns = bpf_ktime_get_ns(), .process = p};

	fill(e, EVENT_UPDATE, c, &f);
	/* the socket was receiving when accept() returned it */
	if (!e->flow && !c->without_syn)
		e->flow = read_preexisting_isns(sk, c->direction);
	e->ended_by = ENDED_UNKNOWN;
	e->state = v->state;
	if (v->has_totals) {
		e->known |= KNOWN_TOTALS;
		e->tx_bytes = v->now.totals.tx_bytes;
		e->rx_bytes = v->now.totals.rx_bytes;
		e->rtt_us = v->now.totals.rtt_us;
		e->retrans = v->now.totals.retrans;
	}
	/* tcp_disconnect() resets most of them */
	if (v->state != TCP_CLOSE && FIELD(sk, sk_protocol) == IPPROTO_TCP) {
		e->known |= KNOWN_NUMBERS;
		read_numbers(false, (const struct tcp_sock *)sk, &e->numbers);
	}
}

static __always_inline void note_visit(const struct sock *sk, const struct connection *c,
				       const struct visit *v)
{
	__u64 key = (__u64)sk;
	struct reported r = {
		.inode = c->inode,
		.since_ns = c->since_ns,
		.tx_bytes = v->now.totals.tx_bytes,
		.rx_bytes = v->now.totals.rx_bytes,
		.progress = v->now.progress,
		.retrans = v->now.totals.retrans,
		.first_seq = v->now.first_seq,
		.state = v->state,
		.is_exact = v->now.is_exact,
	};

	bpf_map_update_elem(&reported, &key, &r, BPF_ANY);
	/* closed meanwhile, after connection_drop() has deleted the entry */
	if (!connection_find(sk))
		bpf_map_delete_elem(&reported, &key);
}

/* Emits `update` if it is due. Returns false if not. */
static __always_inline bool emit_update(struct sock *sk, const struct connection *c,
					const struct process *p, const struct visit *v)
{
	const volatile struct connection *now;
	__u64 since_ns = c->since_ns;
	struct event *e;

	e = bpf_ringbuf_reserve(&ring, sizeof(*e), 0);
	/* nothing is lost: the next visit reports it */
	if (!e)
		return false;
	fill_update(e, sk, c, p, v);
	now = connection_find(sk);
	if (!now || now->is_closed || now->inode != e->inode || now->since_ns != since_ns) {
		bpf_ringbuf_discard(e, 0);
		return false;
	}
	bpf_ringbuf_submit(e, 0);
	return true;
}

/* The process of an `update`. */
static __always_inline const struct process *find_holder(const struct sock *sk,
							 const struct connection *c)
{
	__u64 key = (__u64)sk;

	if (c->owner.pid)
		return &c->owner;
	return bpf_map_lookup_elem(&holders, &key) ?: &c->owner;
}

/*
 * Visits the connection @c of @sk, both of one entry of the map. Writes a byte to @seq for each
 * record, so that the reader can bound the records of one read(2).
 */
static __always_inline void on_live_connection(struct seq_file *seq, struct sock *sk,
					       const struct connection *c)
{
	const struct process *p;
	struct visit v = {};
	struct reported *old;
	__u64 key = (__u64)sk;

	if (stopping || c->phase != PHASE_LIVE || c->is_closed)
		return;
	old = bpf_map_lookup_elem(&reported, &key);
	if (old && (old->inode != c->inode || old->since_ns != c->since_ns))
		old = NULL;
	if (old && is_idle(sk, old))
		return;
	if (!read_visit(sk, c, old, &v) || (old && !follows(&v, old)))
		return;
	if (is_news(c, &v, old)) {
		p = find_holder(sk, c);
		/* another inode: the close of this connection was lost, count_lost_close() */
		if (!filter_passes(EVENT_UPDATE, &c->ends, p, NULL) || held_inode(sk) != c->inode ||
		    !emit_update(sk, c, p, &v))
			return;
		bpf_seq_write(seq, &v.state, sizeof(v.state));
	}
	note_visit(sk, c, &v);
}

#endif
