/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_ARI_HTTP_H
#define MQSD_ARI_HTTP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqsd/delays.h"

struct loop;

/*
 * Commands to nodes and to Kamailio: libcurl's multi interface on the loop, keep-alive connections,
 * a deadline each. The only file of mqsd that sees libcurl. One per mqsd; servers are told apart by
 * their URL.
 */
struct ari_http;

/* What became of the commands to one server, since we started. */
struct ari_figures {
	struct delays delays;  /* of those that were answered */
	int64_t failures;      /* no answer, not sent, or 5xx */
	int64_t failing_since; /* mono ms of the first of those that failed in a row; 0: none */
};

struct ari_http_target {
	const char *url; /* http[s]://host:port; all of these must outlive the requests */
	const char *user, *password; /* NULL: none is sent */
	struct ari_figures *figures; /* NULL: nobody counts */
};

/* instance: this mqsd's name; must outlive it. */
struct ari_http *ari_http_new(struct loop *loop, const char *instance, int64_t connections,
			      size_t hosts);
/* There are as many servers now. */
void ari_http_set_hosts(struct ari_http *http, size_t hosts);
/* Of https servers: who must have signed their certificates (a file in PEM, "": whom the system
 * trusts; borrowed), and whether that is looked at. */
void ari_http_trust(struct ari_http *http, const char *ca_file, bool verify);
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

/* {"delays": as in delays.h, "failures": n, "failing_ms": n, 0 when the last was answered}. */
json_t *ari_figures_json(const struct ari_figures *figures);

#endif
