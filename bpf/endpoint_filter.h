/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* What is asked of the ends of a connection: written by the addon before load, read by filter.h. */
#ifndef TCPTRACE_ENDPOINT_FILTER_H
#define TCPTRACE_ENDPOINT_FILTER_H

#include <linux/types.h>

enum {
	END_LOCAL = 1,
	END_REMOTE = 2,
};

/* One value of a flag such as --rport 80-90 or --laddr 10.0.0.0/8. */
struct end_test {
	__u32 network[4]; /* network order; IPv4 in the first */
	__u32 mask[4];
	__u16 first_port;
	__u16 last_port;
	__u8 family;	/* of the network: 4 or 6; 0: any address */
	__u8 ends;	/* END_LOCAL, END_REMOTE or both */
	__u8 condition; /* number of the one that is met where this test holds */
	__u8 unused;
};

#endif
