/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "lib/text.h"
#include "mqsd/api_priv.h"

static void
reply_calls(struct api_request *request, json_t *reply)
{
	(void)reply;
	api_reply_rows(request, json_object(), "calls");
}

void
api_calls(struct api_request *request)
{
	static const char *const names[] = {"queue", "state", "from"};
	struct list_order order = {.view = &view_call, .of = "calls"};
	const char **filters[] = {&order.filter.queue, &order.filter.state, &order.filter.from};
	const char *value;
	char clean[3][256];
	size_t i;

	for (i = 0; i < 3; i++) {
		value = httpd_query(request->http, names[i]);
		if (value == NULL)
			continue;
		text_printable(clean[i], sizeof(clean[i]), value, strlen(value));
		*filters[i] = clean[i];
	}
	api_list(request, &order, reply_calls);
}

static void
reply_call(struct api_request *request, json_t *reply)
{
	api_reply(request, 200, view_one(&view_call, reply));
}

void
api_call_show(struct api_request *request)
{
	api_one(request, &view_call, request->params[0], reply_call);
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
