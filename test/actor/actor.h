/* Shared declarations of the actor; actor.c documents the commands. */
#ifndef ACTOR_H
#define ACTOR_H

#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

#define MAX_WORDS 16

/* One command and its answer. */
struct call {
	char *words[MAX_WORDS + 1]; /* NULL-terminated; words[0] is the command */
	FILE *fields;		    /* more fields, each preceded by a comma */
	uint64_t before, after;	    /* wall clock around the system call, ns */
	long ret;
	int err;
	const char *bad; /* reason why the command is invalid, or NULL */
};

/* Runs the system call of a command between two readings of the clock. */
#define TIMED(call, expression)                                                                    \
	do {                                                                                       \
		(call)->before = wall_clock();                                                     \
		(call)->ret = (expression);                                                        \
		(call)->err = errno;                                                               \
		(call)->after = wall_clock();                                                      \
	} while (0)

/* actor.c */
uint64_t wall_clock(void);
char *run(char *line);
void serve_commands(void);
void cmd_as(struct call *call);
const char *word(struct call *call, int index);
long number(struct call *call, int index);
void append_field(struct call *call, const char *name, long value);

/* address.c */
struct address {
	struct sockaddr_storage sa;
	socklen_t len;
};

struct address address_words(struct call *call, int index);
unsigned int address_port(const struct address *a);
void describe(struct call *call, int fd);
ino_t file_inode(int fd);

/* Commands, by file. */
void cmd_accept(struct call *call);
void cmd_accept4(struct call *call);
void cmd_bind(struct call *call);
void cmd_close(struct call *call);
void cmd_connect(struct call *call);
void cmd_describe(struct call *call);
void cmd_drain(struct call *call);
void cmd_epoll_accept(struct call *call);
void cmd_error(struct call *call);
void cmd_fastopen(struct call *call);
void cmd_listen(struct call *call);
void cmd_poll(struct call *call);
void cmd_recv(struct call *call);
void cmd_send(struct call *call);
void cmd_set(struct call *call);
void cmd_shutdown(struct call *call);
void cmd_socket(struct call *call);

void cmd_burst(struct call *call);
void cmd_halt(struct call *call);
void cmd_hold(struct call *call);
void cmd_serve(struct call *call);

void cmd_flood(struct call *call);

void cmd_uring_accept(struct call *call);
void cmd_uring_close(struct call *call);
void cmd_uring_connect(struct call *call);
void cmd_uring_hold(struct call *call);

void cmd_connect_len(struct call *call);
void cmd_deny_cgroup(struct call *call);
void cmd_landlock(struct call *call);
void cmd_race_accept(struct call *call);
void cmd_restore(struct call *call);
void cmd_sequence(struct call *call);
void cmd_seccomp_accept(struct call *call);
void cmd_seccomp_connect(struct call *call);

void become_actor(const char *path);
void cmd_clock(struct call *call);
void cmd_close_range(struct call *call);
void cmd_comm(struct call *call);
void cmd_dup(struct call *call);
void cmd_exit(struct call *call);
void cmd_fork(struct call *call);
void cmd_give(struct call *call);
void cmd_strand(struct call *call);
void cmd_netns(struct call *call);
void cmd_nofile(struct call *call);
void cmd_reap(struct call *call);
void cmd_take(struct call *call);
void cmd_uid(struct call *call);
void cmd_unshare(struct call *call);

void cmd_background(struct call *call);
void cmd_leave(struct call *call);
void exit_if_leaving(void);
void cmd_blocked(struct call *call);
char *join_job(struct call *call);

#endif
