/* Commands that refuse, forge, hide or restore connections. */
#include "actor.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef TCP_REPAIR_WINDOW
#define TCP_REPAIR_WINDOW 29
#endif

/* connect_len FD ADDRESS PORT LENGTH */
void cmd_connect_len(struct call *call)
{
	struct address a = address_words(call, 2);
	int fd = number(call, 1);

	TIMED(call, connect(fd, (struct sockaddr *)&a.sa, number(call, 4)));
}

/* Denies this process every TCP connect(), by Landlock (Linux 6.7). */
void cmd_landlock(struct call *call)
{
	struct {
		uint64_t fs, net;
	} rules = {.net = 1 << 1 /* LANDLOCK_ACCESS_NET_CONNECT_TCP */};
	int ruleset = syscall(444 /* landlock_create_ruleset */, &rules, sizeof(rules), 0);

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	TIMED(call, ruleset < 0 ? -1 : syscall(446 /* landlock_restrict_self */, ruleset, 0));
	close(ruleset);
}

static int load_denial(enum bpf_attach_type type)
{
	const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
	const struct bpf_insn program[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K}, /* r0 = 0: deny */
		{.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
		.insns = (uint64_t)program,
		.insn_cnt = 2,
		.license = (uint64_t) "GPL",
		.expected_attach_type = type,
	};

	setrlimit(RLIMIT_MEMLOCK, &unlimited); /* for Linux 5.10 */
	return syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

static int deny_in(int cgroup, enum bpf_attach_type type)
{
	union bpf_attr attr = {
		.target_fd = cgroup,
		.attach_bpf_fd = load_denial(type),
		.attach_type = type,
	};
	int ret = syscall(SYS_bpf, BPF_PROG_ATTACH, &attr, sizeof(attr));

	close(attr.attach_bpf_fd);
	return ret;
}

/* deny_cgroup PATH: moves this process there and denies it connect(), by BPF. */
void cmd_deny_cgroup(struct call *call)
{
	int cgroup = open(word(call, 1), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int procs = openat(cgroup, "cgroup.procs", O_WRONLY | O_CLOEXEC);

	TIMED(call, write(procs, "0", 1) == 1 ? deny_in(cgroup, BPF_CGROUP_INET4_CONNECT) : -1);
	close(procs);
	close(cgroup);
}

static int filter_syscall(unsigned int nr, unsigned int action, unsigned int flags)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {4, filter};

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

/* Makes seccomp answer connect() of this process with ENETUNREACH. */
void cmd_seccomp_connect(struct call *call)
{
	TIMED(call, filter_syscall(SYS_connect, SECCOMP_RET_ERRNO | ENETUNREACH, 0));
}

static volatile int notify_fd = -1, answer;

static void *supervise(void *unused)
{
	struct seccomp_notif request = {};
	struct seccomp_notif_resp response = {};

	while (notify_fd < 0)
		usleep(100);
	while (ioctl(notify_fd, SECCOMP_IOCTL_NOTIF_RECV, &request) == 0) {
		response = (struct seccomp_notif_resp){.id = request.id, .val = answer};
		ioctl(notify_fd, SECCOMP_IOCTL_NOTIF_SEND, &response);
		memset(&request, 0, sizeof(request));
	}
	return unused;
}

/* seccomp_accept FD: a supervisor of this process answers accept4() with FD. */
void cmd_seccomp_accept(struct call *call)
{
	pthread_t thread;

	answer = number(call, 1);
	pthread_create(&thread, NULL, supervise, NULL);
	TIMED(call, filter_syscall(SYS_accept4, SECCOMP_RET_USER_NOTIF,
				   SECCOMP_FILTER_FLAG_NEW_LISTENER));
	notify_fd = call->ret;
}

struct race {
	int decoy, target;
	volatile bool over;
};

/* Replaces the descriptor by the decoy, and closes it. */
static void *replace(void *arg)
{
	struct race *race = arg;

	while (!race->over)
		if (dup2(race->decoy, race->target) == race->target)
			close(race->target);
	return NULL;
}

static pid_t connect_in_child(const struct address *to, long count)
{
	pid_t child = fork();
	int fd;

	if (child)
		return child;
	while (count--) {
		fd = socket(to->sa.ss_family, SOCK_STREAM, 0);
		connect(fd, (const struct sockaddr *)&to->sa, to->len);
		close(fd);
	}
	_exit(0);
}

static long accept_racing(int listener, long count, int target)
{
	long raced = 0;
	int fd;

	while (count--) {
		fd = accept(listener, NULL, NULL);
		if (fd == target)
			raced++;
		else
			close(fd);
	}
	return raced;
}

/*
 * race_accept LISTENER DECOY COUNT ADDRESS PORT: accepts COUNT connections, while another thread
 * puts DECOY at the descriptor that accept() returns. Returns how many it may have replaced.
 */
void cmd_race_accept(struct call *call)
{
	struct address to = address_words(call, 4);
	long count = number(call, 3);
	struct race race = {.decoy = number(call, 2)};
	pid_t child = connect_in_child(&to, count);
	pthread_t thread;

	race.target = dup(race.decoy); /* the lowest free one */
	pthread_create(&thread, NULL, replace, &race);
	TIMED(call, accept_racing(number(call, 1), count, race.target));
	race.over = true;
	pthread_join(thread, NULL);
	close(race.target);
	waitpid(child, NULL, 0);
}

static int sequence(int fd, int queue, unsigned int *value)
{
	socklen_t size = sizeof(*value);

	return setsockopt(fd, IPPROTO_TCP, TCP_REPAIR_QUEUE, &queue, sizeof(queue))
		       ?: getsockopt(fd, IPPROTO_TCP, TCP_QUEUE_SEQ, value, &size);
}

static int set_sequence(int fd, int queue, unsigned int value)
{
	return setsockopt(fd, IPPROTO_TCP, TCP_REPAIR_QUEUE, &queue, sizeof(queue))
		       ?: setsockopt(fd, IPPROTO_TCP, TCP_QUEUE_SEQ, &value, sizeof(value));
}

static int set_repair(int fd, int on)
{
	return setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &on, sizeof(on));
}

/* sequence FD: the next sequence number to be sent, and to be received */
void cmd_sequence(struct call *call)
{
	int fd = number(call, 1);
	unsigned int sent = 0, received = 0;

	TIMED(call, set_repair(fd, 1) ?: sequence(fd, 2, &sent) ?: sequence(fd, 1, &received));
	set_repair(fd, -1 /* TCP_REPAIR_OFF_NO_WP */);
	fprintf(call->fields, ",\"sequence\":[%u,%u]", sent, received);
}

/* As CRIU does: closes the socket without a packet, and opens another one in its state. */
static long restore(int old)
{
	struct sockaddr_storage local, remote;
	socklen_t local_len = sizeof(local), remote_len = sizeof(remote);
	unsigned int sent, received;
	char window[20];
	socklen_t size = sizeof(window);
	int fd, one = 1;

	if (getsockname(old, (struct sockaddr *)&local, &local_len) ||
	    getpeername(old, (struct sockaddr *)&remote, &remote_len) || set_repair(old, 1) ||
	    sequence(old, 2, &sent) || sequence(old, 1, &received) ||
	    getsockopt(old, IPPROTO_TCP, TCP_REPAIR_WINDOW, window, &size))
		return -1;
	close(old);
	fd = socket(local.ss_family, SOCK_STREAM, 0);
	if (set_repair(fd, 1) || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    bind(fd, (struct sockaddr *)&local, local_len) || set_sequence(fd, 2, sent) ||
	    set_sequence(fd, 1, received) || connect(fd, (struct sockaddr *)&remote, remote_len) ||
	    setsockopt(fd, IPPROTO_TCP, TCP_REPAIR_WINDOW, window, size) || set_repair(fd, 0))
		return -1;
	return fd;
}

void cmd_restore(struct call *call)
{
	TIMED(call, restore(number(call, 1)));
	if (call->ret >= 0)
		describe(call, call->ret);
}
