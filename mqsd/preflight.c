/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/preflight.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OLDEST	    700	  /* 7.0: functions */
#define EVENT_BYTES 300	  /* of one event in the stream; measured: 200 to 260 */
#define SLOW_US	    10000 /* a PING; each decision takes as long */
#define LAG_MAX_S   10

#define MB(bytes) ((double)(bytes) / (1024 * 1024))

void
preflight_facts_clear(struct preflight_facts *facts)
{
	*facts = (struct preflight_facts){.maxmemory = PREFLIGHT_UNKNOWN,
					  .used_memory = PREFLIGHT_UNKNOWN,
					  .replicas = PREFLIGHT_UNKNOWN,
					  .cluster = PREFLIGHT_UNKNOWN,
					  .aof = PREFLIGHT_UNKNOWN,
					  .aof_ok = PREFLIGHT_UNKNOWN,
					  .rdb_ok = PREFLIGHT_UNKNOWN,
					  .save = PREFLIGHT_UNKNOWN,
					  .min_replicas = PREFLIGHT_UNKNOWN,
					  .max_lag = PREFLIGHT_UNKNOWN};
}

enum kind { TEXT, NUMBER, OK };

/* What is taken of INFO and CONFIG GET. */
struct field {
	const char *name;
	enum kind kind;
	size_t offset, size; /* size: of a text */
};

#define TEXT_AT(f)                                                                                 \
	TEXT, offsetof(struct preflight_facts, f), sizeof(((struct preflight_facts *)0)->f)
#define NUMBER_AT(f) NUMBER, offsetof(struct preflight_facts, f), 0
#define OK_AT(f)     OK, offsetof(struct preflight_facts, f), 0

static const struct field info_fields[] = {
	{"run_id", TEXT_AT(run_id)},
	{"redis_version", TEXT_AT(version)},
	{"role", TEXT_AT(role)},
	{"maxmemory_policy", TEXT_AT(policy)},
	{"maxmemory", NUMBER_AT(maxmemory)},
	{"used_memory", NUMBER_AT(used_memory)},
	{"connected_slaves", NUMBER_AT(replicas)},
	{"cluster_enabled", NUMBER_AT(cluster)},
	{"aof_enabled", NUMBER_AT(aof)},
	{"aof_last_write_status", OK_AT(aof_ok)},
	{"rdb_last_bgsave_status", OK_AT(rdb_ok)},
};

static const struct field config_fields[] = {
	{"min-replicas-to-write", NUMBER_AT(min_replicas)},
	{"min-replicas-max-lag", NUMBER_AT(max_lag)},
};

static void
take(struct preflight_facts *facts, const struct field *field, const char *value, size_t len)
{
	char *at = (char *)facts + field->offset, text[32];

	if (field->kind == TEXT) {
		if (len < field->size)
			snprintf(at, field->size, "%.*s", (int)len, value);
		return;
	}
	if (field->kind == OK) {
		*(int64_t *)(void *)at = len == 2 && memcmp(value, "ok", 2) == 0;
		return;
	}
	if (len == 0 || len > 18)
		return;
	snprintf(text, sizeof(text), "%.*s", (int)len, value);
	if (strspn(text, "0123456789") == len)
		*(int64_t *)(void *)at = strtoll(text, NULL, 10);
}

void
preflight_take_info(struct preflight_facts *facts, const char *text, size_t len)
{
	const char *end = text + len, *line, *stop, *colon;
	size_t i, width;

	for (line = text; line < end; line = stop + 1) {
		stop = memchr(line, '\n', (size_t)(end - line));
		if (stop == NULL)
			stop = end;
		width = (size_t)(stop - line);
		if (width > 0 && line[width - 1] == '\r')
			width--;
		colon = memchr(line, ':', width);
		for (i = 0; colon != NULL && i < sizeof(info_fields) / sizeof(info_fields[0]); i++)
			if (strlen(info_fields[i].name) == (size_t)(colon - line) &&
			    memcmp(info_fields[i].name, line, (size_t)(colon - line)) == 0)
				take(facts, &info_fields[i], colon + 1,
				     width - (size_t)(colon + 1 - line));
	}
}

void
preflight_take_config(struct preflight_facts *facts, const char *name, const char *value)
{
	size_t i;

	if (strcmp(name, "save") == 0)
		facts->save = *value != '\0';
	for (i = 0; i < sizeof(config_fields) / sizeof(config_fields[0]); i++)
		if (strcmp(config_fields[i].name, name) == 0)
			take(facts, &config_fields[i], value, strlen(value));
}

