/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/node.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "mqsd/ari_event.h"
#include "mqsd/call.h"
#include "mqsd/conf.h"
#include "mqsd/kamailio.h"
#include "mqsd/lease.h"
#include "mqsd/loop.h"
#include "mqsd/reconcile.h"
#include "mqsd/ws.h"

#define TICK_MS	       1000
#define RETRY_MS       250
#define UNREACHABLE_MS 5000  /* not connected for so long: its waiting calls are held */
#define REFUSED_DEAD   4     /* refused connects in a row, RETRY_MS apart, are proof of death */
#define DEAF_MS	       3000  /* an event of our own that does not come back in so long */
#define PAGE_MS	       15000 /* deadline of the lists of a full node */

struct node {
	const struct node_env *env;
	const struct conf_node *conf;
	struct ari_http_target target;
	char *host;
	int port;
	enum node_state state;
	struct lease *lease;
	struct ws *ws;
	struct calls *calls;
	struct reconcile *reconcile;
	struct loop_timer *tick, *retry, *period;
	char version[64], startup[64];
	bool pool_open, owned, owning;
	bool again;	    /* reconcile once more when the one under way is done */
	bool died;	    /* the node is another process than the pool's records knew */
	bool asking;	    /* Kamailio, what it thinks of the node */
	bool unseen;	    /* given up for dead, but nobody has seen its channels gone */
	bool unsaid;	    /* the pool may not know our state: it is said again */
	char owned_as[128]; /* token that was sent with node_own */
	int refused;	    /* connects in a row */
	int64_t down_since; /* mono ms; 0 while connected */
	int64_t period_ms;  /* that the period runs for */
	int64_t echo_sent;  /* mono ms of our own event under way; 0: none */
};

static const char *const state_names[] = {"connecting", "reconciling", "up", "unreachable", "dead"};

const char *
node_state_name(enum node_state state)
{
	return state_names[state];
}

static void connect_events(void *arg);
static void reconcile(struct node *node);

const char *
node_name(const struct node *node)
{
	return node->conf->name;
}

enum node_state
node_state(const struct node *node)
{
	return node->state;
}

const struct conf *
node_conf(const struct node *node)
{
	return node->env->conf;
}

struct loop *
node_loop(const struct node *node)
{
	return node->env->loop;
}

bool
node_is_settled(const struct node *node)
{
	return node->state == NODE_UP || node->state == NODE_UNREACHABLE ||
	       node->state == NODE_DEAD;
}

size_t
node_offers(const struct node *node)
{
	return calls_offers(node->calls);
}

bool
node_may_build(const struct node *node)
{
	return node->owned && node->pool_open &&
	       lease_left_ms(node->lease) >= node->env->conf->ari_timeout_ms;
}

void
node_script(struct node *node, const char *script, json_t *args, pool_reply_cb *cb, void *arg)
{
	const char *token = lease_token(node->lease);

	json_object_set_new(args, "node", json_string(node->conf->name));
	json_object_set_new(args, "token", json_string(token != NULL ? token : ""));
	pool_call(node->env->pool, script, args, cb, arg);
}

void
node_command(struct node *node, enum ari_command command, json_t *body, ari_http_cb *cb, void *arg,
	     ...)
{
	const struct ari_command_row *row = &ari_command_rows[command];
	char path[1024];
	va_list words;

	va_start(words, arg);
	ari_command_path(path, sizeof(path), row, words);
	va_end(words);
	ari_http_send(node->env->http, &node->target, row->name, row->method, path, body,
		      row->lists ? PAGE_MS : node->env->conf->ari_timeout_ms, cb, arg);
}

void
node_disown(struct node *node)
{
	node->owned = false;
}

static void
on_said(void *arg, json_t *reply)
{
	struct node *node = arg;

	if (pool_refusal(reply) != NULL)
		node->unsaid = true;
}

static void on_hold_page(void *arg, json_t *reply);

