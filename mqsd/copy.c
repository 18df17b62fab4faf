/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/copy_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "mqsd/conf.h"
#include "mqsd/disk.h"
#include "mqsd/loop.h"
#include "mqsd/pool.h"

#define SOON_MS	  300  /* after the first of several changes */
#define PERIOD_MS 1000 /* between two looks at Redis, and two writes */
#define BAD_MS	  5000 /* a disk that failed is tried again */

static void read_page(struct copy *copy);

static void
object_free(struct copy *copy, struct object *object)
{
	HASH_DEL(copy->objects, object);
	free(object->key);
	free(object->text);
	free(object);
}

void
copy_forget(struct copy *copy)
{
	struct object *object, *next;

	HASH_ITER(hh, copy->objects, object, next)
	object_free(copy, object);
	copy->head.version = copy->head.born = 0;
	copy->cursor[0] = '\0';
}

static void
take_object(struct copy *copy, const json_t *json)
{
	const char *kind = json_string_value(json_object_get(json, "kind"));
	const char *name = json_string_value(json_object_get(json, "name"));
	struct object *object;
	char *key;

	if (kind == NULL || name == NULL)
		return;
	key = mem_printf("%s:%s", kind, name);
	HASH_FIND_STR(copy->objects, key, object);
	if (object == NULL) {
		object = mem_zero(sizeof(*object));
		object->key = key;
		HASH_ADD_KEYPTR(hh, copy->objects, object->key, strlen(object->key), object);
		copy->sorted = false;
	} else {
		free(key);
		free(object->text);
	}
	object->version = (int64_t)json_number_value(json_object_get(json, "version"));
	object->text = export_object(json);
}

/* Queues come first: an agent's memberships need them. */
static int
by_key(struct object *a, struct object *b)
{
	return *a->key != *b->key ? (*a->key == 'q' ? -1 : 1) : strcmp(a->key, b->key);
}

char *
copy_lines(struct copy *copy, size_t *len)
{
	size_t n = 0;
	const char **lines = mem_alloc((HASH_COUNT(copy->objects) + 1) * sizeof(*lines));
	struct object *object, *next;
	char *text;

	if (!copy->sorted)
		HASH_SORT(copy->objects, by_key);
	copy->sorted = true;
	HASH_ITER(hh, copy->objects, object, next)
	lines[n++] = object->text;
	text = export_text(&copy->head, lines, n, len);
	free(lines);
	return text;
}

/* A file of another pool's is put aside, not written over. */
static void
put_aside(struct copy *copy)
{
	char *aside = mem_printf("%s.other", copy->path);

	if (rename(copy->path, aside) == 0)
		log_warn("%s is a copy of a pool born at %" PRId64
			 ", not of this one; it is %s now",
			 copy->path, copy->disk_born, aside);
	free(aside);
}

/* Never an empty or a recovering pool over what the file has. */
static void
write_copy(struct copy *copy)
{
	size_t len;
	char *text;

	if (copy->head.version == 0 || copy->head.born == 0 || copy->head.version == copy->written)
		return;
	if (copy->disk_born != 0 && copy->disk_born != copy->head.born)
		put_aside(copy);
	text = copy_lines(copy, &len);
	disk_write(copy->disk, text, len);
	copy->written = copy->head.version;
	copy->disk_born = copy->head.born;
}

static void
arm(struct copy *copy, int64_t ms)
{
	if (!loop_timer_armed(copy->tick))
		loop_timer_arm(copy->tick, ms);
}

/* Says once that the disk fails, and once that it is well again. */
static void
watch_disk(struct copy *copy)
{
	struct err err;
	bool bad;

	if (!disk_idle(copy->disk))
		return;
	bad = disk_result(copy->disk, &err) != 0;
	if (bad && !copy->disk_bad)
		log_error("the copy of the pool can't be written: %s; should Redis lose the pool "
			  "now, %s is what comes back",
			  err.text, copy->path);
	else if (!bad && copy->disk_bad)
		log_info("%s is written again", copy->path);
	copy->disk_bad = bad;
	if (bad) {
		copy->written = 0;
		arm(copy, BAD_MS);
	}
}

static void
answer(struct copy *copy, bool ok, const json_t *refusal)
{
	struct waiter *waiter;
	char *text = NULL;
	size_t len;

	if (ok && !STAILQ_EMPTY(&copy->waiters))
		text = copy_lines(copy, &len);
	while ((waiter = STAILQ_FIRST(&copy->waiters)) != NULL) {
		STAILQ_REMOVE_HEAD(&copy->waiters, entry);
		waiter->cb(waiter->arg, text, refusal);
		free(waiter);
	}
	free(text);
}

void
copy_read(struct copy *copy)
{
	if (copy->reading) {
		copy->again = true;
		return;
	}
	copy->reading = true;
	copy->again = copy->changed = false;
	copy->looked = clock_mono_ms();
	snprintf(copy->cursor, sizeof(copy->cursor), "%" PRId64, copy->head.version);
	copy->forget[0] = '\0';
	read_page(copy);
}

