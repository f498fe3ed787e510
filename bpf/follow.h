/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Tracks the followed processes: those that user space names, and all their descendants. */
#ifndef TCPTRACE_FOLLOW_H
#define TCPTRACE_FOLLOW_H

#include "filter.h"

/*
 * followed: process (thread group) -> enum followed.
 * inserted: user space, and on_fork()   deleted: on_fork(), on_task_free()   read: is_followed()
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1); /* the addon sets the size */
	__type(key, __u32);
	__type(value, __u8);
} followed SEC(".maps");

/* Global, as is_listed(): otherwise, the verifier walks all that follows for each result. */
__noinline __u64 is_followed(__u32 pid)
{
	const __u8 *mode = bpf_map_lookup_elem(&followed, &pid);

	return mode && *mode == FOLLOWED;
}

/*
 * Sets PROCESS_FOLLOWED if @p is followed now. A connection keeps this flag of its opener, which
 * may exit before another process closes the connection.
 */
static __always_inline void note_followed(struct process *p)
{
	if (filter.follow)
		p->flags |= is_followed(p->pid) * PROCESS_FOLLOWED;
}

/*
 * Runs in the parent, before the child runs. Inserts the ids of new threads, too, which does no
 * harm: no process has the same id while the thread lives.
 */
static __always_inline void on_fork(__u32 child)
{
	__u32 parent = bpf_get_current_pid_tgid() >> 32;
	__u8 mode = FOLLOWED;

	if (bpf_map_lookup_elem(&followed, &parent))
		bpf_map_update_elem(&followed, &child, &mode, BPF_ANY);
	else
		bpf_map_delete_elem(&followed, &child);
}

/* Runs when the task is freed, after all its files were closed. */
static __always_inline void on_task_free(__u32 task)
{
	bpf_map_delete_elem(&followed, &task);
}

#endif
