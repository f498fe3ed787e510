/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The whole filter of a trace, as one struct: encoded by src/filter/encode.ts with offsets from
 * this file's BTF, copied by the addon before load, evaluated by filter.h.
 */
#ifndef TCPTRACE_FILTER_CONFIG_H
#define TCPTRACE_FILTER_CONFIG_H

#include <linux/types.h>

#define FILTER_VERSION 1

/* Limit of values in a list, and of endpoint tests. */
#define FILTER_MAX 64

/* Bits of include_endpoints. */
#define ENDPOINT_PREDICATES_MAX 32

/* Bits of glob_automaton.stars. */
#define GLOB_POSITIONS_MAX 64

/* An empty list filters nothing. */
struct number_list {
	__u32 count;
	__u32 values[FILTER_MAX];
};

/*
 * Globs as one nondeterministic automaton without branches (src/filter/glob-automaton.ts). A bit is
 * a position before a character of a glob or at its end. Without globs, all fields are 0.
 */
struct glob_automaton {
	__u64 steps[256]; /* by byte: positions before that byte */
	__u64 stars;	  /* positions before a `*` */
	__u64 starts;	  /* positions before the first character of a glob */
	__u64 accepts;	  /* positions at the end of a glob */
};

enum endpoint_side {
	ENDPOINT_LOCAL = 1,
	ENDPOINT_REMOTE = 2,
};

/* One value of a flag such as --rport 80-90 or --laddr 10.0.0.0/8. */
struct endpoint_test {
	__u64 network[2]; /* bytes in network order; IPv4 in the first four */
	__u64 mask[2];
	__u16 first_port;
	__u16 last_port;
	__u8 family;	/* of the network: 4 or 6; 0: any address */
	__u8 sides;	/* bits of enum endpoint_side: endpoints of which one has to match */
	__u8 predicate; /* bit number; a predicate is true if one of its tests matches */
	__u8 unused;
};

struct filter_config {
	__u32 version;	/* FILTER_VERSION */
	__u32 events;	/* bit per enum event_type */
	__u32 families; /* bit 0: IPv4, bit 1: IPv6 */
	__u32 follow;	/* 1: only processes in the map `followed` */
	__u32 endpoint_test_count;
	__u32 include_endpoints; /* bits of the predicates that have to be true */
	__u32 exclude_endpoints; /* bits of the predicates that have to be false */
	__u32 unused;
	struct glob_automaton include_comms;
	struct glob_automaton exclude_comms;
	struct number_list include_pids;
	struct number_list exclude_pids;
	struct number_list include_uids;
	struct number_list exclude_uids;
	struct number_list include_netns;
	struct number_list exclude_netns;
	struct endpoint_test endpoint_tests[FILTER_MAX];
};

#ifdef __cplusplus
#define _Static_assert static_assert
#endif
_Static_assert(sizeof(struct endpoint_test) == 40, "no hidden padding");
_Static_assert(sizeof(((struct filter_config *)0)->include_endpoints) * 8 ==
		       ENDPOINT_PREDICATES_MAX,
	       "one bit per predicate");
_Static_assert(sizeof(((struct glob_automaton *)0)->stars) * 8 == GLOB_POSITIONS_MAX,
	       "one bit per position");
_Static_assert(sizeof(struct filter_config) == 32 + 2 * sizeof(struct glob_automaton) +
						       6 * sizeof(struct number_list) +
						       FILTER_MAX * sizeof(struct endpoint_test),
	       "no hidden padding");

#endif
