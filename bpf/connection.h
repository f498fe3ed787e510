/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* What is known of a connection, and of the processes that hold it. */
#ifndef TCPTRACE_CONNECTION_H
#define TCPTRACE_CONNECTION_H

#include "event.h"

struct process {
	__u32 pid; /* thread group; 0: unknown */
	__u32 uid;
	__u64 cgroup;
	char comm[COMM_LEN];   /* of the main thread, as in /proc/PID/comm */
	char thread[COMM_LEN]; /* of the thread that called */
};

/* How a process is followed: with its descendants. */
enum followed {
	FOLLOWED_CHILDREN = 1, /* but not itself */
	FOLLOWED,
};

struct endpoints {
	__u8 laddr[ADDR_LEN];
	__u8 raddr[ADDR_LEN];
	__u16 lport;
	__u16 rport;
	__u32 netns;
	__u8 family;
};

struct totals {
	__u64 tx_bytes;
	__u64 rx_bytes;
	__u32 rtt_us;
	__u32 retrans;
};

enum phase {
	PHASE_CONNECTING, /* connect() was called, nothing is decided */
	PHASE_FAILED,	  /* `fail` is out, connect() has not returned yet */
	PHASE_RETURNED,	  /* `fail` is out, other programs have yet to see connect() return */
	PHASE_LIVE,	  /* established and in a process' hands */
};

/* A socket in a process' hands that is connecting or was established. */
struct connection {
	__u64 since_ns; /* monotonic: of connect(), then of ESTABLISHED or accept(); 0: unknown */
	__u64 inode;
	struct process owner; /* who called connect() or accept() */
	struct endpoints ends;
	struct totals totals; /* where has_totals: as they were when it ended */
	__u8 phase;
	__u8 direction;
	__u8 ended_by;
	__u8 fin_sent;	 /* our FIN is in write_seq */
	__u8 unreported; /* older than the trace, and none of its holders so far is wanted */
	__u8 has_totals; /* ended while the file is open: tcp_disconnect() would reset the socket's
			  */
	__u16 subflow_error; /* mptcp.h: why the subflow has ended, where it has */
	__u16 last_change;   /* the state change that was handled last: change_id() */
};

#endif
