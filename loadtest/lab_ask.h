/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_LAB_ASK_H
#define LOADTEST_LAB_ASK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* One request to a server and its reply. Blocks for at most LAB_ASK_MS. `why`: LAB_TEXT_MAX bytes,
 * set when there is no answer. */
#define LAB_ASK_MS  500
#define LAB_ASK_MAX 65536 /* bytes of a reply, its NUL among them; what is longer is cut */

/* Sets why; returns -1. */
int lab_ask_say(char *why, const char *text);

/* Whether the reply so far is whole; called after each piece. */
typedef bool lab_ask_whole(const char *reply, size_t len);

/* address: "127.0.0.1:port" or a path; type: SOCK_STREAM or SOCK_DGRAM. Reads until the reply is
 * whole; returns its length, or -1 with why. */
ssize_t lab_ask(const char *address, int type, const char *request, lab_ask_whole *whole,
		char reply[LAB_ASK_MAX], char *why);

/* The JSON of a 200, owned by the caller, or NULL with why. */
json_t *lab_ask_http(const char *address, const char *request, char *why);

#endif
