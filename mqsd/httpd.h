/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_HTTPD_H
#define MQSD_HTTPD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

struct loop;
struct peer;
struct tls_server;

/*
 * An HTTP/1.1 server on a Unix socket and, with TLS, on TCP; the only file that sees evhttp. A
 * request outlives its handler: it is answered once, or becomes a stream that is written to until
 * its reader goes or falls too far behind.
 */
struct httpd;
struct httpd_request;

typedef void httpd_handler(void *arg, struct httpd_request *request);

struct httpd_setup {
	const char *socket_path;
	bool socket_for_all;	/* any user of this machine may connect; else its owner and group */
	const char *listen;	/* "": no TCP; else ADDRESS:PORT, and tls */
	struct tls_server *tls; /* borrowed */
	/* of TCP; borrowed: a reload may change them */
	const int64_t *connections_max, *source_connections_max;
	int64_t body_max;
	httpd_handler *handler;
	void *arg;
};

struct httpd *httpd_new(struct loop *loop, const struct httpd_setup *setup, struct err *err);
void httpd_free(struct httpd *httpd); /* ends all requests; their `gone` is called */

const char *httpd_method(const struct httpd_request *request);
const char *httpd_path(const struct httpd_request *request); /* without query, not decoded */
const struct peer *httpd_peer(const struct httpd_request *request);
const char *httpd_header(const struct httpd_request *request, const char *name); /* or NULL */
/* Value of a query parameter, decoded, or NULL; borrowed. */
const char *httpd_query(const struct httpd_request *request, const char *name);
/* The body; an empty one is {}. NULL with err when it is not a JSON object. Owned by the caller. */
json_t *httpd_body(const struct httpd_request *request, struct err *err);

/* Called when the client goes before the reply, or a stream ends by itself; the request is gone
 * then. */
void httpd_on_gone(struct httpd_request *request, void (*gone)(void *arg), void *arg);

/* A header of the reply, before that. */
void httpd_reply_header(struct httpd_request *request, const char *name, const char *value);
void httpd_reply(struct httpd_request *request, int status, json_t *body); /* body is stolen */
void httpd_reply_text(struct httpd_request *request, const char *type, const char *text); /* 200 */
/* 200 and the object `body` (stolen), behind whose members comes the array `key`: text, which stays
 * the caller's until release(arg). */
void httpd_reply_list(struct httpd_request *request, json_t *body, const char *key,
		      const char *text, size_t len, void (*release)(void *arg), void *arg);

void httpd_stream_start(struct httpd_request *request, const char *content_type);
/* -1: the reader is more than max_pending bytes behind and was cut off (gone is called). */
int httpd_stream_write(struct httpd_request *request, const char *data, size_t len,
		       int64_t max_pending);

#endif
