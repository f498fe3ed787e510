/* Parses addresses and describes sockets. */
#include "actor.h"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static bool parse_v6(struct sockaddr_in6 *sa, const char *text, unsigned int port)
{
	char host[INET6_ADDRSTRLEN];
	size_t length = strcspn(text, "%");

	if (length >= sizeof(host))
		return false;
	memcpy(host, text, length);
	host[length] = '\0';
	sa->sin6_family = AF_INET6;
	sa->sin6_port = htons(port);
	sa->sin6_scope_id = text[length] ? if_nametoindex(text + length + 1) : 0;
	return inet_pton(AF_INET6, host, &sa->sin6_addr) == 1;
}

/* Parses "ADDRESS PORT" or "unspec" from the words at @index. */
struct address address_words(struct call *call, int index)
{
	struct address a = {};
	struct sockaddr_in *v4 = (struct sockaddr_in *)&a.sa;
	const char *text = word(call, index);
	bool ok;

	if (strcmp(text, "unspec") == 0) {
		a.sa.ss_family = AF_UNSPEC;
		a.len = sizeof(struct sockaddr_in);
	} else if (strchr(text, ':')) {
		ok = parse_v6((struct sockaddr_in6 *)&a.sa, text, number(call, index + 1));
		a.len = sizeof(struct sockaddr_in6);
		if (!ok)
			call->bad = "not an address";
	} else {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(number(call, index + 1));
		a.len = sizeof(*v4);
		if (inet_pton(AF_INET, text, &v4->sin_addr) != 1)
			call->bad = "not an address";
	}
	return a;
}

unsigned int address_port(const struct address *a)
{
	/* sin_port and sin6_port have the same offset */
	return ntohs(((const struct sockaddr_in *)&a->sa)->sin_port);
}

/* @side: 'l' for local, 'r' for remote */
static void append_address(struct call *call, char side, const struct address *a)
{
	const void *host = a->sa.ss_family == AF_INET6
				   ? (const void *)&((const struct sockaddr_in6 *)&a->sa)->sin6_addr
				   : (const void *)&((const struct sockaddr_in *)&a->sa)->sin_addr;
	char text[INET6_ADDRSTRLEN];

	if (inet_ntop(a->sa.ss_family, host, text, sizeof(text)))
		fprintf(call->fields, ",\"%caddr\":\"%s\",\"%cport\":%u", side, text, side,
			address_port(a));
}

/* The interface of a link-local address. */
static void append_zone(struct call *call, const struct address *a)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&a->sa;
	char name[IF_NAMESIZE];

	if (a->sa.ss_family == AF_INET6 && if_indextoname(v6->sin6_scope_id, name))
		fprintf(call->fields, ",\"zone\":\"%s\"", name);
}

ino_t file_inode(int fd)
{
	struct stat st = {};

	fstat(fd, &st);
	return st.st_ino;
}

/* SIOCGSKNS needs CAP_NET_ADMIN; without it, returns the network namespace of this thread. */
static ino_t socket_netns(int fd)
{
	int ns = ioctl(fd, SIOCGSKNS);
	struct stat st = {};

	if (ns < 0) {
		stat("/proc/thread-self/ns/net", &st);
	} else {
		fstat(ns, &st);
		close(ns);
	}
	return st.st_ino;
}

void describe(struct call *call, int fd)
{
	struct address a = {.len = sizeof(a.sa)};
	struct tcp_info info = {};
	socklen_t size = sizeof(info);

	append_field(call, "inode", file_inode(fd));
	append_field(call, "netns", socket_netns(fd));
	if (getsockname(fd, (struct sockaddr *)&a.sa, &a.len) == 0) {
		append_address(call, 'l', &a);
		append_zone(call, &a);
	}
	a.len = sizeof(a.sa);
	if (getpeername(fd, (struct sockaddr *)&a.sa, &a.len) == 0)
		append_address(call, 'r', &a);
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0) {
		append_field(call, "state", info.tcpi_state);
		append_field(call, "rtt", info.tcpi_rtt);
		append_field(call, "retrans", info.tcpi_total_retrans);
	}
}

void cmd_describe(struct call *call)
{
	TIMED(call, 0);
	describe(call, number(call, 1));
}
