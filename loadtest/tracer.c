/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/tracer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define BLOCK	   (1UL << 20)
#define RETIRE_MS  1000
#define IP_MIN	   20
#define UDP_HEADER 8
#define UDP	   17

/* Not what loopback shows a second time, as it goes; IPv4, UDP, no later fragment, and the text
 * begins with a capital letter, as no RTP does. */
static const struct sock_filter sip_only[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_HATYPE)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARPHRD_LOOPBACK, 0, 2),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 12, 0),
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
	BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xf0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x40, 0, 9),
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, UDP, 0, 7),
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6),
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x1fff, 5, 0),
	BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
	BPF_STMT(BPF_LD | BPF_B | BPF_IND, UDP_HEADER),
	BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 'A', 0, 2),
	BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 'Z', 1, 0),
	BPF_STMT(BPF_RET | BPF_K, 65535),
	BPF_STMT(BPF_RET | BPF_K, 0),
};

static int
set_up(int fd, unsigned blocks)
{
	struct tpacket_req3 ring = {.tp_block_size = BLOCK,
				    .tp_block_nr = blocks,
				    .tp_frame_size = 2048,
				    .tp_frame_nr = blocks * (BLOCK / 2048),
				    .tp_retire_blk_tov = RETIRE_MS};
	struct sock_fprog filter = {.len = sizeof(sip_only) / sizeof(sip_only[0]),
				    .filter = (struct sock_filter *)sip_only};
	struct sockaddr_ll all = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	int version = TPACKET_V3;

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) != 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) != 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &ring, sizeof(ring)) != 0)
		return -1;
	return bind(fd, (struct sockaddr *)&all, sizeof(all));
}

int
tracer_open(struct tracer *t, int64_t mb, struct err *err)
{
	/* No protocol: nothing comes before the filter and the ring are there. */
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	void *ring = MAP_FAILED;

	*t = (struct tracer){.blocks = (size_t)mb};
	if (fd >= 0 && set_up(fd, (unsigned)mb) == 0)
		ring = mmap(NULL, t->blocks * BLOCK, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (ring == MAP_FAILED) {
		err_set(err, "SIP messages cannot be kept: %s", strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	t->fd = fd;
	t->ring = ring;
	return 0;
}

static struct tpacket_block_desc *
block_at(const struct tracer *t, size_t i)
{
	return (struct tpacket_block_desc *)(t->ring + i % t->blocks * BLOCK);
}

/* Blocks that the kernel may fill before we come round again. */
static size_t
spare(size_t blocks)
{
	return blocks / 8 + 1;
}

/* A block is closed when it is full, or has been open for long enough. */
double
tracer_holds_s(int64_t mb, double bytes_per_s)
{
	double block_s = RETIRE_MS / 1000.0;

	if (mb <= 0)
		return 0;
	if (bytes_per_s * block_s > (double)BLOCK)
		block_s = (double)BLOCK / bytes_per_s;
	return (double)((size_t)mb - spare((size_t)mb)) * block_s;
}

static double
seconds(const struct tpacket_bd_ts *ts)
{
	return (double)ts->ts_sec + (double)ts->ts_nsec / 1e9;
}

double
tracer_held_s(const struct tracer *t, bool *full)
{
	const struct tpacket_hdr_v1 *oldest, *newest;

	*full = t->first > 0;
	if (t->fd == 0 || t->held == 0)
		return 0;
	oldest = &block_at(t, t->first)->hdr.bh1;
	newest = &block_at(t, t->first + t->held - 1)->hdr.bh1;
	return seconds(&newest->ts_last_pkt) - seconds(&oldest->ts_first_pkt);
}

void
tracer_step(struct tracer *t)
{
	if (t->fd == 0)
		return;
	while (t->held < t->blocks &&
	       (__atomic_load_n(&block_at(t, t->first + t->held)->hdr.bh1.block_status,
				__ATOMIC_ACQUIRE) &
		TP_STATUS_USER))
		t->held++;
	for (; t->held > t->blocks - spare(t->blocks); t->held--)
		__atomic_store_n(&block_at(t, t->first++)->hdr.bh1.block_status, TP_STATUS_KERNEL,
				 __ATOMIC_RELEASE);
}

static void
address(char *out, size_t size, const unsigned char *ip, const unsigned char *port)
{
	snprintf(out, size, "%u.%u.%u.%u:%u", ip[0], ip[1], ip[2], ip[3],
		 (unsigned)port[0] << 8 | port[1]);
}

static void
take_packet(const unsigned char *packet, const struct tpacket3_hdr *h, tracer_take *take, void *arg)
{
	const unsigned char *ip = packet + h->tp_net;
	size_t header = (size_t)(ip[0] & 15) * 4, len = h->tp_snaplen;
	struct tracer_message m = {.at = (int64_t)h->tp_sec * 1000000 + h->tp_nsec / 1000};

	if (header < IP_MIN || len < header + UDP_HEADER)
		return;
	address(m.from, sizeof(m.from), ip + 12, ip + header);
	address(m.to, sizeof(m.to), ip + 16, ip + header + 2);
	m.text = (const char *)ip + header + UDP_HEADER;
	m.len = len - header - UDP_HEADER;
	take(arg, &m);
}

/* The kernel may take the oldest blocks back meanwhile, so nothing that they say is believed. What
 * was checked is a copy: the block itself may say something else a moment later. */
static void
take_block(const struct tpacket_block_desc *block, tracer_take *take, void *arg)
{
	const unsigned char *base = (const unsigned char *)block;
	uint32_t left = block->hdr.bh1.num_pkts;
	size_t at = block->hdr.bh1.offset_to_first_pkt;
	struct tpacket3_hdr h;

	for (; left > 0 && at >= sizeof(*block) && at <= BLOCK - sizeof(h); left--) {
		memcpy(&h, base + at, sizeof(h));
		if (h.tp_net < sizeof(h) || at + h.tp_net + h.tp_snaplen > BLOCK ||
		    h.tp_snaplen < IP_MIN + UDP_HEADER)
			return;
		take_packet(base + at, &h, take, arg);
		if (h.tp_next_offset == 0)
			return;
		at += h.tp_next_offset;
	}
}

void
tracer_each(const struct tracer *t, tracer_take *take, void *arg)
{
	size_t i;

	for (i = 0; t->fd != 0 && i < t->held; i++)
		take_block(block_at(t, t->first + i), take, arg);
}

const char *
tracer_call_id(const char *text, size_t len, char out[TRACER_ID_MAX])
{
	static const char *const names[] = {"\nCall-ID:", "\ni:"};
	const char *end = text + len, *line = text;
	size_t i, n;

	while ((line = memchr(line, '\n', (size_t)(end - line))) != NULL) {
		for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			n = strlen(names[i]);
			if ((size_t)(end - line) <= n || strncasecmp(line, names[i], n) != 0)
				continue;
			for (line += n; line < end && *line == ' ';)
				line++;
			for (n = 0; line + n < end && n < TRACER_ID_MAX - 1 && line[n] > ' ';)
				n++;
			memcpy(out, line, n);
			out[n] = '\0';
			return n > 0 ? out : NULL;
		}
		line++;
	}
	return NULL;
}

void
tracer_close(struct tracer *t)
{
	if (t->fd == 0)
		return;
	munmap(t->ring, t->blocks * BLOCK);
	close(t->fd);
	*t = (struct tracer){.fd = 0};
}
