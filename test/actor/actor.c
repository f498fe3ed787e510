/*
 * Performs socket operations on command and reports every fact that a tracer may report
 * about them: the ground truth of the tests.
 *
 * Reads one command per line from stdin, or from the UNIX socket whose path is its argument,
 * words separated by spaces. Writes one JSON object per command to stdout or to the socket, in
 * the same order. Every answer has
 *   pid, tid       process and thread that made the system call
 *   before, after  CLOCK_REALTIME around it, nanoseconds, as strings
 *   ret, errno     its result; errno (by name) only if ret is negative
 * and the answers of commands marked + describe the socket:
 *   inode, netns, laddr, lport, raddr, rport, state, rtt, retrans
 * An invalid command is answered by {"bad": "REASON"}. The process exits at the end of stdin.
 *
 * Sockets. AT is "ADDRESS PORT", where ADDRESS may end in %INTERFACE, or "unspec".
 *   socket 4|6 [mptcp] [raw] [nonblock]+  bind FD AT  listen FD BACKLOG
 *   set FD OPTION VALUE             see cmd_set()
 *   connect FD AT+  fastopen FD AT BYTES+
 *   accept FD+  accept4 FD+  epoll_accept FD+   the last two return a non-blocking socket
 *   poll FD in|out|rdhup|hup        waits for the event (hup: or an error)
 *   error FD                        reads SO_ERROR: "error", by name
 *   send FD BYTES  recv FD BYTES    transfers all bytes; recv stops at the peer's FIN
 *   drain FD                        receives until the peer's FIN
 *   shutdown FD rd|wr|rdwr  close FD+ (described before closing)  describe FD+
 *   uring_connect FD AT+  uring_accept FD+  uring_close FD+
 *   uring_hold FD                   closes FD, whose socket a new ring (ret) holds from then on
 * Refused, forged, hidden and restored connections: hostile.c
 *   connect_len FD AT LENGTH        connect() with this length of the address
 *   landlock  deny_cgroup PATH      every later connect() is refused
 *   seccomp_connect                 seccomp answers every later connect() with ENETUNREACH
 *   seccomp_accept FD               seccomp answers every later accept4() with FD
 *   race_accept LISTENER DECOY COUNT AT   another thread replaces what accept() returns
 *   sequence FD                     "sequence": [next to be sent, next to be received]
 *   restore FD+                     a new socket in its place, by TCP_REPAIR
 * Many connections. Answer: "connections": [[inode, client's port, "begin", "end"], ...]
 *   burst COUNT AT BYTES RATE [ENDING]
 *                                   connects, sends, closes, COUNT times or until halt, at
 *                                   most RATE a second (0: unlimited). ENDING is close,
 *                                   reset, unspec or shutdown; or the expected error of
 *                                   connect(): refused, unreachable
 *   serve FD COUNT                  accepts, receives until the FIN, closes, COUNT times or
 *                                   until the listener is shut down
 *   halt                            stops every burst
 *   hold FD COUNT AT [BYTES]        connects to the listener FD at address AT, accepts and
 *                                   sends; both sockets of each connection stay open
 *   flood COUNT AT                  sends COUNT SYNs from spoofed addresses
 * Process
 *   dup FD  close_range FIRST LAST  exit CODE (no answer)
 *   fork PATH                       ret: pid of the child, an actor that connects to the
 *                                   UNIX socket PATH for its commands
 *   give FD MAILBOX  take MAILBOX+  passes a descriptor (SCM_RIGHTS). The answer to fork has
 *                                   "mailbox", valid in parent and child
 *   strand FD                       sends FD over a UNIX socket that only its own queue holds,
 *                                   and closes it: the garbage collector closes FD later
 *   reap PID                        waits until a child exits
 *   nofile COUNT                    sets RLIMIT_NOFILE
 *   clock SECONDS                   moves the wall clock forward (negative: back)
 *   comm HEX  uid REAL EFFECTIVE  netns PATH  unshare net|pid|user
 * Threads
 *   background COMMAND...           runs COMMAND in a new thread: "job", and "thread" (tid)
 *   as HEX COMMAND...               sets the thread's name, then runs COMMAND
 *   leave                           exits the main thread; another thread runs the next commands
 *   blocked JOB                     waits until the thread sleeps in accept(), connect(),
 *                                   recv(), send() or io_uring_enter(); bad if it has ended
 *   join JOB                        waits for the thread and returns its answer
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
	{"as", cmd_as},
	{"background", cmd_background},
	{"bind", cmd_bind},
	{"blocked", cmd_blocked},
	{"burst", cmd_burst},
	{"clock", cmd_clock},
	{"close", cmd_close},
	{"close_range", cmd_close_range},
	{"comm", cmd_comm},
	{"connect", cmd_connect},
	{"connect_len", cmd_connect_len},
	{"deny_cgroup", cmd_deny_cgroup},
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
	{"landlock", cmd_landlock},
	{"leave", cmd_leave},
	{"listen", cmd_listen},
	{"netns", cmd_netns},
	{"nofile", cmd_nofile},
	{"poll", cmd_poll},
	{"race_accept", cmd_race_accept},
	{"reap", cmd_reap},
	{"recv", cmd_recv},
	{"restore", cmd_restore},
	{"seccomp_accept", cmd_seccomp_accept},
	{"seccomp_connect", cmd_seccomp_connect},
	{"send", cmd_send},
	{"sequence", cmd_sequence},
	{"serve", cmd_serve},
	{"set", cmd_set},
	{"shutdown", cmd_shutdown},
	{"socket", cmd_socket},
	{"strand", cmd_strand},
	{"take", cmd_take},
	{"uid", cmd_uid},
	{"unshare", cmd_unshare},
	{"uring_accept", cmd_uring_accept},
	{"uring_close", cmd_uring_close},
	{"uring_connect", cmd_uring_connect},
	{"uring_hold", cmd_uring_hold},
};

uint64_t wall_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Returns the word at @index; if missing, returns "" and marks the call as bad. */
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

void cmd_as(struct call *call)
{
	cmd_comm(call);
	memmove(call->words, call->words + 2, sizeof(call->words) - 2 * sizeof(*call->words));
	dispatch(call);
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

/* Runs one command line in the calling thread. The caller frees the answer. */
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

/* Runs commands until the end of stdin, then exits. A forked child calls it with its own stdin. */
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
			exit_if_leaving();
			used -= end + 1 - line;
			memmove(line, end + 1, used);
		}
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		become_actor(argv[1]);
	serve_commands();
}
