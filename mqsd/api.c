/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/api.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/queue_option.h"
#include "lib/text.h"
#include "lib/words.h"
#include "mqsd/api_priv.h"
#include "mqsd/conf.h"
#include "mqsd/http_path.h"
#include "mqsd/redis_server.h"
#include "mqsd/sse.h"

/* clang-format off */
const struct api_route api_routes[] = {
	{"GET", "/v1/health", api_health, ROLE_VIEWER, "Is this mqsd in working order?"},
	{"GET", "/v1/status", api_status, ROLE_VIEWER, "Totals, and problems in words, worst first."},
	{"GET", "/v1/nodes", api_nodes, ROLE_VIEWER, "The Asterisk nodes and the calls on each."},
	{"POST", "/v1/nodes", api_node_add, ROLE_ADMIN, "Add a node: {name, url, sip, user, password}."},
	{"DELETE", "/v1/nodes/{node}", api_node_remove, ROLE_ADMIN, "Remove a drained node that was added so."},
	{"POST", "/v1/nodes/{node}/drain", api_node_drain, ROLE_ADMIN, "Give a node no new callers; its calls go on."},
	{"POST", "/v1/nodes/{node}/undrain", api_node_undrain, ROLE_ADMIN, "Give a node new callers again."},
	{"GET", "/v1/nodes/{node}/check", api_node_check, ROLE_SUPERVISOR, "Ask a node now whether it is as it must be."},
	{"GET", "/v1/doctor", api_doctor, ROLE_SUPERVISOR, "Ask all servers now what is wrong."},
	{"POST", "/v1/reconcile", api_reconcile, ROLE_SUPERVISOR, "Have each node compared with its records now."},
	{"POST", "/v1/nodes/{node}/reconcile", api_reconcile, ROLE_SUPERVISOR, "Have one node compared with its records now."},
	{"GET", "/v1/instances", api_instances, ROLE_VIEWER, "The mqsd that share the queues, and the nodes of each."},
	{"POST", "/v1/instances/{instance}/leave", api_instance_leave, ROLE_ADMIN, "Make an mqsd stop; the others take its nodes."},
	{"GET", "/v1/queues", api_queues, ROLE_VIEWER, "All queues."},
	{"POST", "/v1/queues", api_queue_create, ROLE_ADMIN, "Create a queue: {name, option: value, ...}."},
	{"GET", "/v1/queues/{queue}", api_queue_show, ROLE_VIEWER, "One queue and its members."},
	{"PATCH", "/v1/queues/{queue}", api_queue_set, ROLE_ADMIN, "Set options: {option: value, ...}."},
	{"DELETE", "/v1/queues/{queue}", api_queue_delete, ROLE_ADMIN, "Delete a queue that has no calls."},
	{"POST", "/v1/queues/{queue}/close", api_queue_close, ROLE_SUPERVISOR, "Take no new callers; those who wait are served."},
	{"POST", "/v1/queues/{queue}/open", api_queue_open, ROLE_SUPERVISOR, "Take callers again."},
	{"PUT", "/v1/queues/{queue}/members/{agent}", api_member_add, ROLE_SUPERVISOR, "Make an agent a member: {penalty}."},
	{"PATCH", "/v1/queues/{queue}/members/{agent}", api_member_set, ROLE_SUPERVISOR, "Change a member's penalty: {penalty}."},
	{"POST", "/v1/queues/{queue}/members/{agent}/pause", api_member_pause, ROLE_SUPERVISOR, "Give a member no calls of that queue: {reason}."},
	{"POST", "/v1/queues/{queue}/members/{agent}/unpause", api_member_unpause, ROLE_SUPERVISOR, "End that pause."},
	{"DELETE", "/v1/queues/{queue}/members/{agent}", api_member_remove, ROLE_SUPERVISOR, "End a membership."},
	{"GET", "/v1/agents", api_agents, ROLE_VIEWER, "All agents."},
	{"POST", "/v1/agents", api_agent_create, ROLE_ADMIN, "Add an agent: {name, option: value, ...}."},
	{"GET", "/v1/agents/{agent}", api_agent_show, ROLE_VIEWER, "One agent."},
	{"PATCH", "/v1/agents/{agent}", api_agent_set, ROLE_ADMIN, "Set options: {option: value, ...}."},
	{"DELETE", "/v1/agents/{agent}", api_agent_remove, ROLE_ADMIN, "Remove an agent that has no call."},
	{"POST", "/v1/agents/{agent}/login", api_agent_login, ROLE_SUPERVISOR, "Log an agent in."},
	{"POST", "/v1/agents/{agent}/logout", api_agent_logout, ROLE_SUPERVISOR, "Log an agent out, after its call."},
	{"POST", "/v1/agents/{agent}/pause", api_agent_pause, ROLE_SUPERVISOR, "Give an agent no calls: {reason}."},
	{"POST", "/v1/agents/{agent}/unpause", api_agent_unpause, ROLE_SUPERVISOR, "End a pause."},
	{"POST", "/v1/agents/{agent}/wrapup/end", api_agent_wrapup_end, ROLE_SUPERVISOR, "End an agent's wrap-up at once."},
	{"POST", "/v1/agents/{agent}/reset", api_agent_reset, ROLE_SUPERVISOR, "Forget the call an agent is said to have; touches no channel."},
	{"GET", "/v1/calls", api_calls, ROLE_VIEWER, "Live calls; ?from=NUMBER, ?queue=NAME, ?state=WORD narrow it."},
	{"GET", "/v1/calls/{call}", api_call_show, ROLE_VIEWER, "One call."},
	{"GET", "/v1/calls/{call}/trace", api_call_trace, ROLE_VIEWER, "What happened to a call, live or ended, by its events."},
	{"POST", "/v1/calls/{call}/priority", api_call_priority, ROLE_SUPERVISOR, "Give a waiting call another place: {priority}."},
	{"POST", "/v1/calls/{call}/move", api_call_move, ROLE_SUPERVISOR, "Put a waiting call into another queue: {queue}."},
	{"POST", "/v1/calls/{call}/offer", api_call_offer, ROLE_SUPERVISOR, "Offer a waiting call to an idle agent now: {agent}."},
	{"POST", "/v1/calls/{call}/transfer", api_call_transfer, ROLE_SUPERVISOR, "End a conversation, so that its caller waits again: {queue}."},
	{"DELETE", "/v1/calls/{call}", api_call_hangup, ROLE_SUPERVISOR, "Hang a call up."},
	{"GET", "/v1/export", api_export, ROLE_VIEWER, "Queues, agents and their states as commands of mqsctl: {text}."},
	{"GET", "/v1/audit", api_audit, ROLE_ADMIN, "Who changed what, and what was refused to whom; ?count=N."},
	{"GET", "/v1/events", api_events, ROLE_VIEWER, "Server-sent events; ?since=ID begins after that one."},
	{"GET", "/v1/config", api_config, ROLE_ADMIN, "This mqsd's options, and where each value comes from."},
	{"GET", "/v1/config/check", api_config_check, ROLE_ADMIN, "Is the file right, and what would SIGHUP and a restart change?"},
	{"GET", "/v1/log", api_log, ROLE_VIEWER, "The level of this mqsd's log."},
	{"PUT", "/v1/log", api_log_set, ROLE_ADMIN, "Set it until SIGHUP or a restart: {level}."},
	{"GET", "/metrics", api_metrics, ROLE_VIEWER, "All figures for Prometheus, as text."},
};
/* clang-format on */

