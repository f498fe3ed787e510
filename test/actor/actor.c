/*
 * A process that does with sockets what it is told, and tells what came of it:
 * a test gets to know every fact that a tracer may report from the one who made it.
 *
 * One command per line on stdin, its words separated by spaces; one JSON object per
 * line on stdout, in the same order. Every answer has
 *   pid, tid       who ran the system call
 *   before, after  CLOCK_REALTIME around it, nanoseconds, as strings
 *   ret, errno     what it returned; errno by name and only where ret is negative
 * and those about a socket (marked +) have what is known of it:
 *   inode, netns, laddr, lport, raddr, rport, state, rtt, retrans
 * A line that is not understood is answered by {"bad": "..."}. The end of stdin is
 * the end of the process.
 *
 * Sockets; AT is "ADDRESS PORT", where ADDRESS may carry %INTERFACE, or "unspec"
 *   socket 4|6 [mptcp] [raw] [nonblock]+  bind FD AT  listen FD BACKLOG
 *   set FD OPTION VALUE             see cmd_set()
 *   connect FD AT+  fastopen FD AT BYTES+
 *   accept FD+  accept4 FD+  epoll_accept FD+   the last two: a non-blocking socket
 *   poll FD in|out|rdhup|hup        waits for it (hup: or for an error)
 *   error FD                        fetches SO_ERROR: "error", by name
 *   send FD BYTES  recv FD BYTES    all of them; recv ends early at the peer's FIN
 *   drain FD                        receives up to the peer's FIN
 *   shutdown FD rd|wr|rdwr  close FD+ (as it was before)  describe FD+
 *   uring_connect FD AT+  uring_accept FD+  uring_close FD+
 * Many connections: "connections": [[inode, client's port, "begin", "end"], ...]
 *   burst COUNT AT BYTES RATE [ENDING]
 *                                   connect, send, end it, close, at most RATE a second
 *                                   (0: as fast as they can be made), or until halt;
 *                                   ENDING: close, reset, unspec, shutdown; or how
 *                                   connect() is to fail: refused, unreachable
 *   serve FD COUNT                  accept, receive up to the FIN, close; ends, too,
 *                                   when the listener is shut down
 *   halt                            ends every burst
 *   hold FD COUNT AT                connects to the listener FD, which is AT, and accepts;
 *                                   both ends of each stay open
 *   flood COUNT AT                  sends that many SYNs from addresses of nobody
 * Process
 *   dup FD  close_range FIRST LAST  exit CODE (no answer)
 *   fork PATH                       ret: the child's pid; the child is an actor that
 *                                   connects to the UNIX socket PATH for its commands
 *   give FD MAILBOX  take MAILBOX+  pass a descriptor (SCM_RIGHTS); "mailbox" is in
 *                                   the answer to fork, the same number in the child
 *   reap PID                        waits for the end of a child
 *   nofile COUNT                    the limit of open files
 *   clock SECONDS                   sets the wall clock forward or back
 *   comm HEX  uid REAL EFFECTIVE  netns PATH  unshare net|pid|user
 * Threads
 *   background COMMAND...           runs it in a thread: "job", and the thread's tid
 *   blocked JOB                     waits until it sleeps in its system call
 *   join JOB                        waits for its end; answers what it answered
 */
