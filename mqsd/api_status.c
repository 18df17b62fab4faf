/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "mqsd/api_priv.h"
#include "mqsd/copy.h"
#include "mqsd/inspect.h"
#include "mqsd/metrics.h"
#include "mqsd/redis_server.h"
#include "mqsd/stream.h"
#include "mqsd/survey.h"

#define KEEP_WAITING "Callers keep waiting on their nodes and conversations go on."

static void
on_health(void *arg, json_t *reply)
{
	struct api_request *request = arg;

	api_reply(request, 200, survey_health(request->api, json_object_get(reply, "items")));
}

void
api_health(struct api_request *request)
{
	pool_call(request->api->pool, "nodes_read", json_object(), on_health, request);
}

void
api_nodes(struct api_request *request)
{
	api_collect(request, "nodes_read", json_object(), "nodes", NULL);
}

static void
on_text(void *arg, const char *text, const json_t *refusal)
{
	struct api_request *request = arg;

	if (text == NULL)
		api_refused(request, refusal);
	else
		api_reply(request, 200, json_pack("{s:s}", "text", text));
}

void
api_export(struct api_request *request)
{
	copy_text(request->api->hooks.copy, on_text, request);
}

static void
problem(json_t *list, const char *severity, const char *hint, char *text)
{
	json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "severity", severity, "text", text,
					      "hint", hint));
	free(text);
}

static json_int_t
number(const json_t *object, const char *key)
{
	return (json_int_t)json_number_value(json_object_get(object, key));
}

static void
judge_redis(json_t *problems, const struct pool *pool)
{
	const struct redis_server *server = pool_server(pool);
	char told[400];
	size_t i, count;
	const struct preflight_finding *findings = inspect_findings(pool_inspect(pool), &count);

	if (stream_problem(pool_stream(pool), told, sizeof(told)) != NULL)
		problem(problems, "warning",
			"Look at who takes them away: what they do, and to whom they write.",
			mem_dup(told));
	for (i = 0; i < redis_error_count; i++)
		if (redis_server_lasts(server, &redis_errors[i]))
			problem(problems, "critical", redis_errors[i].hint,
				mem_dup(redis_server_tell(server, &redis_errors[i], told,
							  sizeof(told))));
	for (i = 0; i < count; i++)
		problem(problems, preflight_severity_name(findings[i].check->severity),
			findings[i].check->hint,
			mem_printf("Redis at %s: %s", redis_server_name(server), findings[i].text));
}

/* A node that reaches no phones, although it is up. */
static void
judge_circuit(json_t *problems, const char *name, const json_t *node)
{
	const json_t *circuit = json_object_get(node, "circuit");

	if (circuit != NULL)
		problem(problems, "critical",
			"One call at a time tries, and all go on once a phone was reached. Look at "
			"the "
			"node's pjsip.conf: outbound_proxy, and at its way to Kamailio.",
			mem_printf("node %s reaches no phones since %lld s, %lld calls held", name,
				   (long long)number(circuit, "open_ms") / 1000,
				   (long long)number(node, "held")));
}

/* Wished by somebody, and easily forgotten. */
static void
judge_drain(json_t *problems, const char *name, const json_t *node)
{
	const char *drain = json_string_value(json_object_get(node, "drain"));
	json_int_t calls = number(node, "waiting") + number(node, "held") +
			   number(node, "ringing") + number(node, "talking");

	if (drain != NULL)
		problem(problems, "warning", "mqsctl node undrain NODE brings it back.",
			mem_printf("node %s is %s since %lld s, %lld calls on it", name, drain,
				   (long long)number(node, "drain_ms") / 1000, (long long)calls));
}

static void
judge_nodes(json_t *problems, const json_t *nodes)
{
	const json_t *node;
	size_t i;

	json_array_foreach((json_t *)nodes, i, node)
	{
		const char *name = json_string_value(json_object_get(node, "name"));
		const char *state = json_string_value(json_object_get(node, "state"));
		json_int_t s = number(node, "since_ms") / 1000;

		judge_circuit(problems, name, node);
		judge_drain(problems, name, node);
		if (state == NULL || strcmp(state, "up") == 0)
			continue;
		if (strcmp(state, "dead") == 0)
			problem(problems, "critical",
				"Start Asterisk there; new callers go to the other nodes "
				"meanwhile.",
				mem_printf("node %s is dead since %lld s", name, (long long)s));
		else
			problem(problems, "critical",
				"Its conversations go on; look at its ARI address and the network.",
				mem_printf(
					"node %s is %s since %lld s, %lld calls held, %lld talking",
					name, state, (long long)s,
					(long long)(number(node, "held") + number(node, "waiting")),
					(long long)number(node, "talking")));
	}
}

