/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Reports failures at the return of connect(): those that change no state, or leave no errno in the
 * socket.
 */
#ifndef TCPTRACE_CONNECT_RETURN_H
#define TCPTRACE_CONNECT_RETURN_H

#include "connect.h"

/* sizeof(struct sockaddr_in), SIN6_LEN_RFC2133 and sizeof(struct sockaddr_storage) */
#define SOCKADDR_IN_LEN	     16
#define SOCKADDR_IN6_LEN     24
#define SOCKADDR_STORAGE_LEN 128

static __always_inline bool is_complete(const struct sock *sk, int len)
{
	bool is_v6 = FIELD(sk, __sk_common.skc_family) == AF_INET6;

	return len >= (is_v6 ? SOCKADDR_IN6_LEN : SOCKADDR_IN_LEN) && len <= SOCKADDR_STORAGE_LEN;
}

/* True for results that reject the arguments or do not end the attempt; EINVAL: is_failure(). */
static __always_inline bool refuses_arguments(long ret)
{
	switch (ret) {
	case -EFAULT:
	case -EAFNOSUPPORT:
	case -EISCONN:
	case -EALREADY:
	case -EINPROGRESS:
	case -EINTR:
		return true;
	default:
		return ret >= 0 || ret <= -ERESTARTSYS;
	}
}

static __always_inline bool is_failure(const struct sock *sk, const struct destination *d, int len,
				       long ret)
{
	/* without an interface, fe80::/10 fails with EINVAL, like a blackhole route */
	return !refuses_arguments(ret) && is_complete(sk, len) &&
	       !(ret == -EINVAL && d->family == 6 && is_link_local(d->addr));
}

static __always_inline void set_remote(struct endpoints *e, const struct destination *d)
{
	__builtin_memcpy(e->raddr, d->addr, ADDR_LEN);
	e->rport = d->port;
	e->family = d->family;
}

/* Emits `fail` for a socket that has no peer. */
static __always_inline void connect_refused(struct sock *sk, struct connection *c,
					    const struct destination *d, __u16 error)
{
	set_remote(&c->ends, d);
	match_local(sk, &c->ends);
	emit_fail(NULL, c, error);
}

/* Handles the return of tcp_v4_connect() or tcp_v6_connect(). @uaddr: kernel copy of the address.
 */
static __always_inline void connect_returned(struct sock *sk, const void *uaddr, int len, int ret)
{
	struct connection *c;
	struct destination d;

	if (ret >= 0)
		return;
	c = connection_find(sk);
	if (!c || c->phase != PHASE_CONNECTING)
		return;
	if (read_sockaddr(&d, uaddr, false) && is_failure(sk, &d, len, ret))
		connect_refused(sk, c, &d, -ret);
	connection_drop(sk);
}

/*
 * Finds the destination of a call that failed before it sent a SYN, and stores it in call->given.
 * Prefers the destination of the route lookup, which the socket keeps. If the call made no lookup,
 * uses the address in user memory, provided that it is the same at entry and at return. False if
 * the result is uncertain.
 */
static __always_inline bool find_destination(struct sock *sk, struct connect_call *call)
{
	struct destination routed, after = {};

	read_sockaddr(&after, (const void *)call->uaddr, true);
	read_routed(sk, &routed);
	if (is_same(&routed, &call->routed)) {
		if (is_same(&call->given, &after))
			return true;
		if (is_same(&call->given, &routed))
			return true;
		call->given = routed;
		return is_same(&after, &routed);
	}
	if (!routed.port) {
		if (!has_address(&routed, &call->given) && !has_address(&routed, &after))
			return false;
		routed.port = has_address(&routed, &call->given) ? call->given.port : after.port;
	}
	call->given = routed;
	return true;
}

/*
 * Emits `fail` for a call, with call->ends. @is_known: false if another thread may have changed the
 * descriptor or the address; then counts the event as lost.
 */
static __noinline void fail_call(const struct connect_call *call, __u16 error, bool is_known)
{
	struct connection c = {
		.inode = call->inode, .since_ns = call->since_ns, .ends = call->ends};

	read_current(&c.owner);
	if (is_known)
		emit_fail(NULL, &c, error);
	else if (filter_passes(EVENT_FAIL, &c.ends, &c.owner, NULL))
		count(COUNTER_UNSEEN);
	clear_result();
}

/*
 * Emits the `close` of a connection that ended and was then disconnected, by AF_UNSPEC or by a
 * connect() that returned the pending error. Runs when the socket is used again.
 */
