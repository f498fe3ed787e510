/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Reads processes and endpoints, matches them against the filter and stores the result in them. */
#ifndef TCPTRACE_MATCHED_H
#define TCPTRACE_MATCHED_H

#include "follow.h"
#include "socket.h"

static __always_inline void note_process(struct process *p)
{
	note_followed(p);
	note_lists(p);
}

/* Reads the calling process into @p, which the caller has zeroed. */
static __always_inline void read_current(struct process *p)
{
	__u64 id = bpf_get_current_pid_tgid();

	p->pid = id >> 32;
	p->uid = bpf_get_current_uid_gid();
	p->cgroup = current_cgroup();
	bpf_get_current_comm(p->thread, sizeof(p->thread));
	if ((__u32)id == p->pid)
		__builtin_memcpy(p->comm, p->thread, COMM_LEN);
	else
		read_comm((const struct task_struct *)bpf_get_current_task(), p);
	note_process(p);
}

/* Reads the process of @task into @p, which the caller has zeroed. */
static __always_inline void match_holder(struct task_struct *task, struct process *p)
{
	read_holder(task, p);
	note_process(p);
}

static __always_inline void match_endpoints(const struct sock *sk, struct endpoints *e)
{
	read_endpoints(sk, e);
	note_endpoints(e);
}

static __always_inline void typed_match_endpoints(const struct sock *sk, struct endpoints *e)
{
	typed_read_endpoints(sk, e);
	note_endpoints(e);
}

/* Like match_endpoints(), for a socket without a peer: the caller has set the remote endpoint. */
static __always_inline void match_local(const struct sock *sk, struct endpoints *e)
{
	struct sock_head h;

	read_head(sk, &h);
	read_local(sk, &h, e);
	note_endpoints(e);
}

#endif
