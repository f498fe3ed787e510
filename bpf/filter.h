/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* What is wanted, set by the addon before load: the verifier drops what is not asked for. */
#ifndef TCPTRACE_FILTER_H
#define TCPTRACE_FILTER_H

#include "endpoint_filter.h"
#include "follow.h"
#include "maps.h"
#include "owner_test.h"

const volatile __u32 wanted_events = ~0U; /* bit per enum event_type */
const volatile __u32 wanted_families = 3; /* bit 0: IPv4, bit 1: IPv6 */
const volatile struct number_list wanted_pids = {};
const volatile struct number_list unwanted_pids = {};
const volatile struct number_list wanted_uids = {};
const volatile struct number_list unwanted_uids = {};
const volatile struct number_list wanted_netns = {};
const volatile struct number_list unwanted_netns = {};
const volatile struct glob_automaton wanted_comms = {};
const volatile struct glob_automaton unwanted_comms = {};
const volatile __u32 end_test_count = 0;
const volatile struct end_test end_tests[FILTER_MAX] = {};
const volatile __u32 wanted_ends = 0;	/* bit per condition that must be met */
const volatile __u32 unwanted_ends = 0; /* and that must not */

static __always_inline bool has_number(const volatile struct number_list *list, __u32 number)
{
	__u32 i;

	for (i = 0; i < FILTER_MAX && i < list->count; i++)
		if (list->values[i] == number)
			return true;
	return false;
}

static __always_inline bool pid_is_wanted(__u32 pid, __u32 owner_pid)
{
	if (has_number(&unwanted_pids, pid) || has_number(&unwanted_pids, owner_pid))
		return false;
	if (is_following)
		return is_followed(pid) || is_followed(owner_pid);
	return !wanted_pids.count || has_number(&wanted_pids, pid) ||
	       has_number(&wanted_pids, owner_pid);
}

/* Without a process there is no user. */
static __always_inline bool user_is_wanted(const struct process *p)
{
	if (!p->pid)
		return !wanted_uids.count;
	return (!wanted_uids.count || has_number(&wanted_uids, p->uid)) &&
	       !has_number(&unwanted_uids, p->uid);
}

static __always_inline bool netns_is_wanted(__u32 netns)
{
	return (!wanted_netns.count || has_number(&wanted_netns, netns)) &&
	       !has_number(&unwanted_netns, netns);
}

static __always_inline bool matches(const volatile struct glob_automaton *a, const char *comm)
{
	__u64 places = a->starts;
	int i;

	for (i = 0; i < COMM_LEN && comm[i]; i++) {
		places = (places & a->steps[(__u8)comm[i]]) << 1 | (places & a->stays);
		places |= (places & a->stays) << 1;
	}
	return places & a->ends;
}

/* As a record has them: without the owner where that is the same process. */
static __always_inline bool some_name_matches(const volatile struct glob_automaton *a,
					      const struct process *p, const struct process *owner)
{
	if (p->pid && matches(a, p->comm))
		return true;
	return owner && owner->pid && owner->pid != p->pid && matches(a, owner->comm);
}

static __always_inline bool name_is_wanted(const struct process *p, const struct process *owner)
{
	return (!wanted_comms.ends || some_name_matches(&wanted_comms, p, owner)) &&
	       (!unwanted_comms.ends || !some_name_matches(&unwanted_comms, p, owner));
}

/* 0: in the network, and in the range of ports. */
static __always_inline __u64 differs(const volatile struct end_test *t, const __u8 *address,
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

/* 1 for 0, 0 for all else; not as a branch, because for the verifier each would double the ways
 * here. */
static __always_inline __u64 is_zero(__u64 bits)
{
	__u64 borrowed = bits - 1;

	asm volatile("" : "+r"(borrowed));
	return (borrowed & ~bits) >> 63;
}

/* Bits of the conditions that one of their tests meets. */
static __always_inline __u32 met_conditions(const struct endpoints *e)
{
	const __u32 *local = (const __u32 *)e->laddr;
	__u64 is_unbound = is_zero((__u64)local[0] | local[1] | local[2] | local[3]);
	__u32 met = 0;
	__u32 i;

	for (i = 0; i < FILTER_MAX && i < end_test_count; i++) {
		const volatile struct end_test *t = &end_tests[i];
		__u64 is_other = t->family ? t->family ^ e->family : 0;
		/* an address that is not known is in no network */
		__u64 is_unknown = t->family ? is_unbound : 0;
		__u64 is_met = 0;

		if (t->ends & END_LOCAL)
			is_met |= is_zero(differs(t, e->laddr, e->lport) | is_unknown);
		if (t->ends & END_REMOTE)
			is_met |= is_zero(differs(t, e->raddr, e->rport));
		met |= (is_met & is_zero(is_other)) << t->condition;
	}
	return met;
}

static __always_inline bool ends_are_wanted(const struct endpoints *e)
{
	__u32 met;

	if (!end_test_count)
		return true;
	met = met_conditions(e);
	return (met & wanted_ends) == wanted_ends && !(met & unwanted_ends);
}

static __always_inline bool is_wanted(__u8 type, const struct endpoints *e, const struct process *p,
				      const struct process *owner)
{
	return wanted_events >> type & 1 && wanted_families >> (e->family == 6) & 1 &&
	       pid_is_wanted(p->pid, owner ? owner->pid : 0) && user_is_wanted(p) &&
	       name_is_wanted(p, owner) && netns_is_wanted(e->netns) && ends_are_wanted(e);
}

#endif
