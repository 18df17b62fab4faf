/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/kamailio.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/text.h"
#include "mqsd/ari_http.h"
#include "mqsd/conf.h"
#include "mqsd/dispatcher_list.h"
#include "mqsd/loop.h"

#define ASK_AGAIN_MS 1000
#define END_AGAIN_MS 1000
#define WATCH_MS     5000
#define AGE_MAX_MS   INT64_C(2000000000) /* Kamailio counts with 32 bits; 23 days */

/* Someone waits for the dispatcher's word. */
struct ask {
	TAILQ_ENTRY(ask) entry;
	struct kamailio *k;
	char node[TEXT_NAME_MAX + 1];
	kamailio_cb *cb;
	void *arg;
	struct loop_timer *again;
	int64_t down_since; /* mono ms of the first DOWN; 0: none yet */
};

/* A dead node's calls are to be ended. */
struct ending {
	TAILQ_ENTRY(ending) entry;
	struct kamailio *k;
	char node[TEXT_NAME_MAX + 1];
	char reason[80];
	struct loop_timer *again;
	int64_t before; /* mono ms: calls that began later stay */
	int64_t until;	/* mono ms */
	int64_t sent;	/* `before` of the request under way; 0: none */
};

struct kamailio {
	struct loop *loop;
	struct ari_http *http;
	const struct conf *conf;
	char *url, *path; /* of JSON-RPC: http://HOST:PORT and the rest; url NULL: not configured */
	struct ari_http_target target;
	struct ari_figures figures;
	TAILQ_HEAD(, ask) asks;
	TAILQ_HEAD(, ending) endings;
	TAILQ_HEAD(, rpc) rpcs;
	bool away; /* it gave no answer the last time */
	struct loop_timer *watch;
};

/* In several sets or with several addresses: up when one of them is. */
struct word_of_node {
	const char *node;
	enum kamailio_word word;
};

static void
take_word(void *arg, const struct dispatcher_dest *dest)
{
	struct word_of_node *of = arg;

	if (strcmp(dest->duid, of->node) != 0)
		return;
	if (dest->flags[0] == 'A')
		of->word = KAMAILIO_UP;
	else if (dest->flags[0] == 'I' && of->word == KAMAILIO_SILENT)
		of->word = KAMAILIO_DOWN;
}

enum kamailio_word
kamailio_word_in(const json_t *reply, const char *node)
{
	struct word_of_node of = {node, KAMAILIO_SILENT};

	dispatcher_list_each(reply, take_word, &of);
	return of.word;
}

static void
note(struct kamailio *k, bool answered, long status, const char *why)
{
	if (answered == !k->away)
		return;
	k->away = !answered;
	if (k->away)
		log_warn("Kamailio at %s%s gives no usable answer: HTTP %ld %s", k->url, k->path,
			 status, why);
	else
		log_info("Kamailio at %s%s answers", k->url, k->path);
}

static void
ask_done(struct ask *ask, enum kamailio_word word)
{
	TAILQ_REMOVE(&ask->k->asks, ask, entry);
	loop_timer_free(ask->again);
	ask->cb(ask->arg, word);
	free(ask);
}

static void
on_list(void *arg, long status, json_t *body, const char *why)
{
	struct ask *ask = arg;
	enum kamailio_word word = kamailio_word_in(body, ask->node);
	int64_t now = clock_mono_ms();

	note(ask->k, status == 200 && json_object_get(body, "result") != NULL, status, why);
	if (status != 200 || word != KAMAILIO_DOWN) {
		ask_done(ask, status == 200 ? word : KAMAILIO_SILENT);
		return;
	}
	if (ask->down_since == 0)
		ask->down_since = now;
	if (now - ask->down_since >= KAMAILIO_DOWN_MS)
		ask_done(ask, KAMAILIO_DOWN);
	else
		loop_timer_arm(ask->again, ASK_AGAIN_MS);
}

