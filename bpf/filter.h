/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Decides which events pass a filter. Pure functions without kernel types, so that the host
 * compiles them too (test/filter/decide.c). Conditions are computed by arithmetic, because each
 * branch would double the paths that the verifier walks.
 */
#ifndef TCPTRACE_FILTER_H
#define TCPTRACE_FILTER_H

#include <stdbool.h>

#include "connection.h"
#include "filter_config.h"

/* Written before load: its constants let the verifier drop what they exclude. */
#ifdef __bpf__
const volatile struct filter_config filter = {};
#else
static struct filter_config filter;
#endif

/* How far byte @i of a word loaded from memory is to be shifted. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define FILTER_SHIFT(i) ((i) % 8 * 8)
#else
#define FILTER_SHIFT(i) (56 - (i) % 8 * 8)
#endif

/*
 * The processes of an event. A filter selects connections: an include list looks at the caller
 * and at the opener, an exclude list at the opener only, or at the caller if that is unknown.
 */
struct parties {
	const struct process *caller;
	const struct process *opener;	/* that connected or accepted; pid 0: unknown */
	const struct process *excluded; /* the one that exclude lists look at */
};

/* 1 for 0, 0 for any other value. The compiler may not turn it into a branch. */
static __always_inline __u64 is_zero(__u64 bits)
{
	__u64 borrowed = bits - 1;

#ifdef __bpf__
	asm volatile("" : "+r"(borrowed));
#endif
	return (borrowed & ~bits) >> 63;
}

static __always_inline __u64 has_number(const volatile struct number_list *list, __u32 number)
{
	__u64 found = 0;
	__u32 i;

	for (i = 0; i < FILTER_MAX && i < list->count; i++)
		found |= is_zero(list->values[i] ^ number);
	return found;
}

static __always_inline bool pids_pass(const struct parties *p)
{
	if (filter.follow && !((p->caller->flags | p->opener->flags) & PROCESS_FOLLOWED))
		return false;
	if (filter.include_pids.count && !(has_number(&filter.include_pids, p->caller->pid) |
					   has_number(&filter.include_pids, p->opener->pid)))
		return false;
	return !filter.exclude_pids.count || !has_number(&filter.exclude_pids, p->excluded->pid);
}

/* An unknown process has no user. */
static __always_inline __u64 has_user(const volatile struct number_list *list,
				      const struct process *p)
{
	return has_number(list, p->uid) & (is_zero(p->pid) ^ 1);
}

static __always_inline bool users_pass(const struct parties *p)
{
	if (filter.include_uids.count && !(has_user(&filter.include_uids, p->caller) |
					   has_user(&filter.include_uids, p->opener)))
		return false;
	return !filter.exclude_uids.count || !has_user(&filter.exclude_uids, p->excluded);
}

/*
 * Takes a name as two words of 8 bytes. Not static: the verifier walks such a function once, and
 * not once for each path to a call of it, which took 285,000 instead of 12,000 steps for all
 * programs. Before Linux 5.13 it takes no pointers.
 */
__noinline __u64 name_matches(__u64 low, __u64 high, bool is_include)
{
	const volatile struct glob_automaton *a =
		is_include ? &filter.include_comms : &filter.exclude_comms;
	__u64 positions = a->starts;
	int i;

	for (i = 0; i < COMM_LEN; i++) {
		__u8 byte = (i < 8 ? low : high) >> FILTER_SHIFT(i);
		__u64 next;

		if (!byte)
			break;
		next = (positions & a->steps[byte]) << 1 | (positions & a->stars);
		positions = next | (next & a->stars) << 1;
	}
	return positions & a->accepts ? 1 : 0;
}

static __always_inline __u64 comm_matches(const struct process *p, bool is_include)
{
	const __u64 *comm = (const __u64 *)p->comm, *thread = (const __u64 *)p->thread;

	return name_matches(comm[0], comm[1], is_include) |
	       name_matches(thread[0], thread[1], is_include);
}

/*
 * Matches the names of a process and of its calling thread. When the process is read, not when its
 * event passes: there the stack of all callers, 512 bytes, has no room for another call on 5.10.
 */
static __always_inline void note_comms(struct process *p)
{
	if (!p->pid)
		return;
	if (filter.include_comms.accepts && comm_matches(p, true))
		p->flags |= PROCESS_COMM_INCLUDED;
	if (filter.exclude_comms.accepts && comm_matches(p, false))
		p->flags |= PROCESS_COMM_EXCLUDED;
}

static __always_inline bool comms_pass(const struct parties *p)
{
	if (filter.include_comms.accepts &&
	    !((p->caller->flags | p->opener->flags) & PROCESS_COMM_INCLUDED))
		return false;
	return !filter.exclude_comms.accepts || !(p->excluded->flags & PROCESS_COMM_EXCLUDED);
}

static __always_inline bool netns_passes(__u32 netns)
{
	return (!filter.include_netns.count || has_number(&filter.include_netns, netns)) &&
	       (!filter.exclude_netns.count || !has_number(&filter.exclude_netns, netns));
}

/* 0: the address is in the network, and the port in the range. */
static __always_inline __u64 differs(const volatile struct endpoint_test *t, const __u8 *address,
				     __u16 port)
{
	const __u32 *words = (const __u32 *)address;
	__u64 bits = 0;
	int i;

	for (i = 0; i < 4; i++)
		bits |= (words[i] & t->mask[i]) ^ t->network[i];
	/* outside of the range, one of these is negative */
	return bits | ((__u64)port - t->first_port) >> 32 | ((__u64)t->last_port - port) >> 32;
}

/* Bits of the predicates that are true. */
static __always_inline __u32 true_predicates(const struct endpoints *e)
{
	const __u32 *local = (const __u32 *)e->laddr;
	__u64 is_unbound = is_zero((__u64)local[0] | local[1] | local[2] | local[3]);
	__u32 found = 0;
	__u32 i;

	for (i = 0; i < FILTER_MAX && i < filter.endpoint_test_count; i++) {
		const volatile struct endpoint_test *t = &filter.endpoint_tests[i];
		__u64 other_family = t->family ? t->family ^ e->family : 0;
		/* an unknown address is in no network */
		__u64 unknown = t->family ? is_unbound : 0;
		__u64 passes = 0;

		if (t->sides & ENDPOINT_LOCAL)
			passes |= is_zero(differs(t, e->laddr, e->lport) | unknown);
		if (t->sides & ENDPOINT_REMOTE)
			passes |= is_zero(differs(t, e->raddr, e->rport));
		found |= (passes & is_zero(other_family)) << t->predicate;
	}
	return found;
}

static __always_inline bool endpoints_pass(const struct endpoints *e)
{
	__u32 found;

	if (!filter.endpoint_test_count)
		return true;
	found = true_predicates(e);
	return (found & filter.include_endpoints) == filter.include_endpoints &&
	       !(found & filter.exclude_endpoints);
}

/* @opener: of a `close`; NULL for other events, whose caller it is. */
static __always_inline bool filter_passes(__u8 type, const struct endpoints *e,
					  const struct process *caller,
					  const struct process *opener)
{
	struct parties p = {.caller = caller, .opener = opener ?: caller};

	p.excluded = p.opener->pid ? p.opener : caller;
	return filter.events >> type & 1 && filter.families >> (e->family == 6) & 1 &&
	       pids_pass(&p) && users_pass(&p) && netns_passes(e->netns) && comms_pass(&p) &&
	       endpoints_pass(e);
}

#endif
