/* Commands about the process: descriptors, children, identity, namespaces. */
#include "actor.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void cmd_clock(struct call *call)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec += number(call, 1);
	TIMED(call, clock_settime(CLOCK_REALTIME, &t));
}

void cmd_dup(struct call *call)
{
	TIMED(call, dup(number(call, 1)));
}

void cmd_close_range(struct call *call)
{
	TIMED(call, syscall(SYS_close_range, number(call, 1), number(call, 2), 0));
}

/* Limits new descriptors to numbers below COUNT; beyond, calls fail with EMFILE. */
void cmd_nofile(struct call *call)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = number(call, 1);
	TIMED(call, setrlimit(RLIMIT_NOFILE, &limit));
}

void cmd_exit(struct call *call)
{
	_exit(number(call, 1));
}

/* Reads commands from the UNIX socket at @path. */
void become_actor(const char *path)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strncpy(sa.sun_path, path, sizeof(sa.sun_path) - 1);
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		_exit(1);
	dup2(fd, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	close(fd);
	serve_commands();
}

void cmd_fork(struct call *call)
{
	const char *path = word(call, 1);
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0) {
		call->bad = "no socket pair";
		return;
	}
	TIMED(call, fork());
	if (call->ret == 0) {
		dup2(pair[1], pair[0]);
		close(pair[1]);
		become_actor(path);
	}
	close(pair[1]);
	append_field(call, "mailbox", pair[0]);
}

void cmd_reap(struct call *call)
{
	int status = 0;

	TIMED(call, waitpid(number(call, 1), &status, 0));
	append_field(call, "status", status);
}

union descriptor {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int))];
};

static int send_descriptor(int fd, int mailbox)
{
	union descriptor control = {};
	struct iovec byte = {.iov_base = "", .iov_len = 1};
	struct msghdr message = {
		.msg_iov = &byte,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	return sendmsg(mailbox, &message, 0);
}

void cmd_give(struct call *call)
{
	TIMED(call, send_descriptor(number(call, 1), number(call, 2)));
}

/* Closing a UNIX socket starts the garbage collector (unix_release_sock() in net/unix/af_unix.c).
 */
static int strand(int fd)
{
	int pair[2], ret;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		return -1;
	ret = send_descriptor(fd, pair[0]);
	if (ret >= 0)
		ret = send_descriptor(pair[1], pair[0]);
	close(fd);
	close(pair[1]);
	close(pair[0]);
	return ret;
}

void cmd_strand(struct call *call)
{
	TIMED(call, strand(number(call, 1)));
}

static int receive_descriptor(int mailbox)
{
	union descriptor control = {};
	char data;
	struct iovec byte = {.iov_base = &data, .iov_len = 1};
	struct msghdr message = {
		.msg_iov = &byte,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	int fd = -1;

	if (recvmsg(mailbox, &message, 0) == 1)
		memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	return fd;
}

void cmd_take(struct call *call)
{
	TIMED(call, receive_descriptor(number(call, 1)));
	if (call->ret >= 0)
		describe(call, call->ret);
}

/* Sets the thread name; hexadecimal, because it may hold any byte except NUL. */
void cmd_comm(struct call *call)
{
	const char *hex = word(call, 1);
	char name[16] = "";
	size_t i;

	for (i = 0; i < sizeof(name) - 1; i++)
		if (sscanf(hex + 2 * i, "%2hhx", (unsigned char *)name + i) != 1)
			break;
	TIMED(call, prctl(PR_SET_NAME, name));
}

void cmd_uid(struct call *call)
{
	uid_t effective = number(call, 2);

	TIMED(call, setresuid(number(call, 1), effective, effective));
}

void cmd_netns(struct call *call)
{
	int fd = open(word(call, 1), O_RDONLY | O_CLOEXEC);

	TIMED(call, setns(fd, CLONE_NEWNET));
	close(fd);
}

void cmd_unshare(struct call *call)
{
	const char *what = word(call, 1);

	if (strcmp(what, "net") == 0)
		TIMED(call, unshare(CLONE_NEWNET));
	else if (strcmp(what, "pid") == 0)
		TIMED(call, unshare(CLONE_NEWPID));
	else if (strcmp(what, "user") == 0)
		TIMED(call, unshare(CLONE_NEWUSER));
	else
		call->bad = "no such namespace";
}
