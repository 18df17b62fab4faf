/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_ADDRESS_H
#define LOADTEST_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>

/* "10.0.0.1:5060" or "http://10.0.0.1:8088/path": numbers only, as a lab's addresses are. */
bool address_parse(const char *text, struct sockaddr_in *out);

#endif
