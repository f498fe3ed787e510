/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Active opens: connect() is called, then `connect` or `fail`, never both. */
#ifndef TCPTRACE_CONNECT_H
#define TCPTRACE_CONNECT_H

#include "close.h"

/*
 * Set where the return of connect() is seen as a system call (tracepoint probe):
 * there a connection that failed must be remembered until connect() has returned,
 * or its error would look like a second failure.
 */
const volatile bool remember_failures = false;

/* connect() reached TCP; runs in the caller, the socket is locked. @old: what the map has of it. */
static __always_inline void connect_begun(struct sock *sk, const struct connection *old,
					  __u64 inode)
{
	struct connection c = {};

	if (!inode)
		return;
	/*
	 * CONNECTING: tcp_v6_connect() calls tcp_v4_connect() when the peer is IPv4-mapped.
	 * LIVE: reset, then disconnected by AF_UNSPEC, which shows only in syn_sent().
	 */
	if (old && (old->phase == PHASE_CONNECTING || old->phase == PHASE_LIVE))
		return;
	c.since_ns = bpf_ktime_get_ns();
	c.inode = inode;
	c.direction = DIRECTION_OUT;
	read_current(&c.owner);
	connection_put(sk, &c);
}

static __always_inline void connect_called(struct sock *sk, __u64 inode)
{
	connect_begun(sk, connection_find(sk), inode);
}

/* CLOSE -> SYN_SENT, inside connect(). */
static __always_inline void syn_sent(struct sock *sk, struct connection *old)
{
	if (old && old->phase == PHASE_LIVE) {
		if (old->inode == btf_inode(sk))
			emit_close(sk, old, true);
		else
			lose_close(old);
		connection_drop(sk);
		old = NULL;
	}
	connect_begun(sk, old, btf_inode(sk));
}

/* SYN_SENT or SYN_RECV -> ESTABLISHED, most often in softirq: all identity comes from @c. */
static __noinline void connect_established(struct sock *sk, struct connection *c)
{
	struct facts f = {
		.now_ns = bpf_ktime_get_ns(),
		.process = &c->owner,
		.since_ns = c->since_ns,
	};

	read_endpoints(sk, &c->ends);
	emit(EVENT_CONNECT, c, &f);
	c->phase = PHASE_LIVE;
	c->since_ns = f.now_ns;
}

static __always_inline void emit_fail(struct connection *c, __u16 error)
{
	struct facts f = {
		.now_ns = bpf_ktime_get_ns(),
		.process = &c->owner,
		.since_ns = c->since_ns,
		.error = error,
	};

	emit(EVENT_FAIL, c, &f);
}

/*
 * SYN_SENT or SYN_RECV -> CLOSE. False while connect() itself is still running:
 * __inet_stream_connect() leaves SS_UNCONNECTED only once the protocol's connect()
 * is back, so this one fails at once, and its return value is the errno.
 */
static __noinline bool connect_failed(struct sock *sk, struct connection *c)
{
	__u16 error = sk->sk_err ?: c->subflow_error;

	if (btf_socket(sk)->state == SS_UNCONNECTED && btf_is_owned(sk))
		return false;
	read_endpoints(sk, &c->ends);
	/* close(), shutdown(), AF_UNSPEC and exit in SYN_SENT leave no error */
	emit_fail(c, error ?: ECANCELED);
	return true;
}

/* A state change of a socket for which connect() was called and no event is out. */
static __always_inline void connecting_changed(struct sock *sk, struct connection *c, int newstate)
{
	if (newstate == TCP_SYN_RECV) /* both sides called connect() */
		return;
	if (newstate != TCP_CLOSE)
		connect_established(sk, c);
	else if (connect_failed(sk, c)) {
		if (remember_failures)
			c->phase = PHASE_FAILED;
		else
			connection_drop(sk);
	}
}

/* The same where the call was not seen: it began before the trace, or the map was full. */
static __always_inline void connecting_unseen_changed(struct sock *sk, int oldstate, int newstate)
{
	struct connection c = {
		.direction = DIRECTION_OUT,
		.inode = btf_inode(sk),
		.last_change = change_id(oldstate, newstate),
	};

	if (!c.inode || newstate == TCP_SYN_RECV)
		return;
	if (newstate == TCP_CLOSE) {
		connect_failed(sk, &c);
		return;
	}
	connect_established(sk, &c);
	connection_put(sk, &c);
}

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

/* What ip_route_connect() and its IPv6 twin return, and connect() never fetches late. */
static __always_inline bool is_route_error(long ret)
{
	return ret == -ENETUNREACH || ret == -EHOSTUNREACH || ret == -EACCES || ret == -ENETDOWN ||
	       ret == -EADDRNOTAVAIL || ret == -ENOBUFS || ret == -ENOMEM;
}

/* How many programs see each return of the system call, one after the other. */
const volatile __u32 return_copies = 1;

/* Whether connect_returned() comes before them. */
const volatile bool is_return_hooked = false;

/* What `handled` has instead of PHASE_RETURNED, if that found no room; no change_id(). */
static __always_inline __u64 returned_id(__u64 inode)
{
	return 1ULL << 62 | inode;
}

/*
 * The system call connect() returned (tracepoint probe). The first program that the
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
		if (!is_first && handled_find(sk) == returned_id(fresh.inode)) {
			if (is_last)
				handled_drop(sk);
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
		handled_put(sk, returned_id(fresh.inode));
}

#endif
