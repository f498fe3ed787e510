/* Runs commands in background threads. */
#include "actor.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_JOBS   1024
#define STACK_SIZE (256 * 1024)

struct job {
	pthread_t thread;
	sem_t started;
	pid_t tid;
	char *line;
	char *answer;
	bool used;
};

static struct job jobs[MAX_JOBS];

static void *run_job(void *argument)
{
	struct job *job = argument;

	job->tid = gettid();
	sem_post(&job->started);
	job->answer = run(job->line);
	return NULL;
}

static char *join_words(char **words)
{
	char *line = NULL;
	size_t size;
	FILE *stream = open_memstream(&line, &size);

	for (; *words; words++)
		fprintf(stream, "%s ", *words);
	fclose(stream);
	return line;
}

static struct job *free_job(void)
{
	int i;

	for (i = 0; i < MAX_JOBS; i++)
		if (!jobs[i].used)
			return jobs + i;
	return NULL;
}

void cmd_background(struct call *call)
{
	struct job *job = free_job();
	pthread_attr_t attributes;

	if (!job) {
		call->bad = "too many jobs";
		return;
	}
	*job = (struct job){.used = true, .line = join_words(call->words + 1)};
	sem_init(&job->started, 0, 0);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	TIMED(call, -pthread_create(&job->thread, &attributes, run_job, job));
	pthread_attr_destroy(&attributes);
	if (call->ret < 0) {
		call->bad = "no thread";
		return;
	}
	while (sem_wait(&job->started) < 0)
		;
	append_field(call, "job", job - jobs);
	append_field(call, "thread", job->tid);
}

static bool leaving;

void exit_if_leaving(void)
{
	if (leaving && gettid() == getpid())
		syscall(SYS_exit, 0);
}

static bool main_has_exited(void)
{
	FILE *file = fopen("/proc/self/stat", "re");
	char state = 0;

	if (!file)
		return false;
	if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
		state = 0;
	fclose(file);
	return state == 'Z';
}

static void *serve_after_main(void *unused)
{
	(void)unused;
	while (!main_has_exited())
		sched_yield();
	serve_commands();
	return NULL;
}

void cmd_leave(struct call *call)
{
	pthread_t thread;

	leaving = true;
	TIMED(call, -pthread_create(&thread, NULL, serve_after_main, NULL));
}

static struct job *job_word(struct call *call)
{
	long index = number(call, 1);

	if (index < 0 || index >= MAX_JOBS || !jobs[index].used) {
		call->bad = "no such job";
		return NULL;
	}
	return jobs + index;
}

#define RUNS   -1
#define EXITED -2

/* Returns the number of the system call in which a thread sleeps, RUNS or EXITED. */
static long blocking_call(pid_t tid)
{
	char path[64];
	long nr = RUNS;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", tid);
	file = fopen(path, "re");
	if (!file)
		return EXITED;
	if (fscanf(file, "%ld", &nr) != 1)
		nr = RUNS;
	fclose(file);
	return nr;
}

static bool is_waiting_call(long nr)
{
	return nr == SYS_accept || nr == SYS_accept4 || nr == SYS_connect || nr == SYS_recvfrom ||
	       nr == SYS_sendto || nr == SYS_io_uring_enter;
}

void cmd_blocked(struct call *call)
{
	struct job *job = job_word(call);
	long nr;

	if (!job)
		return;
	while (!is_waiting_call(nr = blocking_call(job->tid))) {
		if (nr == EXITED) {
			call->bad = "the job has ended";
			return;
		}
		sched_yield();
	}
	TIMED(call, 0);
}

char *join_job(struct call *call)
{
	struct job *job = job_word(call);

	if (!job)
		return strdup("{\"bad\":\"no such job\"}");
	pthread_join(job->thread, NULL);
	sem_destroy(&job->started);
	free(job->line);
	job->used = false;
	return job->answer;
}