static void
finish_reading(struct copy *copy)
{
	copy->reading = false;
	if (copy->step == TIDYING) {
		copy_tidy(copy);
		return;
	}
	if (copy->again) {
		copy_read(copy);
		return;
	}
	answer(copy, true, NULL);
	if (pool_state(copy->pool) == POOL_READY)
		write_copy(copy);
	arm(copy, PERIOD_MS);
}

static int64_t
number_at(const json_t *reply, const char *key)
{
	const char *s = json_string_value(json_object_get(reply, key));

	return s != NULL ? atoll(s) : 0;
}

/* Something was deleted, or came back with an old version: then only all of it tells. */
static bool
must_begin_anew(struct copy *copy, const json_t *reply)
{
	int64_t forget = number_at(reply, "forget");

	if (copy->head.version > 0 && forget > copy->head.version)
		return true;
	if (copy->forget[0] != '\0' && forget != atoll(copy->forget))
		return true;
	snprintf(copy->forget, sizeof(copy->forget), "%" PRId64, forget);
	return false;
}

static void
on_page(void *arg, json_t *reply)
{
	struct copy *copy = arg;
	const char *refused = pool_refusal(reply);
	const char *cursor = json_string_value(json_object_get(reply, "cursor"));
	json_t *item;
	size_t i;

	if (refused != NULL) {
		copy->reading = false;
		answer(copy, false, reply);
		if (copy_is_closing(refused))
			return;
		arm(copy, PERIOD_MS);
		if (copy->step == TIDYING)
			copy_settle(copy);
		return;
	}
	if (must_begin_anew(copy, reply)) {
		copy_forget(copy);
		copy->forget[0] = '\0';
		read_page(copy);
		return;
	}
	json_array_foreach(json_object_get(reply, "items"), i, item) take_object(copy, item);
	if (cursor != NULL) {
		snprintf(copy->cursor, sizeof(copy->cursor), "%s", cursor);
		/* Oldest change first: so far it is as whole as it was before. */
		if (copy->head.version > 0)
			copy->head.version = atoll(cursor);
		read_page(copy);
		return;
	}
	copy->head.version = number_at(reply, "config");
	copy->head.born = number_at(reply, "born");
	finish_reading(copy);
}

static void
read_page(struct copy *copy)
{
	pool_call(copy->pool, "export_read", json_pack("{s:s}", "since", copy->cursor), on_page,
		  copy);
}

static void
on_tick(void *arg)
{
	struct copy *copy = arg;

	watch_disk(copy);
	if (copy->step != IDLE || copy->reading || pool_state(copy->pool) == POOL_CLOSED)
		return;
	if (pool_state(copy->pool) != POOL_READY) {
		arm(copy, PERIOD_MS);
		return;
	}
	if (copy->changed)
		copy_read(copy);
	else
		write_copy(copy);
	if (!disk_idle(copy->disk))
		arm(copy, PERIOD_MS);
}

void
copy_changed(struct copy *copy)
{
	int64_t rest = copy->looked + PERIOD_MS - clock_mono_ms();

	copy->changed = true;
	arm(copy, rest > SOON_MS ? rest : SOON_MS);
}

void
copy_text(struct copy *copy, copy_text_cb *cb, void *arg)
{
	struct waiter *waiter = mem_zero(sizeof(*waiter));

	waiter->cb = cb;
	waiter->arg = arg;
	STAILQ_INSERT_TAIL(&copy->waiters, waiter, entry);
	if (copy->step == IDLE)
		copy_read(copy);
	else
		copy->again = true; /* when all is back */
}

void
copy_pool_closed(struct copy *copy)
{
	copy->step = IDLE;
	copy->reading = false;
	json_decref(copy->wanted);
	json_decref(copy->unwanted);
	copy->wanted = copy->unwanted = NULL;
	answer(copy, false, NULL);
	write_copy(copy);
}

struct copy *
copy_new(struct loop *loop, const struct conf *conf, struct pool *pool,
	 const struct copy_hooks *hooks)
{
	struct copy *copy = mem_zero(sizeof(*copy));
	struct export_head head = {.born = 0};

	copy->conf = conf;
	copy->pool = pool;
	copy->hooks = *hooks;
	copy->path = mem_printf("%s/%s.export", conf->state_dir, conf->pool);
	copy->disk = disk_new(copy->path);
	copy->tick = loop_timer_new(loop, on_tick, copy);
	STAILQ_INIT(&copy->waiters);
	snprintf(copy->head.pool, sizeof(copy->head.pool), "%s", conf->pool);
	json_decref(copy_load_file(copy->path, &head));
	copy->disk_born = head.born;
	return copy;
}

void
copy_free(struct copy *copy)
{
	write_copy(copy);
	disk_free(copy->disk);
	loop_timer_free(copy->tick);
	copy_forget(copy);
	answer(copy, false, NULL);
	json_decref(copy->wanted);
	json_decref(copy->unwanted);
	free(copy->path);
	free(copy);
}
