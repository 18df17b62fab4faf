/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/redis_error.h"

#include <string.h>

#define MEANWHILE "Callers keep waiting and conversations go on. "

/* clang-format off */
const struct redis_error redis_errors[] = {
	[REDIS_ERROR_AWAY] = {NULL, "no_redis", REDIS_AGAIN,
	 "does not answer mqsd",
	 "Callers keep waiting on their nodes, conversations go on. Start Redis, or look at [redis] address."},
	[REDIS_ERROR_NOBODY] = {NULL, "redis_no_master", REDIS_AGAIN,
	 "is not known: no Sentinel names a master that can be used",
	 MEANWHILE "Look at the Sentinels: redis-cli -p 26379 sentinel masters."},
	[REDIS_ERROR_UNFIT] = {NULL, "redis_unfit", REDIS_WAIT,
	 "is set up so that MQS would lose calls; mqsd does not use it",
	 MEANWHILE "mqsctl status shows what to change; mqsd looks again every second."},
	[REDIS_ERROR_UNSURE] = {NULL, "redis_unsure", REDIS_WAIT,
	 "may be the master no more",
	 MEANWHILE "mqsd goes on when a Sentinel answers, or after 15 seconds."},
	[REDIS_ERROR_FOREIGN] = {NULL, "redis_foreign", REDIS_AGAIN,
	 "is no Redis that mqsd can use",
	 MEANWHILE "Look at [redis] address: HOST:PORT, unix:/PATH or sentinel:GROUP@HOST:PORT,..."},
	{"READONLY", "redis_readonly", REDIS_RESOLVE,
	 "is a replica and takes no writes",
	 MEANWHILE "With Sentinel mqsd follows by itself; else set [redis] address to the master."},
	{"UNBLOCKED", "redis_readonly", REDIS_RESOLVE,
	 "became a replica",
	 MEANWHILE "With Sentinel mqsd follows by itself; else set [redis] address to the master."},
	{"MASTERDOWN", "redis_readonly", REDIS_RESOLVE,
	 "is a replica that has lost its master",
	 MEANWHILE "With Sentinel mqsd follows by itself; else set [redis] address to the master."},
	{"LOADING", "redis_loading", REDIS_WAIT,
	 "is loading its data after a start",
	 MEANWHILE "It passes by itself."},
	{"BUSY", "redis_busy", REDIS_WAIT,
	 "is held up by a script that does not end",
	 MEANWHILE "It is none of ours: find out whose, end it with redis-cli script kill."},
	{"OOM", "redis_oom", REDIS_WAIT,
	 "has used up its maxmemory and refuses writes",
	 MEANWHILE "Raise maxmemory, or lower [pool] stream_max."},
	{"MISCONF", "redis_misconf", REDIS_WAIT,
	 "cannot save to disk and refuses writes",
	 MEANWHILE "Look at its log and its disk: redis-cli info persistence."},
	{"NOREPLICAS", "redis_noreplicas", REDIS_WAIT,
	 "has fewer replicas than min-replicas-to-write and refuses writes",
	 MEANWHILE "Start the replicas, or look at their links: redis-cli info replication."},
	{"NOAUTH", "redis_noauth", REDIS_AGAIN,
	 "wants a password",
	 MEANWHILE "Set [redis] user and password."},
	{"WRONGPASS", "redis_wrongpass", REDIS_AGAIN,
	 "refuses our user or password",
	 MEANWHILE "Set [redis] user and password as redis-cli acl list has them."},
	{"ERR invalid password", "redis_wrongpass", REDIS_AGAIN,
	 "refuses our password",
	 MEANWHILE "Set [redis] password."},
	{"NOPERM", "redis_noperm", REDIS_WAIT,
	 "does not allow our user a command or a key",
	 MEANWHILE "Allow it: redis-cli acl setuser USER ~mqs:* &mqs:* +@all -@admin +info +role +config|get."},
	{"ERR The user executing the script", "redis_noperm", REDIS_WAIT,
	 "does not allow our user a command or a key that a script needs",
	 MEANWHILE "Allow it: redis-cli acl setuser USER ~mqs:* &mqs:* +@all -@admin +info +role +config|get."},
	{"ERR ACL failure in script", "redis_noperm", REDIS_WAIT,
	 "does not allow our user a command or a key that a script needs",
	 MEANWHILE "Allow it: redis-cli acl setuser USER ~mqs:* &mqs:* +@all -@admin +info +role +config|get."},
	{"ERR max number of clients", "redis_full", REDIS_AGAIN,
	 "has as many clients as it takes",
	 MEANWHILE "Raise maxclients, or find who holds so many: redis-cli client list."},
	{"MOVED", "redis_cluster", REDIS_WAIT,
	 "is part of a Redis Cluster, which MQS does not use",
	 MEANWHILE "Give MQS a Redis with cluster-enabled no; see mqsd(8)."},
	{"CROSSSLOT", "redis_cluster", REDIS_WAIT,
	 "is part of a Redis Cluster, which MQS does not use",
	 MEANWHILE "Give MQS a Redis with cluster-enabled no; see mqsd(8)."},
	{"CLUSTERDOWN", "redis_cluster", REDIS_WAIT,
	 "is part of a Redis Cluster, which MQS does not use",
	 MEANWHILE "Give MQS a Redis with cluster-enabled no; see mqsd(8)."},
};
/* clang-format on */

const size_t redis_error_count = sizeof(redis_errors) / sizeof(redis_errors[0]);

static int
begins(const char *text, const char *word)
{
	size_t len = strlen(word);

	return strncmp(text, word, len) == 0 && (text[len] == '\0' || text[len] == ' ');
}

const struct redis_error *
redis_error_find(const char *reply)
{
	size_t i;

	for (i = 0; i < redis_error_count; i++) {
		const struct redis_error *row = &redis_errors[i];

		if (row->says == NULL)
			continue;
		if (begins(reply, row->says))
			return row;
	}
	return NULL;
}
