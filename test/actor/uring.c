/* Makes socket calls through io_uring, one at a time, each with a new ring. */
#include "actor.h"

#include <linux/io_uring.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *map_ring(int ring, size_t size, off_t offset)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, offset);
}

/* Submits the entry and waits; returns -1 and errno on failure, like a system call. */
static long submit(int ring, const struct io_uring_params *p, const struct io_uring_sqe *entry)
{
	size_t size = p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe);
	size_t sqe_size = p->sq_entries * sizeof(*entry);
	char *rings = map_ring(ring, size, IORING_OFF_SQ_RING);
	struct io_uring_sqe *sqes = map_ring(ring, sqe_size, IORING_OFF_SQES);
	struct io_uring_cqe *cqe = (struct io_uring_cqe *)(rings + p->cq_off.cqes);
	long ret = -1;

	if (rings == MAP_FAILED || sqes == MAP_FAILED)
		return -1;
	/* both rings are new, so the entry is the first of each */
	sqes[0] = *entry;
	((unsigned int *)(rings + p->sq_off.array))[0] = 0;
	__atomic_store_n((unsigned int *)(rings + p->sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) == 1) {
		ret = cqe->res < 0 ? -1 : cqe->res;
		errno = -cqe->res;
	}
	munmap(sqes, sqe_size);
	munmap(rings, size);
	return ret;
}

static long run_entry(const struct io_uring_sqe *entry)
{
	struct io_uring_params params = {};
	int ring = syscall(SYS_io_uring_setup, 1, &params), err;
	long ret;

	if (ring < 0)
		return -1;
	ret = submit(ring, &params, entry);
	err = errno;
	close(ring);
	errno = err;
	return ret;
}

void cmd_uring_connect(struct call *call)
{
	struct address a = address_words(call, 2);
	struct io_uring_sqe entry = {
		.opcode = IORING_OP_CONNECT,
		.fd = number(call, 1),
		.addr = (uint64_t)&a.sa,
		.off = a.len,
	};

	TIMED(call, run_entry(&entry));
	describe(call, entry.fd);
}

void cmd_uring_accept(struct call *call)
{
	struct io_uring_sqe entry = {.opcode = IORING_OP_ACCEPT, .fd = number(call, 1)};

	TIMED(call, run_entry(&entry));
	if (call->ret >= 0)
		describe(call, call->ret);
}

void cmd_uring_close(struct call *call)
{
	struct io_uring_sqe entry = {.opcode = IORING_OP_CLOSE, .fd = number(call, 1)};

	describe(call, entry.fd);
	TIMED(call, run_entry(&entry));
}

/* A ring that holds the socket as a registered file, and closes its descriptor. */
static long hold_registered(int fd)
{
	struct io_uring_params params = {};
	int ring = syscall(SYS_io_uring_setup, 1, &params);

	if (ring < 0 || syscall(SYS_io_uring_register, ring, IORING_REGISTER_FILES, &fd, 1) < 0)
		return -1;
	close(fd);
	return ring;
}

void cmd_uring_hold(struct call *call)
{
	TIMED(call, hold_registered(number(call, 1)));
}
