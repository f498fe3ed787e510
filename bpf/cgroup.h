/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Reads the cgroup of a task, as a number that user space converts to a path: the
 * kernfs id in the unified hierarchy. On hybrid and version 1 hosts, most processes
 * are in the root of that hierarchy. For them it is the kernfs id in the memory or
 * pids hierarchy of version 1, and the bits from CGROUP_HIERARCHY_SHIFT on say which
 * of the two. They are free: a kernfs id has 64 bits, but kernels use fewer than 48
 * (__kernfs_new_node() counts each wrap of a 31-bit number in the upper half).
 */
#ifndef TCPTRACE_CGROUP_H
#define TCPTRACE_CGROUP_H

#include "cast.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/* src/enrich/cgroups.ts has the same values. */
#define CGROUP_HIERARCHY_SHIFT 50
#define CGROUP_MEMORY	       1ULL
#define CGROUP_PIDS	       2ULL

/* __kernfs_new_node() counts from 1, and the root is the first. */
#define CGROUP_ROOT_ID 1

static __always_inline __u64 legacy_cgroup_id(const struct css_set *set, __u32 subsystem)
{
	const void *subsystems = (const char *)set + bpf_core_field_offset(set->subsys);
	struct cgroup_subsys_state *css = NULL;
	const struct cgroup *cgroup;
	const struct kernfs_node *kn;

	bpf_probe_read_kernel(&css, sizeof(css), subsystems + subsystem * sizeof(css));
	if (!css)
		return CGROUP_ROOT_ID;
	cgroup = FIELD(css, cgroup);
	kn = FIELD(cgroup, kn);
	return FIELD(kn, id);
}

/* For a task in the root of the unified hierarchy, where its controllers are in the root, too. */
static __always_inline __u64 legacy_cgroup(const struct css_set *set)
{
	__u64 id;

	if (bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id)) {
		id = legacy_cgroup_id(set,
				      bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id));
		if (id != CGROUP_ROOT_ID)
			return id | CGROUP_MEMORY << CGROUP_HIERARCHY_SHIFT;
	}
	if (bpf_core_enum_value_exists(enum cgroup_subsys_id, pids_cgrp_id)) {
		id = legacy_cgroup_id(set,
				      bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id));
		if (id != CGROUP_ROOT_ID)
			return id | CGROUP_PIDS << CGROUP_HIERARCHY_SHIFT;
	}
	return CGROUP_ROOT_ID;
}

static __always_inline __u64 task_cgroup(const struct task_struct *task)
{
	const struct css_set *set;
	__u64 id;

	if (!bpf_core_field_exists(task->cgroups))
		return 0;
	id = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
	if (id != CGROUP_ROOT_ID)
		return id;
	set = FIELD(task, cgroups);
	return legacy_cgroup(set);
}

/* Global: otherwise, the verifier walks all that follows for each kind of result. */
__noinline __u64 current_task_cgroup(void)
{
	return task_cgroup((const struct task_struct *)bpf_get_current_task());
}

static __always_inline __u64 current_cgroup(void)
{
	__u64 id = bpf_get_current_cgroup_id();

	return id == CGROUP_ROOT_ID ? current_task_cgroup() : id;
}

#endif
