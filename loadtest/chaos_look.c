/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/chaos_look.h"

#include <stdio.h>
#include <string.h>

#include "loadtest/lab_probe.h"
#include "loadtest/lab_unit.h"

static bool
held(const struct lab_server *s)
{
	return s->pid == 0 || s->stopped || s->cut;
}

/* Up, and with an mqsd that can act. */
static bool
node_serves(struct lab *lab, const struct lab_server *node, const json_t *list, char *why)
{
	const char *state = NULL, *owner = NULL, *name;
	const struct lab_server *mqsd;
	json_t *row;
	size_t i;

	json_array_foreach((json_t *)list, i, row)
	{
		name = json_string_value(json_object_get(row, "name"));
		if (name == NULL || strcmp(name, node->name) != 0)
			continue;
		state = json_string_value(json_object_get(row, "state"));
		owner = json_string_value(json_object_get(row, "owner"));
	}
	mqsd = owner != NULL ? lab_server_find(lab, owner) : NULL;
	if (state != NULL && strcmp(state, "up") == 0 && mqsd != NULL && !held(mqsd))
		return true;
	snprintf(why, LAB_TEXT_MAX, "node %.32s is %.32s with %.32s", node->name,
		 state != NULL ? state : "unknown", owner != NULL ? owner : "nobody");
	return false;
}

static bool
nodes_serve(struct lab *lab, const char *socket, char *why)
{
	json_t *list = probe_mqsd_list(socket, why);
	bool ok = list != NULL;
	int i;

	for (i = 0; ok && i < lab->node_count; i++)
		ok = held(&lab->nodes[i].server) ||
		     node_serves(lab, &lab->nodes[i].server, list, why);
	json_decref(list);
	return ok;
}

bool
chaos_look_serves(struct lab *lab, char *why)
{
	const char *socket = NULL;
	int up, i;

	for (i = 0; i < lab->mqsd_count; i++) {
		if (held(&lab->mqsds[i].server))
			continue;
		socket = lab->mqsds[i].socket;
		if (!probe_mqsd_nodes(socket, &up, lab->mqsds[i].server.version, why))
			return false;
	}
	if (socket == NULL) {
		snprintf(why, LAB_TEXT_MAX, "no mqsd runs");
		return false;
	}
	return nodes_serve(lab, socket, why) &&
	       (held(&lab->kamailio) || lab_server_probe(lab, &lab->kamailio, why));
}

bool
chaos_look_whole(struct lab *lab, char *why)
{
	struct lab_server *s;
	int i;

	for (i = 0; (s = lab_server_at(lab, i)) != NULL; i++)
		if (held(s) || !lab_server_probe(lab, s, why)) {
			if (held(s))
				snprintf(why, LAB_TEXT_MAX, "%s is down", s->name);
			return false;
		}
	return true;
}

static const struct lab_redis *
redis_at(const struct lab *lab, int i)
{
	return i == 0 ? &lab->redis : &lab->replicas[i - 1];
}

/* With replicas a master is one that somebody follows: an old one that was cut off has none. */
static const struct lab_redis *
find(struct lab *lab, bool master)
{
	const struct lab_redis *r;
	bool is_master;
	int i, followers;

	for (i = 0; i <= lab->replica_count; i++) {
		r = redis_at(lab, i);
		if (held(&r->server) || !probe_redis_role(r->address, &is_master, &followers))
			continue;
		if (master ? is_master && (followers > 0 || lab->replica_count == 0) : !is_master)
			return r;
	}
	return NULL;
}

const char *
chaos_look_redis(struct lab *lab, bool master)
{
	const struct lab_redis *r = find(lab, master);

	return r != NULL ? r->server.name : "";
}

int
chaos_look_flush(struct lab *lab, struct err *err)
{
	const struct lab_redis *r = find(lab, true);

	return r != NULL && probe_redis_flush(r->address)
		       ? 0
		       : err_set(err, "no Redis took the FLUSHALL");
}
