/* SPDX-License-Identifier: BSD-2-Clause */

/* A node's event socket: connecting, what is asked of the node then, reconcile, and its end. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "mqsd/ari_event.h"
#include "mqsd/call.h"
#include "mqsd/conf.h"
#include "mqsd/echo.h"
#include "mqsd/kamailio.h"
#include "mqsd/lease.h"
#include "mqsd/loop.h"
#include "mqsd/node_priv.h"
#include "mqsd/reconcile.h"

#define UNREACHABLE_MS 5000  /* not connected for so long: its waiting calls are held */
#define REFUSED_DEAD   4     /* refused connects in a row, NODE_RETRY_MS apart: proof of death */
#define REPLACED_MS    10000 /* replaced again within so long: the next connect waits longer */
#define REPLACED_MAX   5     /* doublings of that */

/* Up to a quarter less, so that the nodes take turns: all at once they hold up offers. */
static int64_t
own_period_ms(const struct node *node)
{
	const struct conf *conf = node->env->conf;
	const struct conf_node *row = conf_node_find(conf, node->conf->name);
	int64_t turn = row != NULL ? row - conf->nodes : 0;

	return node->period_ms - node->period_ms / 4 * turn / (int64_t)conf->node_count;
}

void
node_arm_period(struct node *node)
{
	node->period_ms = node->env->conf->reconcile_ms;
	if (node->period_ms > 0)
		loop_timer_arm(node->period, own_period_ms(node));
	else
		loop_timer_stop(node->period);
}

static void
on_looked(void *arg, json_t *reply)
{
	(void)arg;
	(void)reply;
}

/* For whoever asked for it, and for the list of nodes. */
static void
tell_found(struct node *node, const struct reconcile_found *f)
{
	json_t *found =
		json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "calls",
			  (json_int_t)f->calls, "channels", (json_int_t)f->channels, "bridges",
			  (json_int_t)f->bridges, "entered", (json_int_t)f->entered, "gone",
			  (json_int_t)f->gone, "hung_up", (json_int_t)f->hung_up, "put_back",
			  (json_int_t)f->put_back, "answered", (json_int_t)f->answered, "adopted",
			  (json_int_t)f->adopted, "joined", (json_int_t)f->joined, "unbridged",
			  (json_int_t)f->unbridged, "skipped", (json_int_t)f->skipped);
	char *text = json_dumps(found, JSON_COMPACT | JSON_SORT_KEYS);

	node_script(node, "node_looked",
		    json_pack("{s:I, s:s}", "at", (json_int_t)clock_wall_ms(), "found", text),
		    on_looked, node);
	free(text);
	json_decref(found);
}

static void
on_reconciled(void *arg, enum reconcile_end end, const struct reconcile_found *found)
{
	struct node *node = arg;

	node->reconcile = NULL;
	node->reconciles[end]++;
	if (!ws_is_up(node->ws))
		return;
	if (end == RECONCILE_FAILED) {
		log_warn("node %s: reconcile got no answer; again in %d ms", node->conf->name,
			 NODE_TICK_MS);
		node->again = true;
		return;
	}
	tell_found(node, found);
	if (node->again) {
		node_reconcile(node);
		return;
	}
	node->died = false;
	node->down_since = 0;
	if (node->state != NODE_UP)
		node_set_state(node, NODE_UP, "reconciled");
	node_arm_period(node);
	/* On a full node some call is always busy: what was not looked at gets ever more time. */
	node->unsure_ms = end == RECONCILE_DONE	 ? 0
			  : node->unsure_ms == 0 ? NODE_TICK_MS
						 : 2 * node->unsure_ms;
	if (node->unsure_ms > 0 && (node->period_ms == 0 || node->unsure_ms < node->period_ms))
		loop_timer_arm(node->period, node->unsure_ms);
}

void
node_on_period(void *arg)
{
	node_reconcile(arg);
}

void
node_look_now(struct node *node)
{
	node_reconcile(node);
}

void
node_reconcile(struct node *node)
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
	node_reconcile(node);
}

static void
set_filter(struct node *node)
{
	static const char *const unwanted[] = {
		"ChannelVarset", "ChannelDialplan", "ChannelCallerId",	   "ChannelCreated",
		"BridgeCreated", "BridgeDestroyed", "ChannelConnectedLine"};
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
		node_events_down(node, WS_LOST, "Redis does not say what it knows of the node");
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
		node_events_down(node, WS_LOST, "its events come, but it answers no command");
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
	echo_begin(node->echo);
	echo_tick(node->echo); /* callers are entered soon: what time is it there? */
	node_set_state(node, NODE_RECONCILING, "connected");
	node_command(node, ARI_INFO, NULL, on_asterisk_info, node, NULL);
}

/*
 * Another program follows our events. Redis says whether the node is still ours: then we connect
 * again and reconcile. Two that both believe so, because they follow two masters, give each other
 * ever more time.
 */
static void
replaced(struct node *node)
{
	int64_t now = clock_mono_ms();

	log_warn("node %s: another program serves the application %s now", node->conf->name,
		 node->env->conf->ari_app);
	if (now - node->replaced_at >= REPLACED_MS)
		node->replaced = 0;
	else if (node->replaced < REPLACED_MAX)
		node->replaced++;
	node->replaced_at = now;
	node->wait_ms = (int64_t)NODE_RETRY_MS << node->replaced;
	ws_drop(node->ws, "another program follows the events now");
	lease_renew(node->lease);
	pool_doubt(node->env->pool);
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
		echo_heard(node->echo, ari_time_ms(event.timestamp));
	else if (event.type == ARI_APPLICATION_REPLACED)
		replaced(node);
	else
		calls_event(node->calls, &event);
	ari_event_free(&event);
}

void
node_events_down(void *arg, enum ws_down how, const char *why)
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
		node_set_state(node, NODE_CONNECTING, why);
	if (node->refused >= REFUSED_DEAD)
		node_declare_dead(node, "connection refused", false);
	else if (node->state == NODE_CONNECTING &&
		 clock_mono_ms() - node->down_since >= UNREACHABLE_MS)
		node_set_state(node, NODE_UNREACHABLE, why);
	loop_timer_arm(node->retry, how == WS_DENIED	 ? 4 * NODE_RETRY_MS
				    : node->wait_ms != 0 ? node->wait_ms
							 : NODE_RETRY_MS);
	node->wait_ms = 0;
}

void
node_connect(void *arg)
{
	struct node *node = arg;
	char path[160];

	if (!node->owned || !node->pool_open || ws_is_up(node->ws))
		return;
	if (lease_left_ms(node->lease) <= 0) { /* another may have it; renewed, or lost, soon */
		loop_timer_arm(node->retry, NODE_RETRY_MS);
		return;
	}
	if (node->down_since == 0)
		node->down_since = clock_mono_ms();
	snprintf(path, sizeof(path), "/ari/events?app=%s", node->env->conf->ari_app);
	ws_connect(node->ws, strncmp(node->conf->url, "https:", 6) == 0 ? node->env->tls : NULL,
		   node->host, node->port, path, node->conf->user, node->conf->password);
}

struct ws *
node_ws_new(struct node *node)
{
	struct ws_hooks hooks = {on_events_up, on_message, node_events_down, node};

	return ws_new(node->env->loop, &hooks);
}
