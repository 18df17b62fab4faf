/* SPDX-License-Identifier: BSD-2-Clause */

/* What is wrong, asked of the servers now: of one node, or of all there is. */

#include <stdlib.h>
#include <string.h>

#include "lib/clock_offset.h"
#include "lib/mem.h"
#include "mqsd/api_priv.h"
#include "mqsd/conf.h"
#include "mqsd/doctor.h"
#include "mqsd/finding.h"
#include "mqsd/stream.h"

static const char *
text(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value != NULL ? value : "";
}

/* request->result: {"findings": those of the pool come first, "nodes": as the pool lists them}. */
static void
begin(struct api_request *request, json_t *nodes)
{
	request->result = json_pack("{s:[], s:O*}", "findings", "nodes", nodes);
}

static json_t *
findings_of(const struct api_request *request)
{
	return json_object_get(request->result, "findings");
}

static void
on_looked(void *arg, json_t *findings)
{
	struct api_request *request = arg;
	json_t *all = findings_of(request);

	json_array_extend(all, findings);
	api_reply(request, 200, finding_reply(all));
}

static void
judge_state(json_t *findings, const json_t *node)
{
	const char *state = text(node, "state");
	char about[80];

	snprintf(about, sizeof(about), "node %s", text(node, "name"));
	if (json_object_get(node, "circuit") != NULL)
		finding_add(findings, about, FINDING_ERROR,
			    "Its pjsip.conf: outbound_proxy, and its way to Kamailio.",
			    "no phone can be reached from it; its calls are held");
	if (strcmp(state, "up") == 0)
		finding_add(findings, about, FINDING_OK, NULL, "it is up, and %s owns it",
			    text(node, "owner"));
	else
		finding_add(findings, about, FINDING_ERROR, "What was found at it says why.",
			    "%s calls it %s since %lld s",
			    *text(node, "owner") != '\0' ? text(node, "owner") : "the pool", state,
			    (long long)json_number_value(json_object_get(node, "since_ms")) / 1000);
}

static void
judge_events(json_t *findings, const struct stream *stream)
{
	json_t *figures = stream_figures(stream);
	long long behind = (long long)json_number_value(json_object_get(figures, "behind"));
	long long level = (long long)json_number_value(json_object_get(figures, "level"));
	const char *group = text(figures, "group");

	/* Where nobody reads in a group the stream fills up once, and that is no fault. */
	if (level > 0 && *group != '\0')
		finding_add(findings, "events", FINDING_WARNING,
			    "Look at who takes them away: what they do, and to whom they write.",
			    "group %s is %lld behind, %lld %% of what is kept", group, behind,
			    level);
	else
		finding_add(findings, "events", FINDING_OK, NULL,
			    "no reader is far behind (%lld events)", behind);
	json_decref(figures);
}

static void
judge_pool(json_t *findings, const struct pool *pool)
{
	int64_t offset, way;

	doctor_redis(findings, pool_server(pool), pool_inspect(pool));
	if (clock_offset_get(pool_clock(pool), &offset, &way) &&
	    llabs((long long)offset) > CLOCK_OFFSET_MIN_MS + way)
		finding_add(findings, "redis", FINDING_WARNING, "Set both right (NTP).",
			    "its clock is %lld ms %s ours", llabs((long long)offset),
			    offset > 0 ? "ahead of" : "behind");
	if (pool_state(pool) == POOL_READY)
		finding_add(findings, "pool", FINDING_OK, NULL, "it is ready");
	else
		finding_add(findings, "pool", FINDING_ERROR,
			    "What was found at Redis says why; callers keep waiting meanwhile.",
			    "it is %s: no call is offered", pool_state_names()[pool_state(pool)]);
	judge_events(findings, pool_stream(pool));
}

static void
judge_instances(json_t *findings, const struct api *api)
{
	json_t *list = api->hooks.instances(api->hooks.arg), *instance;
	size_t i, others = 0;

	json_array_foreach(list, i, instance)
	{
		if (strcmp(text(instance, "version"), MQS_VERSION) == 0)
			continue;
		others++;
		finding_add(findings, "mqsd", FINDING_WARNING,
			    "Update them one after the other: mqsctl instance leave, then start.",
			    "%s is version %s, and %s is " MQS_VERSION, text(instance, "name"),
			    text(instance, "version"), api->conf->instance);
	}
	if (others == 0)
		finding_add(findings, "mqsd", FINDING_OK, NULL,
			    "%s is version " MQS_VERSION "; %zu share the queues",
			    api->conf->instance, json_array_size(list));
	json_decref(list);
}

static void
got_agents(struct api_request *request, json_t *reply)
{
	(void)reply;
	request->items = api_rows_json(request);
	doctor_look(request->api->hooks.doctor, NULL, json_object_get(request->result, "nodes"),
		    request->items, on_looked, request);
}

static void
got_nodes(struct api_request *request, json_t *reply)
{
	struct list_order order = {.view = &view_agent, .of = "agents", .wanted = VIEW_ALL};
	json_t *nodes = json_object_get(reply, "items"), *node;
	size_t i;

	begin(request, nodes);
	judge_instances(findings_of(request), request->api);
	judge_pool(findings_of(request), request->api->pool);
	json_array_foreach(nodes, i, node) judge_state(findings_of(request), node);
	api_list(request, &order, got_agents);
}

/* While the pool is closed the servers can be asked all the same. */
static void
without_pool(struct api_request *request)
{
	begin(request, NULL);
	judge_pool(findings_of(request), request->api->pool);
	doctor_look(request->api->hooks.doctor, NULL, NULL, NULL, on_looked, request);
}

static void
on_nodes(void *arg, json_t *reply)
{
	struct api_request *request = arg;

	if (pool_refusal(reply) != NULL)
		without_pool(request);
	else
		got_nodes(request, reply);
}

void
api_doctor(struct api_request *request)
{
	struct pool *pool = request->api->pool;

	if (pool_state(pool) == POOL_CLOSED) {
		without_pool(request);
		return;
	}
	/* Replies come in order: what is found there is known before the nodes are. */
	pool_look_again(pool);
	pool_call(pool, "nodes_read", json_object(), on_nodes, request);
}

static void
got_node(struct api_request *request, json_t *reply)
{
	json_t *nodes = json_object_get(reply, "items"), *node;
	size_t i;

	begin(request, nodes);
	json_array_foreach(nodes, i, node)
	{
		if (strcmp(text(node, "name"), request->params[0]) == 0)
			judge_state(findings_of(request), node);
	}
	doctor_look(request->api->hooks.doctor, request->params[0], nodes, NULL, on_looked,
		    request);
}

void
api_node_check(struct api_request *request)
{
	const struct conf *conf = request->api->conf;
	size_t i;

	for (i = 0; i < conf->node_count; i++)
		if (strcmp(conf->nodes[i].name, request->params[0]) == 0)
			break;
	if (i == conf->node_count)
		api_error(request, 404, "no_such_node", "mqsctl node list shows the nodes.",
			  "mqsd.conf here has no [node %s]", request->params[0]);
	else
		api_script(request, "nodes_read", json_object(), got_node);
}
