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
#include "numbers.h"

/* A visit to a connection. */
struct visit {
	struct totals totals;
	__u32 first_seq;
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

/* False if the socket is another one, or changes now: the next visit reads it. */
static __always_inline bool read_visit(struct sock *sk, const struct connection *c, struct visit *v)
{
	__u32 ours = (c->direction == DIRECTION_OUT && !c->without_syn) + c->fin_sent;

	v->state = FIELD(sk, __sk_common.skc_state);
	if (c->has_totals) {
		v->totals = c->totals;
		v->has_totals = true;
		return true;
	}
	/* the close of this connection was lost: count_lost_close() */
	if (held_inode(sk) != c->inode)
		return false;
	if (FIELD(sk, sk_protocol) == IPPROTO_MPTCP) {
		v->has_totals = mptcp_totals(sk, &v->totals);
		return true;
	}
	v->has_totals = true;
	/* TCP Fast Open: the child may be accepted before its SYN-ACK is acknowledged */
	return v->state != TCP_SYN_RECV && read_totals(sk, ours, &v->totals, &v->first_seq);
}

/* True if the connection has changed since @old, or since it began if @old is NULL. */
static __always_inline bool is_news(const struct visit *v, const struct reported *old)
{
	const struct totals *t = &v->totals;

	/* without payload, only SYN and SYN-ACK can have been retransmitted */
	if (!old)
		return t->tx_bytes || t->rx_bytes || v->state != TCP_ESTABLISHED;
	/* read in the middle of a change */
	if (v->first_seq && old->first_seq && v->first_seq != old->first_seq)
		return false;
	if (t->tx_bytes < old->tx_bytes || t->rx_bytes < old->rx_bytes || t->retrans < old->retrans)
		return false;
	return t->tx_bytes != old->tx_bytes || t->rx_bytes != old->rx_bytes ||
	       t->retrans != old->retrans || v->state != old->state;
}

static __always_inline void fill_update(struct event *e, struct sock *sk,
					const struct connection *c, const struct process *p,
					const struct visit *v)
{
	struct facts f = {.now_ns = bpf_ktime_get_ns(), .process = p};

	fill(e, EVENT_UPDATE, c, &f);
	e->ended_by = ENDED_UNKNOWN;
	e->state = v->state;
	if (v->has_totals) {
		e->known |= KNOWN_TOTALS;
		e->tx_bytes = v->totals.tx_bytes;
		e->rx_bytes = v->totals.rx_bytes;
		e->rtt_us = v->totals.rtt_us;
		e->retrans = v->totals.retrans;
	}
	/* tcp_disconnect() resets most of them */
	if (v->state != TCP_CLOSE && FIELD(sk, sk_protocol) == IPPROTO_TCP) {
		e->known |= KNOWN_NUMBERS;
		read_numbers((const struct tcp_sock *)sk, &e->numbers);
	}
}

static __always_inline void note_reported(const struct sock *sk, const struct connection *c,
					  const struct visit *v)
{
	__u64 key = (__u64)sk;
	struct reported r = {
		.inode = c->inode,
		.since_ns = c->since_ns,
		.tx_bytes = v->totals.tx_bytes,
		.rx_bytes = v->totals.rx_bytes,
		.retrans = v->totals.retrans,
		.first_seq = v->first_seq,
		.state = v->state,
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

/* Writes a byte to @seq for each record, so that the reader can bound the records of one read(2).
 */
static __always_inline void on_live_connection(struct seq_file *seq, struct sock *sk)
{
	struct connection *c = connection_find(sk);
	const struct process *p;
	struct visit v = {};
	struct reported *old;
	__u64 key = (__u64)sk;

	if (stopping || !c || c->phase != PHASE_LIVE || c->is_closed)
		return;
	p = &c->owner;
	if (!p->pid)
		p = bpf_map_lookup_elem(&holders, &key) ?: p;
	if (!filter_passes(EVENT_UPDATE, &c->ends, p, NULL) || !read_visit(sk, c, &v))
		return;
	old = bpf_map_lookup_elem(&reported, &key);
	if (old && (old->inode != c->inode || old->since_ns != c->since_ns))
		old = NULL;
	if (!is_news(&v, old) || !emit_update(sk, c, p, &v))
		return;
	note_reported(sk, c, &v);
	bpf_seq_write(seq, &v.state, sizeof(v.state));
}

#endif
