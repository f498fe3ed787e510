/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Which processes are followed: those that the addon names, and all their descendants. */
#ifndef TCPTRACE_FOLLOW_H
#define TCPTRACE_FOLLOW_H

#include "connection.h"

/* Set by the addon: only what followed processes do is wanted. */
const volatile bool is_following = false;

/*
 * followed: process (thread group) -> enum followed.
 * inserted: user space, and on_fork()   deleted: on_fork(), on_task_free()   read: filter.h
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1); /* the addon makes room */
	__type(key, __u32);
	__type(value, __u8);
} followed SEC(".maps");

static __always_inline bool is_followed(__u32 pid)
{
	__u8 *how = bpf_map_lookup_elem(&followed, &pid);

	return how && *how == FOLLOWED;
}

/* Runs in the parent, before the child does. A thread's id is no process' until its end. */
static __always_inline void on_fork(__u32 child)
{
	__u32 parent = bpf_get_current_pid_tgid() >> 32;
	__u8 how = FOLLOWED;

	if (bpf_map_lookup_elem(&followed, &parent))
		bpf_map_update_elem(&followed, &child, &how, BPF_ANY);
	else
		bpf_map_delete_elem(&followed, &child);
}

/* The task is gone, and so is every file that it had. */
static __always_inline void on_task_free(__u32 task)
{
	bpf_map_delete_elem(&followed, &task);
}

#endif
