/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* State of a connection, and of the process that opened it. */
#ifndef TCPTRACE_CONNECTION_H
#define TCPTRACE_CONNECTION_H

#include "event.h"

/* Results of matching a process against the filter: note_process() in matched.h. */
enum process_flags {
	PROCESS_FOLLOWED = 1,
	PROCESS_PID_INCLUDED = 2,
	PROCESS_UID_INCLUDED = 4,
	PROCESS_COMM_INCLUDED = 8,
	PROCESS_EXCLUDED = 16, /* by any exclude list */
};

struct process {
	__u32 pid; /* thread group; 0: unknown */
	__u32 uid;
	__u64 cgroup;
	__u64 flags;	       /* enum process_flags, set when the process was read */
	char comm[COMM_LEN];   /* of the main thread, as in /proc/PID/comm */
	char thread[COMM_LEN]; /* of the calling thread */
};

/* Values of the map `followed` in follow.h. */
enum followed {
	FOLLOWED_CHILDREN = 1, /* only the descendants of the process */
	FOLLOWED,	       /* the process and its descendants */
};

struct endpoints {
	__u8 laddr[ADDR_LEN];
	__u8 raddr[ADDR_LEN];
	__u16 lport;
	__u16 rport;
	__u32 netns;
	__u32 ifindex; /* if an address is link-local: the interface, else 0 */
	__u8 family;
	__u8 passes; /* note_endpoints() in filter.h */
};

struct destination {
	__u8 addr[ADDR_LEN]; /* network order; IPv4 in the first four bytes */
	__u16 port;	     /* host order; 0: unknown */
	__u8 family;	     /* 4 or 6; 0: none */
};

/* The connect() system call that a thread is in: connect_call.h. */
struct connect_call {
	__u64 sk; /* 0: the thread is in no call */
	__u64 inode;
	__u64 since_ns;
	__u64 uaddr;
	__u32 fd;
	__s32 len;
	struct destination given;  /* argument, from user memory that other threads may change */
	struct destination routed; /* read_routed() at entry */
	struct endpoints ends;	   /* valid with failed_at_once: read at that moment */
	__u8 is_new;		   /* at entry the socket was neither connecting nor connected */
	__u8 reached_tcp;	   /* the map connections has or had an entry for this call */
	__u8 failed_at_once; /* SYN_SENT -> CLOSE inside the call: its return value is the errno */
};

struct totals {
	__u64 tx_bytes;
	__u64 rx_bytes;
	__u32 rtt_us;
	__u32 retrans;
};

/* Fields of struct tcp_sock of which at least one changes when bytes move. */
struct progress {
	__u64 bytes_received;
	__u32 write_seq;
	__u32 segs_out;
};

enum phase {
	PHASE_CONNECTING, /* connect() was called; neither `connect` nor `fail` is reported yet */
	PHASE_ACCEPTED, /* returned by accept(); whichever program deletes the backlog entry reports
			   it */
	PHASE_LIVE,	/* established, and a process holds the socket */
};

/*
 * A socket that a process holds and that is connecting or was established. The fields that a visit
 * for `update` always reads come first, in one cache line.
 */
struct connection {
	__u64 since_ns; /* monotonic: of connect(), then of ESTABLISHED or accept(); 0: unknown */
	__u64 inode;
	__u64 isns; /* isn.h; 0: unknown */
	__u8 phase;
	__u8 is_closed;	 /* set before the record of its close is reserved: update.h */
	__u8 has_totals; /* read early if the file is still open: tcp_disconnect() resets them */
	__u8 fin_sent;	 /* write_seq includes the local FIN, or will at once */
	__u8 direction;
	__u8 ended_by;
	__u8 unreported;      /* preexisting, and none of its holders so far passes the filter */
	__u8 without_syn;     /* restored by TCP_REPAIR: no SYN in the sequence numbers */
	__u16 subflow_error;  /* mptcp.h: error that ended the subflow; 0: none */
	__u16 last_change;    /* change_id() of the last state change that a program handled */
	struct process owner; /* process that called connect() or accept() */
	struct endpoints ends;
	struct totals totals; /* valid with has_totals: when the connection ended */
};

#endif