static void
ask_send(void *arg)
{
	struct ask *ask = arg;
	struct kamailio *k = ask->k;

	if (k->url == NULL) {
		ask_done(ask, KAMAILIO_SILENT);
		return;
	}
	ari_http_send(k->http, &k->target, "kamailio_list", "POST", k->path,
		      json_pack("{s:s, s:s, s:i}", "jsonrpc", "2.0", "method", "dispatcher.list",
				"id", 1),
		      k->conf->kamailio_timeout_ms, 0, on_list, ask);
}

void
kamailio_ask(struct kamailio *k, const char *node, kamailio_cb *cb, void *arg)
{
	struct ask *ask = mem_zero(sizeof(*ask));

	ask->k = k;
	snprintf(ask->node, sizeof(ask->node), "%s", node);
	ask->cb = cb;
	ask->arg = arg;
	ask->again = loop_timer_new(k->loop, ask_send, ask);
	TAILQ_INSERT_TAIL(&k->asks, ask, entry);
	loop_timer_arm(ask->again, 0);
}

/* A command under way. */
struct rpc {
	TAILQ_ENTRY(rpc) entry;
	struct kamailio *k;
	kamailio_reply_cb *cb;
	void *arg;
};

static void
on_rpc(void *arg, long status, json_t *body, const char *why)
{
	struct rpc *rpc = arg;
	const json_t *error = json_object_get(body, "error");
	const char *said = json_string_value(json_object_get(error, "message"));

	/* An error is an answer, too: with status 500 and a body of JSON-RPC. */
	note(rpc->k, status == 200 || error != NULL, status, why);
	if (status == 200 && json_object_get(body, "result") != NULL)
		rpc->cb(rpc->arg, body, "");
	else
		rpc->cb(rpc->arg, NULL, said != NULL ? said : *why != '\0' ? why : "no JSON-RPC");
	TAILQ_REMOVE(&rpc->k->rpcs, rpc, entry);
	free(rpc);
}

bool
kamailio_is_there(const struct kamailio *k)
{
	return k->url != NULL;
}

void
kamailio_rpc(struct kamailio *k, const char *name, const char *method, json_t *params,
	     kamailio_reply_cb *cb, void *arg)
{
	struct rpc *rpc = mem_zero(sizeof(*rpc));

	rpc->k = k;
	rpc->cb = cb;
	rpc->arg = arg;
	TAILQ_INSERT_TAIL(&k->rpcs, rpc, entry);
	ari_http_send(k->http, &k->target, name, "POST", k->path,
		      json_pack("{s:s, s:s, s:o*, s:i}", "jsonrpc", "2.0", "method", method,
				"params", params, "id", 1),
		      k->conf->kamailio_timeout_ms, 0, on_rpc, rpc);
}

static void
ending_free(struct ending *e)
{
	TAILQ_REMOVE(&e->k->endings, e, entry);
	loop_timer_free(e->again);
	free(e);
}

static void ending_send(void *arg);

static void
on_ended(void *arg, long status, json_t *body, const char *why)
{
	struct ending *e = arg;
	const json_t *talks = json_object_get(body, "ended");
	const json_t *rings = json_object_get(body, "cancelled");
	bool ok = status == 200 && json_is_integer(talks);
	int64_t sent;

	sent = e->sent;
	e->sent = 0;
	note(e->k, ok, status, why);
	if (ok) {
		log_info("node %s: Kamailio has ended %" JSON_INTEGER_FORMAT
			 " of its dialogs and cancelled %" JSON_INTEGER_FORMAT " (%s)",
			 e->node, json_integer_value(talks), json_integer_value(rings), e->reason);
		if (sent < e->before)
			ending_send(e); /* more to end was asked for meanwhile */
		else
			ending_free(e);
	} else if (clock_mono_ms() >= e->until) {
		log_error("node %s: Kamailio did not confirm within %d s that its calls were "
			  "ended; phones may hold on to some of them (%s)",
			  e->node, KAMAILIO_END_MS / 1000, e->reason);
		ending_free(e);
	} else {
		loop_timer_arm(e->again, END_AGAIN_MS);
	}
}

