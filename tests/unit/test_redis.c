/* SPDX-License-Identifier: BSD-2-Clause */
/* What can be known of Redis without one: addresses, error rows, whom of the Sentinels to believe.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "mqsd/redis_address.h"
#include "mqsd/redis_error.h"
#include "mqsd/sentinel.h"

static void
good_addresses(void **state)
{
	static const struct {
		const char *text, *group, *host, *again;
		int port;
		size_t count;
	} rows[] = {
		{"127.0.0.1:6379", "", "127.0.0.1", "127.0.0.1:6379", 6379, 1},
		{"redis.example", "", "redis.example", "redis.example:6379", 6379, 1},
		{"[::1]:7000", "", "::1", "[::1]:7000", 7000, 1},
		{"[fe80::1]", "", "fe80::1", "[fe80::1]:6379", 6379, 1},
		{"unix:/run/redis.sock", "", "/run/redis.sock", "unix:/run/redis.sock", 0, 1},
		{"sentinel:mymaster@10.0.0.1:26380", "mymaster", "10.0.0.1", "10.0.0.1:26380",
		 26380, 1},
		{"sentinel:g@a,b:1,[::1]:2", "g", "a", "a:26379", 26379, 3},
	};
	struct redis_address address;
	struct err err = {""};
	char text[160];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (redis_address_parse(rows[i].text, &address, &err) != 0)
			fail_msg("%s: %s", rows[i].text, err.text);
		assert_string_equal(address.group, rows[i].group);
		assert_string_equal(address.hosts[0].host, rows[i].host);
		assert_int_equal(address.hosts[0].port, rows[i].port);
		assert_int_equal(address.count, rows[i].count);
		assert_string_equal(redis_host_text(&address.hosts[0], text, sizeof(text)),
				    rows[i].again);
	}
	assert_string_equal(address.hosts[2].host, "::1");
	assert_int_equal(address.hosts[2].port, 2);
}

static void
bad_addresses(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{"", "no host"},
		{":6379", "no host"},
		{"host:", "1 to 65535"},
		{"host:0", "1 to 65535"},
		{"host:65536", "1 to 65535"},
		{"host:99999999999", "1 to 65535"},
		{"host:6379x", "1 to 65535"},
		{"::1:6379", "[ADDRESS]:PORT"},
		{"[::1", "without its ]"},
		{"[::1]6379", "without its ]"},
		{"[]:1", "no host"},
		{"unix:redis.sock", "begins with /"},
		{"unix:", "begins with /"},
		{"unix", "cannot be called"},
		{"sentinel:g@unix", "cannot be called"},
		{"sentinel:g@sentinel:5", "cannot be called"},
		{"127.0.0.1 :6379", "blank"},
		{"sentinel:10.0.0.1:26379", "no group"},
		{"sentinel:@10.0.0.1:26379", "no group"},
		{"sentinel:g@", "no host"},
		{"sentinel:g@a:1,", "no host"},
		{"sentinel:g@a,b,c,d,e,f,g,h,i,j", "more than 9"},
	};
	struct redis_address address;
	char path[300] = "unix:/";
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (redis_address_parse(rows[i].text, &address, &err) == 0)
			fail_msg("'%s' was taken", rows[i].text);
		if (strstr(err.text, rows[i].says) == NULL)
			fail_msg("'%s': %s", rows[i].text, err.text);
	}
	memset(path + 6, 'x', 200);
	assert_int_equal(redis_address_parse(path, &address, &err), -1);
	memcpy(path, "hostxx", 6);
	assert_int_equal(redis_address_parse(path, &address, &err), -1);
}

/* As Redis 7.0.15 says them. */
static void
errors(void **state)
{
	static const struct {
		const char *reply, *code;
		enum redis_remedy remedy;
	} rows[] = {
		{"READONLY You can't write against a read only replica. script: a, on "
		 "@user_script:535.",
		 "redis_readonly", REDIS_RESOLVE},
		{"UNBLOCKED force unblock from blocking operation, instance state changed (master "
		 "-> replica?)",
		 "redis_readonly", REDIS_RESOLVE},
		{"LOADING Redis is loading the dataset in memory", "redis_loading", REDIS_WAIT},
		{"BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN "
		 "NOSAVE.",
		 "redis_busy", REDIS_WAIT},
		{"OOM command not allowed when used memory > 'maxmemory'. script: 1, on "
		 "@user_script:1.",
		 "redis_oom", REDIS_WAIT},
		{"MISCONF Redis is configured to save RDB snapshots, but it's currently unable to "
		 "persist to disk.",
		 "redis_misconf", REDIS_WAIT},
		{"NOREPLICAS Not enough good replicas to write.", "redis_noreplicas", REDIS_WAIT},
		{"NOAUTH Authentication required.", "redis_noauth", REDIS_AGAIN},
		{"WRONGPASS invalid username-password pair or user is disabled.", "redis_wrongpass",
		 REDIS_AGAIN},
		{"NOPERM this user has no permissions to run the 'evalsha' command", "redis_noperm",
		 REDIS_WAIT},
		{"ERR The user executing the script can't run this command or subcommand script: "
		 "1, on "
		 "@user_script:3.",
		 "redis_noperm", REDIS_WAIT},
		{"ERR max number of clients reached", "redis_full", REDIS_AGAIN},
		{"MOVED 3999 127.0.0.1:6381", "redis_cluster", REDIS_WAIT},
		{"NOSCRIPT No matching script. Please use EVAL.", NULL, REDIS_WAIT},
		{"BUSYGROUP Consumer Group name already exists", NULL, REDIS_WAIT},
		{"ERR value is not an integer", NULL, REDIS_WAIT},
		{"WRONGTYPE Operation against a key holding the wrong kind of value", NULL,
		 REDIS_WAIT},
		{"", NULL, REDIS_WAIT},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct redis_error *row = redis_error_find(rows[i].reply);

		if ((row == NULL) != (rows[i].code == NULL))
			fail_msg("%s: %s", rows[i].reply, row != NULL ? row->code : "no row");
		if (row == NULL)
			continue;
		assert_string_equal(row->code, rows[i].code);
		assert_int_equal(row->remedy, rows[i].remedy);
	}
	for (i = 0; i < redis_error_count; i++) {
		assert_non_null(redis_errors[i].code);
		assert_non_null(redis_errors[i].text);
		assert_non_null(redis_errors[i].hint);
	}
}

