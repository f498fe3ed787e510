// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
/*
 * What `tcptrace list` prints: one record for each descriptor of a TCP socket, in one
 * pass over the files of all processes. The record is that of the event `open`, without the cgroup.
 */
#include "kernel.h"
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "direction.h"
#include "record.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* What is read of one descriptor. */
struct held {
	struct process holder;
	struct endpoints ends;
	__u8 state;
	__u8 direction;
};

static __always_inline bool is_there(int state)
{
	/* else never connected, or ended */
	return state != TCP_CLOSE;
}

/* Most of the time is that of cache misses: no line of memory is read that need not be. */
static __always_inline bool btf_read_held(struct task_struct *task, struct file *file,
					  struct held *h)
{
	struct socket *socket = bpf_sock_from_file(file);
	const struct tcp_sock *tp;
	struct sock *sk;

	if (!socket)
		return false;
	sk = socket->sk;
	if (!sk || !typed_is_tcp(sk))
		return false;
	h->state = sk->__sk_common.skc_state;
	if (!is_there(h->state))
		return false;
	tp = bpf_skc_to_tcp_sock(sk);
	typed_read_endpoints(sk, tp, &h->ends);
	typed_read_holder(task, &h->holder);
	if (h->state != TCP_LISTEN && h->state != TCP_SYN_SENT)
		h->direction = typed_guess_direction(sk, tp, fin_was_sent(h->state));
	return true;
}

static __always_inline bool read_held(struct task_struct *task, struct file *file, struct held *h)
{
	struct sock *sk = file_sock(file);

	if (!sk || !is_tcp(sk))
		return false;
	h->state = BPF_CORE_READ(sk, __sk_common.skc_state);
	if (!is_there(h->state))
		return false;
	read_endpoints(sk, &h->ends);
	read_holder(task, &h->holder);
	if (h->state != TCP_LISTEN && h->state != TCP_SYN_SENT)
		h->direction = guess_direction(sk, fin_was_sent(h->state));
	return true;
}

static __always_inline void fill(struct event *e, const struct held *h)
{
	e->version = EVENT_VERSION;
	e->type = EVENT_OPEN;
	record_process(e, &h->holder);
	record_ends(e, &h->ends);
	e->state = h->state;
	e->direction = h->state == TCP_SYN_SENT ? DIRECTION_OUT : h->direction;
}

/* native/task_file.h */
SEC("task_file")
int list_sockets(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct held held = {};
	struct event e = {};

	if (!task || !file)
		return 0;
	/* Linux 5.11: before it, no typed pointer leads from a file to its socket */
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_sock_from_file)) {
		if (!btf_read_held(task, file, &held))
			return 0;
	} else if (!read_held(task, file, &held)) {
		return 0;
	}
	e.inode = file->f_inode->i_ino;
	fill(&e, &held);
	bpf_seq_write(ctx->meta->seq, &e, sizeof(e));
	return 0;
}
