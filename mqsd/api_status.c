/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "mqsd/api_priv.h"
#include "mqsd/copy.h"
#include "mqsd/metrics.h"
#include "mqsd/problem.h"
#include "mqsd/survey.h"

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

static json_int_t
longest_wait(const json_t *queues)
{
	json_int_t longest = 0, ms;
	const json_t *queue;
	size_t i;

	json_array_foreach((json_t *)queues, i, queue)
	{
		ms = (json_int_t)json_number_value(json_object_get(queue, "longest_wait_ms"));
		longest = ms > longest ? ms : longest;
	}
	return longest;
}

static void
got_status(struct api_request *request, json_t *reply)
{
	static const char *const keys[] = {"status", "version", "instance", "uptime_s",
					   "redis",  "pool",	"nodes",    "totals"};
	json_t *survey = request->result, *out = json_object(), *problems = problems_find(survey);
	char *verdict = problems_verdict(survey, problems);
	size_t i;

	(void)reply;
	json_object_set_new(out, "verdict", json_string(verdict));
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (json_object_get(survey, keys[i]) != NULL)
			json_object_set(out, keys[i], json_object_get(survey, keys[i]));
	json_object_set_new(out, "problems", problems);
	if (json_object_get(survey, "totals") != NULL)
		json_object_set_new(
			out, "longest_wait_ms",
			json_integer(longest_wait(json_object_get(survey, "queue_list"))));
	free(verdict);
	api_reply(request, 200, out);
}

void
api_status(struct api_request *request)
{
	survey_take(request, got_status);
}
