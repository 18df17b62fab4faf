/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/list.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "mqsd/json_text.h"
#include "mqsd/loop.h"
#include "mqsd/pool.h"

#define NAMES_MAX 50000 /* a list ends there, and says so: it is one text in memory */
/* Objects that Redis was asked for: enough to keep it busy, few enough for others not to wait. */
#define UNDER_WAY 128
/* A row costs some 10 us of Redis and us together. */
#define ROWS_PER_S 10000
#define ROWS_SAVED 30000 /* at most, for those who list now and then */

struct list_waiter {
	TAILQ_ENTRY(list_waiter) entry;
	struct list *list;
	list_cb *cb;
	void *arg;
};

struct list {
	TAILQ_ENTRY(list) entry;
	struct lists *lists;
	TAILQ_HEAD(, list_waiter) waiters;
	struct list_order order; /* its texts are the list's */
	char *key;		 /* the same for all that may share it */
	bool begun;		 /* else it waits for its turn */
	char **names;
	size_t count, next; /* next to be asked for */
	size_t under_way;
	uint32_t reads;	 /* fields */
	bool reads_more; /* memberships */
	const char *argv[VIEW_FIELDS_MAX + 2];
	size_t argvlen[VIEW_FIELDS_MAX + 2];
	int argc;
	const char **more; /* memberships of the object whose fields come next */
	size_t more_count;
	struct json_text kept;	  /* their texts */
	struct view_ranks *ranks; /* NULL: not wanted */
	int64_t now;		  /* the pool's, ms since the epoch */
	struct json_text text;
	bool asking, failed;
	bool cut; /* there were more than NAMES_MAX */
	json_t *refusal;
};

struct lists {
	struct pool *pool;
	struct loop_timer *turn;
	TAILQ_HEAD(, list) lists; /* the first may be begun */
	int64_t saved; /* rows that may be read now, in thousandths; below 0: those that were too
			  many */
	int64_t since; /* mono ms, when that was so */
};

void
list_rows_free(struct list_rows *rows)
{
	if (--rows->refs > 0)
		return;
	free(rows->text);
	free(rows);
}

static void
list_free(struct list *list)
{
	struct list_waiter *waiter;
	size_t i;

	TAILQ_REMOVE(&list->lists->lists, list, entry);
	while ((waiter = TAILQ_FIRST(&list->waiters)) != NULL) {
		TAILQ_REMOVE(&list->waiters, waiter, entry);
		free(waiter);
	}
	for (i = 0; i < list->count; i++)
		free(list->names[i]);
	free(list->names);
	free(list->text.data);
	free(list->kept.data);
	free((void *)list->more);
	view_ranks_free(list->ranks);
	free((char *)list->order.queue);
	free((char *)list->order.filter.queue);
	free((char *)list->order.filter.state);
	free((char *)list->order.filter.from);
	free(list->key);
	json_decref(list->refusal);
	free(list);
}

static char *
dup_or_null(const char *s)
{
	return s != NULL ? mem_dup(s) : NULL;
}

/* The text of a filter has no control characters, a space does not hide where one ends. */
static char *
key_of(const struct list_order *order)
{
	const char *texts[] = {order->of, order->queue, order->filter.queue, order->filter.state,
			       order->filter.from};
	char *key = mem_printf("%d %x", order->at_once, (unsigned)order->wanted), *longer;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		longer = mem_printf("%s\n%s", key, texts[i] != NULL ? texts[i] : "");
		free(key);
		key = longer;
	}
	return key;
}

static struct list *
list_new(struct lists *lists, const struct list_order *order, char *key)
{
	struct list *list = mem_zero(sizeof(*list));

	list->lists = lists;
	list->key = key;
	list->order = *order;
	list->order.queue = dup_or_null(order->queue);
	list->order.filter.queue = dup_or_null(order->filter.queue);
	list->order.filter.state = dup_or_null(order->filter.state);
	list->order.filter.from = dup_or_null(order->filter.from);
	TAILQ_INIT(&list->waiters);
	TAILQ_INSERT_TAIL(&lists->lists, list, entry);
	return list;
}

/* --- one list ------------------------------------------------------------------------------ */

static struct list_rows *
rows_of(struct list *list)
{
	struct list_rows *rows = mem_zero(sizeof(*rows));

	if (list->ranks != NULL)
		view_ranks_show(list->ranks, &list->text);
	rows->refs = 1;
	rows->text = list->text.data;
	rows->len = list->text.len;
	rows->more = list->cut;
	list->text = (struct json_text){0};
	return rows;
}

static void
finish(struct list *list)
{
	struct lists *lists = list->lists;
	struct list_rows *rows = list->failed ? NULL : rows_of(list);
	struct list_waiter *waiter;

	lists->saved -= (int64_t)list->count * 1000;
	while ((waiter = TAILQ_FIRST(&list->waiters)) != NULL) {
		TAILQ_REMOVE(&list->waiters, waiter, entry);
		if (rows != NULL)
			rows->refs++;
		waiter->cb(waiter->arg, rows, list->refusal);
		free(waiter);
	}
	if (rows != NULL)
		list_rows_free(rows);
	list_free(list);
	loop_timer_arm(lists->turn, 0);
}

