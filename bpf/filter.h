/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* What is wanted, set by the addon before load: the verifier drops what is not asked for. */
#ifndef TCPTRACE_FILTER_H
#define TCPTRACE_FILTER_H

#include "follow.h"
#include "maps.h"

#define FILTER_MAX 64

const volatile __u32 wanted_events = ~0U; /* bit per enum event_type */
const volatile __u32 wanted_families = 3; /* bit 0: IPv4, bit 1: IPv6 */
const volatile __u32 wanted_pid_count = 0;
const volatile __u32 wanted_pids[FILTER_MAX] = {};
const volatile __u32 wanted_port_count = 0;
const volatile __u16 wanted_ports[FILTER_MAX] = {};
const volatile __u32 wanted_uid_count = 0;
const volatile __u32 wanted_uids[FILTER_MAX] = {};
const volatile __u32 wanted_netns_count = 0;
const volatile __u32 wanted_netns[FILTER_MAX] = {};

static __always_inline bool pid_is_wanted(__u32 pid, __u32 owner_pid)
{
	__u32 i;

	if (is_following)
		return is_followed(pid) || is_followed(owner_pid);
	for (i = 0; i < FILTER_MAX && i < wanted_pid_count; i++)
		if (wanted_pids[i] == pid || wanted_pids[i] == owner_pid)
			return true;
	return !wanted_pid_count;
}

static __always_inline bool port_is_wanted(__u16 lport, __u16 rport)
{
	__u32 i;

	for (i = 0; i < FILTER_MAX && i < wanted_port_count; i++)
		if (wanted_ports[i] == lport || wanted_ports[i] == rport)
			return true;
	return !wanted_port_count;
}

/* Without a process there is no user. */
static __always_inline bool user_is_wanted(const struct process *p)
{
	__u32 i;

	for (i = 0; i < FILTER_MAX && i < wanted_uid_count; i++)
		if (p->pid && wanted_uids[i] == p->uid)
			return true;
	return !wanted_uid_count;
}

static __always_inline bool netns_is_wanted(__u32 netns)
{
	__u32 i;

	for (i = 0; i < FILTER_MAX && i < wanted_netns_count; i++)
		if (wanted_netns[i] == netns)
			return true;
	return !wanted_netns_count;
}

static __always_inline bool is_wanted(__u8 type, const struct endpoints *e, const struct process *p,
				      __u32 owner_pid)
{
	return wanted_events >> type & 1 && wanted_families >> (e->family == 6) & 1 &&
	       pid_is_wanted(p->pid, owner_pid) && port_is_wanted(e->lport, e->rport) &&
	       user_is_wanted(p) && netns_is_wanted(e->netns);
}

#endif