static bool
is_too_old(const struct preflight_facts *facts, char *text, size_t size)
{
	int major = 0, minor = 0;

	snprintf(text, size, "Redis is version %s; 7.0 or later is needed", facts->version);
	return sscanf(facts->version, "%d.%d", &major, &minor) == 2 && major < 1000 &&
	       major * 100 + minor < OLDEST;
}

static bool
is_no_redis(const struct preflight_facts *facts, char *text, size_t size)
{
	snprintf(text, size, "INFO gives no run_id; it tells whether Redis has forgotten anything");
	return facts->run_id[0] == '\0';
}

static bool
is_cluster(const struct preflight_facts *facts, char *text, size_t size)
{
	snprintf(text, size, "Redis runs in cluster mode, which MQS does not use");
	return facts->cluster == 1;
}

static bool
is_replica(const struct preflight_facts *facts, char *text, size_t size)
{
	snprintf(text, size, "Redis is a replica (role %s); decisions are made on the master",
		 facts->role);
	return facts->role[0] != '\0' && strcmp(facts->role, "master") != 0;
}

static bool
lacks_commands(const struct preflight_facts *facts, char *text, size_t size)
{
	snprintf(text, size, "Redis does not allow our user %s", facts->forbidden);
	return facts->forbidden[0] != '\0';
}

static bool
evicts(const struct preflight_facts *facts, const char *which)
{
	return strncmp(facts->policy, which, strlen(which)) == 0;
}

static bool
evicts_calls(const struct preflight_facts *facts, char *text, size_t size)
{
	snprintf(text, size,
		 "maxmemory-policy is %s: at %.0f MB Redis would throw calls and agents away",
		 facts->policy, MB(facts->maxmemory));
	return evicts(facts, "allkeys-") && facts->maxmemory > 0;
}

static bool
evicts_leases(const struct preflight_facts *facts, char *text, size_t size)
{
	snprintf(text, size, "maxmemory-policy is %s: at %.0f MB Redis would throw leases away",
		 facts->policy, MB(facts->maxmemory));
	return evicts(facts, "volatile-") && facts->maxmemory > 0;
}

static bool
might_evict(const struct preflight_facts *facts, char *text, size_t size)
{
	snprintf(text, size, "maxmemory-policy is %s; it does harm as soon as maxmemory is set",
		 facts->policy);
	return (evicts(facts, "allkeys-") || evicts(facts, "volatile-")) && facts->maxmemory == 0;
}

static bool
has_no_guard(const struct preflight_facts *facts, char *text, size_t size)
{
	if (facts->sentinel)
		snprintf(
			text, size,
			"min-replicas-to-write is 0 with Sentinel: a master that was cut off would "
			"go on deciding");
	else
		snprintf(text, size,
			 "min-replicas-to-write is 0 with %" PRId64 " replicas: a master that was "
			 "cut off would go on deciding",
			 facts->replicas);
	return facts->min_replicas == 0 && (facts->sentinel || facts->replicas > 0);
}

static bool
has_late_guard(const struct preflight_facts *facts, char *text, size_t size)
{
	snprintf(text, size,
		 "min-replicas-max-lag is %" PRId64 " s: so long a master that was cut off goes on "
		 "deciding",
		 facts->max_lag);
	return facts->min_replicas > 0 && (facts->max_lag == 0 || facts->max_lag > LAG_MAX_S);
}

static bool
has_no_replica(const struct preflight_facts *facts, char *text, size_t size)
{
	snprintf(text, size, "no replica is connected: there is nothing to fail over to");
	return facts->sentinel && facts->replicas == 0;
}

static bool
cannot_save(const struct preflight_facts *facts, char *text, size_t size)
{
	snprintf(text, size, "Redis could not write its last %s to disk",
		 facts->aof_ok == 0 ? "append-only file" : "snapshot");
	return (facts->aof == 1 && facts->aof_ok == 0) || (facts->save == 1 && facts->rdb_ok == 0);
}

static bool
saves_nothing(const struct preflight_facts *facts, char *text, size_t size)
{
	snprintf(text, size,
		 "Redis saves nothing: a restart forgets queues, agents and statistics");
	return facts->aof == 0 && facts->save == 0;
}

static bool
saves_seldom(const struct preflight_facts *facts, char *text, size_t size)
{
	snprintf(text, size,
		 "Redis saves snapshots only: a restart forgets what came after the "
		 "last");
	return facts->aof == 0 && facts->save == 1;
}