/* Holds or releases the node's waiting calls, page by page; `hold` follows the state at each page.
 */
static void
hold_page(struct node *node, json_t *cursor)
{
	bool hold = node->state == NODE_UNREACHABLE;
	json_t *args = json_pack("{s:b, s:s}", "hold", hold, "reason",
				 hold ? "node_unreachable" : "node_up");

	if (cursor != NULL)
		json_object_set(args, "cursor", cursor);
	node_script(node, "node_hold", args, on_hold_page, node);
}

static void
on_hold_page(void *arg, json_t *reply)
{
	json_t *cursor = json_object_get(reply, "cursor");

	on_said(arg, reply);
	if (cursor != NULL)
		hold_page(arg, cursor);
}

/* The only writer of a node's state here; the pool's event says old, new and why. */
static void
set_state(struct node *node, enum node_state state, const char *reason)
{
	enum node_state old = node->state;
	json_t *args;

	node->state = state;
	args = json_pack("{s:s, s:s}", "state", state_names[state], "reason", reason);
	if (node->version[0] != '\0') {
		json_object_set_new(args, "asterisk", json_string(node->version));
		json_object_set_new(args, "startup", json_string(node->startup));
	}
	if (old != state)
		log_info("node %s: %s -> %s (%s)", node->conf->name, state_names[old],
			 state_names[state], reason);
	node_script(node, "node_state", args, on_said, node);
	if (old != state && (state == NODE_UNREACHABLE || state == NODE_UP))
		hold_page(node, NULL);
	if (node_is_settled(node))
		node->env->settled(node->env->arg);
}

/* Every call of a dead node is lost with it. */
static void
on_lost_page(void *arg, json_t *reply)
{
	struct node *node = arg;
	json_t *record, *cursor = json_object_get(reply, "cursor");
	size_t i;

	on_said(node, reply);
	json_array_foreach(json_object_get(reply, "calls"), i, record)
		calls_lost(node->calls, record, node->unseen);
	if (cursor != NULL)
		node_script(node, "node_calls", json_pack("{s:O}", "cursor", cursor), on_lost_page,
			    node);
}

static void
declare_dead(struct node *node, const char *why, bool unseen)
{
	if (node->state == NODE_DEAD)
		return;
	node->unseen = unseen;
	log_error("node %s is dead: %s; its calls are lost", node->conf->name, why);
	kamailio_end_calls(node->env->kamailio, node->conf->name, 0, why);
	set_state(node, NODE_DEAD, why);
	node_script(node, "node_calls", json_object(), on_lost_page, node);
}

static void
on_kamailio_word(void *arg, enum kamailio_word word)
{
	struct node *node = arg;

	node->asking = false;
	if (word == KAMAILIO_DOWN && node->owned && node->state == NODE_UNREACHABLE &&
	    !ws_is_up(node->ws))
		declare_dead(node, "it does not answer, and Kamailio calls it down", true);
}

/* Silence is not death, unless Kamailio hears nothing either. */
static void
ask_kamailio(struct node *node)
{
	if (node->asking || node->state != NODE_UNREACHABLE || ws_is_up(node->ws))
		return;
	node->asking = true;
	kamailio_ask(node->env->kamailio, node->conf->name, on_kamailio_word, node);
}

/* What Redis gave no answer to is said once more, all of it. */
static void
say_again(struct node *node)
{
	node->unsaid = false;
	set_state(node, node->state, "said again");
	if (node->state == NODE_UP || node->state == NODE_UNREACHABLE)
		hold_page(node, NULL);
	else if (node->state == NODE_DEAD)
		node_script(node, "node_calls", json_object(), on_lost_page, node);
}

static void
arm_period(struct node *node)
{
	node->period_ms = node->env->conf->reconcile_ms;
	if (node->period_ms > 0)
		loop_timer_arm(node->period, node->period_ms);
	else
		loop_timer_stop(node->period);
}

