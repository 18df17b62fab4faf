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

bool
chaos_look_serves(struct lab *lab, char *why)
{
	int nodes = 0, have = 0, up, i;

	for (i = 0; i < lab->node_count; i++)
		nodes += !held(&lab->nodes[i].server);
	for (i = 0; i < lab->mqsd_count; i++) {
		if (held(&lab->mqsds[i].server))
			continue;
		if (!probe_mqsd_nodes(lab->mqsds[i].socket, &up, lab->mqsds[i].server.version, why))
			return false;
		have += up;
	}
	if (have < nodes) {
		snprintf(why, LAB_TEXT_MAX, "%d of %d nodes are up with an mqsd", have, nodes);
		return false;
	}
	return held(&lab->kamailio) || lab_server_probe(lab, &lab->kamailio, why);
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
