/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/clock.h"
#include "lib/mem.h"

#define LOOK_MS 250 /* between two looks whether all has gone */

char *
check_text(const char *rule, const char *event, int64_t at_ms, const char *text)
{
	time_t at_s = (time_t)(at_ms / 1000);
	char when[32] = "";
	struct tm tm;

	if (localtime_r(&at_s, &tm) != NULL)
		strftime(when, sizeof(when), "%H:%M:%S", &tm);
	return mem_printf("violation: %s: %s (%s%s%s%s.%03d)", rule, text,
			  *event != '\0' ? "event " : "", event, *event != '\0' ? ", " : "", when,
			  (int)(at_ms % 1000));
}

void
check_print(FILE *out, const char *rule, const char *event, int64_t at_ms, const char *text)
{
	char *line = check_text(rule, event, at_ms, text);

	fprintf(out, "%s\n", line);
	free(line);
}

static void
violated(void *arg, const struct checker_violation *v)
{
	struct check *check = arg;

	if (v->at != 0 && v->at < check->from_ms)
		return;
	check->violations++;
	if (check->told != NULL)
		check->told(check->arg, v);
}

void
check_open(struct check *check, const char *pool)
{
	struct checker_options options = checker_defaults;

	*check = (struct check){.pool = pool, .last = "0-0"};
	options.violated = violated;
	options.arg = check;
	check->checker = checker_new(&options);
}

void
check_close(struct check *check)
{
	checker_free(check->checker);
	check->checker = NULL;
}

static struct dump *
open_dump(const struct check *check, const struct check_place *place, struct err *err)
{
	char master[LAB_TEXT_MAX];

	if (place->redis != NULL)
		return dump_open(place->redis, check->pool, err);
	if (dump_master(place->lab, master, err) != 0)
		return NULL;
	return dump_open(master, check->pool, err);
}

static void
take_event(void *arg, const char *id, const json_t *event)
{
	struct check *check = arg;

	checker_event(check->checker, id, event);
}

int
check_stream(struct check *check, const struct check_place *place, struct err *err)
{
	struct dump *dump = open_dump(check, place, err);
	int n;

	check->streams = true;
	if (dump == NULL)
		return -1;
	n = dump_events(dump, check->last, take_event, check, err);
	dump_close(dump);
	return n < 0 ? -1 : 0;
}

/* The parts of `seen` are the caller's. */
static int
read_dump(const struct check *check, const struct check_place *place, bool at_end,
	  struct checker_dump *seen, struct err *err)
{
	struct dump *dump = open_dump(check, place, err);
	struct checker_figures figures;

	*seen = (struct checker_dump){.at = clock_mono_ms()};
	if (dump == NULL)
		return -1;
	checker_figures(check->checker, &figures);
	seen->redis = dump_redis(dump, figures.resets > 0, err);
	dump_close(dump);
	if (seen->redis == NULL)
		return -1;
	if (place->lab != NULL)
		seen->nodes = dump_nodes(place->lab);
	if (place->lab != NULL && at_end) {
		seen->dialogs = dump_dialogs(place->lab);
		seen->transactions = dump_transactions(place->lab);
	}
	return 0;
}

static void
free_dump(struct checker_dump *seen)
{
	json_decref((json_t *)seen->redis);
	json_decref((json_t *)seen->nodes);
	json_decref((json_t *)seen->dialogs);
}

int
check_look(struct check *check, const struct check_place *place, struct err *err)
{
	struct checker_dump seen;

	if (read_dump(check, place, false, &seen, err) != 0)
		return -1;
	checker_look(check->checker, &seen);
	if (check->saw != NULL && seen.nodes != NULL)
		check->saw(check->arg, seen.nodes);
	free_dump(&seen);
	return 0;
}

/* Takes what is not ours out of a list of names, or of objects with their name in `field`. */
static void
keep_ours(json_t *list, const char *field, const struct check_calls *calls)
{
	size_t i = 0;
	json_t *item;
	const char *name;

	while (i < json_array_size(list)) {
		item = json_array_get(list, i);
		name = json_string_value(field != NULL ? json_object_get(item, field) : item);
		if (name != NULL && calls->is_ours(calls->arg, name))
			i++;
		else
			json_array_remove(list, i);
	}
}

/* Redis' keys say whose they are as far as they are named by a call, a bridge by its own id. */
static void
keep_our_calls(struct checker_dump *seen, const struct check_calls *calls)
{
	json_t *left = json_object_get(seen->redis, "left"), *node;
	size_t i;

	keep_ours(left, NULL, calls);
	if (json_array_size(left) == 0)
		json_object_del((json_t *)seen->redis, "left");
	json_array_foreach((json_t *)seen->nodes, i, node)
	{
		keep_ours(json_object_get(node, "channels"), "protocol_id", calls);
		keep_ours(json_object_get(node, "bridges"), "id", calls);
	}
	keep_ours((json_t *)seen->dialogs, NULL, calls);
	seen->transactions = 0;
	seen->shared = true;
}

/* But for Kamailio. */
static bool
is_clean(const struct checker_dump *seen)
{
	json_t *node;
	size_t i;

	json_array_foreach((json_t *)seen->nodes, i, node)
	{
		if (json_array_size(json_object_get(node, "channels")) > 0 ||
		    json_array_size(json_object_get(node, "bridges")) > 0)
			return false;
	}
	return json_object_get(seen->redis, "left") == NULL;
}

static bool
is_done(const struct checker_dump *seen)
{
	return is_clean(seen) && json_array_size(seen->dialogs) == 0 && seen->transactions == 0;
}

/* A Kamailio that was killed reads calls back that had ended a moment before, and is done with them
 * when their keep-alive fails. */
static int64_t
wait_for(const struct check_place *place, const struct checker_dump *seen, int64_t wait_ms)
{
	int64_t dialogs_ms = place->lab != NULL ? lab_vanished_ms(place->lab) : 0;

	if (!is_clean(seen) || json_array_size(seen->dialogs) == 0)
		return wait_ms;
	return dialogs_ms > wait_ms ? dialogs_ms : wait_ms;
}

int
check_end(struct check *check, const struct check_place *place, const struct check_calls *calls,
	  int64_t wait_ms, struct err *err)
{
	struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
	int64_t began = clock_mono_ms();
	struct checker_dump seen;

	for (;;) {
		if (read_dump(check, place, true, &seen, err) != 0)
			return -1;
		if (calls != NULL)
			keep_our_calls(&seen, calls);
		if (is_done(&seen) || clock_mono_ms() - began > wait_for(place, &seen, wait_ms))
			break;
		free_dump(&seen);
		nanosleep(&pause, NULL);
	}
	if (check->streams && check_stream(check, place, err) != 0) {
		free_dump(&seen);
		return -1;
	}
	checker_end(check->checker, &seen);
	free_dump(&seen);
	return 0;
}
