/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "lib/export.h"
#include "lib/mem.h"
#include "lib/queue_option.h"
#include "lib/text.h"
#include "lib/words.h"
#include "mqsd/api_priv.h"

void
api_queues(struct api_request *request)
{
	api_collect(request, "queues_read", json_object(), "queues", NULL);
}

static void
reply_members(struct api_request *request, json_t *reply)
{
	(void)reply;
	api_reply_rows(request, json_incref(request->result), "member_list");
}

static void
got_queue(struct api_request *request, json_t *reply)
{
	struct list_order order = {
		.view = &view_member, .of = "members", .queue = request->params[0]};

	json_decref(request->result);
	request->result = json_incref(json_object_get(reply, "queue"));
	api_list(request, &order, reply_members);
}

static void
show(struct api_request *request, json_t *reply)
{
	(void)reply;
	api_script(request, "queues_read", json_pack("{s:s}", "queue", request->params[0]),
		   got_queue);
}

void
api_queue_show(struct api_request *request)
{
	show(request, NULL);
}

static void
reply_created(struct api_request *request, json_t *reply)
{
	json_t *queue = json_object_get(reply, "queue");

	json_object_set_new(queue, "member_list", json_array());
	api_undo(request, "queue delete %s", request->params[0]);
	api_reply(request, 201, json_incref(queue));
}

static void
created(struct api_request *request, json_t *reply)
{
	(void)reply;
	api_script(request, "queues_read", json_pack("{s:s}", "queue", request->params[0]),
		   reply_created);
}

void
api_queue_create(struct api_request *request)
{
	const char *name = json_string_value(json_object_get(request->body, "name"));
	json_t *options = json_object();
	size_t i;

	if (name == NULL || !text_is_name(name)) {
		json_decref(options);
		api_error(request, 400, "bad_name",
			  "Names are made of letters, digits, _ . - (up to 64).",
			  "'%s' cannot be the name of a queue", name != NULL ? name : "");
		return;
	}
	request->params[0] = mem_dup(name);
	for (i = 0; i < queue_options.count; i++)
		json_object_set_new(options, queue_options.rows[i].name,
				    json_string(queue_options.rows[i].def));
	if (!api_options(request, &queue_options, "queue", "name", options)) {
		json_decref(options);
		return;
	}
	api_script(request, "queue_create",
		   json_pack("{s:s, s:o}", "queue", request->params[0], "options", options),
		   created);
}

static void
set(struct api_request *request, json_t *reply)
{
	api_undo_options(request, &queue_options, "queue set", json_object_get(reply, "was"));
	show(request, NULL);
}

void
api_queue_set(struct api_request *request)
{
	request->result = json_object();
	if (api_options(request, &queue_options, "queue", "v", request->result))
		api_script(request, "queue_set",
			   json_pack("{s:s, s:O, s:O*}", "queue", request->params[0], "options",
				     request->result, "v", json_object_get(request->body, "v")),
			   set);
}

static void
undo_member(struct api_request *request, const json_t *member)
{
	const char *agent = json_string_value(json_object_get(member, "agent"));
	const char *paused = json_string_value(json_object_get(member, "paused"));
	char *reason;

	api_undo(request, "queue member add %s %s penalty %lld", request->params[0], agent,
		 (long long)json_integer_value(json_object_get(member, "penalty")));
	if (paused == NULL || *paused == '\0')
		return;
	reason = words_quote(paused);
	api_undo(request, "queue member pause %s %s reason %s", request->params[0], agent, reason);
	free(reason);
}

static void
reply_deleted(struct api_request *request, const json_t *queue)
{
	char *create = export_commands(queue);
	const json_t *member;
	size_t i;

	create[strcspn(create, "\n")] = '\0';
	api_undo(request, "%s", create);
	json_array_foreach(request->items, i, member) undo_member(request, member);
	free(create);
	api_reply(request, 200, json_pack("{s:s}", "deleted", request->params[0]));
}

/* The counts say who still waits, so the queue is read again. */
static void
reply_door(struct api_request *request, json_t *reply)
{
	api_reply(request, 200, json_incref(json_object_get(reply, "queue")));
}

static void
door_moved(struct api_request *request, json_t *reply)
{
	if (json_object_size(json_object_get(reply, "was")) > 0)
		api_undo(request, "queue %s %s", request->key, request->params[0]);
	api_script(request, "queues_read", json_pack("{s:s}", "queue", request->params[0]),
		   reply_door);
}

/* back: the verb that undoes it. */
static void
move_door(struct api_request *request, const char *closed, const char *back)
{
	request->key = back;
	api_script(request, "queue_set",
		   json_pack("{s:s, s:{s:s}}", "queue", request->params[0], "options", "closed",
			     closed),
		   door_moved);
}

void
api_queue_close(struct api_request *request)
{
	move_door(request, "yes", "open");
}

void
api_queue_open(struct api_request *request)
{
	move_door(request, "no", "close");
}

static void
delete_more(struct api_request *request, json_t *reply)
{
	if (request->items == NULL)
		request->items = json_array();
	json_array_extend(request->items, json_object_get(reply, "members"));
	if (reply != NULL && json_object_get(reply, "again") == NULL)
		reply_deleted(request, json_object_get(reply, "queue"));
	else
		api_script(request, "queue_delete", json_pack("{s:s}", "queue", request->params[0]),
			   delete_more);
}

void
api_queue_delete(struct api_request *request)
{
	delete_more(request, NULL);
}