static void
on_reconciled(void *arg, enum reconcile_end end)
{
	struct node *node = arg;

	node->reconcile = NULL;
	if (!ws_is_up(node->ws))
		return;
	if (end == RECONCILE_FAILED) {
		log_warn("node %s: reconcile got no answer; again in %d ms", node->conf->name,
			 TICK_MS);
		node->again = true;
		return;
	}
	if (node->again) {
		reconcile(node);
		return;
	}
	node->again = end == RECONCILE_UNSURE;
	node->died = false;
	if (node->state != NODE_UP)
		set_state(node, NODE_UP, "reconciled");
	arm_period(node);
}

static void
on_period(void *arg)
{
	reconcile(arg);
}

static void
reconcile(struct node *node)
{
	if (!node->owned || !node->pool_open || !ws_is_up(node->ws))
		return;
	node->again = node->reconcile != NULL;
	if (node->reconcile == NULL)
		node->reconcile =
			reconcile_start(node, node->calls, node->died, on_reconciled, node);
}

static void
on_filter(void *arg, long status, json_t *body, const char *why)
{
	struct node *node = arg;

	(void)body;
	if (status != 200)
		log_warn("node %s: event filter not taken (HTTP %ld %s); it only saves work",
			 node->conf->name, status, why);
	reconcile(node);
}

static void
set_filter(struct node *node)
{
	static const char *const unwanted[] = {"ChannelVarset",
					       "ChannelDialplan",
					       "ChannelCallerId",
					       "ChannelCreated",
					       "Dial",
					       "BridgeCreated",
					       "BridgeDestroyed",
					       "ChannelHangupRequest",
					       "ChannelConnectedLine"};
	json_t *types = json_array();
	size_t i;

	for (i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]); i++)
		json_array_append_new(types, json_pack("{s:s}", "type", unwanted[i]));
	node_command(node, ARI_FILTER, json_pack("{s:o}", "disallowed", types), on_filter, node,
		     node->env->conf->ari_app, NULL);
}

static void
on_started(void *arg, json_t *reply)
{
	struct node *node = arg;
	int64_t uptime = clock_wall_ms() - ari_time_ms(node->startup);

	if (!ws_is_up(node->ws))
		return;
	if (pool_refusal(reply) != NULL) {
		ws_close(node->ws);
		loop_timer_arm(node->retry, RETRY_MS);
		return;
	}
	node->died = json_is_true(json_object_get(reply, "died"));
	if (node->died) {
		log_error("node %s was started anew at %s; the calls it had before are lost",
			  node->conf->name, node->startup);
		/* With clocks too far apart new calls could not be told from old ones. */
		if (uptime > 0)
			kamailio_end_calls(node->env->kamailio, node->conf->name, uptime,
					   "the node was started anew");
	}
	set_filter(node);
}

static void
on_asterisk_info(void *arg, long status, json_t *body, const char *why)
{
	struct node *node = arg;
	const char *version =
		json_string_value(json_object_get(json_object_get(body, "system"), "version"));
	const char *startup =
		json_string_value(json_object_get(json_object_get(body, "status"), "startup_time"));

	if (status != 200 || version == NULL || startup == NULL) {
		log_warn("node %s: GET /ari/asterisk/info: HTTP %ld %s", node->conf->name, status,
			 why);
		ws_close(node->ws);
		loop_timer_arm(node->retry, RETRY_MS);
		return;
	}
	if (ari_version_too_old(version) && strcmp(version, node->version) != 0)
		log_error(
			"node %s runs Asterisk %s; 22.10.1 or later is needed, older ones deadlock "
			"under ARI load",
			node->conf->name, version);
	snprintf(node->version, sizeof(node->version), "%s", version);
	snprintf(node->startup, sizeof(node->startup), "%s", startup);
	node_script(node, "node_start", json_pack("{s:s}", "startup", startup), on_started, node);
}

