/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_SSE_H
#define MQSD_SSE_H

struct loop;
struct conf;
struct redis_server;
struct httpd_request;

/*
 * Readers of the event stream (server-sent events, WHATWG HTML 9.2). One Redis connection follows
 * the stream while there is a reader. Each reader has its own position: what it has not got yet is
 * read for it, so none misses an event; one that does not read is cut off at sse_max_bytes.
 */
struct sse;

struct sse *sse_new(struct loop *loop, const struct conf *conf, struct redis_server *server,
		    const char *prefix);
void sse_free(struct sse *sse);

/* Takes the request over. since: the id after which to begin, or NULL for from now on. */
void sse_add(struct sse *sse, struct httpd_request *http, const char *since);

#endif
