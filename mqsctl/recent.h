/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_RECENT_H
#define MQSCTL_RECENT_H

#include <jansson.h>

struct client;

/* Reads the events of the last minute and holds them against the rules of lib/checker.h. Adds to
 * the findings of a reply (findings.h) which are broken, or how many events break none. */
void recent_check(struct client *client, json_t *reply);

#endif
