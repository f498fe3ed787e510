// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
/* Entry points only. The addon loads the shared programs and those of one probe. */
#include "kernel.h"
#include <linux/bpf.h>
#include <linux/errno.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "accept.h"
#include "connect_return.h"
#include "initial.h"
#include "new_cgroup.h"
#include "state.h"
#include "update.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Keep these types in the object's BTF, from which `make layout` generates src/kernel/layout.ts. */
const struct event *unused_event __attribute__((unused));
const struct cgroup_name *unused_cgroup __attribute__((unused));
enum event_type unused_type __attribute__((unused));
enum direction unused_direction __attribute__((unused));
enum ended_by unused_ended_by __attribute__((unused));
enum event_known unused_known __attribute__((unused));
const struct numbers *unused_numbers __attribute__((unused));
enum counter unused_counter __attribute__((unused));
enum endpoint_side unused_side __attribute__((unused));

/* Programs of every probe. */

/*
 * The kernel skips a program on a CPU where the same program is already running
 * (__bpf_trace_run(), since 6.1; __bpf_prog_enter_recur()). This happens if a softirq interrupts
 * the program, or while another task has preempted it. So programs that can interrupt themselves
 * are attached twice. The second copy handles the runs that the kernel skipped for the first; it
 * finds them by last_change, under the socket's lock.
 *
 * With trace_call_bpf_faultable() (in 7.2, not in 6.18), programs on tracepoints can be preempted,
 * except those that perf runs on tracepoints other than system calls. Many threads in connect()
 * then keep both copies busy. So on these kernels set_state_perf is the first copy,
 * and six copies see each return of a system call. fentry does not use six, because a function
 * takes at most 38 programs (BPF_MAX_TRAMP_LINKS).
 */

static __always_inline void set_state(struct sock *sk, int oldstate, int newstate)
{
	if (is_new_child(oldstate, newstate) && typed_is_tcp(sk))
		backlog_put(sk);
	if (typed_is_idle_change(sk, oldstate, newstate) || !typed_is_tcp(sk))
		return;
	if (typed_is_subflow(sk))
		subflow_changed(sk, newstate);
	else
		state_changed(sk, oldstate, newstate);
}

