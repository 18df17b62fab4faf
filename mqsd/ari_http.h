/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_ARI_HTTP_H
#define MQSD_ARI_HTTP_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct loop;

/*
 * Commands to nodes and to Kamailio: libcurl's multi interface on the loop, keep-alive connections,
 * a deadline each. The only file of mqsd that sees libcurl. One per mqsd; servers are told apart by
 * their URL.
 */
struct ari_http;

struct ari_http_target {
	const char *url;	     /* http://host:port; these three must outlive the requests */
	const char *user, *password; /* NULL: none is sent */
};

/* instance: this mqsd's name; must outlive it. */
struct ari_http *ari_http_new(struct loop *loop, const char *instance, int64_t connections,
			      size_t hosts);
void
ari_http_free(struct ari_http *http); /* requests under way are dropped without their callback */

/*
 * The callback comes exactly once, never from within the call. status: of HTTP; 0 = no answer, so
 * what became of the command is unknown; -1 = it never left (connection refused); ARI_HTTP_OURS =
 * it never left, and not by the server's doing (queue full, or too late). body is borrowed and NULL
 * when there is none. `why` says what happened when status <= 0.
 */
#define ARI_HTTP_OURS (-2)
typedef void ari_http_cb(void *arg, long status, json_t *body, const char *why);

/*
 * path begins with "/"; body (stolen) may be NULL; name (static) is that of the arrow (arrow.h).
 * expires (mono ms; 0: never) is looked at when the command would leave, however long it waited for
 * a connection or we were stopped: a late one does not leave (ARI_HTTP_OURS).
 */
void ari_http_send(struct ari_http *http, const struct ari_http_target *target, const char *name,
		   const char *method, const char *path, json_t *body, int64_t deadline_ms,
		   int64_t expires, ari_http_cb *cb, void *arg);

#endif
