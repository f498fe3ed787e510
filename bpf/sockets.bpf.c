// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
/*
 * Iterators for `tcptrace list`. list_descriptors writes a record for each descriptor of a TCP
 * socket, over the files of all processes. list_table writes one for each socket of one network
 * namespace, without a process: it also finds sockets that no process holds. The record is that
 * of the event `open`, without the cgroup.
 */
#include "kernel.h"
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "direction.h"
#include "listed.h"
#include "record.h"
#include "timer.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct socket_alloc {
	struct socket socket;
	struct inode vfs_inode;
};

struct bpf_iter__tcp {
	struct bpf_iter_meta *meta;
	struct sock_common *sk_common;
};

#pragma clang attribute pop

/* include/net/tcp_states.h: a connection request, which is not a full socket */
#define TCP_NEW_SYN_RECV 12

/* The record that is written, too large for the stack. Only one run uses it at a time. */
static struct event written;

/* A socket, and the process that holds it. */
struct held {
	struct process holder;
	struct endpoints ends;
	__u8 state;
	__u8 direction;
};

static __always_inline bool has_direction(__u8 state)
{
	return state != TCP_LISTEN && state != TCP_SYN_SENT;
}

static __always_inline void fill(struct event *e, const struct held *h)
{
	__builtin_memset(e, 0, sizeof(*e));
	e->version = EVENT_VERSION;
	e->type = EVENT_OPEN;
	record_holder(e, &h->holder);
	record_ends(e, &h->ends);
	e->state = h->state;
	e->direction = h->state == TCP_SYN_SENT ? DIRECTION_OUT : h->direction;
}

/* Cache misses dominate the cost, so this reads no cache line that it does not need. */
static __always_inline bool btf_read_held(struct task_struct *task, struct file *file,
					  struct held *h, struct event *e)
{
	struct socket *socket = bpf_sock_from_file(file);
	const struct tcp_sock *tp;
	struct sock *sk;

	if (!socket)
		return false;
	sk = socket->sk;
	if (!sk || !typed_is_tcp(sk))
		return false;
	h->state = sk->__sk_common.skc_state;
	if (h->state == TCP_CLOSE)
		return false;
	tp = bpf_skc_to_tcp_sock(sk);
	typed_read_endpoints(sk, &h->ends);
	typed_read_holder(task, &h->holder);
	if (has_direction(h->state))
		h->direction = typed_guess_direction(sk, tp, fin_was_sent(h->state));
	fill(e, h);
	if (has_numbers)
		record_numbers(true, sk, tp, e);
	return true;
}

static __always_inline bool read_held(struct task_struct *task, struct file *file, struct held *h,
				      struct event *e)
{
	struct sock *sk = file_sock(file);

	if (!sk || !is_tcp(sk))
		return false;
	h->state = BPF_CORE_READ(sk, __sk_common.skc_state);
	if (h->state == TCP_CLOSE)
		return false;
	read_endpoints(sk, &h->ends);
	read_holder(task, &h->holder);
	if (has_direction(h->state))
		h->direction = guess_direction(sk, fin_was_sent(h->state));
	fill(e, h);
	if (has_numbers)
		record_numbers(false, sk,
			       BPF_CORE_READ(sk, sk_protocol) == IPPROTO_TCP
				       ? (const struct tcp_sock *)sk
				       : NULL,
			       e);
	return true;
}

/* native/iterator_id.h */
SEC("task_file")
int list_descriptors(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct event *e = &written;
	struct held held = {};

	if (!task || !file)
		return 0;
	/* bpf_sock_from_file() exists since Linux 5.11; without it no typed pointer leads to the
	 * socket */
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_sock_from_file)) {
		if (!btf_read_held(task, file, &held, e))
			return 0;
	} else if (!read_held(task, file, &held, e)) {
		return 0;
	}
	e->inode = file->f_inode->i_ino;
	e->listed.fd = ctx->fd;
	bpf_seq_write(ctx->meta->seq, e, sizeof(*e));
	return 0;
}

/*
 * The number that `ss -e` shows (sock_i_ino()); 0 without a struct socket. Kernel sockets have an
 * inode but no file, and each subflow of an MPTCP socket has the inode of that socket.
 */
static __always_inline __u64 socket_inode(const struct sock *sk)
{
	const struct socket *socket = BPF_CORE_READ(sk, sk_socket);

	return socket ? BPF_CORE_READ((const struct socket_alloc *)socket, vfs_inode.i_ino) : 0;
}

/* Returns the state of a full socket. */
static __always_inline void read_full(struct sock_common *common, struct event *e)
{
	struct tcp_sock *tp = bpf_skc_to_tcp_sock(common);

	if (!tp)
		return;
	e->inode = socket_inode((const struct sock *)common);
	if (has_direction(e->state))
		e->direction =
			typed_guess_direction((const struct sock *)tp, tp, fin_was_sent(e->state));
	if (has_numbers)
		record_numbers(true, (const struct sock *)tp, tp, e);
}

/* bpf_iter_tcp_seq_show() of net/ipv4/tcp_ipv4.c; native/iterator_id.h */
SEC("tcp_table")
int list_table(struct bpf_iter__tcp *ctx)
{
	struct sock_common *common = ctx->sk_common;
	const struct sock *sk = (const struct sock *)common;
	struct event *e = &written;
	struct endpoints ends = {};

	if (!common)
		return 0;
	__builtin_memset(e, 0, sizeof(*e));
	e->version = EVENT_VERSION;
	e->type = EVENT_OPEN;
	e->state = common->skc_state;
	if (e->state == TCP_CLOSE)
		return 0;
	if (e->state == TCP_TIME_WAIT) {
		/* FIN_WAIT2 or TIME_WAIT, as inet_twsk_diag_fill() shows it */
		e->state = BPF_CORE_READ((const struct inet_timewait_sock *)sk, tw_substate);
		read_timewait_timer((const struct inet_timewait_sock *)sk, &e->listed);
	} else if (e->state == TCP_NEW_SYN_RECV) {
		e->state = TCP_SYN_RECV;
		e->direction = DIRECTION_IN;
		read_request_timer((const struct request_sock *)sk, &e->listed);
	} else if (e->state == TCP_SYN_SENT) {
		e->direction = DIRECTION_OUT;
	}
	typed_read_endpoints(sk, &ends);
	record_ends(e, &ends);
	if (common->skc_state != TCP_TIME_WAIT && common->skc_state != TCP_NEW_SYN_RECV)
		read_full(common, e);
	bpf_seq_write(ctx->meta->seq, e, sizeof(*e));
	return 0;
}
