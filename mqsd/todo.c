/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/todo.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "mqsd/call.h"
#include "mqsd/node.h"

struct todo {
	struct node *node;
	struct calls *calls;
	json_t *seen; /* call -> version that was acted on and is to be crossed out */
	bool looking, again;
};

static void
act(struct todo *todo, json_t *view)
{
	const char *id = json_string_value(json_object_get(view, "id"));

	log_debug("node %s: call %s was changed by another instance: %s", node_name(todo->node), id,
		  json_string_value(json_object_get(view, "state")));
	calls_changed(todo->calls, view);
	json_object_set(todo->seen, id, json_object_get(view, "v"));
}

static void
on_page(void *arg, json_t *reply)
{
	struct todo *todo = arg;
	bool more = json_is_true(json_object_get(reply, "again"));
	json_t *view;
	size_t i;

	todo->looking = false;
	if (pool_refusal(reply) != NULL) {
		if (strcmp(pool_refusal(reply), "not_owner") == 0)
			node_disown(todo->node);
		todo_forget(todo);
		return;
	}
	json_object_clear(todo->seen);
	json_array_foreach(json_object_get(reply, "calls"), i, view) act(todo, view);
	if (more || todo->again || json_object_size(todo->seen) > 0)
		todo_look(todo);
}

void
todo_look(struct todo *todo)
{
	todo->again = todo->looking;
	if (todo->looking)
		return;
	todo->looking = true;
	node_script(todo->node, "node_todo", json_pack("{s:O}", "done", todo->seen), on_page, todo);
}

void
todo_forget(struct todo *todo)
{
	json_object_clear(todo->seen);
	todo->again = false;
}

struct todo *
todo_new(struct node *node, struct calls *calls)
{
	struct todo *todo = mem_zero(sizeof(*todo));

	todo->node = node;
	todo->calls = calls;
	todo->seen = json_object();
	return todo;
}

void
todo_free(struct todo *todo)
{
	json_decref(todo->seen);
	free(todo);
}
