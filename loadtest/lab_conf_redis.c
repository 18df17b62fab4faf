/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "lib/mem.h"
#include "loadtest/lab_conf.h"

/* A Sentinel calls a server down after this (ms); a site has more, a lab shouldn't wait. */
#define DOWN_AFTER_MS	 1000
#define FAILOVER_TIMEOUT 6000

/*
 * As a site should have it: what is acknowledged survives a crash but for a second, nothing is ever
 * evicted, and a master that has lost its replicas takes no writes that nobody would have.
 */
static int
write_redis(const struct lab *lab, const struct lab_redis *r, struct err *err)
{
	const char *name = r->server.name;
	char *file = mem_printf("%s.conf", name), *follows = mem_dup("");
	int ret;

	if (r != &lab->redis) {
		free(follows);
		follows = mem_printf("replicaof %s %d\n", lab->redis.server.host,
				     lab_conf_port(lab->redis.address));
	}
	ret = lab_conf_dir(lab->dir, name, err);
	if (ret == 0)
		ret = lab_conf_file(
			lab->dir, file, err,
			"bind %s\nprotected-mode no\nport %d\ndir \"%s/%s\"\n"
			"daemonize no\nlogfile \"\"\nsave \"\"\n"
			"appendonly yes\nappendfsync everysec\nmaxmemory-policy noeviction\n"
			"%s%s",
			r->server.host, lab_conf_port(r->address), lab->dir, name,
			lab->replica_count > 0 ? "repl-diskless-sync-delay 0\n"
						 "min-replicas-to-write 1\n"
					       : "",
			follows);
	free(follows);
	free(file);
	return ret;
}

/* The Sentinel rewrites its file: when it is started again it knows what it knew. */
static int
write_sentinel(const struct lab *lab, const struct lab_redis *r, struct err *err)
{
	const char *name = r->server.name;
	char *file = mem_printf("%s.conf", name);
	int ret = lab_conf_dir(lab->dir, name, err);

	if (ret == 0)
		ret = lab_conf_file(lab->dir, file, err,
				    "bind %s\nprotected-mode no\nport %d\ndir \"%s/%s\"\n"
				    "daemonize no\nlogfile \"\"\n"
				    "sentinel monitor " LAB_GROUP " %s %d %d\n"
				    "sentinel down-after-milliseconds " LAB_GROUP " %d\n"
				    "sentinel failover-timeout " LAB_GROUP " %d\n"
				    "sentinel parallel-syncs " LAB_GROUP " %d\n",
				    r->server.host, lab_conf_port(r->address), lab->dir, name,
				    lab->redis.server.host, lab_conf_port(lab->redis.address),
				    lab->sentinel_count / 2 + 1, DOWN_AFTER_MS, FAILOVER_TIMEOUT,
				    LAB_REPLICAS_MAX);
	free(file);
	return ret;
}

int
lab_conf_redis(const struct lab *lab, struct err *err)
{
	int ret = write_redis(lab, &lab->redis, err), i;

	for (i = 0; ret == 0 && i < lab->replica_count; i++)
		ret = write_redis(lab, &lab->replicas[i], err);
	for (i = 0; ret == 0 && i < lab->sentinel_count; i++)
		ret = write_sentinel(lab, &lab->sentinels[i], err);
	return ret;
}

char *
lab_conf_redis_address(const struct lab *lab)
{
	char *text, *more;
	int i;

	if (lab->sentinel_count == 0)
		return mem_dup(lab->redis.address);
	text = mem_printf("sentinel:" LAB_GROUP "@%s", lab->sentinels[0].address);
	for (i = 1; i < lab->sentinel_count; i++) {
		more = mem_printf("%s,%s", text, lab->sentinels[i].address);
		free(text);
		text = more;
	}
	return text;
}

char *
lab_conf_redis_kamailio(const struct lab *lab)
{
	char *text, *more;
	int i;

	text = mem_printf("#!define MQS_REDIS \"name=mqs;addr=%s;port=%d\"\n"
			  "#!define MQS_REDIS_SERVERS %d\n",
			  lab->redis.server.host, lab_conf_port(lab->redis.address),
			  1 + lab->replica_count);
	for (i = 0; i < lab->replica_count; i++) {
		more = mem_printf("%s#!define MQS_REDIS_%d \"name=mqs%d;addr=%s;port=%d\"\n", text,
				  i + 2, i + 2, lab->replicas[i].server.host,
				  lab_conf_port(lab->replicas[i].address));
		free(text);
		text = more;
	}
	return text;
}