static __noinline void close_disconnected(struct sock *sk, struct connection *old)
{
	struct process closer = {};
	struct connection c = *old;
	struct facts f = {
		.now_ns = bpf_ktime_get_ns(),
		.process = &closer,
		.owner = &c.owner,
		.since_ns = c.since_ns,
	};

	if (!connection_drop(sk))
		return;
	if (!c.has_totals) {
		count_lost_close(&c);
		return;
	}
	read_current(&closer);
	emit(EVENT_CLOSE, &c, &f);
}

/* Handles a connect() that failed before it reached TCP: no route, or refused by BPF or an LSM. */
static __always_inline void connect_refused_early(struct sock *sk, struct connect_call *call,
						  long ret)
{
	bool is_known = find_destination(sk, call);
	struct connection *known;

	if (!call->given.family || !is_failure(sk, &call->given, call->len, ret))
		return;
	known = connection_find(sk);
	if (known && known->phase == PHASE_LIVE && known->inode == call->inode)
		close_disconnected(sk, known);
	__builtin_memset(&call->ends, 0, sizeof(call->ends));
	set_remote(&call->ends, &call->given);
	match_local(sk, &call->ends);
	fail_call(call, -ret, is_known);
}

/* Counts a failure whose socket is unknown, because another thread closed or replaced the fd. */
static __always_inline void count_unknown_failure(struct connect_call *call, long ret)
{
	if (!call->given.family || refuses_arguments(ret) || ret == -EINVAL)
		return;
	__builtin_memset(&call->ends, 0, sizeof(call->ends));
	set_remote(&call->ends, &call->given);
	note_endpoints(&call->ends);
	fail_call(call, -ret, false);
}

/* Counts the previous call of the thread as lost if it failed and no program saw its return. */
static __always_inline void count_unreturned(struct connect_call *call)
{
	if (call->is_new && (call->failed_at_once || !call->reached_tcp))
		count_unknown_failure(call, -ECONNABORTED);
}

/* Not on the stack: on 5.10, all calls together have 512 bytes. */
static const struct connect_call no_call = {};

/* Handles the entry of the system call connect(). @is_first: this is the first program copy. */
static __always_inline void connect_entered(__u32 fd, const void *uaddr, int len, bool is_first)
{
	__u64 thread = bpf_get_current_pid_tgid();
	struct connect_call *call;
	struct file *file = current_file(fd);
	struct sock *sk = file_sock(file);

	if (!sk || !is_tcp(sk))
		return;
	call = bpf_map_lookup_elem(&connect_calls, &thread);
	if (call && call->sk && !is_first)
		return;
	if (call && call->sk)
		count_unreturned(call);
	if (!call) {
		bpf_map_update_elem(&connect_calls, &thread, &no_call, BPF_ANY);
		call = bpf_map_lookup_elem(&connect_calls, &thread);
		if (!call)
			return;
	}
	call->sk = (__u64)sk;
	call->inode = file_inode(file);
	call->since_ns = bpf_ktime_get_ns();
	call->uaddr = (__u64)uaddr;
	call->fd = fd;
	call->len = len;
	call->given.family = 0;
	read_sockaddr(&call->given, uaddr, true);
	read_routed(sk, &call->routed);
	call->is_new = is_unconnected(sk) && !FIELD(sk, sk_lock.owned);
	call->reached_tcp = false;
	call->failed_at_once = false;
}

/* True if the kernel skipped the program at the return of tcp_v4_connect() or tcp_v6_connect(). */
static __always_inline bool is_left_connecting(const struct sock *sk)
{
	struct connection *c = connection_find(sk);

	return c && c->phase == PHASE_CONNECTING && is_unconnected(sk);
}

/* Handles the return of the system call connect(), in the first program copy that runs. */
static __always_inline void connect_exited(__u32 fd, const void *uaddr, long ret)
{
	struct connect_call *call = current_call();
	struct file *file;
	struct sock *sk;

	if (!call)
		return;
	sk = (struct sock *)call->sk;
	call->sk = 0;
	/* the entry is of an earlier call, whose return no program saw */
	if (call->fd != fd || call->uaddr != (__u64)uaddr)
		return;
	if (!call->is_new || ret >= 0 || ret == -EINPROGRESS)
		return;
	if (call->failed_at_once) {
		if (!call->ends.rport) { /* MPTCP */
			set_remote(&call->ends, &call->given);
			note_endpoints(&call->ends);
		}
		fail_call(call, -ret, true);
		return;
	}
	file = current_file(fd);
	if (file_sock(file) != sk || file_inode(file) != call->inode) {
		if (!call->reached_tcp)
			count_unknown_failure(call, ret);
	} else if (!call->reached_tcp) {
		connect_refused_early(sk, call, ret);
	} else if (is_left_connecting(sk)) {
		connect_refused_early(sk, call, ret);
		connection_drop(sk);
	}
}

#endif
