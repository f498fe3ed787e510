/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The record that travels from the kernel to user space: one fixed size for
 * every event. Included by the BPF programs and by the addon; the TypeScript
 * offsets (src/kernel/layout.ts) are generated from the object's BTF.
 *
 * A field whose value is unknown is zero, unless `known` has a bit for it.
 */
#ifndef TCPTRACE_EVENT_H
#define TCPTRACE_EVENT_H

#include <linux/types.h>

#define EVENT_VERSION 7
#define COMM_LEN      16
#define ADDR_LEN      16
#define CGROUP_TEXT   176

enum event_type {
	EVENT_CONNECT = 1,
	EVENT_ACCEPT = 2,
	EVENT_CLOSE = 3,
	EVENT_FAIL = 4,
	EVENT_OPEN = 5,
	EVENT_CGROUP = 6, /* not an event, but a struct cgroup_name */
	EVENT_UPDATE = 7,
};

enum direction {
	DIRECTION_UNKNOWN = 0,
	DIRECTION_OUT = 1,
	DIRECTION_IN = 2,
};

enum ended_by {
	ENDED_UNKNOWN = 0,
	ENDED_LOCAL = 1,
	ENDED_REMOTE = 2,
	ENDED_LOCAL_RESET = 3,
	ENDED_REMOTE_RESET = 4,
	ENDED_TIMEOUT = 5,
};

/* Bits of event.known, for fields where zero is a value. */
enum event_known {
	KNOWN_ELAPSED = 1,     /* elapsed_us */
	KNOWN_TOTALS = 2,      /* tx_bytes, rx_bytes, retrans */
	KNOWN_SYN_RETRANS = 4, /* syn_retrans */
	KNOWN_NUMBERS = 8,     /* numbers */
};

/* Monotonic, a cache line per CPU: user space adds up the lines and takes differences. */
#define COUNTER_LINES	 64
#define COUNTER_LINE_LEN 8

enum counter {
	COUNTER_LOST = 0,     /* records that found no room in the ring buffer */
	COUNTER_MAP_FULL = 1, /* connections that fit in neither map nor reserve: lost */
	COUNTER_UNSEEN = 2,   /* closes and failures that no program could report */
	COUNTER_MAX = 3,
};

/* Numbers of a live TCP socket, valued as in struct tcp_info and by ss(8). */
struct numbers {
	__u64 delivery_rate; /* bytes per second; 0: unknown */
	__u32 rttvar_us;     /* valid with rtt_us */
	__u32 min_rtt_us;    /* 0: no sample */
	__u32 cwnd;	     /* segments */
	__u32 unacked;	     /* segments */
	__u32 tx_queue; /* bytes that the peer has not acknowledged; LISTEN: limit of the backlog */
	__u32 rx_queue; /* bytes that the application has not read; LISTEN: used backlog */
	__u32 reordered; /* reordering events */
	__u32 unused;
};

/* Values of idiag_timer in struct inet_diag_msg. */
enum timer {
	TIMER_OFF = 0, /* or unknown */
	TIMER_ON = 1,  /* retransmission */
	TIMER_KEEPALIVE = 2,
	TIMER_TIMEWAIT = 3,
	TIMER_PERSIST = 4, /* probes of a closed window */
};

/* Data of a socket that events do not have. */
struct listed {
	__u32 fd;	    /* valid with pid */
	__u32 timer_ms;	    /* until it expires; valid with timer */
	__u8 timer;	    /* enum timer */
	__u8 timer_retrans; /* retransmissions or probes so far; valid with timer */
	__u8 unused[6];
};

struct event {
	__u64 inode;	  /* of the socket */
	__u64 elapsed_us; /* connect, fail: latency; accept: delay; close: duration */
	__u64 tx_bytes;	  /* close, update, sockets.bpf.c */
	__u64 rx_bytes;	  /* close, update, sockets.bpf.c */
	__u64 cgroup;	  /* of the process, else of the owner: see cgroup.h */
	__u64 flow;	  /* from the kernel: isn.h; native/flow.h hashes it; 0: unknown */
	union {
		struct {			     /* close; valid with owner_pid */
			__u64 owner_cgroup;	     /* 0: unknown */
			char owner_comm[COMM_LEN];   /* as comm */
			char owner_thread[COMM_LEN]; /* of the thread that connected or accepted */
		};
		struct numbers numbers; /* update, sockets.bpf.c; valid with KNOWN_NUMBERS */
	};
	__u32 time_sec; /* TAI or monotonic: event_clock_ns() in emit.h */
	__u32 time_nsec;
	__u32 pid;		   /* thread group, initial pid namespace; 0: unknown */
	__u32 uid;		   /* real uid, initial user namespace; valid with pid */
	__u32 owner_pid;	   /* close: the process that connected or accepted; 0: unknown */
	__u32 owner_uid;	   /* valid with owner_pid */
	__u32 netns;		   /* inode of the network namespace */
	__u32 rtt_us;		   /* smoothed; 0: no sample */
	union {			   /* segments */
		__u32 retrans;	   /* close, update; valid with KNOWN_TOTALS */
		__u32 syn_retrans; /* connect, accept, fail; valid with KNOWN_SYN_RETRANS */
	};
	__u32 ifindex;	      /* interface of link-local addresses, in netns; 0: none, or unknown */
	__u8 laddr[ADDR_LEN]; /* network order; IPv4 in the first four bytes */
	__u8 raddr[ADDR_LEN];
	char comm[COMM_LEN]; /* of the main thread; NUL-padded, any bytes */
	union {
		char thread[COMM_LEN]; /* of the calling thread; valid with pid */
		struct listed listed;  /* sockets.bpf.c */
	};
	__u16 lport; /* host order; 0: unknown */
	__u16 rport;
	__u16 error;	/* fail: errno; 0: unknown */
	__u8 version;	/* EVENT_VERSION */
	__u8 type;	/* enum event_type */
	__u8 family;	/* 4 or 6; IPv4-mapped IPv6 is 4 */
	__u8 direction; /* enum direction */
	__u8 ended_by;	/* enum ended_by */
	__u8 known;	/* enum event_known */
	__u8 state;	/* update, sockets.bpf.c: of TCP; else zero */
	__u8 for_peers; /* 1: the filter excludes the event, but peers are found by it */
	__u8 reserved[2];
};

/* A part of the path of a new cgroup. The last part has less than CGROUP_TEXT - 1 bytes of text. */
struct cgroup_name {
	__u64 id;		/* as in event.cgroup */
	__u32 uid;		/* real uid of the process that made the cgroup */
	__u32 offset;		/* of the text in the path */
	char text[CGROUP_TEXT]; /* NUL-terminated */
	__u8 unused[6];
	__u8 version; /* as in struct event */
	__u8 type;    /* EVENT_CGROUP */
	__u8 unused_too[8];
};

#ifdef __cplusplus
#define _Static_assert static_assert
#endif
_Static_assert(sizeof(struct event) == 208, "records have one size");
_Static_assert(__builtin_offsetof(struct event, laddr) == 128, "no hidden padding");
_Static_assert(__builtin_offsetof(struct event, lport) == 192, "no hidden padding");
_Static_assert(__builtin_offsetof(struct event, state) == 204, "no hidden padding");
_Static_assert(sizeof(struct cgroup_name) == sizeof(struct event), "records have one size");
_Static_assert(__builtin_offsetof(struct cgroup_name, type) ==
		       __builtin_offsetof(struct event, type),
	       "the type of a record says which struct it is");

#endif
