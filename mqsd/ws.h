/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_WS_H
#define MQSD_WS_H

#include <stdbool.h>
#include <stddef.h>

struct loop;
struct tls_client;

/*
 * A WebSocket client (RFC 6455) for text messages that come in: bufferevent for the connection,
 * wslay for the frames. Knows nothing of ARI. One attempt: after `down` it is idle until
 * ws_connect().
 */
struct ws;

enum ws_down {
	WS_REFUSED, /* nobody listens there */
	WS_DENIED,  /* an HTTP answer other than 101, or no trust in it; why names it */
	WS_LOST,    /* connection gone, deadline passed or protocol error */
};

struct ws_hooks {
	void (*up)(void *arg);
	void (*message)(void *arg, const char *text, size_t len);
	void (*down)(void *arg, enum ws_down how,
		     const char *why); /* never from within ws_connect() */
	void *arg;
};

struct ws *ws_new(struct loop *loop, const struct ws_hooks *hooks);
void ws_free(struct ws *ws); /* `down` is not called */

/* tls: NULL for none; must outlive the connection. path with query; user and password go into an
 * Authorization header, never into the URL. */
void ws_connect(struct ws *ws, struct tls_client *tls, const char *host, int port, const char *path,
		const char *user, const char *password);
void ws_close(struct ws *ws); /* back to idle; `down` is not called; not from within a hook */
void ws_drop(struct ws *ws, const char *why); /* `down` comes, later; no message any more */
bool ws_is_up(const struct ws *ws);

/* The key's answer, as the server must send it (RFC 6455, 4.2.2); out holds at least 29 bytes.
 * Pure. */
void ws_accept(const char *key, char *out);

#endif
