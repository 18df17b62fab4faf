/* SPDX-License-Identifier: BSD-2-Clause */
/* What preflight reads of a Redis, and what it says of it: each check fires, and only where it
 * should. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "mqsd/preflight.h"

/* As Redis 7.0.15 says it, shortened. */
static const char info[] = "# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\n"
			   "run_id:f6bf9a35262473792fcf4901c12169df71317791\r\n\r\n"
			   "# Memory\r\nused_memory:1048576\r\nmaxmemory:2147483648\r\n"
			   "maxmemory_human:2.00G\r\nmaxmemory_policy:noeviction\r\n"
			   "# Persistence\r\nrdb_last_bgsave_status:ok\r\naof_enabled:1\r\n"
			   "aof_last_write_status:ok\r\n"
			   "# Replication\r\nrole:master\r\nconnected_slaves:1\r\n"
			   "# Cluster\r\ncluster_enabled:0\r\n";

static struct preflight_facts
good(void)
{
	struct preflight_facts facts;

	preflight_facts_clear(&facts);
	preflight_take_info(&facts, info, strlen(info));
	preflight_take_config(&facts, "save", "");
	preflight_take_config(&facts, "min-replicas-to-write", "1");
	preflight_take_config(&facts, "min-replicas-max-lag", "10");
	facts.stream_max = 1000000;
	facts.ping_us = 100;
	return facts;
}

static void
reads(void **state)
{
	struct preflight_facts facts = good();

	(void)state;
	assert_string_equal(facts.run_id, "f6bf9a35262473792fcf4901c12169df71317791");
	assert_string_equal(facts.version, "7.0.15");
	assert_string_equal(facts.role, "master");
	assert_string_equal(facts.policy, "noeviction");
	assert_true(facts.maxmemory == 2147483648LL);
	assert_int_equal(facts.used_memory, 1048576);
	assert_int_equal(facts.replicas, 1);
	assert_int_equal(facts.cluster, 0);
	assert_int_equal(facts.aof, 1);
	assert_int_equal(facts.aof_ok, 1);
	assert_int_equal(facts.rdb_ok, 1);
	assert_int_equal(facts.save, 0);
	assert_int_equal(facts.min_replicas, 1);
	assert_int_equal(facts.max_lag, 10);
}

static void
reads_odd_texts(void **state)
{
	static const char *const texts[] = {"",
					    "\n",
					    ":",
					    "run_id",
					    "run_id:",
					    "maxmemory:x\r\nmaxmemory:\r\nmaxmemory:-1",
					    "maxmemory:99999999999999999999999999\n",
					    "connected_slaves:1x",
					    "Xmaxmemory:5\nmaxmemory_:5"};
	struct preflight_facts facts;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		preflight_facts_clear(&facts);
		preflight_take_info(&facts, texts[i], strlen(texts[i]));
		assert_string_equal(facts.run_id, "");
		assert_int_equal(facts.maxmemory, PREFLIGHT_UNKNOWN);
		assert_int_equal(facts.replicas, PREFLIGHT_UNKNOWN);
	}
	/* A text is cut where it is told to end, and the last line needs none. */
	preflight_take_info(&facts, "aof_enabled:17777", 13);
	assert_int_equal(facts.aof, 1);
}

static void
check_only(const struct preflight_facts *facts, const char *id)
{
	struct preflight_finding findings[PREFLIGHT_FINDINGS_MAX];
	size_t n = preflight_judge(facts, findings);

	if (id == NULL) {
		if (n != 0)
			fail_msg("%s: %s", findings[0].check->id, findings[0].text);
		return;
	}
	if (n != 1 || strcmp(findings[0].check->id, id) != 0)
		fail_msg("wanted %s, got %zu: %s: %s", id, n, n > 0 ? findings[0].check->id : "",
			 n > 0 ? findings[0].text : "");
	assert_true(strlen(findings[0].text) > 10);
	assert_non_null(findings[0].check->hint);
}

/* One fact is spoilt at a time. */
static void
each_check_fires(void **state)
{
	struct preflight_facts f = good();
	size_t fired = 0;

	(void)state;
	check_only(&f, NULL);
#define SPOILT(id, ...)                                                                            \
	do {                                                                                       \
		f = good();                                                                        \
		__VA_ARGS__;                                                                       \
		check_only(&f, id);                                                                \
		fired++;                                                                           \
	} while (0)
	SPOILT("run_id", f.run_id[0] = '\0');
	SPOILT("version", strcpy(f.version, "6.0.16"));
	SPOILT("cluster", f.cluster = 1);
	SPOILT("role", strcpy(f.role, "slave"));
	SPOILT("commands", strcpy(f.forbidden, "XADD XTRIM"));
	SPOILT("eviction", strcpy(f.policy, "allkeys-lru"));
	SPOILT("eviction_leases", strcpy(f.policy, "volatile-ttl"));
	SPOILT("eviction_later", strcpy(f.policy, "allkeys-lfu"); f.maxmemory = 0);
	SPOILT("min_replicas", f.min_replicas = 0);
	SPOILT("max_lag", f.max_lag = 60);
	SPOILT("replicas", f.sentinel = true; f.replicas = 0);
	SPOILT("save_failed", f.aof_ok = 0);
	SPOILT("persistence", f.aof = 0);
	SPOILT("persistence_rdb", f.aof = 0; f.save = 1);
	SPOILT("maxmemory", f.stream_max = 10000000);
	SPOILT("memory", f.used_memory = f.maxmemory);
	SPOILT("latency", f.ping_us = 20000);
	SPOILT("config", f.config_forbidden = true);
	assert_int_equal(fired, preflight_check_count);
}

static void
what_is_fine(void **state)
{
	struct preflight_facts f = good();

	(void)state;
	/* Nobody to lose writes to. */
	f.replicas = 0;
	f.min_replicas = 0;
	check_only(&f, NULL);
	/* What could not be asked is not guessed. */
	f = good();
	f.save = f.min_replicas = f.max_lag = PREFLIGHT_UNKNOWN;
	f.aof = 0;
	check_only(&f, NULL);
	strcpy(f.version, "7.0.0");
	check_only(&f, NULL);
	strcpy(f.version, "10.0");
	check_only(&f, NULL);
	f = good();
	f.maxmemory = 0;
	f.stream_max = 100000000;
	check_only(&f, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(reads_odd_texts),
		cmocka_unit_test(each_check_fires),
		cmocka_unit_test(what_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