static void
ending_send(void *arg)
{
	struct ending *e = arg;
	struct kamailio *k = e->k;
	char path[TEXT_NAME_MAX + 64];
	int64_t age = clock_mono_ms() - e->before;

	e->sent = e->before;
	snprintf(path, sizeof(path), "/mqs/end-node?duid=%s&age=%" PRId64, e->node,
		 age < AGE_MAX_MS ? age : AGE_MAX_MS);
	ari_http_send(k->http, &k->target, "kamailio_end_node", "POST", path, NULL,
		      k->conf->kamailio_timeout_ms, 0, on_ended, e);
}

void
kamailio_end_calls(struct kamailio *k, const char *node, int64_t older_ms, const char *reason)
{
	int64_t now = clock_mono_ms();
	struct ending *e;

	if (k->url == NULL) {
		log_warn("node %s: [kamailio] rpc is empty, so nobody tells the phones that its "
			 "calls are over (%s)",
			 node, reason);
		return;
	}
	TAILQ_FOREACH(e, &k->endings, entry)
	{
		if (strcmp(e->node, node) == 0)
			break;
	}
	if (e == NULL) {
		e = mem_zero(sizeof(*e));
		e->k = k;
		snprintf(e->node, sizeof(e->node), "%s", node);
		e->again = loop_timer_new(k->loop, ending_send, e);
		TAILQ_INSERT_TAIL(&k->endings, e, entry);
	}
	snprintf(e->reason, sizeof(e->reason), "%s", reason);
	if (e->before < now - older_ms)
		e->before = now - older_ms;
	e->until = now + KAMAILIO_END_MS;
	if (e->sent == 0)
		loop_timer_arm(e->again, 0);
}

static void
on_watched(void *arg, const json_t *reply, const char *why)
{
	(void)arg; /* kamailio_figures() tells */
	(void)reply;
	(void)why;
}

/* Does it answer? Found out before somebody needs it. */
static void
on_watch(void *arg)
{
	struct kamailio *k = arg;

	loop_timer_arm(k->watch, WATCH_MS);
	kamailio_rpc(k, "kamailio_watch", "core.version", NULL, on_watched, k);
}

struct kamailio *
kamailio_new(struct loop *loop, const struct conf *conf, struct ari_http *http)
{
	struct kamailio *k = mem_zero(sizeof(*k));
	const char *rpc = conf->kamailio_rpc;
	size_t host;

	k->loop = loop;
	k->http = http;
	k->conf = conf;
	TAILQ_INIT(&k->asks);
	TAILQ_INIT(&k->endings);
	TAILQ_INIT(&k->rpcs);
	if (*rpc != '\0') {
		host = strlen("http://") + strcspn(rpc + strlen("http://"), "/");
		k->url = mem_dup_len(rpc, host);
		k->path = mem_dup(rpc + host);
		k->target = (struct ari_http_target){.url = k->url, .figures = &k->figures};
		k->watch = loop_timer_new(loop, on_watch, k);
		loop_timer_arm(k->watch, WATCH_MS);
	}
	return k;
}

void
kamailio_free(struct kamailio *k)
{
	struct ask *ask;
	struct rpc *rpc;

	while ((rpc = TAILQ_FIRST(&k->rpcs)) != NULL) {
		TAILQ_REMOVE(&k->rpcs, rpc, entry);
		free(rpc);
	}
	while ((ask = TAILQ_FIRST(&k->asks)) != NULL) {
		TAILQ_REMOVE(&k->asks, ask, entry);
		loop_timer_free(ask->again);
		free(ask);
	}
	loop_timer_free(k->watch);
	while (!TAILQ_EMPTY(&k->endings))
		ending_free(TAILQ_FIRST(&k->endings));
	free(k->url);
	free(k->path);
	free(k);
}

json_t *
kamailio_figures(const struct kamailio *k)
{
	return k->url != NULL ? ari_figures_json(&k->figures) : NULL;
}
