/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * A hash table of the cgroups that are excluded by filters that user space evaluates: by cgroup and
 * by container. A slot is one word, so that user space writes it without a system call and the
 * kernel never reads half of one. An id replaces another one in the same slot. User space decides
 * about events of cgroups that have no slot.
 *
 * Pure functions without kernel types: the addon and test/filter/decide.c include them, too.
 */
#ifndef TCPTRACE_CGROUP_SLOT_H
#define TCPTRACE_CGROUP_SLOT_H

#include <linux/types.h>
#include <stdbool.h>

#define CGROUP_SLOT_BITS 12
#define CGROUP_SLOTS	 (1 << CGROUP_SLOT_BITS)

/* Bits of refusals: an exclude list has the cgroup. Each other bit: an include test refuses it. */
#define CGROUP_EXCLUDED	     1
#define CGROUP_REFUSALS_BITS 8

/* Fields of a slot, from the lowest bit: the rest of the id, the refusals, the expiry time. */
#define CGROUP_REST_BITS  26
#define CGROUP_UNTIL_BITS (CGROUP_REST_BITS + CGROUP_REFUSALS_BITS)

/* Unit of the expiry time: 2^27 ns, 0.13 s. A slot holds monotonic times up to 4.5 years. */
#define CGROUP_UNTIL_SHIFT 27

/*
 * Maps the lower half of an id one to one to another number. The kernel counts ids up; the upper
 * bits of the result spread consecutive ids over the slots.
 */
static inline __u32 cgroup_mixed(__u64 id)
{
	return (__u32)id * 0x9e3779b1;
}

static inline __u32 cgroup_slot(__u64 id)
{
	return cgroup_mixed(id) >> (32 - CGROUP_SLOT_BITS);
}

/* False for ids that do not fit into a slot: 0 (unknown), and ids after the first 2^35. */
static inline bool cgroup_has_slot(__u64 id)
{
	return id && !(id >> 36 & 0x3fff) && !(id >> 52);
}

/* Returns the bits of the id that the slot number does not contain: lower half, wraps, hierarchy.
 */
static inline __u64 cgroup_rest(__u64 id)
{
	__u64 mixed = cgroup_mixed(id) & ((1U << (32 - CGROUP_SLOT_BITS)) - 1);

	return mixed | (id >> 32 & 0xf) << (32 - CGROUP_SLOT_BITS) |
	       id >> 50 << (36 - CGROUP_SLOT_BITS);
}

/* @until_ns: monotonic */
static inline __u64 cgroup_slot_value(__u64 id, __u8 refusals, __u64 until_ns)
{
	return cgroup_rest(id) | (__u64)refusals << CGROUP_REST_BITS |
	       until_ns >> CGROUP_UNTIL_SHIFT << CGROUP_UNTIL_BITS;
}

/* Returns the refusals of @id in a slot; 0 if the slot is of another id or has expired. */
static inline __u8 cgroup_slot_refusals(__u64 value, __u64 id, __u64 now_ns)
{
	if ((value & ((1ULL << CGROUP_REST_BITS) - 1)) != cgroup_rest(id))
		return 0;
	if (value >> CGROUP_UNTIL_BITS <= now_ns >> CGROUP_UNTIL_SHIFT)
		return 0;
	return value >> CGROUP_REST_BITS;
}

#endif
