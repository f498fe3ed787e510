/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Decides which events pass the filter. Pure functions without kernel types, so that the host
 * compiles them too (test/filter/decide.c). They compute predicates by arithmetic, because each
 * branch would double the paths that the verifier walks.
 */
#ifndef TCPTRACE_FILTER_H
#define TCPTRACE_FILTER_H

#include <stdbool.h>

#include "connection.h"
#include "filter_config.h"

/* Written before load, so the verifier knows the values and removes branches that cannot be taken.
 */
#ifdef __bpf__
const volatile struct filter_config filter = {};
#else
static struct filter_config filter;
#endif

/* Right shift that brings byte @i of a word, in memory order, to its lowest byte. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define FILTER_SHIFT(i) ((i) % 8 * 8)
#else
#define FILTER_SHIFT(i) (56 - (i) % 8 * 8)
#endif

/* Returns 1 for 0, and 0 for any other value. The asm keeps the compiler from making it a branch.
 */
static __always_inline __u64 is_zero(__u64 bits)
{
	__u64 borrowed = bits - 1;

#ifdef __bpf__
	asm volatile("" : "+r"(borrowed));
#endif
	return (borrowed & ~bits) >> 63;
}

/*
 * is_listed(), name_matches() and endpoints_match() are not static: the verifier walks a global
 * function once, a static one for each path to a call. This keeps a filter with full lists far
 * below the verifier's limit of a million steps. Before Linux 5.13, global functions take no
 * pointers.
 */

enum filter_list {
	INCLUDE_PIDS,
	EXCLUDE_PIDS,
	INCLUDE_UIDS,
	EXCLUDE_UIDS,
	INCLUDE_NETNS,
	EXCLUDE_NETNS,
};

static __always_inline const volatile struct number_list *list_of(enum filter_list which)
{
	switch (which) {
	case INCLUDE_PIDS:
		return &filter.include_pids;
	case EXCLUDE_PIDS:
		return &filter.exclude_pids;
	case INCLUDE_UIDS:
		return &filter.include_uids;
	case EXCLUDE_UIDS:
		return &filter.exclude_uids;
	case INCLUDE_NETNS:
		return &filter.include_netns;
	default:
		return &filter.exclude_netns;
	}
}

__noinline __u64 is_listed(__u32 which, __u32 number)
{
	const volatile struct number_list *list = list_of(which);
	__u64 found = 0;
	__u32 i;

	for (i = 0; i < FILTER_MAX && i < list->count; i++)
		found |= is_zero(list->values[i] ^ number);
	return found;
}

/* True if a glob matches the name, which is passed as two words of 8 bytes. */
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
	return is_zero(positions & a->accepts) ^ 1;
}

static __always_inline __u64 comm_matches(const struct process *p, bool is_include)
{
	const __u64 *comm = (const __u64 *)p->comm, *thread = (const __u64 *)p->thread;

	return name_matches(comm[0], comm[1], is_include) |
	       name_matches(thread[0], thread[1], is_include);
}

/*
 * Matches a process against the lists and stores the results in its flags, which processes_pass()
 * combines. Runs when the process is read, not when an event is emitted: on 5.10, the 512 bytes of
 * stack for a whole chain of callers do not suffice for another call there.
 */
static __always_inline void note_lists(struct process *p)
{
	/* an unknown process is in no list */
	if (!p->pid)
		return;
	/* by multiplication: each branch would double the paths that the verifier walks */
	if (filter.include_pids.count)
		p->flags |= is_listed(INCLUDE_PIDS, p->pid) * PROCESS_PID_INCLUDED;
	if (filter.include_uids.count)
		p->flags |= is_listed(INCLUDE_UIDS, p->uid) * PROCESS_UID_INCLUDED;
	if (filter.include_comms.accepts)
		p->flags |= comm_matches(p, true) * PROCESS_COMM_INCLUDED;
	if (filter.exclude_pids.count)
		p->flags |= is_listed(EXCLUDE_PIDS, p->pid) * PROCESS_EXCLUDED;
	if (filter.exclude_uids.count)
		p->flags |= is_listed(EXCLUDE_UIDS, p->uid) * PROCESS_EXCLUDED;
	if (filter.exclude_comms.accepts)
		p->flags |= comm_matches(p, false) * PROCESS_EXCLUDED;
}