/* Keeps what was refused first; refusal is stolen. */
static void
fail(struct list *list, json_t *refusal)
{
	if (list->failed)
		json_decref(refusal);
	else
		list->refusal = refusal;
	list->failed = true;
}

/* Another program's data under our keys is the one fault of a plain command that is not Redis' own.
 */
static bool
is_good(struct list *list, const redisReply *reply)
{
	if (reply != NULL && reply->type != REDIS_REPLY_ERROR)
		return true;
	if (reply != NULL && strncmp(reply->str, "WRONGTYPE", 9) == 0)
		fail(list, json_pack("{s:s, s:s}", "refused", "wrong_type", "text",
				     "a key of MQS in Redis holds something else than MQS keeps "
				     "there"));
	else
		fail(list, NULL);
	return false;
}

static void
add_text(struct json_text *text, const char *s)
{
	json_text_add(text, s, strlen(s) + 1);
}

/* A whole hash, or the one field that was asked for: the queue whose members they are. */
static void
on_memberships(void *arg, redisReply *reply)
{
	struct list *list = arg;
	const char *at;
	size_t i, n = 0;

	list->kept.len = 0;
	if (is_good(list, reply) && reply->type == REDIS_REPLY_STRING) {
		add_text(&list->kept, list->order.queue);
		add_text(&list->kept, reply->str);
		n = 2;
	} else if (!list->failed && reply->type == REDIS_REPLY_ARRAY) {
		for (n = 0; n < reply->elements; n++)
			add_text(&list->kept, reply->element[n]->str);
	}
	list->more = mem_grow((void *)list->more, n + 1, sizeof(*list->more));
	for (i = 0, at = list->kept.data; i < n; i++, at += strlen(at) + 1)
		list->more[i] = at;
	list->more_count = n;
}

static void
take_row(struct list *list, const redisReply *reply)
{
	struct view_row row = {
		.more = list->more, .more_count = list->more_count, .rank = -1, .now = list->now};
	const struct list_order *order = &list->order;
	unsigned field, i = 0;
	size_t start = list->text.len;

	for (field = 0; field < VIEW_FIELDS_MAX && i < reply->elements; field++)
		if (list->reads & 1U << field)
			row.values[field] = reply->element[i++]->str;
	if (view_passes(order->view, &order->filter, &row)) {
		if (start > 0)
			json_text_add(&list->text, ",", 1);
		view_add(order->view, order->wanted, &row, &list->text);
	}
	if (list->ranks != NULL)
		view_ranks_add(list->ranks, &row, list->text.len > start ? list->text.len : 0);
}

static void ask_rows(struct list *list);

static void
on_row(void *arg, redisReply *reply)
{
	struct list *list = arg;

	list->under_way--;
	if (is_good(list, reply) && !list->failed && reply->type == REDIS_REPLY_ARRAY)
		take_row(list, reply);
	if (list->failed || TAILQ_EMPTY(&list->waiters))
		list->next = list->count;
	if (!list->asking && list->under_way <= UNDER_WAY / 2)
		ask_rows(list);
}

/* Replies come in order: the memberships before the agent's own fields. */
static void
ask_row(struct list *list, const char *name)
{
	const char *prefix = pool_prefix(list->lists->pool);
	const char *get[] = {list->order.queue != NULL ? "HGET" : "HGETALL", NULL,
			     list->order.queue};
	size_t len[] = {strlen(get[0]), 0, get[2] != NULL ? strlen(get[2]) : 0};
	char key[256];

	if (list->reads_more) {
		len[1] = (size_t)snprintf(key, sizeof(key), "%smemberof:%s", prefix, name);
		get[1] = key;
		pool_read(list->lists->pool, on_memberships, list, get[2] != NULL ? 3 : 2, get,
			  len);
	}
	list->argvlen[1] = (size_t)snprintf(key, sizeof(key), "%s%s:%s", prefix,
					    view_kind(list->order.view), name);
	list->argv[1] = key;
	list->under_way++;
	pool_read(list->lists->pool, on_row, list, list->argc, list->argv, list->argvlen);
}

/* Without Redis an answer comes while we ask. */
static void
ask_rows(struct list *list)
{
	list->asking = true;
	while (list->under_way < UNDER_WAY && list->next < list->count)
		ask_row(list, list->names[list->next++]);
	list->asking = false;
	if (list->under_way == 0 && list->next == list->count)
		finish(list);
}

/* Ids begin with the time of entering: so the oldest call comes first. */
static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void ask_names(struct list *list, const json_t *cursor);

static void
take_names(struct list *list, const json_t *names)
{
	size_t n = json_array_size(names), i;

	list->names = mem_grow(list->names, list->count + n + 1, sizeof(*list->names));
	for (i = 0; i < n && list->count < NAMES_MAX; i++)
		list->names[list->count++] = mem_dup(json_string_value(json_array_get(names, i)));
}

