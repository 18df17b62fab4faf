/* SPDX-License-Identifier: BSD-2-Clause */

/* A pool that was opened under a Redis that may have forgotten gets back what our copy has. */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "mqsd/conf.h"
#include "mqsd/copy_priv.h"
#include "mqsd/disk.h"
#include "mqsd/pool.h"

#define FILE_MAX   ((size_t)256 * 1024 * 1024)
#define PAGE_WORTH 64 /* queues, agents and memberships in one script */

static void bring_page(struct copy *copy);
static void drop_next(struct copy *copy);

/* Is the pool gone, so that it will be opened again? Anything else must not stop us. */
bool
copy_is_closing(const char *refused)
{
	return strcmp(refused, "no_redis") == 0 || strcmp(refused, "recover") == 0;
}

void
copy_settle(struct copy *copy)
{
	copy->step = IDLE;
	json_decref(copy->wanted);
	json_decref(copy->unwanted);
	copy->wanted = copy->unwanted = NULL;
	copy->hooks.restored(copy->hooks.arg, true);
}

/* Of a file: what it holds, NULL when there is none or it is damaged. */
json_t *
copy_load_file(const char *path, struct export_head *head)
{
	struct err err;
	json_t *objects;
	size_t len;
	char *text = disk_read(path, FILE_MAX, &len, &err);

	if (text == NULL) {
		if (errno != ENOENT)
			log_error("%s", err.text);
		return NULL;
	}
	objects = export_parse(path, text, len, head, &err);
	if (objects == NULL)
		log_error("%s; this copy of the pool is not used", err.text);
	free(text);
	return objects;
}

/* The newest whole copy there is: of memory, of the file, of the file before it. */
static json_t *
load(struct copy *copy)
{
	struct export_head *head = &copy->from;
	json_t *objects;
	struct err err;
	size_t len;
	char *text;

	if (copy->head.version != 0 && copy->head.born != 0) {
		text = copy_lines(copy, &len);
		objects = export_parse("memory", text, len, head, &err);
		free(text);
		if (objects != NULL)
			return objects;
		log_error("%s", err.text);
	}
	objects = copy_load_file(copy->path, head);
	if (objects == NULL) {
		text = mem_printf("%s.1", copy->path);
		objects = copy_load_file(text, head);
		free(text);
	}
	if (objects != NULL && strcmp(head->pool, copy->conf->pool) != 0) {
		log_error("%s is a copy of pool %s, not of %s; it is not used", copy->path,
			  head->pool, copy->conf->pool);
		json_decref(objects);
		return NULL;
	}
	return objects;
}

static void
on_brought(void *arg, json_t *reply)
{
	struct copy *copy = arg;
	const char *refused = pool_refusal(reply);

	if (refused != NULL && copy_is_closing(refused))
		return;
	if (copy->restored > 0)
		log_warn("Redis had lost %zu of %zu queues and agents; they are back, as of "
			 "version %" PRId64 ". Statistics, and events that nobody had read, are "
			 "lost",
			 copy->restored, json_array_size(copy->wanted), copy->from.version);
	copy_forget(copy);
	copy->step = TIDYING;
	copy_read(copy);
}

static void
on_bring_page(void *arg, json_t *reply)
{
	struct copy *copy = arg;
	const char *refused = pool_refusal(reply);

	if (refused != NULL && copy_is_closing(refused))
		return;
	if (refused != NULL)
		log_error("some of the copy could not be brought back: %s",
			  json_string_value(json_object_get(reply, "text")));
	copy->restored += (size_t)json_number_value(json_object_get(reply, "restored"));
	bring_page(copy);
}

/* The next objects, as many as one script may take; then that it is done. */
static void
bring_page(struct copy *copy)
{
	json_t *page = json_array(), *object;
	size_t worth = 0, of;

	while ((object = json_array_get(copy->wanted, copy->at)) != NULL) {
		of = 1 + json_object_size(json_object_get(object, "members"));
		if (worth > 0 && worth + of > PAGE_WORTH)
			break;
		worth += of;
		json_array_append(page, object);
		copy->at++;
	}
	if (json_array_size(page) > 0) {
		pool_call(copy->pool, "restore",
			  json_pack("{s:o, s:o}", "born", json_sprintf("%" PRId64, copy->from.born),
				    "objects", page),
			  on_bring_page, copy);
		return;
	}
	json_decref(page);
	pool_call(copy->pool, "restore_done",
		  json_pack("{s:s, s:I, s:I}", "instance", copy->conf->instance, "version",
			    (json_int_t)copy->from.version, "restored", (json_int_t)copy->restored),
		  on_brought, copy);
}

static void
on_open(void *arg, json_t *reply)
{
	struct copy *copy = arg;
	const char *refused = pool_refusal(reply);

	if (refused != NULL && copy_is_closing(refused))
		return;
	if (refused != NULL) {
		if (strcmp(refused, "not_recovering") != 0)
			log_error("%s is not brought back: %s", copy->path,
				  json_string_value(json_object_get(reply, "text")));
		copy_settle(copy);
		copy_forget(copy);
		copy_read(copy);
		return;
	}
	bring_page(copy);
}

static void
on_dropped(void *arg, json_t *reply)
{
	struct copy *copy = arg;
	const char *refused = pool_refusal(reply);

	if (refused != NULL && copy_is_closing(refused))
		return;
	if (refused != NULL)
		log_warn("deleted before Redis forgot, but it stays: %s",
			 json_string_value(json_object_get(reply, "text")));
	if (json_object_get(reply, "again") == NULL)
		copy->at++;
	drop_next(copy);
}

static void
drop_next(struct copy *copy)
{
	json_t *item = json_array_get(copy->unwanted, copy->at);
	const char *key = json_string_value(item);

	if (key == NULL) {
		copy_settle(copy);
		copy_read(copy);
		return;
	}
	pool_call(copy->pool, *key == 'q' ? "queue_delete" : "agent_remove",
		  json_pack("{s:s, s:I}", *key == 'q' ? "queue" : "agent", strchr(key, ':') + 1,
			    "kept", (json_int_t)copy->from.version),
		  on_dropped, copy);
}

/* What Redis has at an older version than the whole copy, and the copy has not, was deleted. */
void
copy_tidy(struct copy *copy)
{
	struct object *object, *next;
	json_t *keys = json_object(), *row;
	char *key;
	size_t i;

	json_array_foreach(copy->wanted, i, row)
	{
		key = mem_printf("%s:%s", json_string_value(json_object_get(row, "kind")),
				 json_string_value(json_object_get(row, "name")));
		json_object_set_new(keys, key, json_true());
		free(key);
	}
	copy->unwanted = json_array();
	copy->at = 0;
	HASH_ITER(hh, copy->objects, object, next)
	{
		if (object->version <= copy->from.version &&
		    json_object_get(keys, object->key) == NULL)
			json_array_append_new(copy->unwanted, json_string(object->key));
	}
	json_decref(keys);
	drop_next(copy);
}

void
copy_pool_opened(struct copy *copy, bool recovering)
{
	copy->reading = copy->again = false;
	if (recovering)
		copy->wanted = load(copy);
	if (copy->wanted == NULL) {
		copy_forget(copy);
		copy_read(copy);
		copy->hooks.restored(copy->hooks.arg, recovering);
		return;
	}
	copy->step = BRINGING;
	copy->at = copy->restored = 0;
	pool_call(copy->pool, "restore_open",
		  json_pack("{s:s, s:I, s:o}", "instance", copy->conf->instance, "version",
			    (json_int_t)copy->from.version, "born",
			    json_sprintf("%" PRId64, copy->from.born)),
		  on_open, copy);
}
