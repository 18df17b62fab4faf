/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_CLIENT_H
#define LIB_CLIENT_H

#include <jansson.h>
#include <stddef.h>

#include "lib/err.h"

/*
 * A client of mqsd's control API over its Unix socket, used by mqsctl, loadtest and tests.
 * Blocking, each call with a deadline. The only file that includes libcurl outside mqsd.
 */
struct client;

struct client *client_new(const char *socket_path);
void client_free(struct client *client);

struct client_reply {
	long status;  /* HTTP status; 0 when no mqsd answered */
	json_t *body; /* owned by the caller (json_decref); NULL when empty or not JSON */
};

/* Returns 0 when an HTTP reply came (whatever its status), -1 with err when none did. body may be
 * NULL. */
int client_request(struct client *client, const char *method, const char *path, const json_t *body,
		   long deadline_ms, struct client_reply *reply, struct err *err);

/*
 * Reads server-sent events until `event` returns non-zero (0 is returned), or the stream ends (-1,
 * err). idle_ms without any byte counts as the end (mqsd pings each 15 s). `tick` is called about
 * 10 times a second, may be NULL, and ends the stream by returning non-zero.
 */
typedef int client_event_cb(void *arg, const char *id, const char *name, const char *data);
typedef int client_tick_cb(void *arg);
int client_stream(struct client *client, const char *path, long idle_ms, client_event_cb *event,
		  client_tick_cb *tick, void *arg, struct err *err);

/* Escapes one path segment or query value; the caller frees it with free(). */
char *client_escape(const char *s);

#endif