const size_t api_route_count = sizeof(api_routes) / sizeof(api_routes[0]);

/* What a refusal means to a client. Codes not listed are our own fault: 500. */
const struct api_refusal api_refusals[] = {
	{"no_such_queue", 404, "mqsctl queue list shows the queues."},
	{"no_such_agent", 404, "mqsctl agent list shows the agents."},
	{"node_exists", 409,
	 "mqsctl node remove takes one away that was added; others stand in mqsd.conf."},
	{"node_busy", 409, "Wait for their end: mqsctl node list shows what is left."},
	{"node_in_use", 409, "mqsctl node drain NODE, then wait until node list calls it drained."},
	{"no_such_node", 404, "mqsctl node list shows the nodes."},
	{"no_such_call", 404, "mqsctl call list shows the calls; it may just have ended."},
	{"no_such_member", 404, "mqsctl queue show QUEUE shows its members."},
	{"queue_exists", 409, "Change it with mqsctl queue set."},
	{"agent_exists", 409, "Change it with mqsctl agent set."},
	{"queue_busy", 409, "Wait for them to end, or end them with mqsctl call hangup."},
	{"agent_busy", 409,
	 "Wait for the call's end; mqsctl agent reset forgets a call that is none."},
	{"queue_closed", 409, "mqsctl queue open QUEUE opens it."},
	{"not_waiting", 409, "mqsctl call show CALL shows its state."},
	{"not_talking", 409, "mqsctl call show CALL shows its state."},
	{"agent_not_free", 409, "mqsctl agent show AGENT says why."},
	{"recovering", 503, "Try again in a few seconds."},
	{"leaving", 503, "mqsctl instance list shows them."},
	{"not_in_wrapup", 409, "mqsctl agent show AGENT shows its state."},
	{"too_many_queues", 409, "Remove it from one first."},
	{"stale", 409, "Somebody changed it meanwhile; look at it again."},
	{"bad_move", 409, "Look at its state again."},
	{"no_redis", 503,
	 "Redis does not answer mqsd. Callers keep waiting on their nodes, conversations go on. "
	 "Look "
	 "at Redis, then try again."},
	{"recover", 503, "The pool is being recovered; try again in a few seconds."},
	{"wrong_type", 500,
	 "Another program's data stands under our keys in Redis; give MQS a database of its own."},
};