static __always_inline void set_state_skipped(struct sock *sk, int oldstate, int newstate)
{
	if (is_new_child(oldstate, newstate) && typed_is_tcp(sk))
		backlog_put(sk);
	if (!typed_is_idle_change(sk, oldstate, newstate) && typed_is_tcp(sk) &&
	    !typed_is_subflow(sk))
		state_change_skipped(sk, oldstate, newstate);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(set_state_first, struct sock *sk, int oldstate, int newstate)
{
	set_state(sk, oldstate, newstate);
	return 0;
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(set_state_second, struct sock *sk, int oldstate, int newstate)
{
	set_state_skipped(sk, oldstate, newstate);
	return 0;
}

SEC("tracepoint/sock/inet_sock_set_state")
int set_state_perf(const struct state_change *ctx)
{
	set_state(cast_sock(ctx->sk), ctx->oldstate, ctx->newstate);
	return 0;
}

SEC("tp_btf/tcp_destroy_sock")
int BPF_PROG(destroy_first, struct sock *sk)
{
	on_destroy(sk);
	return 0;
}

SEC("tp_btf/tcp_destroy_sock")
int BPF_PROG(destroy_second, struct sock *sk)
{
	on_destroy(sk);
	return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(fork_first, struct task_struct *parent, struct task_struct *child)
{
	on_fork(child->pid);
	return 0;
}

/* The second copy, on kernels where the first can be preempted. */
SEC("tracepoint/sched/sched_process_fork")
int fork_perf(struct trace_event_raw_sched_process_fork *ctx)
{
	on_fork(ctx->child_pid);
	return 0;
}

SEC("tp_btf/sched_process_free")
int BPF_PROG(process_free, struct task_struct *task)
{
	on_task_free(task->pid);
	return 0;
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(cgroup_made, struct cgroup *cgroup, const char *path)
{
	on_new_cgroup(cgroup, path);
	return 0;
}

SEC("iter/task_file")
int initial_connections(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;

	if (task && file)
		on_open_socket(ctx->meta->seq, task, file);
	return 0;
}

/* Visits the maps connections and reserve, whose keys are socket addresses. */
SEC("iter/bpf_map_elem")
int live_connections(struct bpf_iter__bpf_map_elem *ctx)
{
	const __u64 *key = ctx->key;
	const struct connection *c = ctx->value;

	if (key && c)
		on_live_connection(ctx->meta->seq, (struct sock *)*key, c);
	return 0;
}

/* Probe `fentry`. */

/* True if tcp_v6_connect() has called tcp_v4_connect(), for an IPv4-mapped peer: counts once. */
static __always_inline bool typed_is_nested(const struct sock *sk)
{
	return sk->__sk_common.skc_family == AF_INET6;
}

SEC("fentry/tcp_v4_connect")
int BPF_PROG(fentry_tcp_v4_connect, struct sock *sk)
{
	if (!typed_is_nested(sk))
		connect_called(typed_application_sock(sk), typed_inode(sk));
	return 0;
}

SEC("fexit/tcp_v4_connect")
int BPF_PROG(fexit_tcp_v4_connect, struct sock *sk, struct sockaddr *uaddr, int len, int ret)
{
	if (!typed_is_nested(sk))
		connect_returned(typed_application_sock(sk), uaddr, len, ret);
	return 0;
}

SEC("fentry/tcp_v6_connect")
int BPF_PROG(fentry_tcp_v6_connect, struct sock *sk)
{
	connect_called(typed_application_sock(sk), typed_inode(sk));
	return 0;
}

SEC("fexit/tcp_v6_connect")
int BPF_PROG(fexit_tcp_v6_connect, struct sock *sk, struct sockaddr *uaddr, int len, int ret)
{
	connect_returned(typed_application_sock(sk), uaddr, len, ret);
	return 0;
}

SEC("fentry/security_sock_graft")
int BPF_PROG(fentry_security_sock_graft_first, struct sock *sk, struct socket *parent)
{
	on_graft(sk, BPF_CORE_READ(parent, file), true);
	return 0;
}

SEC("fentry/security_sock_graft")
int BPF_PROG(fentry_security_sock_graft_second, struct sock *sk, struct socket *parent)
{
	on_graft(sk, BPF_CORE_READ(parent, file), false);
	return 0;
}

/* Probe `kprobe`. */

static __always_inline bool is_nested(const struct sock *sk)
{
	return BPF_CORE_READ(sk, __sk_common.skc_family) == AF_INET6;
}

static __always_inline void kprobe_connect(struct sock *sk, struct sockaddr *uaddr, int len)
{
	struct sock *held = application_sock(sk);
	struct connecting_sock args = {.sk = (__u64)held, .uaddr = (__u64)uaddr, .len = len};
	__u64 thread = bpf_get_current_pid_tgid();

	bpf_map_update_elem(&connecting_sock, &thread, &args, BPF_ANY);
	connect_called(held, BPF_CORE_READ(sk, sk_socket, file, f_inode, i_ino));
}

static __always_inline void kretprobe_connect(int ret, bool is_v4)
{
	__u64 thread = bpf_get_current_pid_tgid();
	struct connecting_sock *args = bpf_map_lookup_elem(&connecting_sock, &thread);

	if (!args || (is_v4 && is_nested((const struct sock *)args->sk)))
		return;
	connect_returned((struct sock *)args->sk, (const void *)args->uaddr, args->len, ret);
	bpf_map_delete_elem(&connecting_sock, &thread);
}

SEC("kprobe/tcp_v4_connect")
int BPF_KPROBE(kprobe_tcp_v4_connect, struct sock *sk, struct sockaddr *uaddr, int len)
{
	if (!is_nested(sk))
		kprobe_connect(sk, uaddr, len);
	return 0;
}

SEC("kretprobe/tcp_v4_connect")
int BPF_KRETPROBE(kretprobe_tcp_v4_connect, int ret)
{
	kretprobe_connect(ret, true);
	return 0;
}

SEC("kprobe/tcp_v6_connect")
int BPF_KPROBE(kprobe_tcp_v6_connect, struct sock *sk, struct sockaddr *uaddr, int len)
{
	kprobe_connect(sk, uaddr, len);
	return 0;
}

SEC("kretprobe/tcp_v6_connect")
int BPF_KRETPROBE(kretprobe_tcp_v6_connect, int ret)
{
	kretprobe_connect(ret, false);
	return 0;
}

SEC("kprobe/security_sock_graft")
int BPF_KPROBE(kprobe_security_sock_graft, struct sock *sk, struct socket *parent)
{
	on_graft(sk, BPF_CORE_READ(parent, file), true);
	return 0;
}

/* Probe `tracepoint`; every probe uses the programs on the system call connect(). */

#define SYS_EXIT_ACCEPT(copy)                                                                      \
	SEC("tracepoint/syscalls/sys_exit_accept")                                                 \
	int sys_exit_accept_##copy(struct sys_exit *ctx)                                           \
	{                                                                                          \
		if (ctx->ret >= 0)                                                                 \
			on_accepted_fd(ctx->ret, true);                                            \
		return 0;                                                                          \
	}

/* Attached to both accept() and accept4(). */
SYS_EXIT_ACCEPT(0)
SYS_EXIT_ACCEPT(1)
SYS_EXIT_ACCEPT(2)
SYS_EXIT_ACCEPT(3)
SYS_EXIT_ACCEPT(4)
SYS_EXIT_ACCEPT(5)

/*
 * Runs at every completion of io_uring. Before Linux 5.19, and for all but the last completion of a
 * multishot request, the operation is unknown. Then only a backlog entry shows an accept.
 */
SEC("tracepoint/io_uring/io_uring_complete")
int io_uring_complete(struct trace_event_raw_io_uring_complete *ctx)
{
	const struct io_kiocb *req = NULL;
	int res = BPF_CORE_READ(ctx, res);

	if (res < 0)
		return 0;
	if (bpf_core_field_exists(ctx->req))
		req = BPF_CORE_READ(ctx, req);
	if (!req || FIELD(req, opcode) == IORING_OP_ACCEPT)
		on_accepted_fd(res, req != NULL);
	return 0;
}

#define SYS_ENTER_CONNECT(copy)                                                                    \
	SEC("tracepoint/syscalls/sys_enter_connect")                                               \
	int sys_enter_connect_##copy(struct sys_enter *ctx)                                        \
	{                                                                                          \
		connect_entered(ctx->args[0], (const void *)ctx->args[1], ctx->args[2],            \
				copy == 0);                                                        \
		return 0;                                                                          \
	}

SYS_ENTER_CONNECT(0)
SYS_ENTER_CONNECT(1)
SYS_ENTER_CONNECT(2)
SYS_ENTER_CONNECT(3)
SYS_ENTER_CONNECT(4)
SYS_ENTER_CONNECT(5)

/* Returns the registers at the entry of the system call, which hold its arguments. */
static __always_inline struct pt_regs *syscall_regs(const struct sys_exit *ctx)
{
	struct pt_regs *regs = NULL;

	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		return (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());
	/* before 5.15: only a helper may read the first word of this context */
	bpf_probe_read_kernel(&regs, sizeof(regs), ctx);
	return regs;
}

static __always_inline void sys_exit_connect(struct sys_exit *ctx)
{
	struct pt_regs *regs = syscall_regs(ctx);

	if (regs)
		connect_exited(PT_REGS_PARM1_CORE_SYSCALL(regs),
			       (const void *)PT_REGS_PARM2_CORE_SYSCALL(regs), ctx->ret);
}

#define SYS_EXIT_CONNECT(copy)                                                                     \
	SEC("tracepoint/syscalls/sys_exit_connect")                                                \
	int sys_exit_connect_##copy(struct sys_exit *ctx)                                          \
	{                                                                                          \
		sys_exit_connect(ctx);                                                             \
		return 0;                                                                          \
	}

SYS_EXIT_CONNECT(0)
SYS_EXIT_CONNECT(1)
SYS_EXIT_CONNECT(2)
SYS_EXIT_CONNECT(3)
SYS_EXIT_CONNECT(4)
SYS_EXIT_CONNECT(5)
