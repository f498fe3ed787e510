/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Reports the path of each new cgroup before a process can enter it. User space could look up the
 * path when an event names the cgroup, but then the cgroup may already be removed. A path that is
 * dropped does not count as a lost event, because user space then looks it up.
 */
#ifndef TCPTRACE_NEW_CGROUP_H
#define TCPTRACE_NEW_CGROUP_H

#include "cgroup.h"
#include "maps.h"

/* The kernel cuts the path at TRACE_CGROUP_PATH_LEN, 1024 bytes. */
#define CGROUP_PARTS_MAX 6

#define HAS_CONTROLLER(mask, name)                                                                 \
	(bpf_core_enum_value_exists(enum cgroup_subsys_id, name) &&                                \
	 (mask) >> bpf_core_enum_value(enum cgroup_subsys_id, name) & 1)

/* Returns the id that events carry for this cgroup; 0 if they carry no ids of its hierarchy. */
static __always_inline __u64 new_cgroup_id(const struct cgroup *cgroup)
{
	__u32 mask = cgroup->root->subsys_mask;

	if (!cgroup->root->hierarchy_id)
		return cgroup->kn->id;
	if (HAS_CONTROLLER(mask, memory_cgrp_id))
		return cgroup->kn->id | CGROUP_MEMORY << CGROUP_HIERARCHY_SHIFT;
	if (HAS_CONTROLLER(mask, pids_cgrp_id))
		return cgroup->kn->id | CGROUP_PIDS << CGROUP_HIERARCHY_SHIFT;
	return 0;
}

/* Emits one part of a path. Returns false after the last part, or if the part was dropped. */
static __always_inline bool emit_cgroup_part(__u64 id, const char *path, __u32 offset)
{
	struct cgroup_name *part = bpf_ringbuf_reserve(&ring, sizeof(*part), 0);
	long size;

	if (!part)
		return false;
	__builtin_memset(part, 0, sizeof(*part));
	part->id = id;
	part->uid = bpf_get_current_uid_gid();
	part->offset = offset;
	part->version = EVENT_VERSION;
	part->type = EVENT_CGROUP;
	size = bpf_probe_read_kernel_str(part->text, sizeof(part->text), path + offset);
	bpf_ringbuf_submit(part, 0);
	return size == CGROUP_TEXT;
}

static __always_inline void on_new_cgroup(const struct cgroup *cgroup, const char *path)
{
	__u64 id = new_cgroup_id(cgroup);
	int i;

	if (!id || stopping)
		return;
	for (i = 0; i < CGROUP_PARTS_MAX; i++)
		if (!emit_cgroup_part(id, path, i * (CGROUP_TEXT - 1)))
			return;
}

#endif
