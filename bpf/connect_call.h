/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Tracks the connect() system call that a thread is in, from entry to return. A call that a seccomp
 * filter rejects gets no entry: sys_enter fires after seccomp (syscall_trace_enter()).
 */
#ifndef TCPTRACE_CONNECT_CALL_H
#define TCPTRACE_CONNECT_CALL_H

#include "maps.h"
#include "socket.h"

/*
 * connect_calls: thread -> its connect() call. The thread's next call reuses the entry; LRU evicts
 * the entries of threads that have exited.
 * inserted: sys_enter_connect   read, changed: connect.h, connect_return.h; user space at the end
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, struct connect_call);
} connect_calls SEC(".maps");

static __always_inline struct connect_call *current_call(void)
{
	__u64 thread = bpf_get_current_pid_tgid();
	struct connect_call *call = bpf_map_lookup_elem(&connect_calls, &thread);

	return call && call->sk ? call : NULL;
}

/* Returns the current thread's call, or NULL if it is not for this socket. */
static __always_inline struct connect_call *current_call_of(const struct sock *sk)
{
	struct connect_call *call = current_call();

	return call && call->sk == (__u64)sk ? call : NULL;
}

/* Reads a struct sockaddr_in or sockaddr_in6. False if it is unreadable or of another family. */
static __always_inline bool read_sockaddr(struct destination *d, const void *uaddr, bool user)
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
	__builtin_memset(d, 0, sizeof(*d));
	if (a.family == AF_INET6) {
		err = user ? bpf_probe_read_user(&a.v6, 16, uaddr + 8)
			   : bpf_probe_read_kernel(&a.v6, 16, uaddr + 8);
		if (err)
			return false;
		__builtin_memcpy(d->addr, &a.v6, ADDR_LEN);
	}
	d->port = bpf_ntohs(a.port);
	d->family = a.family == AF_INET6 ? 6 : 4;
	if (d->family == 6 && is_v4mapped(&a.v6)) {
		__builtin_memset(d->addr, 0, ADDR_LEN);
		d->family = 4;
		a.v4 = a.v6.in6_u.u6_addr32[3];
	}
	if (d->family == 4)
		__builtin_memcpy(d->addr, &a.v4, 4);
	return true;
}

/*
 * Reads the destination of the socket's last route lookup. tcp_v4_connect() stores it in
 * inet_sock.cork.fl, tcp_v6_connect() in sk_v6_daddr. Neither restores the old value if the lookup
 * fails (5.10 to 7.2). The port is known for IPv4 only.
 */
static __always_inline void read_routed(const struct sock *sk, struct destination *d)
{
	const struct inet_sock *inet = (const struct inet_sock *)sk;
	struct in6_addr v6 = {};
	__u32 v4;

	__builtin_memset(d, 0, sizeof(*d));
	if (FIELD(sk, sk_protocol) != IPPROTO_TCP)
		return;
	v4 = FIELD(inet, cork.fl.u.ip4.daddr);
	d->port = bpf_ntohs(FIELD(inet, cork.fl.u.ip4.uli.ports.dport));
	d->family = v4 ? 4 : 0;
	if (has_ipv6() && FIELD(sk, __sk_common.skc_family) == AF_INET6) {
		bpf_probe_read_kernel(&v6, sizeof(v6), &sk->__sk_common.skc_v6_daddr);
		if (!is_v4mapped(&v6)) {
			__builtin_memcpy(d->addr, &v6, ADDR_LEN);
			d->port = 0;
			d->family = 6;
			return;
		}
	}
	__builtin_memcpy(d->addr, &v4, 4);
}

static __always_inline bool has_address(const struct destination *d,
					const struct destination *other)
{
	const __u64 *a = (const __u64 *)d->addr, *b = (const __u64 *)other->addr;

	return d->family == other->family && a[0] == b[0] && a[1] == b[1];
}

static __always_inline bool is_same(const struct destination *d, const struct destination *other)
{
	return has_address(d, other) && d->port == other->port;
}

#endif
