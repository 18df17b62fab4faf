/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_KAMAILIO_H
#define MQSD_KAMAILIO_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * What mqsd wants of Kamailio ([kamailio] rpc): the dispatcher's word on a node, the second of the
 * two proofs of death (design 8), and the end of a dead node's calls. A node's name here is its
 * duid= in Kamailio's dispatcher.list. One per mqsd; it sends through mqsd's ari_http and uses the
 * loop's timers. Nothing here blocks.
 */
struct kamailio;
struct loop;
struct conf;
struct ari_http;

enum kamailio_word {
	KAMAILIO_SILENT, /* no answer, no such node there, or neither up nor down for certain */
	KAMAILIO_UP,
	KAMAILIO_DOWN,
};

struct kamailio *kamailio_new(struct loop *loop, const struct conf *conf, struct ari_http *http);
void kamailio_free(struct kamailio *k); /* after ari_http_free(); no callback comes any more */

/*
 * Asks the dispatcher of a node. The callback comes exactly once, never from within the call: UP
 * and SILENT after one answer (a command's deadline at most), DOWN when it was said for
 * KAMAILIO_DOWN_MS, because a Kamailio that has just started or reloaded its list calls every node
 * down until the node has answered a probe.
 */
#define KAMAILIO_DOWN_MS 3000
typedef void kamailio_cb(void *arg, enum kamailio_word word);
void kamailio_ask(struct kamailio *k, const char *node, kamailio_cb *cb, void *arg);

/*
 * Ends both sides of the node's calls that began at least so many ms ago (0: all until now): BYE to
 * whom it talked with, CANCEL to the phones that it lets ring. Sent again once a second until
 * Kamailio has confirmed it, for KAMAILIO_END_MS at most; the age grows with the time that passes,
 * so calls that a restarted node has begun meanwhile are not touched. `reason` is for the logs.
 */
#define KAMAILIO_END_MS 120000
void kamailio_end_calls(struct kamailio *k, const char *node, int64_t older_ms, const char *reason);

/* As ari_figures_json(), the caller's; NULL when there is no [kamailio] rpc. */
json_t *kamailio_figures(const struct kamailio *k);

/* Is one configured? */
bool kamailio_is_there(const struct kamailio *k);

/*
 * One command of its JSON-RPC, only where one is configured. params (stolen) may be NULL; name
 * (static) is that of the arrow. The callback comes once, never from within the call: the whole
 * reply (borrowed), or NULL and why: no answer, or its error. Dropped with ari_http_free().
 */
typedef void kamailio_reply_cb(void *arg, const json_t *reply, const char *why);
void kamailio_rpc(struct kamailio *k, const char *name, const char *method, json_t *params,
		  kamailio_reply_cb *cb, void *arg);

/* The word in a reply to dispatcher.list, by the node's DUID. A pure function. */
enum kamailio_word kamailio_word_in(const json_t *reply, const char *node);

#endif
