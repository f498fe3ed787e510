/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Fills the record's fields that both events and socket listings have. */
#ifndef TCPTRACE_RECORD_H
#define TCPTRACE_RECORD_H

#include "connection.h"

static __always_inline void record_ends(struct event *e, const struct endpoints *ends)
{
	e->netns = ends->netns;
	e->ifindex = ends->ifindex;
	e->family = ends->family;
	e->lport = ends->lport;
	e->rport = ends->rport;
	__builtin_memcpy(e->laddr, ends->laddr, ADDR_LEN);
	__builtin_memcpy(e->raddr, ends->raddr, ADDR_LEN);
}

static __always_inline void record_process(struct event *e, const struct process *p)
{
	e->pid = p->pid;
	e->uid = p->uid;
	e->cgroup = p->cgroup;
	__builtin_memcpy(e->comm, p->comm, COMM_LEN);
	__builtin_memcpy(e->thread, p->thread, COMM_LEN);
}

/* As record_process(), for a listing, which has other data instead of the thread's name. */
static __always_inline void record_holder(struct event *e, const struct process *p)
{
	e->pid = p->pid;
	e->uid = p->uid;
	e->cgroup = p->cgroup;
	__builtin_memcpy(e->comm, p->comm, COMM_LEN);
}

static __always_inline void record_owner(struct event *e, const struct process *p)
{
	e->owner_pid = p->pid;
	e->owner_uid = p->uid;
	e->owner_cgroup = p->cgroup;
	__builtin_memcpy(e->owner_comm, p->comm, COMM_LEN);
	__builtin_memcpy(e->owner_thread, p->thread, COMM_LEN);
}

#endif
