/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "mqsd/api_priv.h"

void
api_instances(struct api_request *request)
{
	json_t *list = request->api->hooks.instances(request->api->hooks.arg);

	if (list == NULL)
		api_refused(request, NULL);
	else
		api_reply(request, 200, json_pack("{s:o}", "instances", list));
}

static void
on_asked(void *arg, int found)
{
	struct api_request *request = arg;
	json_t *list = request->api->hooks.instances(request->api->hooks.arg), *instance;
	const char *name = request->params[0];
	json_int_t others = 0;
	size_t i;

	json_array_foreach(list, i, instance)
	{
		if (strcmp(json_string_value(json_object_get(instance, "name")), name) != 0 &&
		    !json_is_true(json_object_get(instance, "leaving")))
			others++;
	}
	json_decref(list);
	if (found < 0)
		api_refused(request, NULL);
	else if (found == 0)
		api_error(request, 404, "no_such_instance", "mqsctl instance list shows them.",
			  "there is no instance %s", name);
	else
		api_reply(
			request, 200,
			json_pack("{s:s, s:b, s:I}", "name", name, "leaving", 1, "others", others));
}

void
api_instance_leave(struct api_request *request)
{
	request->api->hooks.instance_leave(request->api->hooks.arg, request->params[0], on_asked,
					   request);
}
