/* SPDX-License-Identifier: BSD-2-Clause */

/* Long lists, and one object of theirs. */

#include <stdlib.h>
#include <string.h>

#include "mqsd/api_priv.h"
#include "mqsd/json_text.h"

static void
on_list(void *arg, struct list_rows *rows, const json_t *refusal)
{
	struct api_request *request = arg;

	request->waiter = NULL;
	request->rows = rows;
	if (rows == NULL)
		api_refused(request, refusal);
	else
		request->then(request, NULL);
}

void
api_list(struct api_request *request, struct list_order *order,
	 void (*then)(struct api_request *request, json_t *reply))
{
	const char *keys = request->http != NULL ? httpd_query(request->http, "fields") : NULL;
	struct err err;

	order->at_once = strcmp(request->route->method, "GET") != 0;
	if (order->wanted == 0 &&
	    !view_pick(order->view, keys != NULL ? keys : "", &order->wanted, &err)) {
		api_error(request, 400, "bad_value",
			  "fields=KEY,KEY,... leaves out all other keys.", "fields: %s", err.text);
		return;
	}
	request->then = then;
	request->waiter = list_ask(request->api->lists, order, on_list, request);
}

json_t *
api_rows_json(const struct api_request *request)
{
	struct json_text text = {0};
	json_t *rows;

	json_text_add(&text, "[", 1);
	json_text_add(&text, request->rows->text, request->rows->len);
	json_text_add(&text, "]", 1);
	rows = json_loadb(text.data, text.len, 0, NULL);
	free(text.data);
	return rows;
}

void
api_one(struct api_request *request, const struct view *view, const char *name,
	void (*then)(struct api_request *request, json_t *reply))
{
	api_script(request, view_one_script(view), view_one_args(view, name), then);
}
