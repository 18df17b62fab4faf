/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_REDIS_ADDRESS_H
#define MQSD_REDIS_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"

#define REDIS_HOST_MAX	    108 /* longest path of a Unix socket, with its NUL */
#define REDIS_SENTINELS_MAX 9

/* One place to connect to. */
struct redis_host {
	char host[REDIS_HOST_MAX]; /* or the path of a Unix socket, when port is 0 */
	int port;
};

/*
 * What [redis] address says: HOST:PORT, unix:PATH or sentinel:GROUP@HOST:PORT,HOST:PORT,... A port
 * left out is 6379, of a Sentinel 26379; an IPv6 address stands in brackets.
 */
struct redis_address {
	char group[64]; /* of Sentinel; "": hosts[0] is the Redis itself */
	struct redis_host hosts[REDIS_SENTINELS_MAX];
	size_t count;
};

/* 0, or -1 with a sentence that says what is wrong and what would be right. */
int redis_address_parse(const char *text, struct redis_address *address, struct err *err);

bool redis_host_equal(const struct redis_host *a, const struct redis_host *b);

/* "host:port" or "unix:path". Returns out. */
char *redis_host_text(const struct redis_host *host, char *out, size_t size);

#endif
