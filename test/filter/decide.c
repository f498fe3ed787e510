/*
 * Runs bpf/filter.h on this machine, for the property test of test/unit/any-filter.test.ts.
 *
 * stdin: any number of groups, each a struct filter_config, the number of refused cgroups (__u32)
 * and that many of these (struct refusal), the number of records (__u32) and that many of these
 * (struct event). stdout: a byte for each record, 1 if it passes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define __noinline __attribute__((noinline))
#include "filter.h"
#include "refused.h"

#define NOW_NS	 5000000000ULL
#define UNTIL_NS 6000000000ULL

struct refusal {
	__u64 id;
	__u64 refusals;
};

static struct process read_caller(const struct event *e)
{
	struct process p = {.pid = e->pid, .uid = e->uid, .cgroup = e->cgroup};

	memcpy(p.comm, e->comm, COMM_LEN);
	memcpy(p.thread, e->thread, COMM_LEN);
	note_lists(&p);
	return p;
}

static struct process read_opener(const struct event *e)
{
	struct process p = {.pid = e->owner_pid, .uid = e->owner_uid, .cgroup = e->owner_cgroup};

	memcpy(p.comm, e->owner_comm, COMM_LEN);
	memcpy(p.thread, e->owner_thread, COMM_LEN);
	note_lists(&p);
	return p;
}

static struct endpoints read_both(const struct event *e)
{
	struct endpoints ends = {
		.lport = e->lport, .rport = e->rport, .netns = e->netns, .family = e->family};

	memcpy(ends.laddr, e->laddr, ADDR_LEN);
	memcpy(ends.raddr, e->raddr, ADDR_LEN);
	note_endpoints(&ends);
	return ends;
}

static bool passes(const struct event *e)
{
	struct endpoints ends = read_both(e);
	struct process caller = read_caller(e), opener = read_opener(e);

	const struct process *owner = e->type == EVENT_CLOSE ? &opener : NULL;

	return filter_passes(e->type, &ends, &caller, owner) &&
	       cgroups_pass(&caller, owner, NOW_NS);
}

static bool read_refusals(void)
{
	struct refusal r;
	__u32 count;

	memset(refused_cgroups, 0, sizeof(refused_cgroups));
	if (fread(&count, sizeof(count), 1, stdin) != 1)
		return false;
	while (count--) {
		if (fread(&r, sizeof(r), 1, stdin) != 1)
			return false;
		if (cgroup_has_slot(r.id))
			refused_cgroups[cgroup_slot(r.id)] =
				cgroup_slot_value(r.id, r.refusals, UNTIL_NS);
	}
	return true;
}

int main(void)
{
	struct event e;
	__u32 count;

	while (fread(&filter, sizeof(filter), 1, stdin) == 1) {
		if (filter.version != FILTER_VERSION || !read_refusals() ||
		    fread(&count, sizeof(count), 1, stdin) != 1)
			return 1;
		while (count--) {
			if (fread(&e, sizeof(e), 1, stdin) != 1)
				return 1;
			putchar(passes(&e));
		}
	}
	return 0;
}
