/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_LAB_PORT_H
#define LOADTEST_LAB_PORT_H

#include "lib/err.h"

/*
 * A lab's ports: a block of LAB_PORT_BLOCK in a row on 127.0.0.1, below the kernel's ephemeral
 * range and above the well-known SIP and Redis ports. The block's first port is the lab's claim:
 * the supervisor keeps it bound, so no other lab on the machine takes the block, and no file is
 * left behind when it dies.
 */
#define LAB_PORT_BLOCK 64
#define LAB_PORT_LOW   10240
#define LAB_PORT_HIGH  32000

struct lab_ports {
	int first;    /* the claim */
	int claim[2]; /* its TCP and UDP sockets */
};

/* `used` ports from the first on must be free now. */
int lab_ports_claim(struct lab_ports *ports, int used, struct err *err);
void lab_ports_release(struct lab_ports *ports);

#endif