const size_t api_refusal_count = sizeof(api_refusals) / sizeof(api_refusals[0]);

/* A queue's deletion, with some ten thousand members. */
#define UNDO_MAX (1024 * 1024)

static void
request_free(struct api_request *request)
{
	size_t i;

	TAILQ_REMOVE(&request->api->requests, request, entry);
	for (i = 0; i < API_PARAMS_MAX; i++)
		free(request->params[i]);
	free(request->path);
	json_decref(request->body);
	json_decref(request->items);
	json_decref(request->args);
	json_decref(request->result);
	if (request->rows != NULL)
		list_rows_free(request->rows);
	free(request->undo);
	free(request);
}

static void
add_undo(const struct api_request *request, int status, json_t *body)
{
	if (request->undo != NULL && !request->undo_lost && status >= 200 && status <= 299)
		json_object_set_new(body, "undo", json_string(request->undo));
}

void
api_reply(struct api_request *request, int status, json_t *body)
{
	add_undo(request, status, body);
	api_note(request, status, body);
	if (request->http != NULL)
		httpd_reply(request->http, status, body);
	else
		json_decref(body);
	request_free(request);
}

void
api_reply_text(struct api_request *request, const char *type, const char *text)
{
	if (request->http != NULL)
		httpd_reply_text(request->http, type, text);
	request_free(request);
}

static void
release(void *rows)
{
	list_rows_free(rows);
}

void
api_reply_rows(struct api_request *request, json_t *body, const char *key)
{
	struct list_rows *rows = request->rows;

	add_undo(request, 200, body);
	api_note(request, 200, body);
	if (rows->more)
		json_object_set_new(body, "more", json_true());
	if (request->http != NULL) {
		request->rows = NULL;
		httpd_reply_list(request->http, body, key, rows->text, rows->len, release, rows);
	} else {
		json_decref(body);
	}
	request_free(request);
}