/* Returns the flags that must be set, each in the caller or in the opener. */
static __always_inline __u64 required_flags(void)
{
	return (filter.follow ? PROCESS_FOLLOWED : 0) |
	       (filter.include_pids.count ? PROCESS_PID_INCLUDED : 0) |
	       (filter.include_uids.count ? PROCESS_UID_INCLUDED : 0) |
	       (filter.include_comms.accepts ? PROCESS_COMM_INCLUDED : 0);
}

/*
 * A filter selects connections: an include list looks at the caller and at the opener, an exclude
 * list at the opener only, or at the caller if that is unknown.
 */
static __always_inline __u64 processes_pass(const struct process *caller,
					    const struct process *opener)
{
	__u64 missing = required_flags() & ~(caller->flags | opener->flags);
	__u64 excluding = opener->flags | is_zero(opener->pid) * caller->flags;

	return is_zero(missing | (excluding & PROCESS_EXCLUDED));
}

/* Returns 0 if the address is in the network and the port in the range. */
static __always_inline __u64 differs(const volatile struct endpoint_test *t, __u64 low, __u64 high,
				     __u16 port)
{
	__u64 bits = (low & t->mask[0]) ^ t->network[0];

	bits |= (high & t->mask[1]) ^ t->network[1];
	/* outside of the range, one of these is negative */
	return bits | ((__u64)port - t->first_port) >> 32 | ((__u64)t->last_port - port) >> 32;
}

/* Returns word 0 or 1 of an address. */
static __always_inline __u64 address_word(const __u8 *address, int which)
{
	__u64 word;

	__builtin_memcpy(&word, address + 8 * which, sizeof(word));
	return word;
}

/*
 * Returns 1 if the predicates about endpoints are true, else 0. Takes each address as two words of
 * 8 bytes, and the ports and the family as one: pack_rest().
 */
__noinline __u64 endpoints_match(__u64 llow, __u64 lhigh, __u64 rlow, __u64 rhigh, __u64 rest)
{
	__u16 lport = rest, rport = rest >> 16;
	__u64 family = rest >> 32;
	__u64 is_unbound = is_zero(llow | lhigh);
	__u64 found = 0;
	__u32 i;

	for (i = 0; i < FILTER_MAX && i < filter.endpoint_test_count; i++) {
		const volatile struct endpoint_test *t = &filter.endpoint_tests[i];
		__u64 other_family = t->family ? t->family ^ family : 0;
		/* an unknown address is in no network */
		__u64 unknown = t->family ? is_unbound : 0;
		__u64 passes = 0;

		if (t->sides & ENDPOINT_LOCAL)
			passes |= is_zero(differs(t, llow, lhigh, lport) | unknown);
		if (t->sides & ENDPOINT_REMOTE)
			passes |= is_zero(differs(t, rlow, rhigh, rport));
		found |= (passes & is_zero(other_family)) << t->predicate;
	}
	return is_zero(~found & filter.include_endpoints) &
	       is_zero(found & filter.exclude_endpoints);
}

static __always_inline __u64 pack_rest(const struct endpoints *e)
{
	return (__u64)e->family << 32 | (__u64)e->rport << 16 | e->lport;
}

static __always_inline __u64 endpoints_pass(const struct endpoints *e)
{
	if (!(filter.families >> (e->family == 6) & 1) ||
	    (filter.include_netns.count && !is_listed(INCLUDE_NETNS, e->netns)) ||
	    (filter.exclude_netns.count && is_listed(EXCLUDE_NETNS, e->netns)))
		return 0;
	if (!filter.endpoint_test_count)
		return 1;
	return endpoints_match(address_word(e->laddr, 0), address_word(e->laddr, 1),
			       address_word(e->raddr, 0), address_word(e->raddr, 1), pack_rest(e));
}

/* Matches endpoints, once they are complete. */
static __always_inline void note_endpoints(struct endpoints *e)
{
	e->passes = endpoints_pass(e);
}

/*
 * True if the filter selects the event. Uses the results of note_lists() and note_endpoints().
 * @opener: for `close`, the process that opened the connection; NULL for other events, where it is
 * the caller.
 */
static __always_inline bool filter_passes(__u8 type, const struct endpoints *e,
					  const struct process *caller,
					  const struct process *opener)
{
	return (filter.events >> type & 1) & e->passes & processes_pass(caller, opener ?: caller);
}

#endif
