/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_CLIENT_H
#define LIB_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"

/*
 * A client of mqsd's control API over its Unix socket or TLS, used by mqsctl, loadtest and tests.
 * Blocking, each call with a deadline, one connection a request. The only file that includes
 * libcurl outside mqsd.
 */
struct client;

/* A reply above this is not read to its end but reported as an error. */
#define CLIENT_BODY_MAX (64L * 1024 * 1024)

struct client *client_new(const char *socket_path);

/* url: https://HOST:PORT; ca_file: whom to trust, PEM, NULL: whom the system trusts. The
 * certificate must be for that host. NULL with err: the url is none. */
struct client *client_new_tls(const char *url, const char *ca_file, struct err *err);

/* Shown with each request from now on; once. -1 with err: it has characters that no token has. */
int client_set_token(struct client *client, const char *token, struct err *err)
	__attribute__((warn_unused_result));

void client_free(struct client *client);

struct client_reply {
	long status;  /* HTTP status; 0 when no mqsd answered */
	json_t *body; /* owned by the caller (json_decref); NULL when empty or not JSON */
};

/*
 * Returns 0 when an HTTP reply came (whatever its status), -1 with err when none did; reply is set
 * in both cases. body may be NULL and stays the caller's.
 */
int client_request(struct client *client, const char *method, const char *path, const json_t *body,
		   long deadline_ms, struct client_reply *reply, struct err *err)
	__attribute__((warn_unused_result));

/*
 * The same of a GET whose reply is a list: each object is handed over (borrowed) and freed again,
 * since a tree of thousands costs more than they do. reply->body has what else there is.
 */
typedef void client_row_cb(void *arg, const json_t *row);
int client_list(struct client *client, const char *path, const char *list, long deadline_ms,
		client_row_cb *row, void *arg, struct client_reply *reply, struct err *err)
	__attribute__((warn_unused_result));

/*
 * Reads server-sent events until `event` returns non-zero (0 is returned), or the stream ends (-1,
 * err). idle_ms without any byte counts as the end (mqsd pings each 15 s). `tick` is called about
 * 10 times a second, may be NULL, and ends the stream by returning non-zero (0 is returned). A
 * reply that is not a stream is -1 too, with the API's sentence; client_status() tells which it
 * was.
 */
typedef int client_event_cb(void *arg, const char *id, const char *name, const char *data);
typedef int client_tick_cb(void *arg);
int client_stream(struct client *client, const char *path, long idle_ms, client_event_cb *event,
		  client_tick_cb *tick, void *arg, struct err *err)
	__attribute__((warn_unused_result));

/* HTTP status of the last request or stream; 0 when nobody answered it. */
long client_status(const struct client *client);

/* A server took the last connection: it may have acted even if no reply came. */
bool client_reached(const struct client *client);

/* Escapes one path segment or query value; the caller frees it with free(). */
char *client_escape(const char *s);

#endif