static void
judge_queues(json_t *problems, const json_t *queues)
{
	const json_t *queue;
	size_t i;

	json_array_foreach((json_t *)queues, i, queue)
	{
		const char *name = json_string_value(json_object_get(queue, "name"));

		if (number(queue, "waiting") > 0 && number(queue, "logged_in") == 0)
			problem(problems, "warning", "Log agents in: mqsctl agent login AGENT.",
				mem_printf(
					"queue %s: %lld callers wait, the first for %lld s, and no "
					"member is logged in",
					name, (long long)number(queue, "waiting"),
					(long long)number(queue, "longest_wait_ms") / 1000));
	}
}

static void
judge_agents(json_t *problems, const json_t *agents)
{
	if (number(agents, "autopaused") > 0)
		problem(problems, "warning",
			"They left too many calls unanswered in a row: mqsctl agent unpause AGENT.",
			mem_printf("%lld agents are paused because of missed calls",
				   (long long)number(agents, "autopaused")));
	if (number(agents, "suspect") > 0)
		problem(problems, "warning",
			"Calls to them fail where others are reached; look at their phones: mqsctl "
			"agent list shows them with a BACK-OFF.",
			mem_printf("the phones of %lld agents seem to be broken",
				   (long long)number(agents, "suspect")));
	if (number(agents, "unreachable") > 0)
		problem(problems, "warning",
			"Their phones are not registered; mqsctl agent list shows who.",
			mem_printf("%lld agents are unreachable",
				   (long long)number(agents, "unreachable")));
}

/* Worst first; within a severity as found. */
static void
sort_problems(json_t *result)
{
	static const char *const order[] = {"critical", "warning"};
	const json_t *all = json_object_get(result, "problems");
	json_t *sorted = json_array(), *item;
	size_t k, i;

	for (k = 0; k < 2; k++)
		json_array_foreach(all, i, item)
		{
			if (strcmp(json_string_value(json_object_get(item, "severity")),
				   order[k]) == 0)
				json_array_append(sorted, item);
		}
	json_object_set_new(result, "problems", sorted);
}

static void
status_finish(struct api_request *request, json_t *reply)
{
	json_t *problems = json_object_get(request->result, "problems"), *queue;
	json_int_t longest = 0;
	size_t i;

	(void)reply;
	judge_queues(problems, request->items);
	judge_agents(problems,
		     json_object_get(json_object_get(request->result, "totals"), "agents"));
	json_array_foreach(request->items, i, queue)
	{
		if (number(queue, "longest_wait_ms") > longest)
			longest = number(queue, "longest_wait_ms");
	}
	sort_problems(request->result);
	json_object_set_new(request->result, "longest_wait_ms", json_integer(longest));
	api_reply(request, 200, json_incref(request->result));
}

static void
got_nodes(struct api_request *request, json_t *reply)
{
	json_t *fresh = survey_health(request->api, request->items);

	(void)reply;
	json_object_update(request->result, fresh);
	json_decref(fresh);
	judge_nodes(json_object_get(request->result, "problems"), request->items);
	json_decref(request->items);
	json_decref(request->args);
	request->items = NULL;
	api_collect(request, "queues_read", json_object(), "queues", status_finish);
}

static void
got_totals(struct api_request *request, json_t *reply)
{
	json_t *recovering = json_object_get(reply, "recovering_ms");
	json_t *problems = json_object_get(request->result, "problems");
	json_t *kamailio = json_object_get(reply, "kamailio");

	json_object_set(request->result, "totals", json_object_get(reply, "totals"));
	if (kamailio != NULL)
		problem(problems, "critical",
			KEEP_WAITING
			" Start Kamailio, or look at its log; all go on once a phone was reached.",
			mem_printf("no node reaches a phone through Kamailio since %lld s",
				   (long long)number(kamailio, "open_ms") / 1000));
	if (recovering != NULL)
		problem(problems, "warning", KEEP_WAITING,
			mem_printf("the pool is recovering for %lld s",
				   (long long)json_number_value(recovering) / 1000));
	api_collect(request, "nodes_read", json_object(), "nodes", got_nodes);
}

void
api_status(struct api_request *request)
{
	json_t *problems = json_array();

	request->result = survey_health(request->api, NULL);
	json_object_set_new(request->result, "problems", problems);
	judge_redis(problems, request->api->pool);
	if (pool_state(request->api->pool) == POOL_CLOSED) {
		problem(problems, "critical", KEEP_WAITING,
			mem_printf("the pool is closed; nothing is decided"));
		api_reply(request, 200, json_incref(request->result));
		return;
	}
	api_script(request, "status_read", json_object(), got_totals);
}

static void
got_metrics(struct api_request *request, json_t *reply)
{
	char *text = metrics_text(request->result);

	(void)reply;
	api_reply_text(request, "text/plain; version=0.0.4", text);
	free(text);
}

void
api_metrics(struct api_request *request)
{
	survey_take(request, got_metrics);
}