static void
on_events_up(void *arg)
{
	struct node *node = arg;

	node->refused = 0;
	node->down_since = 0;
	node->echo_sent = 0;
	set_state(node, NODE_RECONCILING, "connected");
	node_command(node, ARI_INFO, NULL, on_asterisk_info, node, NULL);
}

static void
on_message(void *arg, const char *text, size_t len)
{
	struct node *node = arg;
	struct ari_event event;
	struct err err;

	if (ari_event_parse(text, len, &event, &err) != 0) {
		log_warn("node %s: an event was left out: %s", node->conf->name, err.text);
		return;
	}
	if (event.type == ARI_CHANNEL_USEREVENT)
		node->echo_sent = 0;
	else if (event.type == ARI_APPLICATION_REPLACED)
		log_warn("node %s: another program serves the application %s now", node->conf->name,
			 node->env->conf->ari_app);
	if (event.type == ARI_APPLICATION_REPLACED)
		node->echo_sent = 1; /* deaf: the tick connects again, if the lease is still ours */
	else
		calls_event(node->calls, &event);
	ari_event_free(&event);
}

static void
on_events_down(void *arg, enum ws_down how, const char *why)
{
	struct node *node = arg;

	reconcile_cancel(node->reconcile);
	node->reconcile = NULL;
	if (node->down_since == 0) {
		node->down_since = clock_mono_ms();
		log_warn("node %s: %s", node->conf->name, why);
	}
	if (how == WS_DENIED)
		log_error("node %s at %s: %s", node->conf->name, node->conf->url, why);
	node->refused = how == WS_REFUSED ? node->refused + 1 : 0;
	if (node->state == NODE_UP || node->state == NODE_RECONCILING)
		set_state(node, NODE_CONNECTING, why);
	if (node->refused >= REFUSED_DEAD)
		declare_dead(node, "connection refused", false);
	else if (node->state == NODE_CONNECTING &&
		 clock_mono_ms() - node->down_since >= UNREACHABLE_MS)
		set_state(node, NODE_UNREACHABLE, why);
	loop_timer_arm(node->retry, how == WS_DENIED ? 4 * RETRY_MS : RETRY_MS);
}

static void
connect_events(void *arg)
{
	struct node *node = arg;
	char path[160];

	if (!node->owned || !node->pool_open || ws_is_up(node->ws))
		return;
	if (node->down_since == 0)
		node->down_since = clock_mono_ms();
	snprintf(path, sizeof(path), "/ari/events?app=%s", node->env->conf->ari_app);
	ws_connect(node->ws, node->host, node->port, path, node->conf->user, node->conf->password);
}

static void
on_owned(void *arg, json_t *reply)
{
	struct node *node = arg;
	const char *refused = pool_refusal(reply);

	node->owning = false;
	/* The lease may have gone, or come back under another token, meanwhile. */
	if (lease_token(node->lease) == NULL ||
	    strcmp(node->owned_as, lease_token(node->lease)) != 0)
		return;
	if (refused != NULL) {
		log_warn("node %s: not ours in the pool yet: %s", node->conf->name, refused);
		return;
	}
	node->owned = true;
	calls_retry(node->calls);
	if (ws_is_up(node->ws))
		reconcile(node);
	else
		connect_events(node);
}

/* The token goes into the pool first; nothing is asked of the node before. */
static void
own(struct node *node)
{
	if (lease_token(node->lease) == NULL || !node->pool_open || node->owning || node->owned)
		return;
	node->owning = true;
	snprintf(node->owned_as, sizeof(node->owned_as), "%s", lease_token(node->lease));
	node_script(node, "node_own", json_pack("{s:s}", "reason", "lease"), on_owned, node);
}

static void
on_taken(void *arg)
{
	struct node *node = arg;

	node->owned = false;
	own(node);
}

