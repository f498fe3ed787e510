/*
 * Makes TCP connections on loopback, as fast as possible or at a given rate. One thread connects,
 * accepts, sends ten bytes and closes both sockets, so that it never waits for another thread:
 * four events per connection. With `apart`, the server runs in a second thread and closes first.
 *
 *   generator [THREADS [apart | cgroups DIR]]
 *
 * Prints "listening PORT...", then for each input line "COUNT RATE" (connections per second; 0: as
 * fast as possible) prints "COUNT NANOSECONDS". With `cgroups`, a new process in a new cgroup in
 * DIR makes each connection, and the cgroup is removed afterwards.
 *
 * Each thread has its own port and cycles through a few addresses of its own, so that ports in
 * TIME_WAIT never run out.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_THREADS  64
#define ADDRESSES    4
#define BYTES	     10
#define NSEC_PER_SEC 1000000000LL

static bool is_apart;
static const char *cgroups; /* directory of new cgroups; NULL: none are made */

struct worker {
	pthread_t thread, server;
	uint32_t network; /* host order */
	int listener;
	struct sockaddr_in to;
	long count;
	int64_t interval_ns; /* 0: none */
};

static int64_t monotonic_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NSEC_PER_SEC + t.tv_nsec;
}

static void wait_until(int64_t ns)
{
	struct timespec t = {.tv_sec = ns / NSEC_PER_SEC, .tv_nsec = ns % NSEC_PER_SEC};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

static void start_listening(struct worker *w, int index)
{
	socklen_t len = sizeof(w->to);

	w->network = INADDR_LOOPBACK + 0x100 * (index + 1);
	w->to.sin_family = AF_INET;
	w->listener = socket(AF_INET, SOCK_STREAM, 0);
	if (w->listener < 0 || bind(w->listener, (struct sockaddr *)&w->to, len) < 0 ||
	    listen(w->listener, SOMAXCONN) < 0 ||
	    getsockname(w->listener, (struct sockaddr *)&w->to, &len) < 0)
		err(1, "listen");
}

static int connect_and_send(const struct worker *w)
{
	int client = socket(AF_INET, SOCK_STREAM, 0);
	char data[BYTES] = {};

	if (client < 0 || connect(client, (struct sockaddr *)&w->to, sizeof(w->to)) < 0)
		err(1, "connect");
	if (send(client, data, BYTES, 0) != BYTES)
		err(1, "send");
	return client;
}

static int accept_and_receive(const struct worker *w)
{
	int server = accept(w->listener, NULL, NULL);
	char data[BYTES];

	if (server < 0)
		err(1, "accept");
	if (recv(server, data, BYTES, 0) != BYTES)
		err(1, "recv");
	return server;
}

static void connect_once(const struct worker *w)
{
	int client = connect_and_send(w), server;
	char end;

	if (!is_apart) {
		server = accept_and_receive(w);
		close(client);
		close(server);
		return;
	}
	if (recv(client, &end, sizeof(end), 0) != 0)
		err(1, "recv");
	close(client);
}

/* Returns the new process's pid to the parent, 0 to itself. */
static pid_t fork_into(const char *cgroup)
{
	int fd = open(cgroup, O_PATH | O_DIRECTORY);
	struct clone_args args = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = fd};
	pid_t pid;

	if (fd < 0)
		err(1, "%s", cgroup);
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0)
		err(1, "clone3");
	close(fd);
	return pid;
}

static void connect_in_cgroup(const struct worker *w, long number)
{
	char cgroup[256];
	int status;
	pid_t pid;

	snprintf(cgroup, sizeof(cgroup), "%s/%d-%ld", cgroups, ntohs(w->to.sin_port), number);
	if (mkdir(cgroup, 0755))
		err(1, "%s", cgroup);
	pid = fork_into(cgroup);
	if (!pid) {
		connect_once(w);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) < 0 || status)
		errx(1, "a connection failed");
	if (rmdir(cgroup))
		err(1, "%s", cgroup);
}

static void *serve(void *argument)
{
	struct worker *w = argument;
	long i;

	for (i = 0; i < w->count; i++)
		close(accept_and_receive(w));
	return NULL;
}

static void *work(void *argument)
{
	struct worker *w = argument;
	int64_t begin = monotonic_ns();
	long i;

	for (i = 0; i < w->count; i++) {
		if (w->interval_ns)
			wait_until(begin + i * w->interval_ns);
		w->to.sin_addr.s_addr = htonl(w->network + i % ADDRESSES);
		if (cgroups)
			connect_in_cgroup(w, i);
		else
			connect_once(w);
	}
	return NULL;
}

static void start(pthread_t *thread, void *(*job)(void *), struct worker *w)
{
	if ((errno = pthread_create(thread, NULL, job, w)))
		err(1, "pthread_create");
}

static int64_t run(struct worker *workers, int threads, long count, long rate)
{
	int64_t begin = monotonic_ns();
	int i;

	for (i = 0; i < threads; i++) {
		/* the first threads make one more if COUNT does not divide evenly */
		workers[i].count = count / threads + (i < count % threads);
		workers[i].interval_ns = rate ? NSEC_PER_SEC * threads / rate : 0;
		start(&workers[i].thread, work, workers + i);
		if (is_apart)
			start(&workers[i].server, serve, workers + i);
	}
	for (i = 0; i < threads; i++) {
		pthread_join(workers[i].thread, NULL);
		if (is_apart)
			pthread_join(workers[i].server, NULL);
	}
	return monotonic_ns() - begin;
}

int main(int argc, char **argv)
{
	static struct worker workers[MAX_THREADS];
	int threads = argc > 1 ? atoi(argv[1]) : 1, i;
	long count, rate;

	if (threads < 1 || threads > MAX_THREADS)
		errx(2, "THREADS is 1 to %d", MAX_THREADS);
	is_apart = argc > 2 && !strcmp(argv[2], "apart");
	if (argc > 3 && !strcmp(argv[2], "cgroups"))
		cgroups = argv[3];
	setlinebuf(stdout);
	printf("listening");
	for (i = 0; i < threads; i++) {
		start_listening(workers + i, i);
		printf(" %d", ntohs(workers[i].to.sin_port));
	}
	printf("\n");
	while (scanf("%ld %ld", &count, &rate) == 2)
		printf("%ld %ld\n", count, (long)run(workers, threads, count, rate));
	return 0;
}
