/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* What is asked of whose a connection is: written by the addon before load, read by filter.h. */
#ifndef TCPTRACE_OWNER_TEST_H
#define TCPTRACE_OWNER_TEST_H

#include <linux/types.h>

#define FILTER_MAX 64

/* One of these, or, where it is not wanted, none. Nothing is asked for where there are none. */
struct number_list {
	__u32 count;
	__u32 values[FILTER_MAX];
};

/*
 * Globs as one automaton, which has a bit for each place before, between and behind
 * the characters of each (src/filter/glob-automaton.ts). After each byte of a name,
 * the places are those behind what it matches.
 */
struct glob_automaton {
	__u64 steps[256]; /* by byte: the places before it */
	__u64 stays;	  /* those before a `*` */
	__u64 starts;
	__u64 ends; /* 0: nothing is asked for */
};

#endif
