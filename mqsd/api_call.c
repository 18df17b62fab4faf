/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/text.h"
#include "mqsd/api_priv.h"

/* Ids begin with the entering time: so the oldest comes first. */
static int
by_id(const void *a, const void *b)
{
	return strcmp(json_string_value(json_object_get(*(json_t *const *)a, "id")),
		      json_string_value(json_object_get(*(json_t *const *)b, "id")));
}

static void
reply_calls(struct api_request *request, json_t *reply)
{
	size_t n = json_array_size(request->items), i;
	json_t **calls = mem_alloc(n * sizeof(*calls)), *sorted = json_array();

	(void)reply;
	for (i = 0; i < n; i++)
		calls[i] = json_array_get(request->items, i);
	qsort(calls, n, sizeof(*calls), by_id);
	for (i = 0; i < n; i++)
		json_array_append(sorted, calls[i]);
	free(calls);
	api_reply(request, 200, json_pack("{s:o}", "calls", sorted));
}

void
api_calls(struct api_request *request)
{
	static const char *const filters[] = {"queue", "state", "from"};
	json_t *args = json_object();
	const char *value;
	char clean[256];
	size_t i;

	for (i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		value = httpd_query(request->http, filters[i]);
		if (value == NULL)
			continue;
		text_printable(clean, sizeof(clean), value, strlen(value));
		json_object_set_new(args, filters[i], json_string(clean));
	}
	api_collect(request, "calls_read", args, "calls", reply_calls);
}

static void
reply_call(struct api_request *request, json_t *reply)
{
	api_reply(request, 200, json_incref(json_object_get(reply, "call_view")));
}

void
api_call_show(struct api_request *request)
{
	api_script(request, "calls_read", json_pack("{s:s}", "call", request->params[0]),
		   reply_call);
}

static void
ended(struct api_request *request, json_t *reply)
{
	struct api *api = request->api;
	json_t *view = json_incref(json_object_get(reply, "call"));

	api_reply(request, 200,
		  json_pack("{s:O, s:O}", "id", json_object_get(view, "id"), "state",
			    json_object_get(view, "state")));
	api->hooks.call_ended(api->hooks.arg, view);
	json_decref(view);
}

void
api_call_hangup(struct api_request *request)
{
	api_script(request, "call_end",
		   json_pack("{s:s, s:s}", "call", request->params[0], "reason", "operator"),
		   ended);
}
