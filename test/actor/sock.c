/* Commands that make one system call on one socket. */
#include "actor.h"

#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

#define CHUNK 65536

static bool has_word(struct call *call, int from, const char *text)
{
	int i;

	for (i = from; call->words[i]; i++)
		if (strcmp(call->words[i], text) == 0)
			return true;
	return false;
}

void cmd_socket(struct call *call)
{
	int family = strcmp(word(call, 1), "6") == 0 ? AF_INET6 : AF_INET;
	bool raw = has_word(call, 2, "raw");
	int type = raw ? SOCK_RAW : SOCK_STREAM;
	int protocol = raw ? IPPROTO_TCP : has_word(call, 2, "mptcp") ? IPPROTO_MPTCP : 0;

	if (has_word(call, 2, "nonblock"))
		type |= SOCK_NONBLOCK;
	TIMED(call, socket(family, type, protocol));
	if (call->ret >= 0)
		describe(call, call->ret);
}

static const struct option {
	const char *name;
	int level, name_number;
} options[] = {
	{"reuseaddr", SOL_SOCKET, SO_REUSEADDR},
	{"reuseport", SOL_SOCKET, SO_REUSEPORT},
	{"keepalive", SOL_SOCKET, SO_KEEPALIVE},
	{"rcvbuf", SOL_SOCKET, SO_RCVBUF},
	{"sndbuf", SOL_SOCKET, SO_SNDBUF},
	{"transparent", IPPROTO_IP, IP_TRANSPARENT},
	{"v6only", IPPROTO_IPV6, IPV6_V6ONLY},
	{"keepidle", IPPROTO_TCP, TCP_KEEPIDLE},
	{"keepintvl", IPPROTO_TCP, TCP_KEEPINTVL},
	{"keepcnt", IPPROTO_TCP, TCP_KEEPCNT},
	{"user_timeout", IPPROTO_TCP, TCP_USER_TIMEOUT},
	{"syncnt", IPPROTO_TCP, TCP_SYNCNT},
	{"defer_accept", IPPROTO_TCP, TCP_DEFER_ACCEPT},
	{"fastopen", IPPROTO_TCP, TCP_FASTOPEN},
	{"fastopen_connect", IPPROTO_TCP, TCP_FASTOPEN_CONNECT},
	{"fastopen_no_cookie", IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE},
	{"repair", IPPROTO_TCP, TCP_REPAIR},
};

static long set_named(int fd, const char *name, int value, struct call *call)
{
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (strcmp(name, options[i].name) == 0)
			return setsockopt(fd, options[i].level, options[i].name_number, &value,
					  sizeof(value));
	call->bad = "no such option";
	return -1;
}

/* OPTION is one of the table above, or linger SECONDS, or nonblock 0|1. */
void cmd_set(struct call *call)
{
	int fd = number(call, 1);
	const char *name = word(call, 2);
	int value = number(call, 3);
	struct linger linger = {.l_onoff = 1, .l_linger = value};

	if (strcmp(name, "linger") == 0)
		TIMED(call, setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)));
	else if (strcmp(name, "nonblock") == 0)
		TIMED(call, fcntl(fd, F_SETFL, value ? O_NONBLOCK : 0));
	else
		TIMED(call, set_named(fd, name, value, call));
}

void cmd_bind(struct call *call)
{
	struct address a = address_words(call, 2);
	int fd = number(call, 1);

	TIMED(call, bind(fd, (struct sockaddr *)&a.sa, a.len));
	describe(call, fd);
}

void cmd_listen(struct call *call)
{
	TIMED(call, listen(number(call, 1), number(call, 2)));
}

void cmd_connect(struct call *call)
{
	struct address a = address_words(call, 2);
	int fd = number(call, 1);

	TIMED(call, connect(fd, (struct sockaddr *)&a.sa, a.len));
	describe(call, fd);
}

void cmd_fastopen(struct call *call)
{
	static const char data[CHUNK];
	struct address a = address_words(call, 2);
	int fd = number(call, 1);

	TIMED(call,
	      sendto(fd, data, number(call, 4), MSG_FASTOPEN, (struct sockaddr *)&a.sa, a.len));
	describe(call, fd);
}

void cmd_accept(struct call *call)
{
	TIMED(call, accept(number(call, 1), NULL, NULL));
	if (call->ret >= 0)
		describe(call, call->ret);
}

void cmd_accept4(struct call *call)
{
	TIMED(call, accept4(number(call, 1), NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC));
	if (call->ret >= 0)
		describe(call, call->ret);
}

void cmd_epoll_accept(struct call *call)
{
	struct epoll_event event = {.events = EPOLLIN};
	int fd = number(call, 1);
	int epoll = epoll_create1(0);

	fcntl(fd, F_SETFL, O_NONBLOCK);
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) || epoll_wait(epoll, &event, 1, -1) != 1)
		call->bad = "epoll failed";
	close(epoll);
	cmd_accept4(call);
}

void cmd_poll(struct call *call)
{
	const char *what = word(call, 2);
	struct pollfd p = {.fd = number(call, 1)};

	if (strcmp(what, "in") == 0)
		p.events = POLLIN;
	else if (strcmp(what, "out") == 0)
		p.events = POLLOUT;
	else if (strcmp(what, "rdhup") == 0)
		p.events = POLLRDHUP;
	else if (strcmp(what, "hup") != 0)
		call->bad = "no such event";
	TIMED(call, poll(&p, 1, -1));
}

void cmd_error(struct call *call)
{
	socklen_t size = sizeof(int);
	int error = 0;

	TIMED(call, getsockopt(number(call, 1), SOL_SOCKET, SO_ERROR, &error, &size));
	fprintf(call->fields, ",\"error\":\"%s\"", strerrorname_np(error));
}

static bool wait_for(int fd, short events)
{
	struct pollfd p = {.fd = fd, .events = events};

	return errno == EAGAIN && poll(&p, 1, -1) == 1;
}

static long send_all(int fd, long bytes)
{
	static const char data[CHUNK];
	long done = 0;
	ssize_t n;

	while (done < bytes) {
		n = send(fd, data, bytes - done < CHUNK ? bytes - done : CHUNK, MSG_NOSIGNAL);
		if (n < 0 && !wait_for(fd, POLLOUT))
			return -1;
		if (n > 0)
			done += n;
	}
	return done;
}

static long receive_all(int fd, long bytes)
{
	char data[CHUNK];
	long done = 0;
	ssize_t n;

	while (done < bytes) {
		n = recv(fd, data, bytes - done < CHUNK ? bytes - done : CHUNK, 0);
		if (n == 0)
			break;
		if (n < 0 && !wait_for(fd, POLLIN))
			return -1;
		if (n > 0)
			done += n;
	}
	return done;
}

void cmd_send(struct call *call)
{
	TIMED(call, send_all(number(call, 1), number(call, 2)));
}

void cmd_recv(struct call *call)
{
	TIMED(call, receive_all(number(call, 1), number(call, 2)));
}

void cmd_drain(struct call *call)
{
	TIMED(call, receive_all(number(call, 1), INT64_MAX));
}

void cmd_shutdown(struct call *call)
{
	const char *how = word(call, 2);

	if (strcmp(how, "rd") == 0)
		TIMED(call, shutdown(number(call, 1), SHUT_RD));
	else if (strcmp(how, "wr") == 0)
		TIMED(call, shutdown(number(call, 1), SHUT_WR));
	else
		TIMED(call, shutdown(number(call, 1), SHUT_RDWR));
}

void cmd_close(struct call *call)
{
	int fd = number(call, 1);

	describe(call, fd);
	TIMED(call, close(fd));
}
