/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/lab_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

/* A bound socket of that kind, or -1 when the port is taken. */
static int
bind_port(int type, int port)
{
	struct sockaddr_in sin = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&sin, sizeof(sin)) != 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static bool
port_free(int port)
{
	int tcp = bind_port(SOCK_STREAM, port), udp = bind_port(SOCK_DGRAM, port);

	if (tcp >= 0)
		close(tcp);
	if (udp >= 0)
		close(udp);
	return tcp >= 0 && udp >= 0;
}

static bool
claim_block(struct lab_ports *ports, int first, int used)
{
	int i;

	ports->first = first;
	ports->claim[0] = bind_port(SOCK_STREAM, first);
	ports->claim[1] = bind_port(SOCK_DGRAM, first);
	if (ports->claim[0] >= 0 && ports->claim[1] >= 0) {
		for (i = 1; i < used && port_free(first + i); i++)
			;
		if (i >= used)
			return true;
	}
	lab_ports_release(ports);
	return false;
}

static int
ephemeral_low(void)
{
	FILE *f = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
	int low = LAB_PORT_HIGH;

	if (f != NULL) {
		if (fscanf(f, "%d", &low) != 1)
			low = LAB_PORT_HIGH;
		fclose(f);
	}
	return low < LAB_PORT_HIGH ? low : LAB_PORT_HIGH;
}

int
lab_ports_claim(struct lab_ports *ports, int used, struct err *err)
{
	int blocks = (ephemeral_low() - LAB_PORT_LOW) / LAB_PORT_BLOCK, i;
	unsigned start = 0;

	/* Labs that start at the same moment should not all try the same block first. */
	if (getrandom(&start, sizeof(start), 0) != (ssize_t)sizeof(start))
		start = (unsigned)getpid();
	for (i = 0; i < blocks; i++) {
		int block = (int)((start + (unsigned)i) % (unsigned)blocks);

		if (claim_block(ports, LAB_PORT_LOW + block * LAB_PORT_BLOCK, used))
			return 0;
	}
	return err_set(err, "no %d free ports in a row between %d and %d on 127.0.0.1", used,
		       LAB_PORT_LOW, LAB_PORT_HIGH);
}

void
lab_ports_release(struct lab_ports *ports)
{
	int i;

	for (i = 0; i < 2; i++) {
		if (ports->claim[i] >= 0)
			close(ports->claim[i]);
		ports->claim[i] = -1;
	}
}
