/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/instance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "mqsd/conf.h"

#define MISSING_MS (24 * 60 * 60 * 1000LL) /* so long one is missed */

struct instances {
	const struct conf *conf;
	json_t *live; /* name -> what it says of itself */
	json_t *seen; /* name -> {"nodes", "at": mono ms}: the others of our pool, who did not say
			 they leave */
	char since[24];
	char host[256];
	bool leaving;
};

struct instances *
instances_new(const struct conf *conf)
{
	struct instances *instances = mem_zero(sizeof(*instances));

	instances->conf = conf;
	instances->live = json_object();
	instances->seen = json_object();
	snprintf(instances->since, sizeof(instances->since), "%lld", (long long)clock_wall_ms());
	if (gethostname(instances->host, sizeof(instances->host) - 1) != 0)
		snprintf(instances->host, sizeof(instances->host), "?");
	return instances;
}

void
instances_free(struct instances *instances)
{
	json_decref(instances->live);
	json_decref(instances->seen);
	free(instances);
}

char *
instances_about(struct instances *instances, json_t *owned)
{
	const struct conf *conf = instances->conf;
	json_t *known = json_array(), *file = json_array(), *about;
	char *text;
	size_t i;

	for (i = 0; i < conf->node_count; i++) {
		json_array_append_new(known, json_string(conf->nodes[i].name));
		if (!conf->nodes[i].added)
			json_array_append_new(file, json_string(conf->nodes[i].name));
	}
	about = json_pack("{s:s, s:s, s:s, s:i, s:s, s:b, s:o, s:o, s:o}", "pool", conf->pool,
			  "version", MQS_VERSION, "host", instances->host, "pid", (int)getpid(),
			  "since", instances->since, "leaving", instances->leaving, "nodes", owned,
			  "known", known, "file", file);
	text = json_dumps(about, JSON_COMPACT);
	json_decref(about);
	return text;
}

const char *
instances_since(const struct instances *instances)
{
	return instances->since;
}

void
instances_begin(struct instances *instances)
{
	json_object_clear(instances->live);
}

static void
remember(struct instances *instances, const char *name, const json_t *about)
{
	const char *pool = json_string_value(json_object_get(about, "pool"));

	if (strcmp(name, instances->conf->instance) == 0 || pool == NULL ||
	    strcmp(pool, instances->conf->pool) != 0)
		return;
	if (json_is_true(json_object_get(about, "leaving")))
		json_object_del(instances->seen, name);
	else if (json_object_get(instances->seen, name) != NULL ||
		 json_object_size(instances->seen) < INSTANCES_MAX)
		json_object_set_new(instances->seen, name,
				    json_pack("{s:O*, s:I}", "nodes",
					      json_object_get(about, "nodes"), "at",
					      (json_int_t)clock_mono_ms()));
}

void
instances_add(struct instances *instances, const char *name, const char *about)
{
	json_t *json = json_loads(about, 0, NULL);

	if (json_is_object(json)) {
		json_object_set(instances->live, name, json);
		remember(instances, name, json);
	}
	json_decref(json);
}

void
instances_set_leaving(struct instances *instances)
{
	instances->leaving = true;
}

static bool
knows(const json_t *about, const char *key, const char *node)
{
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(about, key), i, item)
	{
		if (json_is_string(item) && strcmp(json_string_value(item), node) == 0)
			return true;
	}
	return false;
}

size_t
instances_peers(const struct instances *instances, const char *node, const char **names, size_t max)
{
	const struct conf *conf = instances->conf;
	const char *name, *pool;
	json_t *about;
	size_t n = 0;

	json_object_foreach(instances->live, name, about)
	{
		pool = json_string_value(json_object_get(about, "pool"));
		if (n < max && strcmp(name, conf->instance) != 0 && pool != NULL &&
		    strcmp(pool, conf->pool) == 0 &&
		    !json_is_true(json_object_get(about, "leaving")) && knows(about, "known", node))
			names[n++] = name;
	}
	return n;
}

const char *
instances_with_file(const struct instances *instances, const char *node)
{
	const char *name;
	json_t *about;

	json_object_foreach(instances->live, name, about)
	{
		const char *pool = json_string_value(json_object_get(about, "pool"));

		if (pool != NULL && strcmp(pool, instances->conf->pool) == 0 &&
		    knows(about, "file", node))
			return name;
	}
	return NULL;
}

json_t *
instances_show(const struct instances *instances, const char *name)
{
	json_t *about = json_object_get(instances->live, name), *shown;
	const char *since = json_string_value(json_object_get(about, "since"));

	if (about == NULL)
		return NULL;
	shown = json_copy(about);
	json_object_del(shown, "known");
	json_object_del(shown, "file");
	json_object_set_new(shown, "name", json_string(name));
	json_object_set_new(shown, "since", json_integer(since != NULL ? atoll(since) : 0));
	json_object_set_new(shown, "since_ms",
			    json_integer(clock_wall_ms() -
					 json_integer_value(json_object_get(shown, "since"))));
	json_object_set_new(shown, "self",
			    json_boolean(strcmp(name, instances->conf->instance) == 0));
	return shown;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

json_t *
instances_list(const struct instances *instances)
{
	const char *names[INSTANCES_MAX], *name;
	json_t *list = json_array(), *about;
	size_t n = 0, i;

	json_object_foreach(instances->live, name, about)
	{
		if (n < INSTANCES_MAX)
			names[n++] = name;
	}
	qsort(names, n, sizeof(names[0]), by_name);
	for (i = 0; i < n; i++)
		json_array_append_new(list, instances_show(instances, names[i]));
	return list;
}

json_t *
instances_missing(const struct instances *instances)
{
	json_t *list = json_array(), *about;
	int64_t now = clock_mono_ms(), gone;
	const char *name;

	json_object_foreach(instances->seen, name, about)
	{
		gone = now - json_integer_value(json_object_get(about, "at"));
		if (json_object_get(instances->live, name) == NULL && gone < MISSING_MS)
			json_array_append_new(list,
					      json_pack("{s:s, s:O*, s:I}", "name", name, "nodes",
							json_object_get(about, "nodes"), "gone_ms",
							(json_int_t)gone));
	}
	return list;
}
