/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Finds preexisting connections by iterating over the open files of all processes. */
#ifndef TCPTRACE_INITIAL_H
#define TCPTRACE_INITIAL_H

#include "close.h"

/* The record that the iterator writes; too large for the stack. Only one run uses it at a time. */
static struct event open_record;

/*
 * False if the record does not fit. Records go to the seq_file, not to the ring buffer, which has
 * no reader yet and may be too small. If one does not fit, writing it marks the seq_file as full,
 * and the kernel repeats the call for the same file with an empty buffer (bpf_seq_read()).
 */
static __always_inline bool has_room(struct seq_file *seq)
{
	if (seq->count + sizeof(open_record) < seq->size)
		return true;
	bpf_seq_write(seq, &open_record, sizeof(open_record));
	return false;
}

static __always_inline void on_open_socket(struct seq_file *seq, struct task_struct *task,
					   struct file *file)
{
	struct sock *sk = file_sock(file);
	struct connection c = {};
	struct process holder = {};
	struct facts f = {.process = &holder};
	struct connection *known;
	bool reported;
	__u8 state;
	int err;

	if (!sk || !is_tcp(sk) || !has_room(seq))
		return;
	state = BPF_CORE_READ(sk, __sk_common.skc_state);
	if (state == TCP_LISTEN)
		return;
	/* CLOSE with a round-trip time: ended with its file open; without: never connected */
	if (state == TCP_CLOSE && (BPF_CORE_READ(sk, sk_protocol) != IPPROTO_TCP ||
				   !BPF_CORE_READ((struct tcp_sock *)sk, srtt_us)))
		return;
	match_endpoints(sk, &c.ends);
	match_holder(task, &holder);
	c.inode = file_inode(file);
	c.phase = PHASE_LIVE;
	c.fin_sent = state == TCP_CLOSE ? fin_was_sent_before(sk) : fin_was_sent(state);
	c.ended_by =
		state == TCP_CLOSE ? end_by_error(BPF_CORE_READ(sk, sk_err)) : end_so_far(state);
	if (state == TCP_SYN_SENT) {
		c.phase = PHASE_CONNECTING;
		c.direction = DIRECTION_OUT;
		c.owner = holder;
	} else {
		c.direction = guess_direction(sk, c.fin_sent);
		c.isns = read_preexisting_isns(sk, c.direction);
	}
	reported = c.phase == PHASE_LIVE && filter_passes(EVENT_OPEN, &c.ends, &holder, NULL);
	c.unreported = c.phase == PHASE_LIVE && !reported;
	/* an entry that an event inserted knows more than this one: keep it */
	err = connection_insert(sk, &c, BPF_NOEXIST);
	if (err == -EEXIST) {
		known = connection_find(sk);
		if (!known || !known->unreported)
			return;
		known->unreported = !reported;
	} else if (err) {
		count(COUNTER_MAP_FULL);
		return;
	}
	if (has_updates && c.phase == PHASE_LIVE && (reported || !err)) {
		__u64 key = (__u64)sk;

		bpf_map_update_elem(&holders, &key, &holder, BPF_ANY);
	}
	if (!reported && (!has_peers || err || c.phase != PHASE_LIVE))
		return;
	f.now_ns = bpf_ktime_get_ns();
	fill(&open_record, EVENT_OPEN, &c, &f);
	open_record.for_peers = !reported;
	bpf_seq_write(seq, &open_record, sizeof(open_record));
}

#endif
