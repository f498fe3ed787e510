/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* What the return of connect() says: a failure that changes no state shows nowhere else. */
#ifndef TCPTRACE_CONNECT_RETURN_H
#define TCPTRACE_CONNECT_RETURN_H

#include "connect.h"

/* The peer as connect() was told, for a socket that never got one. */
static __always_inline bool read_sockaddr(struct endpoints *e, const void *uaddr, bool user)
{
	struct {
		__u16 family;
		__u16 port;
		__u32 v4; /* or flow label */
		struct in6_addr v6;
	} a = {};
	long err;

	err = user ? bpf_probe_read_user(&a, 8, uaddr) : bpf_probe_read_kernel(&a, 8, uaddr);
	if (err || (a.family != AF_INET && a.family != AF_INET6))
		return false;
	e->rport = bpf_ntohs(a.port);
	e->family = a.family == AF_INET6 ? 6 : 4;
	if (e->family == 6) {
		err = user ? bpf_probe_read_user(&a.v6, 16, uaddr + 8)
			   : bpf_probe_read_kernel(&a.v6, 16, uaddr + 8);
		if (err)
			return false;
		__builtin_memcpy(e->raddr, &a.v6, ADDR_LEN);
		if (!is_v4mapped(&a.v6))
			return true;
		__builtin_memset(e->raddr, 0, ADDR_LEN);
		e->family = 4;
		a.v4 = a.v6.in6_u.u6_addr32[3];
	}
	__builtin_memcpy(e->raddr, &a.v4, 4);
	return true;
}

static __always_inline void connect_refused(struct sock *sk, struct connection *c,
					    const void *uaddr, bool user, __u16 error)
{
	struct sock_head h;

	if (!read_sockaddr(&c->ends, uaddr, user))
		return;
	read_head(sk, &h);
	read_local(sk, &h, &c->ends);
	emit_fail(c, error);
}

/* tcp_v4_connect() or tcp_v6_connect() returned; a negative value means failed at once. */
static __always_inline void connect_returned(struct sock *sk, const void *uaddr, int ret)
{
	struct connection *c;

	if (ret >= 0)
		return;
	c = connection_find(sk);
	if (!c || c->phase != PHASE_CONNECTING)
		return;
	/* refused for its arguments: no event */
	if (ret != -EINVAL && ret != -EAFNOSUPPORT)
		connect_refused(sk, c, uaddr, false, -ret);
	if (remember_failures)
		c->phase = PHASE_RETURNED;
	else
		connection_drop(sk);
}

/*
 * What ip_route_connect() and its IPv6 twin return before the state changes. An ICMP message, or a
 * neighbour that does not answer, makes connect() return some of it later: connect_failed().
 */
static __always_inline bool is_route_error(long ret)
{
	return ret == -ENETUNREACH || ret == -EHOSTUNREACH || ret == -EACCES || ret == -ENETDOWN ||
	       ret == -EADDRNOTAVAIL || ret == -ENOBUFS || ret == -ENOMEM;
}

/* Whether its `fail` is out, of a socket that the map has no room for. */
static __always_inline bool was_told(const struct sock *sk, __u64 inode, bool is_first)
{
	return seen_find(sk, SEEN_FAIL) == inode ||
	       (!is_first && seen_find(sk, SEEN_RETURN) == inode);
}

static __always_inline void forget_told(const struct sock *sk)
{
	seen_drop(sk, SEEN_FAIL);
	seen_drop(sk, SEEN_RETURN);
}

/* How many programs see each return of the system call, one after the other. */
const volatile __u32 return_copies = 1;

/* Whether connect_returned() comes before them. */
const volatile bool is_return_hooked = false;

/*
 * The system call connect() returned. The first program that the
 * kernel does not skip does the work, and leaves PHASE_RETURNED behind for the others.
 */
static __always_inline void connect_syscall_returned(int fd, const void *uaddr, long ret,
						     __u32 copy)
{
	struct file *file;
	struct connection *c, fresh = {.phase = PHASE_RETURNED};
	bool is_first = copy == 0, is_last = copy + 1 == return_copies;
	struct sock *sk;

	/* in progress, interrupted (ERESTARTSYS) or done: the outcome comes, or has come */
	if (ret >= 0 || ret == -EINPROGRESS || ret == -EALREADY || ret == -EINTR ||
	    ret <= -ERESTARTSYS)
		return;
	file = current_file(fd);
	sk = file_sock(file);
	if (!sk || !is_tcp(sk))
		return;
	fresh.inode = file_inode(file);
	c = connection_find(sk);
	if (c && c->phase == PHASE_LIVE)
		return;
	/* of an earlier call, for which the last copy was skipped */
	if (c && c->phase == PHASE_RETURNED && is_first && !is_return_hooked)
		c = NULL;
	if (!c) {
		if (!is_route_error(ret))
			return;
		if (was_told(sk, fresh.inode, is_first)) {
			if (is_last)
				forget_told(sk);
			return;
		}
		read_current(&fresh.owner);
		connect_refused(sk, &fresh, uaddr, true, -ret);
	} else if (c->phase == PHASE_CONNECTING) {
		/* a second connect() while the first is under way fails, too */
		if (BPF_CORE_READ(sk, __sk_common.skc_state) != TCP_CLOSE)
			return;
		connect_refused(sk, c, uaddr, true, -ret);
	}
	if (is_last)
		connection_drop(sk);
	else if (!connection_put(sk, &fresh))
		seen_put(sk, SEEN_RETURN, fresh.inode);
}

#endif
