/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
address_parse(const char *text, struct sockaddr_in *out)
{
	const char *start = strstr(text, "://"), *colon;
	char host[INET_ADDRSTRLEN], *end;
	long port;

	start = start != NULL ? start + 3 : text;
	colon = strchr(start, ':');
	*out = (struct sockaddr_in){.sin_family = AF_INET};
	if (colon == NULL || (size_t)(colon - start) >= sizeof(host))
		return false;
	snprintf(host, sizeof(host), "%.*s", (int)(colon - start), start);
	port = strtol(colon + 1, &end, 10);
	if (end == colon + 1 || (*end != '\0' && *end != '/') || port < 1 || port > 65535)
		return false;
	out->sin_port = htons((uint16_t)port);
	return inet_pton(AF_INET, host, &out->sin_addr) == 1;
}
