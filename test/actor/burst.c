/* Commands that make many connections and record each of them. */
#include "actor.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct record {
	ino_t inode;
	unsigned int port;
	uint64_t begin, end;
};

struct burst {
	long count;
	struct address to;
	long bytes, rate;
	const char *ending;
};

static atomic_bool halted;

static void append_records(struct call *call, const struct record *records, long count)
{
	long i;

	fprintf(call->fields, ",\"connections\":[");
	for (i = 0; i < count; i++)
		fprintf(call->fields, "%s[%lu,%u,\"%lu\",\"%lu\"]", i ? "," : "", records[i].inode,
			records[i].port, records[i].begin, records[i].end);
	fprintf(call->fields, "]");
}

static void wait_until(uint64_t monotonic_ns)
{
	struct timespec t = {monotonic_ns / 1000000000, monotonic_ns % 1000000000};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

static uint64_t monotonic_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Terminates a connection before close(), as ENDING says. */
static int terminate(int fd, const char *ending)
{
	struct linger linger = {.l_onoff = 1};
	struct sockaddr unspec = {};

	if (strcmp(ending, "reset") == 0)
		return setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	if (strcmp(ending, "unspec") == 0)
		return connect(fd, &unspec, sizeof(unspec));
	if (strcmp(ending, "shutdown") == 0)
		return shutdown(fd, SHUT_RDWR);
	return 0;
}

/* Returns the errno that connect() must fail with; 0: it must succeed. */
static int expected_errno(const char *ending)
{
	if (strcmp(ending, "refused") == 0)
		return ECONNREFUSED;
	return strcmp(ending, "unreachable") == 0 ? ENETUNREACH : 0;
}

static int connect_once(const struct burst *b, struct record *r)
{
	static const char data[4096];
	struct address own = {.len = sizeof(own.sa)};
	int fd = socket(b->to.sa.ss_family, SOCK_STREAM, 0), ret = -1;

	r->begin = wall_clock();
	r->inode = file_inode(fd);
	if (connect(fd, (const struct sockaddr *)&b->to.sa, b->to.len) < 0)
		ret = errno == expected_errno(b->ending) ? 0 : -1;
	else if (getsockname(fd, (struct sockaddr *)&own.sa, &own.len) == 0 &&
		 send(fd, data, b->bytes, MSG_NOSIGNAL) == b->bytes)
		ret = terminate(fd, b->ending);
	r->port = address_port(&own);
	close(fd);
	r->end = wall_clock();
	return ret;
}

static long connect_many(const struct burst *b, struct record *records)
{
	uint64_t start = monotonic_clock();
	long i;

	for (i = 0; i < b->count && !halted; i++) {
		if (b->rate)
			wait_until(start + i * (1000000000 / b->rate));
		if (connect_once(b, records + i) < 0)
			return -1;
	}
	return i;
}

void cmd_burst(struct call *call)
{
	struct burst b = {
		.count = number(call, 1),
		.to = address_words(call, 2),
		.bytes = number(call, 4),
		.rate = number(call, 5),
		.ending = call->words[6] ?: "close",
	};
	struct record *records = calloc(b.count, sizeof(*records));

	TIMED(call, connect_many(&b, records));
	append_records(call, records, call->ret < 0 ? 0 : call->ret);
	free(records);
}

void cmd_halt(struct call *call)
{
	halted = true;
	TIMED(call, 0);
}

static int serve_once(int listener, struct record *r)
{
	struct address peer = {.len = sizeof(peer.sa)};
	char data[4096];
	int fd;

	r->begin = wall_clock();
	fd = accept(listener, (struct sockaddr *)&peer.sa, &peer.len);
	if (fd < 0)
		return -1;
	r->inode = file_inode(fd);
	r->port = address_port(&peer);
	while (recv(fd, data, sizeof(data), 0) > 0)
		;
	close(fd);
	r->end = wall_clock();
	return 0;
}

static long serve_many(int listener, long count, struct record *records)
{
	long i;

	for (i = 0; i < count; i++)
		if (serve_once(listener, records + i) < 0)
			return errno == EINVAL ? i : -1;
	return i;
}

void cmd_serve(struct call *call)
{
	long count = number(call, 2);
	struct record *records = calloc(count, sizeof(*records));

	TIMED(call, serve_many(number(call, 1), count, records));
	append_records(call, records, call->ret < 0 ? 0 : call->ret);
	free(records);
}

/* Keeps both sockets of each connection open, with @bytes in the queue of the accepted one. */
static long hold_many(int listener, const struct address *to, long count, long bytes)
{
	static const char data[4096];
	long i;
	int fd;

	for (i = 0; i < count; i++) {
		fd = socket(to->sa.ss_family, SOCK_STREAM, 0);
		if (fd < 0 || connect(fd, (const struct sockaddr *)&to->sa, to->len) < 0 ||
		    accept(listener, NULL, NULL) < 0 ||
		    send(fd, data, bytes, MSG_NOSIGNAL) != bytes)
			return -1;
	}
	return i;
}

void cmd_hold(struct call *call)
{
	long count = number(call, 2);
	struct address to = address_words(call, 3);
	long bytes = call->words[5] ? number(call, 5) : 0;

	TIMED(call, hold_many(number(call, 1), &to, count, bytes));
}
