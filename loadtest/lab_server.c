/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "loadtest/lab.h"

char *
lab_server_name(enum lab_kind kind, int n, char *out)
{
	static const char *const stems[LAB_KINDS] = {"redis-", "sentinel-", "kamailio", "a",
						     "mqsd-"};

	if (kind == LAB_KAMAILIO || (kind == LAB_REDIS && n == 1))
		snprintf(out, TEXT_NAME_MAX + 1, "%.*s", (int)strcspn(stems[kind], "-"),
			 stems[kind]);
	else
		snprintf(out, TEXT_NAME_MAX + 1, "%s%d", stems[kind], n);
	return out;
}

struct lab_server *
lab_server_at(struct lab *lab, int i)
{
	if (i == 0)
		return &lab->redis.server;
	i--;
	if (i < lab->replica_count)
		return &lab->replicas[i].server;
	i -= lab->replica_count;
	if (i < lab->sentinel_count)
		return &lab->sentinels[i].server;
	i -= lab->sentinel_count;
	if (i == 0)
		return &lab->kamailio;
	i--;
	if (i < lab->node_count)
		return &lab->nodes[i].server;
	i -= lab->node_count;
	return i < lab->mqsd_count ? &lab->mqsds[i].server : NULL;
}

struct lab_server *
lab_server_find(struct lab *lab, const char *name)
{
	struct lab_server *s;
	int i;

	if (strcmp(name, "mqsd") == 0)
		name = "mqsd-1";
	for (i = 0; (s = lab_server_at(lab, i)) != NULL && strcmp(s->name, name) != 0; i++)
		;
	return s;
}
