/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/survey.h"

#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "mqsd/api_priv.h"
#include "mqsd/conf.h"
#include "mqsd/inspect.h"
#include "mqsd/process.h"
#include "mqsd/redis_server.h"
#include "mqsd/stream.h"

/* The scripts that read the pool, one after the other; a list is read page by page. */
static const struct {
	const char *script, *list;
} steps[] = {
	{"status_read", NULL},
	{"nodes_read", "node_list"},
	{"queues_read", "queue_list"},
};

#define LEAVE_MS 10000 /* from saying that one leaves to the last sign of life, at most */
#define STEPS	 (sizeof(steps) / sizeof(steps[0]))

/* A node's state by the pool's list (the word of its owner, whoever that is), else as known here.
 */
static bool
is_up(const struct api *api, const json_t *nodes, const char *name)
{
	json_t *info = NULL;
	const json_t *node;
	const char *is, *state;
	bool up;
	size_t i;

	json_array_foreach((json_t *)nodes, i, node)
	{
		is = json_string_value(json_object_get(node, "name"));
		if (is != NULL && strcmp(is, name) == 0)
			info = json_incref((json_t *)node);
	}
	if (info == NULL)
		info = api->hooks.node_info(api->hooks.arg, name);
	state = json_string_value(json_object_get(info, "state"));
	up = state != NULL && strcmp(state, "up") == 0;
	json_decref(info);
	return up;
}

json_t *
survey_health(const struct api *api, const json_t *nodes)
{
	const struct conf *conf = api->conf;
	size_t i, up = 0;
	const char *status;
	bool redis = pool_redis_up(api->pool);

	for (i = 0; i < conf->node_count; i++)
		up += is_up(api, nodes, conf->nodes[i].name);
	if (pool_state(api->pool) == POOL_CLOSED || up == 0)
		status = "down";
	else
		status = up < conf->node_count || pool_state(api->pool) != POOL_READY ? "degraded"
										      : "ok";
	return json_pack("{s:s, s:s, s:s, s:I, s:I, s:{s:s, s:s}, s:{s:s, s:s}, s:{s:I, s:I}}",
			 "status", status, "version", MQS_VERSION, "instance", conf->instance,
			 "pid", (json_int_t)getpid(), "uptime_s",
			 (json_int_t)((clock_mono_ms() - api->started) / 1000), "redis", "state",
			 redis ? "up" : "down", "address",
			 redis_server_name(pool_server(api->pool)), "pool", "name", conf->pool,
			 "state", pool_state_names()[pool_state(api->pool)], "nodes", "total",
			 (json_int_t)conf->node_count, "up", (json_int_t)up);
}

static void
add(json_t *survey, json_t *more) /* more is stolen */
{
	json_object_update(survey, more);
	json_decref(more);
}

/* What is wrong with Redis, as it was met or found. */
static void
add_redis(json_t *survey, const struct pool *pool)
{
	const struct redis_server *server = pool_server(pool);
	size_t i, count;
	const struct preflight_finding *found = inspect_findings(pool_inspect(pool), &count);
	json_t *troubles = json_array(), *findings = json_array();
	char told[400];

	for (i = 0; i < redis_error_count; i++) {
		const struct redis_error *row = &redis_errors[i];
		int64_t ms = redis_server_lasts_ms(server, row);

		if (ms >= 0)
			json_array_append_new(
				troubles,
				json_pack("{s:s, s:s, s:I}", "text",
					  redis_server_tell(server, row, told, sizeof(told)),
					  "hint", row->hint, "since_ms", (json_int_t)ms));
	}
	for (i = 0; i < count; i++)
		json_array_append_new(
			findings, json_pack("{s:s, s:s, s:s}", "severity",
					    preflight_severity_name(found[i].check->severity),
					    "text", found[i].text, "hint", found[i].check->hint));
	json_object_set_new(survey, "redis_troubles", troubles);
	json_object_set_new(survey, "redis_findings", findings);
}

/* Who has gone without a word; who left had told the pool, at about that time. */
static void
drop_left(json_t *survey)
{
	json_t *missing = json_object_get(survey, "missing"), *instance;
	const json_t *left;
	size_t i = 0;

	while ((instance = json_array_get(missing, i)) != NULL) {
		left = json_object_get(json_object_get(survey, "left"),
				       json_string_value(json_object_get(instance, "name")));
		if (left != NULL &&
		    json_number_value(left) <=
			    json_number_value(json_object_get(instance, "gone_ms")) + LEAVE_MS)
			json_array_remove(missing, i);
		else
			i++;
	}
}

/* What this mqsd knows by itself. */
static void
finish(struct api_request *request)
{
	const struct api *api = request->api;
	json_t *survey = request->result, *instances = api->hooks.instances(api->hooks.arg);
	json_t *process = process_figures();

	add(survey, survey_health(api, json_object_get(survey, "node_list")));
	json_object_set_new(survey, "redis_up", json_boolean(pool_redis_up(api->pool)));
	add(survey, api->hooks.figures(api->hooks.arg));
	add(survey, pool_figures(api->pool));
	add_redis(survey, api->pool);
	drop_left(survey);
	json_object_set_new(process, "start_s", json_real((double)api->started_wall / 1000));
	json_object_set_new(survey, "process", process);
	if (instances != NULL)
		json_object_set_new(survey, "instances", instances);
	request->then(request, NULL);
}

static void on_step(void *arg, json_t *reply);

static void
next_page(struct api_request *request, const json_t *cursor)
{
	json_t *args = json_object();

	if (cursor != NULL)
		json_object_set(args, "cursor", (json_t *)cursor);
	pool_call(request->api->pool, steps[request->step].script, args, on_step, request);
}

static void
take_totals(struct api_request *request, const json_t *reply)
{
	static const char *const keys[] = {"totals", "kamailio", "recovering_ms", "left"};
	const struct pool *pool = request->api->pool;
	json_t *stream;
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (json_object_get(reply, keys[i]) != NULL)
			json_object_set(request->result, keys[i], json_object_get(reply, keys[i]));
	stream = stream_figures(pool_stream(pool));
	json_object_set(stream, "length", json_object_get(reply, "stream"));
	json_object_set(stream, "cut", json_object_get(reply, "trimmed"));
	json_object_set_new(stream, "bound", json_integer(request->api->conf->stream_max));
	json_object_set_new(request->result, "stream", stream);
}

static void
on_step(void *arg, json_t *reply)
{
	struct api_request *request = arg;
	const char *list = steps[request->step].list, *refused = pool_refusal(reply);
	const json_t *cursor = json_object_get(reply, "cursor");

	if (refused != NULL || request->http == NULL) {
		json_object_set_new(request->result, "unread",
				    json_string(refused != NULL ? refused : "gone"));
		finish(request);
		return;
	}
	if (list == NULL) {
		take_totals(request, reply);
	} else {
		if (json_object_get(request->result, list) == NULL)
			json_object_set_new(request->result, list, json_array());
		json_array_extend(json_object_get(request->result, list),
				  json_object_get(reply, "items"));
	}
	if (cursor == NULL && ++request->step == STEPS)
		finish(request);
	else
		next_page(request, cursor);
}

void
survey_take(struct api_request *request, void (*then)(struct api_request *request, json_t *reply))
{
	request->result = json_object();
	request->then = then;
	request->step = 0;
	next_page(request, NULL);
}
