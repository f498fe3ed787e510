/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Drops events of cgroups that user space has refused, before they reach user space. */
#ifndef TCPTRACE_REFUSED_H
#define TCPTRACE_REFUSED_H

#include "cgroup_slot.h"
#include "connection.h"

/*
 * Hash table: cgroup_slot() -> cgroup_slot_value(). User space writes it through a memory mapping.
 * Not a BPF map, because on 5.10 emit() has no stack left for a lookup.
 */
__u64 refused_cgroups[CGROUP_SLOTS] __attribute__((aligned(8)));

/* Set before load if user space evaluates filters by cgroup. */
#ifdef __bpf__
const volatile bool has_cgroup_tests = false;
#else
static const bool has_cgroup_tests = true;
#endif

static __always_inline __u8 cgroup_refusals(__u64 cgroup, __u64 now_ns)
{
	const volatile __u64 *value = &refused_cgroups[cgroup_slot(cgroup)];

	if (!cgroup_has_slot(cgroup))
		return 0;
	return cgroup_slot_refusals(*value, cgroup, now_ns);
}

/* Returns the value of event.cgroup. */
static __always_inline __u64 cgroup_of_caller(const struct process *caller,
					      const struct process *opener)
{
	return caller->cgroup || !opener ? caller->cgroup : opener->cgroup;
}

/*
 * A filter selects connections. An include test excludes an event if it refuses the cgroups of both
 * caller and opener. An exclude list looks at the opener only, or at the caller if the opener is
 * unknown. @opener: as in filter_passes()
 */
static __always_inline bool cgroups_pass(const struct process *caller, const struct process *opener,
					 __u64 now_ns)
{
	__u8 of_caller, of_opener;

	if (!has_cgroup_tests)
		return true;
	of_caller = of_opener = cgroup_refusals(cgroup_of_caller(caller, opener), now_ns);
	if (opener && opener->pid && opener->cgroup != caller->cgroup)
		of_opener = cgroup_refusals(opener->cgroup, now_ns);
	return !(of_opener & (of_caller | CGROUP_EXCLUDED));
}

#endif
