// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
/*
 * What `tcptrace list` prints: one record for each descriptor of a TCP socket, in one
 * pass over the files of all processes. The record is that of the event `open`.
 */
#include "kernel.h"
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "socket.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline void describe(struct event *e, struct task_struct *task, struct file *file,
				     const struct sock *sk)
{
	struct endpoints ends = {};
	struct process holder = {};

	read_endpoints(sk, &ends);
	read_holder(task, &holder);
	e->version = EVENT_VERSION;
	e->type = EVENT_OPEN;
	e->pid = holder.pid;
	e->uid = holder.uid;
	e->cgroup = holder.cgroup;
	__builtin_memcpy(e->comm, holder.comm, COMM_LEN);
	e->inode = file_inode(file);
	e->netns = ends.netns;
	e->family = ends.family;
	e->lport = ends.lport;
	e->rport = ends.rport;
	__builtin_memcpy(e->laddr, ends.laddr, ADDR_LEN);
	__builtin_memcpy(e->raddr, ends.raddr, ADDR_LEN);
}

SEC("iter/task_file")
int list_sockets(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct event e = {};
	struct sock *sk;

	if (!task || !file)
		return 0;
	sk = file_sock(file);
	if (!sk || !is_tcp(sk))
		return 0;
	e.state = BPF_CORE_READ(sk, __sk_common.skc_state);
	/* never connected, or ended */
	if (e.state == TCP_CLOSE)
		return 0;
	describe(&e, task, file, sk);
	if (e.state != TCP_LISTEN)
		e.direction = e.state == TCP_SYN_SENT ? DIRECTION_OUT
						      : guess_direction(sk, fin_was_sent(e.state));
	bpf_seq_write(ctx->meta->seq, &e, sizeof(e));
	return 0;
}
