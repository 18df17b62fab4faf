/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/node_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/clock_offset.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "mqsd/ari_event.h"
#include "mqsd/call.h"
#include "mqsd/conf.h"
#include "mqsd/echo.h"
#include "mqsd/kamailio.h"
#include "mqsd/lease.h"
#include "mqsd/loop.h"
#include "mqsd/pacer.h"
#include "mqsd/reconcile.h"
#include "mqsd/todo.h"
#include "mqsd/ws.h"

static const char *const state_names[] = {"connecting", "reconciling", "up", "unreachable", "dead"};

const char *
node_state_name(enum node_state state)
{
	return state_names[state];
}

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

bool
node_is_settled(const struct node *node)
{
	return node->state == NODE_UP || node->state == NODE_UNREACHABLE ||
	       node->state == NODE_DEAD || lease_is_anothers(node->lease);
}

struct pacer_lane *
node_lane(const struct node *node)
{
	return node->lane;
}

void
node_take_back(struct node *node)
{
	calls_take_back(node->calls);
}

size_t
node_offers(const struct node *node)
{
	return calls_offers(node->calls);
}

int64_t
node_pool_time(const struct node *node, int64_t ms)
{
	return ms - clock_offset_between(echo_clock(node->echo), pool_clock(node->env->pool));
}

/* Says once that the clocks are apart, and once that they are not any more. */
static void
watch_clock(struct node *node)
{
	int64_t apart = node_pool_time(node, 0);

	if ((apart != 0) == node->apart)
		return;
	node->apart = apart != 0;
	if (node->apart)
		log_warn("node %s: its clock is %lld ms %s that of Redis; the times of its callers "
			 "are corrected, but set it right (NTP)",
			 node->conf->name, llabs((long long)apart),
			 apart < 0 ? "ahead of" : "behind");
	else
		log_info("node %s: its clock is right again", node->conf->name);
}

bool
node_may_build(const struct node *node)
{
	return node->owned && node->pool_open &&
	       lease_left_ms(node->lease) >= node->env->conf->ari_timeout_ms;
}

bool
node_may_end(const struct node *node)
{
	return node->owned && node->pool_open && lease_left_ms(node->lease) > 0;
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
	int64_t timeout = node->env->conf->ari_timeout_ms;
	char path[1024];
	va_list words;

	va_start(words, arg);
	ari_command_path(path, sizeof(path), row, words);
	va_end(words);
	ari_http_send(node->env->http, &node->target, row->name, row->method, path, body,
		      row->lists ? NODE_PAGE_MS : timeout,
		      row->builds ? clock_mono_ms() + lease_left_ms(node->lease) - timeout : 0, cb,
		      arg);
}

/* Once a second: are we deaf, is something late, is it time to compare records with the node? */
static void
on_tick(void *arg)
{
	struct node *node = arg;
	enum echo_word word;

	loop_timer_arm(node->tick, NODE_TICK_MS);
	node_own(node);
	if (lease_is_anothers(node->lease))
		node->env->settled(node->env->arg);
	if (node->owned && node->pool_open) {
		if (node->unsaid)
			node_say_again(node);
		calls_retry(node->calls);
	}
	node_ask_kamailio(node);
	node_look(node);
	if (!ws_is_up(node->ws))
		return;
	watch_clock(node);
	word = echo_tick(node->echo);
	if (word != ECHO_FINE) {
		log_warn("node %s: %s; connecting again", node->conf->name,
			 word == ECHO_DEAF ? "our own event did not come back"
					   : "no answer to our commands");
		ws_close(node->ws);
		node_events_down(node, WS_LOST, word == ECHO_DEAF ? "deaf" : "silent");
		return;
	}
	if (node_may_end(node))
		calls_watch(node->calls);
	if (node->period_ms != node->env->conf->reconcile_ms)
		node_arm_period(node);
	if (node->again)
		node_reconcile(node);
}

static void
split_url(struct node *node)
{
	const char *at = strstr(node->conf->url, "://") + 3, *colon = strrchr(at, ':');
	size_t len = strcspn(at, ":/");

	node->host = mem_dup_len(at, len);
	node->port = colon != NULL ? atoi(colon + 1) : 8088;
}

struct node *
node_new(const struct node_env *env, const struct conf_node *conf)
{
	struct node *node = mem_zero(sizeof(*node));

	node->env = env;
	node->own = *conf;
	node->conf = &node->own;
	node->target =
		(struct ari_http_target){conf->url, conf->user, conf->password, &node->figures};
	split_url(node);
	node->lane = pacer_lane(env->pacer, conf->url);
	node->calls = calls_new(node);
	node->ws = node_ws_new(node);
	node->lease = node_lease_new(node);
	node->echo = echo_new(node);
	node->todo = todo_new(node, node->calls);
	node->tick = loop_timer_new(env->loop, on_tick, node);
	node->retry = loop_timer_new(env->loop, node_connect, node);
	node->period = loop_timer_new(env->loop, node_on_period, node);
	loop_timer_arm(node->tick, NODE_TICK_MS);
	return node;
}

void
node_free(struct node *node)
{
	ws_free(node->ws);
	loop_timer_free(node->tick);
	loop_timer_free(node->retry);
	loop_timer_free(node->period);
	echo_free(node->echo);
	todo_free(node->todo);
	calls_free(node->calls);
	free(node->host);
	free(node);
}

bool
node_is_recovering(const struct node *node)
{
	return pool_state(node->env->pool) == POOL_RECOVERING;
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
	node_own(node);
}

void
node_pool_closed(struct node *node)
{
	node->pool_open = false;
	reconcile_cancel(node->reconcile);
	node->reconcile = NULL;
	node->owned = false;
	node->owning = false;
	todo_forget(node->todo);
}

void
node_claim(struct node *node, json_t *view)
{
	/* Another instance's node: its owner finds the offer in the pool, or at reconcile. */
	if (node->owned)
		calls_changed(node->calls, view);
}

void
node_call_ended(struct node *node, json_t *view)
{
	calls_ended(node->calls, view);
}

bool
node_is_quiet(const struct node *node)
{
	return !node->owning && node->reconcile == NULL && calls_quiet(node->calls);
}

/* Before it is up reconcile finds whatever there is. */
void
node_look(struct node *node)
{
	if (node->owned && node->pool_open && node->state == NODE_UP)
		todo_look(node->todo);
}

json_t *
node_figures(const struct node *node)
{
	const int64_t *n = node->reconciles;

	return json_pack("{s:s, s:b, s:o, s:o, s:{s:I, s:I, s:I}}", "node", node->conf->name,
			 "owned", node->owned, "ari", ari_figures_json(&node->figures), "pace",
			 pacer_figures(node->lane), "reconciles", "done",
			 (json_int_t)n[RECONCILE_DONE], "unsure", (json_int_t)n[RECONCILE_UNSURE],
			 "failed", (json_int_t)n[RECONCILE_FAILED]);
}
