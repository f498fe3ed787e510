/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Kernel types, reduced to the fields that the programs read. Offsets come from
 * the running kernel's BTF (CO-RE), so order and padding do not matter here.
 * Anonymous unions and structs are flattened.
 */
#ifndef TCPTRACE_KERNEL_H
#define TCPTRACE_KERNEL_H

#include <linux/types.h>
#include <stdbool.h>

/* Makes bpf_tracing.h use the kernel's field names of struct pt_regs, as below. */
#define __VMLINUX_H__

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long di;
	unsigned long si;
	unsigned long dx;
	unsigned long ax;
};
#elif defined(__TARGET_ARCH_arm64)
struct user_pt_regs {
	__u64 regs[31];
};
struct pt_regs {
	struct user_pt_regs user_regs;
};
#endif

struct kernel_atomic_long {
	long counter;
};

struct in6_addr {
	union {
		__u8 u6_addr8[16];
		__u32 u6_addr32[4];
	} in6_u;
};

struct ns_common {
	unsigned int inum;
};

struct net {
	struct ns_common ns;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct sock_common {
	__u32 skc_daddr;
	__u32 skc_rcv_saddr;
	__u16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	int skc_bound_dev_if;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
	unsigned long skc_flags;
};

struct kernel_atomic {
	int counter;
};

struct qspinlock {
	struct kernel_atomic val;
};

struct raw_spinlock {
	struct qspinlock raw_lock;
};

struct spinlock {
	struct raw_spinlock rlock; /* absent with PREEMPT_RT */
};

typedef struct {
	struct spinlock slock;
	int owned;
} socket_lock_t;

struct hlist_node {
	struct hlist_node **pprev;
};

struct timer_list {
	struct hlist_node entry;
	unsigned long expires;
};

struct sock {
	struct sock_common __sk_common;
	int sk_err;
	struct socket *sk_socket;
	socket_lock_t sk_lock;
	struct {
		int len;
	} sk_backlog;
	__u16 sk_type;
	__u16 sk_protocol;
	__u8 sk_shutdown;
	__u32 sk_ack_backlog;
	__u32 sk_max_ack_backlog;
	struct timer_list sk_timer;
	struct timer_list tcp_retransmit_timer; /* since 6.19 */
};

union flowi_uli {
	struct {
		__u16 dport;
		__u16 sport;
	} ports;
};

struct flowi4 {
	__u32 daddr;
	union flowi_uli uli;
};

struct flowi {
	union {
		struct flowi4 ip4;
	} u;
};

struct inet_cork_full {
	struct flowi fl;
};

struct inet_sock {
	struct sock sk;
	__u16 inet_sport;
	struct inet_cork_full cork;
};

struct inet_connection_sock {
	struct inet_sock icsk_inet;
	unsigned long icsk_timeout;		 /* until 6.15 */
	struct timer_list icsk_retransmit_timer; /* until 6.18 */
	struct timer_list icsk_keepalive_timer;	 /* since 6.19 */
	__u8 icsk_retransmits;
	__u8 icsk_pending;
	__u8 icsk_probes_out;
};

struct minmax_sample {
	__u32 v;
};

struct minmax {
	struct minmax_sample s[3];
};

struct tcp_sock {
	struct inet_connection_sock inet_conn;
	bool is_mptcp; /* with CONFIG_MPTCP */
	__u64 bytes_sent;
	__u64 bytes_retrans;
	__u64 bytes_received;
	__u64 bytes_acked;
	__u32 write_seq;
	__u32 snd_una;
	__u32 snd_nxt;
	__u32 srtt_us;
	__u32 total_retrans;
	__u32 segs_out;
	__u32 rcv_nxt;
	__u32 copied_seq;
	__u32 mdev_us;
	struct minmax rtt_min;
	__u32 snd_cwnd;
	__u32 packets_out;
	__u32 reord_seen;
	__u32 rate_delivered;
	__u32 rate_interval_us;
	__u32 mss_cache;
	struct {
		__u64 time;
	} rcvq_space;
};

struct mptcp_sock {
	__u64 write_seq;
	__u64 snd_nxt;
	__u64 bytes_sent;
	__u64 bytes_received;
	struct sock *first;
};

struct super_block {
	unsigned long s_magic;
};

struct inode {
	struct super_block *i_sb;
	unsigned long i_ino;
};

typedef struct {
	struct kernel_atomic_long refcnt;
} file_ref_t;

struct file {
	file_ref_t f_ref;		   /* since 6.13 */
	struct kernel_atomic_long f_count; /* before 6.13 */
	struct inode *f_inode;
	void *private_data;
};

typedef enum {
	SS_UNCONNECTED = 1,
} socket_state;

struct socket {
	socket_state state;
	struct file *file;
	struct sock *sk;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

typedef struct {
	__u32 val;
} kuid_t;

struct cred {
	kuid_t uid;
};

struct kernfs_node {
	unsigned long long id;
};

struct cgroup_root {
	unsigned int subsys_mask;
	int hierarchy_id;
};

struct cgroup {
	struct kernfs_node *kn;
	struct cgroup_root *root;
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
};

struct css_set {
	struct cgroup_subsys_state *subsys[1];
	struct cgroup *dfl_cgrp;
};

/* The values depend on the kernel's configuration (CO-RE). */
enum cgroup_subsys_id {
	memory_cgrp_id,
	pids_cgrp_id,
};

struct task_struct {
	int pid;
	int tgid;
	char comm[16];
	struct task_struct *group_leader;
	const struct cred *real_cred;
	struct files_struct *files;
	struct css_set *cgroups;
};

struct sockaddr {
	unsigned short sa_family;
};

struct seq_file {
	unsigned long size;
	unsigned long count;
};

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	__u32 fd;
	struct file *file;
};

struct bpf_iter__bpf_map_elem {
	struct bpf_iter_meta *meta;
	void *key;
	void *value;
};

enum sock_flags {
	SOCK_DONE = 1,
	SOCK_RCU_FREE,
};

struct io_kiocb {
	__u8 opcode;
};

#pragma clang attribute pop

/* Arguments of a syscalls:sys_exit_* tracepoint (its `format` file in tracefs). */
struct sys_exit {
	struct pt_regs *regs; /* perf_call_bpf_exit() writes it over the entry's header */
	long nr;
	long ret;
};

/* Arguments of a syscalls:sys_enter_* tracepoint (its `format` file in tracefs). */
struct sys_enter {
	__u64 header;
	long nr;
	unsigned long args[6];
};

/* Record of io_uring:io_uring_complete; `req` exists since Linux 5.19. */
struct trace_event_raw_io_uring_complete {
	void *req;
	int res;
} __attribute__((preserve_access_index));

/* Record of sched:sched_process_fork; its layout depends on the kernel version. */
struct trace_event_raw_sched_process_fork {
	int child_pid;
} __attribute__((preserve_access_index));

/* Arguments of sock:inet_sock_set_state (its `format` file; the same in 5.10 to 7.2). */
struct state_change {
	__u64 header;
	const void *sk;
	int oldstate;
	int newstate;
};

/* include/net/tcp_states.h */
enum tcp_state {
	TCP_ESTABLISHED = 1,
	TCP_SYN_SENT,
	TCP_SYN_RECV,
	TCP_FIN_WAIT1,
	TCP_FIN_WAIT2,
	TCP_TIME_WAIT,
	TCP_CLOSE,
	TCP_CLOSE_WAIT,
	TCP_LAST_ACK,
	TCP_LISTEN,
	TCP_CLOSING,
};

#define AF_INET	      2
#define AF_INET6      10
#define SOCK_STREAM   1
#define AF_UNSPEC     0
#define IPPROTO_TCP   6
#define IPPROTO_MPTCP 262
#define SHUTDOWN_MASK 3
#define SOCKFS_MAGIC  0x534F434B
/* include/uapi/linux/io_uring.h */
#define IORING_OP_ACCEPT 13
#define ERESTARTSYS	 512 /* include/linux/errno.h: the lowest of the restart codes */

#endif