static bool
is_too_small(const struct preflight_facts *facts, char *text, size_t size)
{
	int64_t need = facts->stream_max * EVENT_BYTES;

	snprintf(text, size,
		 "maxmemory is %.0f MB, and %" PRId64 " events take about %.0f MB of it",
		 MB(facts->maxmemory), facts->stream_max, MB(need));
	return facts->maxmemory > 0 && need > facts->maxmemory / 2;
}

static bool
is_nearly_full(const struct preflight_facts *facts, char *text, size_t size)
{
	snprintf(text, size, "Redis has used %.0f MB of its maxmemory of %.0f MB",
		 MB(facts->used_memory), MB(facts->maxmemory));
	return facts->maxmemory > 0 && facts->used_memory > facts->maxmemory / 10 * 8;
}

static bool
is_slow(const struct preflight_facts *facts, char *text, size_t size)
{
	snprintf(text, size, "a PING took %.1f ms; so long takes each step of a call",
		 (double)facts->ping_us / 1000);
	return facts->ping_us > SLOW_US;
}

static bool
hides_config(const struct preflight_facts *facts, char *text, size_t size)
{
	snprintf(text, size,
		 "CONFIG GET is not allowed: persistence and min-replicas-to-write could "
		 "not be checked");
	return facts->config_forbidden;
}

/* clang-format off */
const struct preflight_check preflight_checks[] = {
	{"run_id", PREFLIGHT_REFUSE, is_no_redis, "Allow our user INFO, or look at [redis] address."},
	{"version", PREFLIGHT_REFUSE, is_too_old, "Install a later Redis, or Valkey."},
	{"cluster", PREFLIGHT_REFUSE, is_cluster,
	 "Give MQS a Redis with cluster-enabled no; many pools are spread over many of them."},
	{"role", PREFLIGHT_REFUSE, is_replica, "Set [redis] address to the master, or to its Sentinels."},
	{"commands", PREFLIGHT_REFUSE, lacks_commands,
	 "Allow them: redis-cli acl setuser USER ~mqs:* &mqs:* +@all -@admin +info +role +config|get."},
	{"eviction", PREFLIGHT_REFUSE, evicts_calls,
	 "redis-cli config set maxmemory-policy noeviction, and the same in redis.conf."},
	{"eviction_leases", PREFLIGHT_CRITICAL, evicts_leases,
	 "redis-cli config set maxmemory-policy noeviction, and the same in redis.conf."},
	{"min_replicas", PREFLIGHT_CRITICAL, has_no_guard,
	 "redis-cli config set min-replicas-to-write 1 on master and replicas, and the same in redis.conf."},
	{"save_failed", PREFLIGHT_CRITICAL, cannot_save, "Look at its log and its disk: redis-cli info persistence."},
	{"persistence", PREFLIGHT_WARNING, saves_nothing, "redis-cli config set appendonly yes, and the same in redis.conf."},
	{"persistence_rdb", PREFLIGHT_WARNING, saves_seldom, "redis-cli config set appendonly yes, and the same in redis.conf."},
	{"maxmemory", PREFLIGHT_WARNING, is_too_small, "Lower [pool] stream_max or raise maxmemory to twice that."},
	{"memory", PREFLIGHT_CRITICAL, is_nearly_full, "Raise maxmemory; when it is full nothing is decided any more."},
	{"eviction_later", PREFLIGHT_WARNING, might_evict,
	 "redis-cli config set maxmemory-policy noeviction, and the same in redis.conf."},
	{"max_lag", PREFLIGHT_WARNING, has_late_guard, "redis-cli config set min-replicas-max-lag 10, or less."},
	{"replicas", PREFLIGHT_WARNING, has_no_replica, "Start one: replicaof MASTER PORT in its redis.conf."},
	{"latency", PREFLIGHT_WARNING, is_slow,
	 "Look for slow commands of others (redis-cli slowlog get), swapping, and the way there."},
	{"config", PREFLIGHT_WARNING, hides_config, "redis-cli acl setuser USER +config|get."},
};
/* clang-format on */

const size_t preflight_check_count = sizeof(preflight_checks) / sizeof(preflight_checks[0]);

size_t
preflight_judge(const struct preflight_facts *facts, struct preflight_finding *findings)
{
	size_t i, n = 0;

	for (i = 0; i < preflight_check_count && n < PREFLIGHT_FINDINGS_MAX; i++) {
		findings[n].check = &preflight_checks[i];
		if (preflight_checks[i].fails(facts, findings[n].text, sizeof(findings[n].text)))
			n++;
	}
	return n;
}

const char *
preflight_severity_name(enum preflight_severity severity)
{
	return severity == PREFLIGHT_WARNING ? "warning" : "critical";
}