void
api_error(struct api_request *request, int status, const char *code, const char *hint,
	  const char *fmt, ...)
{
	char text[512], clean[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	text_printable(clean, sizeof(clean), text, strlen(text));
	api_reply(request, status,
		  json_pack("{s:{s:s, s:s, s:s}}", "error", "code", code, "message", clean, "hint",
			    hint));
}

void
api_undo(struct api_request *request, const char *fmt, ...)
{
	size_t len;
	char *line;
	va_list ap;

	va_start(ap, fmt);
	line = mem_vprintf(fmt, ap);
	va_end(ap);
	len = strlen(line);
	/* A part of it would reverse nothing. */
	if (request->undo_len + len + 2 > UNDO_MAX)
		request->undo_lost = true;
	if (!request->undo_lost) {
		if (request->undo_len + len + 2 > request->undo_cap) {
			request->undo_cap = 2 * (request->undo_len + len + 2);
			request->undo = mem_grow(request->undo, request->undo_cap, 1);
		}
		if (request->undo_len > 0)
			request->undo[request->undo_len++] = '\n';
		memcpy(request->undo + request->undo_len, line, len + 1);
		request->undo_len += len;
	}
	free(line);
}

void
api_undo_options(struct api_request *request, const struct option_table *rows, const char *what,
		 const json_t *was)
{
	const char *value;
	char *word;
	size_t i;

	for (i = 0; i < rows->count; i++) {
		value = json_string_value(json_object_get(was, rows->rows[i].name));
		if (value == NULL)
			continue;
		word = words_quote(value);
		api_undo(request, "%s %s %s %s", what, request->params[0], rows->rows[i].name,
			 word);
		free(word);
	}
}

void
api_refused(struct api_request *request, const json_t *reply)
{
	const char *code = pool_refusal(reply);
	const char *text = json_string_value(json_object_get(reply, "text"));
	const struct redis_error *row = reply == NULL ? pool_trouble(request->api->pool) : NULL;
	char told[400];
	size_t i;

	if (row != NULL) {
		redis_server_tell(pool_server(request->api->pool), row, told, sizeof(told));
		api_error(request, 503, row->code, row->hint, "%s", told);
		return;
	}
	for (i = 0; i < api_refusal_count; i++) {
		if (strcmp(api_refusals[i].code, code) == 0) {
			api_error(request, api_refusals[i].status, code, api_refusals[i].hint, "%s",
				  text != NULL ? text : "Redis does not answer");
			return;
		}
	}
	api_error(request, 500, code, "This is a fault of mqsd; its log says more.", "%s",
		  text != NULL ? text : "unknown");
}

static void
on_script(void *arg, json_t *reply)
{
	struct api_request *request = arg;

	if (pool_refusal(reply) != NULL)
		api_refused(request, reply);
	else
		request->then(request, reply);
}

void
api_script(struct api_request *request, const char *script, json_t *args,
	   void (*then)(struct api_request *request, json_t *reply))
{
	request->then = then;
	pool_call(request->api->pool, script, args, on_script, request);
}

/* Lists end here, and say so: a reply is one text in memory. */
#define ITEMS_MAX 50000

void
api_reply_items(struct api_request *request, json_t *reply)
{
	json_t *body = json_pack("{s:O}", request->key, request->items);

	if (json_object_get(reply, "cursor") != NULL)
		json_object_set_new(body, "more", json_true());
	api_reply(request, 200, body);
}

static void
on_page(void *arg, json_t *reply)
{
	struct api_request *request = arg;
	json_t *cursor = json_object_get(reply, "cursor");

	if (pool_refusal(reply) != NULL) {
		api_refused(request, reply);
		return;
	}
	json_array_extend(request->items, json_object_get(reply, "items"));
	if (cursor != NULL && request->http != NULL &&
	    json_array_size(request->items) < ITEMS_MAX) {
		json_object_set(request->args, "cursor", cursor);
		pool_call(request->api->pool, request->script, json_deep_copy(request->args),
			  on_page, request);
		return;
	}
	if (request->then != NULL)
		request->then(request, reply);
	else
		api_reply_items(request, reply);
}

void
api_collect(struct api_request *request, const char *script, json_t *args, const char *key,
	    void (*then)(struct api_request *request, json_t *reply))
{
	request->script = script;
	request->key = key;
	request->then = then;
	request->args = args;
	request->items = json_array();
	pool_call(request->api->pool, script, json_deep_copy(args), on_page, request);
}

static char *
value_text(const json_t *value)
{
	if (json_is_string(value))
		return mem_dup(json_string_value(value));
	if (json_is_boolean(value))
		return mem_dup(json_is_true(value) ? "yes" : "no");
	return json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
}

bool
api_options(struct api_request *request, const struct option_table *rows, const char *section,
	    const char *skip, json_t *out)
{
	const char *key, *near;
	char canonical[512], *text;
	const struct option *o;
	struct err err;
	json_t *value;
	int bad;

	json_object_foreach(request->body, key, value)
	{
		if (skip != NULL && strcmp(key, skip) == 0)
			continue;
		o = option_find(rows, section, key);
		if (o == NULL) {
			near = option_nearest(rows, section, key);
			api_error(request, 400, "no_such_option",
				  near != NULL ? near : "mqsctl help lists the options.",
				  "a%s %s has no option '%s'%s%s%s", *section == 'a' ? "n" : "",
				  section, key, near ? "; did you mean '" : "", near ? near : "",
				  near ? "'?" : "");
			return false;
		}
		text = value_text(value);
		bad = queue_option_check(o, text, canonical, sizeof(canonical), &err);
		free(text);
		if (bad != 0) {
			api_error(request, 400, "bad_value", o->help, "%s", err.text);
			return false;
		}
		json_object_set_new(out, key, json_string(canonical));
	}
	return true;
}

static void
on_gone(void *arg)
{
	struct api_request *request = arg;

	request->http = NULL;
	/* The script under way still comes back to it; an edit's list does, too: it is to be noted.
	 */
	if (request->waiter == NULL || strcmp(request->method, "GET") != 0)
		return;
	list_leave(request->waiter);
	request_free(request);
}

/* 1: matches; 0: does not; -1: matches, but a parameter is no name. */
static int
match_path(const char *pattern, const char *path, char **params)
{
	size_t n = 0, len;

	while (*pattern != '\0' && *path != '\0') {
		if (*pattern != '{') {
			if (*pattern++ != *path++)
				return 0;
			continue;
		}
		len = strcspn(path, "/");
		if (len == 0 || n == API_PARAMS_MAX)
			return 0;
		params[n++] = http_path_name(path, len);
		pattern = strchr(pattern, '}') + 1;
		path += len;
	}
	if (*pattern != '\0' || *path != '\0')
		return 0;
	while (n > 0)
		if (params[--n] == NULL)
			return -1;
	return 1;
}

static void
clear_params(struct api_request *request)
{
	size_t i;

	for (i = 0; i < API_PARAMS_MAX; i++) {
		free(request->params[i]);
		request->params[i] = NULL;
	}
}

static const char *
route_path(const void *table, size_t i)
{
	return ((const struct api_route *)table)[i].path;
}

/* 405 with the methods that there are, or 404 with the path that comes closest. */
static void
no_route(struct api_request *request, bool other_method)
{
	const char *path = httpd_path(request->http), *near;
	char hint[128] = "Use";
	size_t i, n = strlen(hint);

	if (!other_method) {
		near = text_nearest(path, route_path, api_routes, api_route_count);
		snprintf(hint, sizeof(hint), "The nearest is %s.",
			 near != NULL ? near : "/v1/status");
		api_error(request, 404, "no_such_route", hint, "there is nothing at %s", path);
		return;
	}
	for (i = 0; i < api_route_count && n < sizeof(hint); i++) {
		if (match_path(api_routes[i].path, path, request->params) != 0)
			n += (size_t)snprintf(hint + n, sizeof(hint) - n, " %s",
					      api_routes[i].method);
		clear_params(request);
	}
	api_error(request, 405, "bad_method", hint, "%s cannot be used on %s",
		  httpd_method(request->http), path);
}

static void
find_route(struct api_request *request)
{
	struct httpd_request *http = request->http;
	bool other_method = false;
	size_t i;
	int match;

	for (i = 0; i < api_route_count; i++) {
		match = match_path(api_routes[i].path, httpd_path(http), request->params);
		if (match != 0 && strcmp(api_routes[i].method, httpd_method(http)) == 0) {
			request->route = &api_routes[i];
			if (match > 0)
				api_run(request);
			else
				api_error(request, 400, "bad_name",
					  "Names are made of letters, digits, _ . - (up to 64).",
					  "'%s' has a part that is no name", httpd_path(http));
			return;
		}
		other_method = other_method || match != 0;
		clear_params(request);
	}
	no_route(request, other_method);
}

static void
on_request(void *arg, struct httpd_request *http)
{
	struct api_request *request = mem_zero(sizeof(*request));
	struct err err;

	request->api = arg;
	request->http = http;
	TAILQ_INSERT_TAIL(&request->api->requests, request, entry);
	request->peer = *httpd_peer(http);
	request->who.peer = &request->peer;
	request->method = httpd_method(http);
	request->path = mem_dup(httpd_path(http));
	httpd_on_gone(http, on_gone, request);
	if (!api_is_known(request))
		return;
	request->body = httpd_body(http, &err);
	if (request->body == NULL)
		api_error(request, 400, "bad_json", "Send a JSON object.", "%s", err.text);
	else
		find_route(request);
}

struct api *
api_new(struct loop *loop, const struct conf *conf, struct pool *pool, struct access *access,
	struct audit *audit, const struct api_hooks *hooks, struct tls_server *tls, struct err *err)
{
	struct api *api = mem_zero(sizeof(*api));
	const struct httpd_setup setup = {.socket_path = conf->socket,
					  .socket_for_all = access_has_groups(conf),
					  .listen = conf->listen,
					  .tls = tls,
					  .connections_max = &conf->connections_max,
					  .source_connections_max = &conf->source_connections_max,
					  .body_max = conf->body_max_bytes,
					  .handler = on_request,
					  .arg = api};

	api->conf = conf;
	api->pool = pool;
	api->access = access;
	api->audit = audit;
	api->hooks = *hooks;
	TAILQ_INIT(&api->requests);
	api->started = clock_mono_ms();
	api->started_wall = clock_wall_ms();
	api->httpd = httpd_new(loop, &setup, err);
	if (api->httpd == NULL) {
		free(api);
		return NULL;
	}
	api->lists = lists_new(loop, pool);
	api->sse = sse_new(loop, conf, pool_server(pool), pool_prefix(pool));
	return api;
}

void
api_free(struct api *api)
{
	sse_free(api->sse);
	httpd_free(api->httpd);
	/* What was asked of others for them: no answer comes any more. */
	while (!TAILQ_EMPTY(&api->requests))
		request_free(TAILQ_FIRST(&api->requests));
	lists_free(api->lists);
	free(api);
}

/* "MS-SEQ", as Redis names the entries of a stream. */
static bool
is_event_id(const char *s)
{
	size_t ms = strspn(s, "0123456789"), seq;

	if (ms == 0 || ms > 19 || s[ms] != '-')
		return false;
	seq = strspn(s + ms + 1, "0123456789");
	return seq > 0 && seq <= 19 && s[ms + 1 + seq] == '\0';
}

void
api_events(struct api_request *request)
{
	const char *since = httpd_query(request->http, "since");
	struct httpd_request *http = request->http;
	struct api *api = request->api;

	if (since != NULL && !is_event_id(since)) {
		api_error(request, 400, "bad_since",
			  "Give the id of an event, as in `id:` of the stream.",
			  "'%s' is no event id", since);
		return;
	}
	request->http = NULL;
	sse_add(api->sse, http, since);
	request_free(request);
}