#define WORD(name, port, epoch)                                                                    \
	{                                                                                          \
		{name, port}, epoch                                                                \
	}
#define AWAY WORD("", 0, 0)

static void
elections(void **state)
{
	const struct sentinel_word fresh[] = {WORD("a", 1, 3), WORD("b", 2, 4), WORD("a", 1, 3)};
	const struct sentinel_word stale[] = {WORD("a", 1, 3), AWAY, AWAY};
	const struct sentinel_word again[] = {WORD("c", 3, 0), WORD("c", 3, 0), AWAY};
	const struct sentinel_word silent[] = {AWAY, AWAY, AWAY};

	(void)state;
	/* The newest configuration counts, however many still tell the old one. */
	assert_int_equal(sentinel_elect(fresh, 3, 3), 1);
	assert_int_equal(sentinel_elect(fresh, 3, 0), 1);
	assert_int_equal(sentinel_elect(stale, 3, 3), 0);
	/* One that was cut off does not lead back. */
	assert_int_equal(sentinel_elect(stale, 3, 4), -1);
	assert_int_equal(sentinel_elect(stale, 1, 4), 0);
	/* A group that was configured anew begins at epoch 0. */
	assert_int_equal(sentinel_elect(again, 3, 7), 0);
	assert_int_equal(sentinel_elect(silent, 3, 0), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_addresses),
		cmocka_unit_test(bad_addresses),
		cmocka_unit_test(errors),
		cmocka_unit_test(elections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
