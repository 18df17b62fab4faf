/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/roster.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "mqsd/ari_http.h"
#include "mqsd/conf.h"
#include "mqsd/node.h"
#include "mqsd/share.h"

struct roster {
	const struct node_env *env;
	struct conf *conf;
	struct share *share;
	struct node *nodes[CONF_NODES_MAX]; /* as conf has them */
	struct node *retired[CONF_NODES_MAX];
	size_t count, retired_count;
	json_t *added; /* name -> the record, as the pool said last */
	bool full;     /* and the log says so */
};

size_t
roster_count(const struct roster *roster)
{
	return roster->count;
}

struct node *
roster_at(const struct roster *roster, size_t i)
{
	return roster->nodes[i];
}

struct node *
roster_find(const struct roster *roster, const char *name)
{
	size_t i;

	for (i = 0; name != NULL && i < roster->count; i++)
		if (strcmp(node_name(roster->nodes[i]), name) == 0)
			return roster->nodes[i];
	return NULL;
}

const json_t *
roster_added(const struct roster *roster, const char *name)
{
	return json_object_get(roster->added, name);
}

static const char *
text(const json_t *record, const char *key)
{
	const char *value = json_string_value(json_object_get(record, key));

	return value != NULL ? value : "";
}

static bool
is_full(struct roster *roster, const char *name)
{
	if (roster->retired_count + roster->count < CONF_NODES_MAX)
		return false;
	if (!roster->full)
		log_error("node %s: %d nodes were added and removed since this mqsd was started, "
			  "and no more can be; restart it: no call is touched",
			  name, CONF_NODES_MAX);
	roster->full = true;
	return true;
}

static void
changed(struct roster *roster)
{
	share_set_nodes(roster->share, roster->nodes, roster->count);
	ari_http_set_hosts(roster->env->http, roster->count + 1);
}

static void
begin(struct roster *roster, const json_t *record)
{
	struct conf_node row = {.name = (char *)text(record, "name"),
				.url = (char *)text(record, "url"),
				.user = (char *)text(record, "user"),
				.password = (char *)text(record, "password")};
	struct node *node;
	struct err err;

	if (is_full(roster, row.name))
		return;
	if (conf_node_add(roster->conf, &row, &err) != 0) {
		log_error("node %s, which was added to the pool: %s", row.name, err.text);
		return;
	}
	node = node_new(roster->env, conf_node_find(roster->conf, row.name));
	roster->nodes[roster->count++] = node;
	json_object_set(roster->added, row.name, (json_t *)record);
	log_info("node %s was added, at %s", row.name, row.url);
	changed(roster);
	node_pool_opened(node, false);
}

static void
retire(struct roster *roster, size_t i)
{
	struct node *node = roster->nodes[i];

	log_info("node %s was removed", node_name(node));
	node_retire(node);
	roster->retired[roster->retired_count++] = node;
	memmove(&roster->nodes[i], &roster->nodes[i + 1],
		(--roster->count - i) * sizeof(roster->nodes[0]));
	conf_node_remove(roster->conf, node_name(node));
	json_object_del(roster->added, node_name(node));
	changed(roster);
}

/* The record of that name in the pool's list, if it is the one that we know. */
static bool
is_still_there(const struct roster *roster, const char *name, const json_t *list)
{
	const json_t *record;
	size_t i;

	json_array_foreach((json_t *)list, i, record)
	{
		if (strcmp(text(record, "name"), name) == 0)
			return json_equal(record, roster_added(roster, name));
	}
	return false;
}

void
roster_follow(struct roster *roster, const json_t *added)
{
	const json_t *record;
	size_t i = 0, k;

	while (i < roster->count) {
		const char *name = node_name(roster->nodes[i]);

		if (roster_added(roster, name) != NULL && !is_still_there(roster, name, added))
			retire(roster, i);
		else
			i++;
	}
	json_array_foreach((json_t *)added, k, record)
	{
		if (roster_find(roster, text(record, "name")) == NULL)
			begin(roster, record);
	}
}

struct roster *
roster_new(const struct node_env *env, struct conf *conf, struct share *share)
{
	struct roster *roster = mem_zero(sizeof(*roster));
	size_t i;

	roster->env = env;
	roster->conf = conf;
	roster->share = share;
	roster->added = json_object();
	for (i = 0; i < conf->node_count; i++)
		roster->nodes[roster->count++] = node_new(env, &conf->nodes[i]);
	changed(roster);
	return roster;
}

void
roster_free(struct roster *roster)
{
	size_t i;

	for (i = 0; i < roster->count; i++)
		node_free(roster->nodes[i]);
	for (i = 0; i < roster->retired_count; i++)
		node_free(roster->retired[i]);
	json_decref(roster->added);
	free(roster);
}
