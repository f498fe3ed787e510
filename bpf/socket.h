/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Reads sockets and the processes that use them. Writes no map. */
#ifndef TCPTRACE_SOCKET_H
#define TCPTRACE_SOCKET_H

#include "cast.h"
#include "cgroup.h"
#include "connection.h"
#include "kernel.h"

/*
 * The origin of a pointer to a socket decides how a program reads its fields. Through a typed
 * pointer (tp_btf), the verifier allows plain loads. A pointer from a kprobe, or one read from
 * another structure, needs bpf_probe_read_kernel(), which is much slower. Functions for typed
 * pointers are named typed_*.
 */
static __always_inline bool is_tcp_socket(__u16 family, __u16 type, __u16 protocol)
{
	/* a raw socket may have protocol TCP and be established, but it is not a tcp_sock */
	return (family == AF_INET || family == AF_INET6) && type == SOCK_STREAM &&
	       (protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP);
}

static __always_inline bool typed_is_tcp(const struct sock *sk)
{
	return is_tcp_socket(sk->__sk_common.skc_family, sk->sk_type, sk->sk_protocol);
}

static __always_inline bool is_tcp(const struct sock *sk)
{
	return is_tcp_socket(FIELD(sk, __sk_common.skc_family), FIELD(sk, sk_type),
			     FIELD(sk, sk_protocol));
}

/*
 * Returns the inode of the socket's file, as fstat() shows it; 0 without a file. Sockets of the
 * kernel have no file, nor have connections that wait in a backlog or that tcp_close() orphaned.
 */
static __always_inline __u64 typed_inode(const struct sock *sk)
{
	return typed_socket(sk)->file->f_inode->i_ino;
}

static __always_inline __u64 file_inode(const struct file *file)
{
	const struct inode *inode = FIELD(file, f_inode);

	return FIELD(inode, i_ino);
}

/* True from the last fput() on, that is in close() but not in shutdown(). */
static __always_inline bool typed_file_is_dead(const struct sock *sk)
{
	const struct file *file = typed_socket(sk)->file;

	if (!file)
		return false;
	/* file_ref_t since 6.13: negative is FILE_REF_DEAD, include/linux/file_ref.h */
	if (bpf_core_field_exists(struct file, f_ref))
		return file->f_ref.refcnt.counter < 0;
	return file->f_count.counter == 0;
}

/* True while a process (or a backlog run in its context) has the socket locked. */
static __always_inline bool typed_is_owned(const struct sock *sk)
{
	return sk->sk_lock.owned != 0;
}

/* tcp_fin() sets SOCK_DONE when the peer's FIN was received in order. */
static __always_inline bool typed_fin_was_received(const struct sock *sk)
{
	return sk->__sk_common.skc_flags >> bpf_core_enum_value(enum sock_flags, SOCK_DONE) & 1;
}

/*
 * True if a segment may be in processing: in a softirq, under the socket's spinlock, or in the
 * process that owns the socket, which takes it from the backlog (__release_sock()).
 */
static __always_inline bool is_receiving(bool is_typed, const struct sock *sk)
{
	if (FIELD_IF(is_typed, sk, sk_lock.owned))
		return FIELD_IF(is_typed, sk, sk_backlog.len);
	return bpf_core_field_exists(sk->sk_lock.slock.rlock.raw_lock.val.counter) &&
	       FIELD_IF(is_typed, sk, sk_lock.slock.rlock.raw_lock.val.counter);
}

/* False without CONFIG_IPV6. */
static __always_inline bool has_ipv6(void)
{
	return bpf_core_field_exists(struct sock_common, skc_v6_daddr);
}

static __always_inline bool is_v4mapped(const struct in6_addr *a)
{
	return !a->in6_u.u6_addr32[0] && !a->in6_u.u6_addr32[1] &&
	       a->in6_u.u6_addr32[2] == bpf_htonl(0xffff);
}

/* fe80::/10 */
static __always_inline bool is_link_local(const __u8 *addr)
{
	return addr[0] == 0xfe && (addr[1] & 0xc0) == 0x80;
}

/*
 * Notes the interface of link-local addresses. connect() binds the socket to it (tcp_v6_connect()),
 * and accept() returns one bound to that of the SYN (tcp_v6_init_req()).
 * @bound: skc_bound_dev_if
 */
static __always_inline void note_ifindex(struct endpoints *e, int bound)
{
	if (is_link_local(e->raddr) || is_link_local(e->laddr))
		e->ifindex = bound;
}

/* The first bytes of struct sock_common, which contain addresses, ports and family: one read. */
struct sock_head {
	__u8 bytes[96];
};

#define HEAD(type, head, field)                                                                    \
	(*(type *)((head)->bytes + bpf_core_field_offset(struct sock_common, field)))

/* Reads the local endpoint and the network namespace. The caller has set e->family. */
static __always_inline void read_local(const struct sock *sk, const struct sock_head *h,
				       struct endpoints *e)
{
	struct net *net = HEAD(struct net *, h, skc_net);

	/* not skc_num, which inet_put_port() zeroes when the connection ends */
	e->lport = bpf_ntohs(FIELD((const struct inet_sock *)sk, inet_sport));
	e->netns = FIELD(net, ns.inum);
	if (has_ipv6() && e->family == 6) {
		__builtin_memcpy(e->laddr, &HEAD(struct in6_addr, h, skc_v6_rcv_saddr), ADDR_LEN);
		note_ifindex(e, HEAD(int, h, skc_bound_dev_if));
	} else {
		__builtin_memcpy(e->laddr, &HEAD(__u32, h, skc_rcv_saddr), 4);
	}
}