#include "actor.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const struct command {
	const char *name;
	void (*run)(struct call *call);
} commands[] = {
	{"accept", cmd_accept},
	{"accept4", cmd_accept4},
	{"background", cmd_background},
	{"bind", cmd_bind},
	{"blocked", cmd_blocked},
	{"burst", cmd_burst},
	{"clock", cmd_clock},
	{"close", cmd_close},
	{"close_range", cmd_close_range},
	{"comm", cmd_comm},
	{"connect", cmd_connect},
	{"describe", cmd_describe},
	{"drain", cmd_drain},
	{"dup", cmd_dup},
	{"epoll_accept", cmd_epoll_accept},
	{"error", cmd_error},
	{"exit", cmd_exit},
	{"fastopen", cmd_fastopen},
	{"flood", cmd_flood},
	{"fork", cmd_fork},
	{"give", cmd_give},
	{"halt", cmd_halt},
	{"hold", cmd_hold},
	{"listen", cmd_listen},
	{"netns", cmd_netns},
	{"nofile", cmd_nofile},
	{"poll", cmd_poll},
	{"reap", cmd_reap},
	{"recv", cmd_recv},
	{"send", cmd_send},
	{"serve", cmd_serve},
	{"set", cmd_set},
	{"shutdown", cmd_shutdown},
	{"socket", cmd_socket},
	{"take", cmd_take},
	{"uid", cmd_uid},
	{"unshare", cmd_unshare},
	{"uring_accept", cmd_uring_accept},
	{"uring_close", cmd_uring_close},
	{"uring_connect", cmd_uring_connect},
};

uint64_t wall_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* The word at @index, or "" and a bad call. */
const char *word(struct call *call, int index)
{
	int i;

	for (i = 0; i <= index; i++)
		if (!call->words[i]) {
			call->bad = "a word is missing";
			return "";
		}
	return call->words[index];
}

long number(struct call *call, int index)
{
	char *end;
	long value = strtol(word(call, index), &end, 10);

	if (*end)
		call->bad = "not a number";
	return value;
}

void append_field(struct call *call, const char *name, long value)
{
	fprintf(call->fields, ",\"%s\":%ld", name, value);
}

static void dispatch(struct call *call)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (strcmp(word(call, 0), commands[i].name) == 0) {
			commands[i].run(call);
			return;
		}
	call->bad = "no such command";
}

static char *answer(const struct call *call, const char *fields)
{
	char *text, err[64] = "";

	if (call->bad) {
		if (asprintf(&text, "{\"bad\":\"%s\"}", call->bad) < 0)
			abort();
		return text;
	}
	if (call->ret < 0)
		snprintf(err, sizeof(err), ",\"errno\":\"%s\"", strerrorname_np(call->err));
	if (asprintf(&text,
		     "{\"pid\":%d,\"tid\":%d,\"before\":\"%lu\",\"after\":\"%lu\",\"ret\":%ld%s%s}",
		     getpid(), gettid(), call->before, call->after, call->ret, err, fields) < 0)
		abort();
	return text;
}

/* Runs one line, in whatever thread; returns the answer, to be freed. */
char *run(char *line)
{
	struct call call = {};
	char *rest = line, *fields, *text;
	size_t size;
	int i;

	for (i = 0; i < MAX_WORDS; i++) {
		call.words[i] = strtok_r(rest, " ", &rest);
		if (!call.words[i])
			break;
	}
	if (call.words[0] && strcmp(call.words[0], "join") == 0)
		return join_job(&call);
	call.fields = open_memstream(&fields, &size);
	if (!call.fields)
		abort();
	dispatch(&call);
	fclose(call.fields);
	text = answer(&call, fields);
	free(fields);
	return text;
}

static void reply(char *text)
{
	size_t done = 0, size = strlen(text) + 1;
	ssize_t n;

	text[size - 1] = '\n';
	while (done < size) {
		n = write(STDOUT_FILENO, text + done, size - done);
		if (n < 0)
			_exit(1);
		done += n;
	}
}

/* Until the end of stdin; the child of a fork starts over here, with its own. */
void serve_commands(void)
{
	char line[4096];
	size_t used = 0;
	ssize_t n;
	char *end, *text;

	while ((n = read(STDIN_FILENO, line + used, sizeof(line) - used)) > 0) {
		used += n;
		while ((end = memchr(line, '\n', used))) {
			*end = '\0';
			text = run(line);
			reply(text);
			free(text);
			used -= end + 1 - line;
			memmove(line, end + 1, used);
		}
	}
	_exit(0);
}

int main(void)
{
	serve_commands();
}