static void
on_names(void *arg, json_t *reply)
{
	struct list *list = arg;
	const json_t *cursor = json_object_get(reply, "cursor");

	if (pool_refusal(reply) != NULL)
		fail(list, json_incref(reply));
	if (list->failed || TAILQ_EMPTY(&list->waiters)) {
		finish(list);
		return;
	}
	take_names(list, json_object_get(reply, "names"));
	list->cut = cursor != NULL && list->count == NAMES_MAX;
	if (cursor != NULL && !list->cut) {
		ask_names(list, cursor);
		return;
	}
	list->now = (int64_t)json_number_value(json_object_get(reply, "now"));
	if (list->count > 0)
		qsort(list->names, list->count, sizeof(*list->names), by_name);
	ask_rows(list);
}

static void
ask_names(struct list *list, const json_t *cursor)
{
	pool_call(list->lists->pool, "names_read",
		  json_pack("{s:s, s:s*, s:O*}", "of", list->order.of, "queue", list->order.queue,
			    "cursor", cursor),
		  on_names, list);
}

/* HMGET KEY FIELD...; the key is each object's own. */
static void
prepare(struct list *list)
{
	const struct view *view = list->order.view;
	unsigned field;

	list->reads = view_reads(view, list->order.wanted, &list->order.filter, &list->reads_more);
	if (view_is_ranked(view, list->order.wanted))
		list->ranks = view_ranks_new();
	list->argv[0] = "HMGET";
	list->argc = 2;
	for (field = 0; field < VIEW_FIELDS_MAX && view_field(view, field) != NULL; field++)
		if (list->reads & 1U << field)
			list->argv[list->argc++] = view_field(view, field);
	for (field = 0; field < (unsigned)list->argc; field++)
		list->argvlen[field] = field != 1 ? strlen(list->argv[field]) : 0;
}

/* --- all of them --------------------------------------------------------------------------- */

/* ms until there is something saved up again; 0: there is. */
static int64_t
save_up(struct lists *lists)
{
	int64_t now = clock_mono_ms();

	lists->saved += (now - lists->since) * ROWS_PER_S;
	lists->since = now;
	if (lists->saved > ROWS_SAVED * 1000)
		lists->saved = ROWS_SAVED * 1000;
	return lists->saved > 0 ? 0 : 1 - lists->saved / ROWS_PER_S;
}

static void
begin_next(void *arg)
{
	struct lists *lists = arg;
	struct list *list = TAILQ_FIRST(&lists->lists);
	int64_t wait = save_up(lists);

	if (list == NULL || list->begun)
		return;
	if (wait > 0 && !list->order.at_once) {
		loop_timer_arm(lists->turn, wait);
		return;
	}
	list->begun = true;
	prepare(list);
	ask_names(list, NULL);
}

struct lists *
lists_new(struct loop *loop, struct pool *pool)
{
	struct lists *lists = mem_zero(sizeof(*lists));

	lists->pool = pool;
	lists->turn = loop_timer_new(loop, begin_next, lists);
	lists->saved = ROWS_SAVED * 1000;
	lists->since = clock_mono_ms();
	TAILQ_INIT(&lists->lists);
	return lists;
}

void
lists_free(struct lists *lists)
{
	while (!TAILQ_EMPTY(&lists->lists))
		list_free(TAILQ_FIRST(&lists->lists));
	loop_timer_free(lists->turn);
	free(lists);
}

/* An edit's goes before all that are not begun. */
static void
go_first(struct lists *lists, struct list *list)
{
	struct list *first = TAILQ_FIRST(&lists->lists);

	if (first == list)
		return;
	TAILQ_REMOVE(&lists->lists, list, entry);
	if (first->begun)
		TAILQ_INSERT_AFTER(&lists->lists, first, list, entry);
	else
		TAILQ_INSERT_HEAD(&lists->lists, list, entry);
}

struct list_waiter *
list_ask(struct lists *lists, const struct list_order *order, list_cb *cb, void *arg)
{
	struct list_waiter *waiter = mem_zero(sizeof(*waiter));
	char *key = key_of(order);
	struct list *list;

	TAILQ_FOREACH(list, &lists->lists, entry)
	if (!list->begun && strcmp(list->key, key) == 0)
		break;
	if (list != NULL)
		free(key);
	else
		list = list_new(lists, order, key);
	if (order->at_once)
		go_first(lists, list);
	waiter->list = list;
	waiter->cb = cb;
	waiter->arg = arg;
	TAILQ_INSERT_TAIL(&list->waiters, waiter, entry);
	loop_timer_arm(lists->turn, 0);
	return waiter;
}

void
list_leave(struct list_waiter *waiter)
{
	struct list *list = waiter->list;

	TAILQ_REMOVE(&list->waiters, waiter, entry);
	free(waiter);
	if (TAILQ_EMPTY(&list->waiters) && !list->begun)
		list_free(list);
}