static __always_inline void read_head(const struct sock *sk, struct sock_head *h)
{
	bpf_probe_read_kernel(h->bytes, sizeof(h->bytes), sk);
}

/* Not inlined: the copy of the socket's head would take a fifth of the stack of its callers. */
static __noinline void read_endpoints(const struct sock *sk, struct endpoints *e)
{
	struct sock_head h;
	struct in6_addr *raddr;

	read_head(sk, &h);
	e->family = 4;
	if (has_ipv6() && HEAD(__u16, &h, skc_family) == AF_INET6) {
		raddr = &HEAD(struct in6_addr, &h, skc_v6_daddr);
		if (!is_v4mapped(raddr)) {
			e->family = 6;
			__builtin_memcpy(e->raddr, raddr, ADDR_LEN);
		}
	}
	if (e->family == 4)
		__builtin_memcpy(e->raddr, &HEAD(__u32, &h, skc_daddr), 4);
	e->rport = bpf_ntohs(HEAD(__u16, &h, skc_dport));
	read_local(sk, &h, e);
}

static __always_inline void typed_read_endpoints(const struct sock *sk, struct endpoints *e)
{
	const struct sock_common *c = &sk->__sk_common;

	e->family = 4;
	if (has_ipv6() && c->skc_family == AF_INET6) {
		__builtin_memcpy(e->raddr, &c->skc_v6_daddr, ADDR_LEN);
		__builtin_memcpy(e->laddr, &c->skc_v6_rcv_saddr, ADDR_LEN);
		if (!is_v4mapped((struct in6_addr *)e->raddr)) {
			e->family = 6;
			note_ifindex(e, c->skc_bound_dev_if);
		}
	}
	if (e->family == 4) {
		__builtin_memcpy(e->raddr, (__u32[4]){c->skc_daddr}, ADDR_LEN);
		__builtin_memcpy(e->laddr, (__u32[4]){c->skc_rcv_saddr}, ADDR_LEN);
	}
	e->rport = bpf_ntohs(c->skc_dport);
	/* next to the addresses in memory, but zeroed before the state changes to TCP_CLOSE */
	e->lport = c->skc_num;
	if (!e->lport)
		e->lport = bpf_ntohs(FIELD((const struct inet_sock *)sk, inet_sport));
	e->netns = c->skc_net.net->ns.inum;
}

/* Reads the main thread's name, which stays readable after that thread has exited. */
static __always_inline void read_comm(const struct task_struct *task, struct process *p)
{
	const struct task_struct *leader = FIELD(task, group_leader);

	BPF_CORE_READ_STR_INTO(&p->comm, leader, comm);
}

/* Reads the process of @task into @p, which the caller has zeroed. */
static __always_inline void read_holder(struct task_struct *task, struct process *p)
{
	p->pid = BPF_CORE_READ(task, tgid);
	p->uid = BPF_CORE_READ(task, real_cred, uid.val);
	p->cgroup = task_cgroup(task);
	BPF_CORE_READ_STR_INTO(&p->thread, task, comm);
	read_comm(task, p);
}

/*
 * Reads the process of a typed @task, without cgroup and thread name. Before Linux 5.17,
 * __set_task_comm() leaves bytes of an earlier name after the NUL.
 */
static __always_inline void typed_read_holder(const struct task_struct *task, struct process *p)
{
	p->pid = task->tgid;
	p->uid = task->real_cred->uid.val;
	__builtin_memcpy(p->comm, task->group_leader->comm, COMM_LEN);
}

/* True before connect(), after a failed one, and after a disconnect. */
static __always_inline bool is_unconnected(const struct sock *sk)
{
	const struct socket *socket = FIELD(sk, sk_socket);

	return FIELD(sk, __sk_common.skc_state) == TCP_CLOSE &&
	       FIELD(socket, state) == SS_UNCONNECTED;
}

/*
 * Returns the address as a number: a pointer is no argument of a global function. Not inlined, to
 * save stack in the callers.
 */
static __noinline __u64 sock_address(const struct sock *sk)
{
	__u64 address = 0;

	bpf_probe_read_kernel(&address, sizeof(address), &sk);
	return address;
}

static __always_inline bool fin_was_sent(int state)
{
	return 1 << state &
	       (1 << TCP_FIN_WAIT1 | 1 << TCP_FIN_WAIT2 | 1 << TCP_CLOSING | 1 << TCP_LAST_ACK);
}

/* Returns the socket of a file, or NULL. */
static __always_inline struct sock *file_sock(struct file *file)
{
	const struct super_block *sb;
	const struct socket *socket;
	const struct inode *inode;

	if (!file)
		return NULL;
	inode = FIELD(file, f_inode);
	sb = FIELD(inode, i_sb);
	if (FIELD(sb, s_magic) != SOCKFS_MAGIC)
		return NULL;
	socket = FIELD(file, private_data);
	return FIELD(socket, sk);
}

/* Returns the file of a descriptor of the current process, or NULL. */
static __always_inline struct file *current_file(int fd)
{
	const struct task_struct *task = (const struct task_struct *)bpf_get_current_task();
	const struct files_struct *files = FIELD(task, files);
	const struct fdtable *fdt = FIELD(files, fdt);
	struct file **slot = FIELD(fdt, fd), *file = NULL;

	if (fd >= 0 && (__u32)fd < FIELD(fdt, max_fds))
		bpf_probe_read_kernel(&file, sizeof(file), slot + fd);
	return file;
}

#endif
