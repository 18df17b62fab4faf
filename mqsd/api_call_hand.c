/* SPDX-License-Identifier: BSD-2-Clause */

/* What an operator does with one call by hand, and its story. */

#include <string.h>

#include "lib/text.h"
#include "mqsd/api_priv.h"

#define PRIORITY_MAX 100

static void
reply_view(struct api_request *request, json_t *reply)
{
	api_reply(request, 200, view_one(&view_call, reply));
}

/* The owner of the call's node acts; who asked gets the call as it is now. */
static void
changed(struct api_request *request, json_t *reply)
{
	struct api *api = request->api;
	json_t *view = json_incref(json_object_get(reply, "call"));

	api_one(request, &view_call, request->params[0], reply_view);
	api->hooks.call_changed(api->hooks.arg, view);
	json_decref(view);
}

static void
priority_set(struct api_request *request, json_t *reply)
{
	json_int_t before = json_integer_value(json_object_get(reply, "before"));

	if (before != json_integer_value(json_object_get(request->body, "priority")))
		api_undo(request, "call priority %s %lld", request->params[0], (long long)before);
	changed(request, reply);
}

void
api_call_priority(struct api_request *request)
{
	const json_t *priority = json_object_get(request->body, "priority");
	json_int_t n = json_integer_value(priority);

	if (!json_is_integer(priority) || n < -PRIORITY_MAX || n > PRIORITY_MAX) {
		api_error(request, 400, "bad_value", "Each step is worth a minute of waiting.",
			  "priority is a number from -%d to %d", PRIORITY_MAX, PRIORITY_MAX);
		return;
	}
	api_script(request, "call_priority",
		   json_pack("{s:s, s:I}", "call", request->params[0], "priority", n),
		   priority_set);
}

/* A script of a call and the one name that the body has. */
static void
with_name(struct api_request *request, const char *script, const char *key,
	  void (*then)(struct api_request *request, json_t *reply))
{
	const char *name = json_string_value(json_object_get(request->body, key));

	if (name == NULL || !text_is_name(name)) {
		api_error(request, 400, "bad_name",
			  "Names are made of letters, digits, _ . - (up to 64).",
			  "'%s' cannot be the name of %s %s", name != NULL ? name : "",
			  *key == 'a' ? "an" : "a", key);
		return;
	}
	api_script(request, script, json_pack("{s:s, s:s}", "call", request->params[0], key, name),
		   then);
}

static void
moved(struct api_request *request, json_t *reply)
{
	const char *before = json_string_value(json_object_get(reply, "before"));

	if (strcmp(before, json_string_value(json_object_get(request->body, "queue"))) != 0)
		api_undo(request, "call move %s %s", request->params[0], before);
	changed(request, reply);
}

void
api_call_move(struct api_request *request)
{
	with_name(request, "call_requeue", "queue", moved);
}

void
api_call_offer(struct api_request *request)
{
	with_name(request, "call_offer", "agent", changed);
}

void
api_call_transfer(struct api_request *request)
{
	with_name(request, "call_transfer", "queue", changed);
}

static void
reply_trace(struct api_request *request, json_t *reply)
{
	json_t *body;

	if (json_array_size(request->items) == 0) {
		api_error(request, 404, "no_such_call",
			  "The stream keeps the newest events only: stream_max in mqsd.conf.",
			  "the stream has no event of call %s", request->params[0]);
		return;
	}
	body = json_pack("{s:O}", "events", request->items);
	if (json_is_true(request->result))
		json_object_set_new(body, "cut", json_true());
	if (json_object_get(reply, "stopped") != NULL)
		json_object_set_new(body, "stopped", json_true());
	api_reply(request, 200, body);
}

static void trace_on(struct api_request *request, json_t *reply);

static void
trace_page(struct api_request *request, json_t *cursor)
{
	api_script(request, "call_trace",
		   json_pack("{s:s, s:O*}", "call", request->params[0], "cursor", cursor),
		   trace_on);
}

static void
trace_on(struct api_request *request, json_t *reply)
{
	json_t *cursor = json_object_get(reply, "cursor");

	if (json_is_true(json_object_get(reply, "cut")))
		request->result = json_true();
	json_array_extend(request->items, json_object_get(reply, "items"));
	if (cursor != NULL && request->http != NULL)
		trace_page(request, cursor);
	else
		reply_trace(request, reply);
}

void
api_call_trace(struct api_request *request)
{
	request->items = json_array();
	trace_page(request, NULL);
}
