/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/api_priv.h"
#include "mqsd/dispatcher.h"

static void
on_told(void *arg, enum dispatcher_word word)
{
	struct api_request *request = arg;

	json_object_set_new(request->result, "kamailio", json_string(dispatcher_words[word]));
	api_reply(request, 200, json_incref(request->result));
}

/* The wish is in the pool; now Kamailio is told. What was wished before has no undo. */
static void
tell(struct api_request *request, json_t *reply, bool drain)
{
	const char *name = request->params[0];
	bool already = json_is_true(json_object_get(reply, "already"));

	request->result = json_incref(json_object_get(reply, "node"));
	json_object_set_new(request->result, "already", json_boolean(already));
	if (!already)
		api_undo(request, "node %s %s", drain ? "undrain" : "drain", name);
	dispatcher_tell(request->api->hooks.dispatcher, name, drain, on_told, request);
}

static void
drained(struct api_request *request, json_t *reply)
{
	tell(request, reply, true);
}

static void
undrained(struct api_request *request, json_t *reply)
{
	tell(request, reply, false);
}

void
api_node_drain(struct api_request *request)
{
	api_script(request, "node_drain", json_pack("{s:s}", "node", request->params[0]), drained);
}

void
api_node_undrain(struct api_request *request)
{
	api_script(request, "node_undrain", json_pack("{s:s}", "node", request->params[0]),
		   undrained);
}