static void
on_lost(void *arg, const char *holder)
{
	struct node *node = arg;

	log_warn("node %s is %s's now", node->conf->name, holder);
	node->owned = false;
	reconcile_cancel(node->reconcile);
	node->reconcile = NULL;
	ws_close(node->ws);
	node->state = NODE_CONNECTING;
}

static void
on_echo(void *arg, long status, json_t *body, const char *why)
{
	(void)arg;
	(void)status;
	(void)body;
	(void)why;
}

/* Once a second: are we deaf, is something late, is it time to compare records with the node? */
static void
on_tick(void *arg)
{
	struct node *node = arg;
	int64_t now = clock_mono_ms();

	loop_timer_arm(node->tick, TICK_MS);
	own(node);
	if (node->owned && node->pool_open) {
		if (node->unsaid)
			say_again(node);
		calls_retry(node->calls);
	}
	ask_kamailio(node);
	if (!ws_is_up(node->ws))
		return;
	if (node->echo_sent != 0 && now - node->echo_sent >= DEAF_MS) {
		log_warn("node %s: our own event did not come back; connecting again",
			 node->conf->name);
		ws_close(node->ws);
		on_events_down(node, WS_LOST, "deaf");
		return;
	}
	if (node->echo_sent == 0) {
		node->echo_sent = now;
		node_command(node, ARI_ECHO, NULL, on_echo, node, node->env->conf->ari_app, NULL);
	}
	calls_watch(node->calls);
	if (node->period_ms != node->env->conf->reconcile_ms)
		arm_period(node);
	if (node->again)
		reconcile(node);
}

static void
split_url(struct node *node)
{
	const char *at = node->conf->url + strlen("http://"), *colon = strrchr(at, ':');
	size_t len = strcspn(at, ":/");

	node->host = mem_dup_len(at, len);
	node->port = colon != NULL ? atoi(colon + 1) : 8088;
}

struct node *
node_new(const struct node_env *env, const struct conf_node *conf)
{
	struct node *node = mem_zero(sizeof(*node));
	struct ws_hooks ws_hooks = {on_events_up, on_message, on_events_down, node};
	struct lease_hooks lease_hooks = {on_taken, on_lost, node};

	node->env = env;
	node->conf = conf;
	node->target = (struct ari_http_target){conf->url, conf->user, conf->password};
	split_url(node);
	node->calls = calls_new(node);
	node->ws = ws_new(env->loop, &ws_hooks);
	node->lease = lease_new(env->leases, conf->name, &lease_hooks);
	node->tick = loop_timer_new(env->loop, on_tick, node);
	node->retry = loop_timer_new(env->loop, connect_events, node);
	node->period = loop_timer_new(env->loop, on_period, node);
	loop_timer_arm(node->tick, TICK_MS);
	return node;
}

void
node_free(struct node *node)
{
	ws_free(node->ws);
	loop_timer_free(node->tick);
	loop_timer_free(node->retry);
	loop_timer_free(node->period);
	calls_free(node->calls);
	free(node->host);
	free(node);
}

void
node_pool_opened(struct node *node, bool recovering)
{
	node->pool_open = true;
	/* Said anew when it is known, whatever Redis has heard of it. */
	node->state = NODE_CONNECTING;
	node->owned = false;
	if (recovering)
		calls_unversion(node->calls);
	if (recovering && ws_is_up(node->ws)) {
		/* An owner that still follows an old master is deposed by our new socket. */
		ws_close(node->ws);
		node->down_since = clock_mono_ms();
	}
	own(node);
}

void
node_pool_closed(struct node *node)
{
	node->pool_open = false;
	reconcile_cancel(node->reconcile);
	node->reconcile = NULL;
	node->owned = false;
	node->owning = false;
}

void
node_claim(struct node *node, json_t *view)
{
	/* Another instance's node: its owner finds the offer in the pool. */
	if (lease_token(node->lease) != NULL)
		calls_claim(node->calls, view);
}

void
node_call_ended(struct node *node, json_t *view)
{
	calls_ended(node->calls, view);
}
