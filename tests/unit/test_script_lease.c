/* SPDX-License-Identifier: BSD-2-Clause */
/* Leases and instances: the scripts of mqsd/lua/raw, which stand outside the pools. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/mem.h"
#include "mqsd/script.h"
#include "tests/unit/script_harness.h"

#define WORDS_MAX 16

/*
 * Runs a script with words as in "2 lease:a token:a i1 3000": the number of keys, the keys, the
 * arguments. The reply as JSON text, "error" for an error; good until the next call.
 */
static const char *
raw(struct harness *h, const char *script, const char *line)
{
	static const char wrap[] = "local ok, r = pcall(function() %s end) "
				   "return ok and cjson.encode(r) or 'error'";
	char *whole = mem_printf(wrap, script_find(script)->text);
	char *words = mem_dup(line), *word, *save = NULL, fmt[128] = "EVAL %s";
	const char *v[WORDS_MAX] = {NULL}, *reply;
	size_t n = 0;

	for (word = strtok_r(words, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save)) {
		assert_true(n < WORDS_MAX);
		v[n++] = word;
		strcat(fmt, " %s");
	}
	/* What the format does not ask for is not looked at. */
	reply = redis_text(h, fmt, whole, v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8],
			   v[9], v[10], v[11], v[12], v[13], v[14], v[15]);
	free(words);
	free(whole);
	return reply;
}

static void
expect(struct harness *h, const char *reply, const char *script, const char *line)
{
	const char *is = raw(h, script, line);

	if (strcmp(is, reply) != 0)
		fail_msg("%s %s: %s, not %s", script, line, is, reply);
}

/* [1,"token"] -> token, kept in `out`. */
static const char *
taken(struct harness *h, char *out, const char *line)
{
	const char *is = raw(h, "lease_take", line);

	if (sscanf(is, "[1,\"%63[^\"]\"]", out) != 1)
		fail_msg("lease_take %s: %s", line, is);
	return out;
}

#define A "2 l:a t:a "
#define B "2 l:b t:b "

static void
an_expired_lease_is_taken_once(void **state)
{
	struct harness *h = *state;
	char first[64], second[64], line[160];

	harness_clear(h);
	taken(h, first, A "i1 60000 expired");
	assert_int_equal(strlen(first), 19); /* 16 digits, ":i1" */
	assert_string_equal(redis_text(h, "GET t:a"), first);
	snprintf(line, sizeof(line), "[0,\"%s\"]", first);
	expect(h, line, "lease_take", A "i2 60000 expired");
	expect(h, line, "lease_take", A "i2 60000 abandoned");
	expect(h, line, "lease_take", A "i2 60000 given");
	expect(h, line, "lease_take", A "i2 60000 restarted");
	expect(h, line, "lease_take", A "i1 60000 expired");
	/* The same instance in its next life, before its lease has run out and after. */
	taken(h, second, A "i1 60000 restarted");
	assert_true(strcmp(second, first) > 0);
	redis_do(h, "DEL l:a");
	expect(h, "[0,\"\"]", "lease_take", A "i2 60000 restarted");
	taken(h, first, A "i1 60000 restarted");
	assert_true(strcmp(first, second) > 0);
}

static void
renewed_by_its_holder_only(void **state)
{
	struct harness *h = *state;
	char first[64], second[64], line[160];

	harness_clear(h);
	taken(h, first, A "i1 60000 expired");
	redis_do(h, "DEL l:a");
	taken(h, second, A "i2 60000 expired");
	snprintf(line, sizeof(line), "1 l:a %s 60000", first);
	expect(h, "0", "lease_renew", line);
	snprintf(line, sizeof(line), "1 l:a %s 60000", second);
	expect(h, "1", "lease_renew", line);
	redis_do(h, "DEL l:a"); /* run out, and nobody took it */
	expect(h, "1", "lease_renew", line);
	assert_string_equal(redis_text(h, "GET l:a"), second);
}

/* A clock that went back gives no lower token; neither does one that an older version left. */
static void
tokens_never_go_back(void **state)
{
	struct harness *h = *state;

	harness_clear(h);
	redis_do(h, "SET t:a 9000000000000000");
	expect(h, "[1,\"9000000000000001:i2\"]", "lease_take", A "i2 60000 expired");
	redis_do(h, "DEL l:a");
	expect(h, "[1,\"9000000000000002:i1\"]", "lease_take", A "i1 60000 expired");
}

static void
leases_run_out(void **state)
{
	struct harness *h = *state;
	char first[64], second[64];
	int tries;

	harness_clear(h);
	taken(h, first, A "i1 1 expired");
	for (tries = 0; *(raw(h, "lease_take", A "i2 60000 expired") + 1) == '0'; tries++)
		assert_true(tries < 100000);
	taken(h, second, B "i1 60000 expired");
	assert_string_equal(redis_text(h, "GET l:a") + 17, "i2");
}

/* Who has fewer nodes goes first, unless nobody came for long. */
static void
free_leases_go_round(void **state)
{
	struct harness *h = *state;
	char token[64];

	harness_clear(h);
	taken(h, token, "4 l:a t:a l:a l:b i1 60000 expired i2");
	expect(h, "[0,\"\"]", "lease_take", "4 l:b t:b l:a l:b i1 60000 expired i2");
	/* What stands ready for i2 counts as its own. */
	redis_do(h, "SET l:b free:i2");
	redis_do(h, "DEL l:c");
	taken(h, token, "5 l:c t:c l:a l:b l:c i1 60000 expired i2");
	redis_do(h, "DEL l:b l:c");
	taken(h, token, "4 l:b t:b l:a l:b i1 60000 abandoned i2");
	redis_do(h, "DEL l:b");
	taken(h, token, "4 l:b t:b l:a l:b i2 60000 expired i1");
	expect(h, "[0,\"\"]", "lease_take", "5 l:c t:c l:a l:b l:c i1 60000 expired i2 i3");
	taken(h, token, "5 l:c t:c l:a l:b l:c i3 60000 expired i1 i2");
}

/* i1 has all four and gives until nobody has two fewer; then it keeps them. */
static void
shares_become_even_and_stay(void **state)
{
	static const char *const nodes[] = {"a", "b", "c", "d"};
	struct harness *h = *state;
	char token[4][64], line[200], reply[96];
	size_t i;

	harness_clear(h);
	for (i = 0; i < 4; i++) {
		snprintf(line, sizeof(line), "2 l:%s t:%s i1 60000 expired", nodes[i], nodes[i]);
		taken(h, token[i], line);
	}
	for (i = 0; i < 4; i++) {
		snprintf(line, sizeof(line), "5 l:%s l:a l:b l:c l:d %s 60000 share i2 i3",
			 nodes[i], token[i]);
		if (i < 2)
			snprintf(reply, sizeof(reply), "[1,\"i%zu\"]", i + 2);
		else
			snprintf(reply, sizeof(reply), "[0,\"%s\"]", token[i]);
		expect(h, reply, "lease_give", line);
	}
	assert_string_equal(redis_text(h, "GET l:b"), "free:i3");
	/* It is i3's, at once; nobody else's. */
	expect(h, "[0,\"free:i3\"]", "lease_take", "2 l:b t:b i2 60000 given");
	taken(h, token[1], "2 l:b t:b i3 60000 given");
}

static void
who_leaves_gives_all(void **state)
{
	static const char *const nodes[] = {"a", "b", "c"};
	struct harness *h = *state;
	char token[3][64], line[200], reply[96];
	size_t i;

	harness_clear(h);
	for (i = 0; i < 3; i++) {
		snprintf(line, sizeof(line), "2 l:%s t:%s i1 60000 expired", nodes[i], nodes[i]);
		taken(h, token[i], line);
	}
	for (i = 0; i < 2; i++) {
		snprintf(line, sizeof(line), "4 l:%s l:a l:b l:c %s 60000 leave i2 i3", nodes[i],
			 token[i]);
		snprintf(reply, sizeof(reply), "[1,\"i%zu\"]", i + 2);
		expect(h, reply, "lease_give", line);
		expect(h, i == 0 ? "[0,\"free:i2\"]" : "[0,\"free:i3\"]", "lease_give", line);
	}
	/* Nobody is there to take it: whoever comes has it at once, however late. */
	snprintf(line, sizeof(line), "4 l:c l:a l:b l:c %s 60000 leave", token[2]);
	expect(h, "[1,\"\"]", "lease_give", line);
	assert_string_equal(redis_text(h, "GET l:c"), "free:");
	expect(h, "[0,\"free:\"]", "lease_take", "2 l:c t:c i4 60000 expired");
	taken(h, token[2], "2 l:c t:c i4 60000 given");
}

/* The heartbeat: who is there, who holds what, and whether we are asked to leave. */
static void
instances_see_each_other(void **state)
{
	struct harness *h = *state;
	char token[64], reply[200];

	harness_clear(h);
	expect(h, "[0,[\"i1\",\"x\"],{}]", "lease_beat", "2 ins leave:i1 i1 77 60000 x");
	taken(h, token, A "i1 60000 expired");
	redis_do(h, "PERSIST l:a"); /* or the time that is left would differ each time */
	snprintf(reply, sizeof(reply),
		 "[0,[\"i1\",\"x\",\"i2\",\"y\"],[\"%s\",\"%s\",-1,\"\",\"\",-2]]", token, token);
	expect(h, reply, "lease_beat", "6 ins leave:i2 l:a t:a l:b t:b i2 88 60000 y");
	expect(h, "[0,[\"i1\",\"z\",\"i2\",\"y\"],{}]", "lease_beat",
	       "2 ins leave:i1 i1 77 60000 z");
	expect(h, "1", "instance_gone", "2 ins leave:i2 i2");
	expect(h, "[0,[\"i1\",\"z\"],{}]", "lease_beat", "2 ins leave:i1 i1 77 60000 z");
	/* One that does not beat is not there, and is not kept either. */
	redis_do(h, "HSET ins i3 %s", "1000 dead");
	expect(h, "[0,[\"i1\",\"z\"],{}]", "lease_beat", "2 ins leave:i1 i1 77 60000 z");
	expect(h, "[0,[\"i1\",\"z\"],{}]", "lease_beat", "2 ins leave:i1 i1 77 60000 z");
	assert_string_equal(redis_text(h, "EVAL %s 0", "return redis.call('HLEN', 'ins') .. ''"),
			    "1");
}

/* The life that is meant leaves; the next one under that name does not. */
static void
asked_to_leave(void **state)
{
	struct harness *h = *state;

	harness_clear(h);
	expect(h, "1", "instance_leave", "1 leave:i1 77 60000");
	expect(h, "[1,[\"i1\",\"x\"],{}]", "lease_beat", "2 ins leave:i1 i1 77 60000 x");
	expect(h, "[0,[\"i1\",\"x\"],{}]", "lease_beat", "2 ins leave:i1 i1 78 60000 x");
	expect(h, "1", "instance_gone", "2 ins leave:i1 i1");
	expect(h, "[0,[\"i1\",\"x\"],{}]", "lease_beat", "2 ins leave:i1 i1 77 60000 x");
}

/* Another program's data under a key is an error before anything is written. */
static void
wrong_types_change_nothing(void **state)
{
	static const struct {
		const char *script, *key, *line;
	} rows[] = {
		{"lease_take", "l:a", A "i1 60000 expired"},
		{"lease_take", "t:a", A "i1 60000 expired"},
		{"lease_take", "l:b", "4 l:a t:a l:a l:b i1 60000 expired i2"},
		{"lease_renew", "l:a", "1 l:a t 60000"},
		{"lease_give", "l:a", "3 l:a l:a l:b t 60000 leave"},
		{"lease_beat", "ins", "2 ins leave:i1 i1 77 60000 x"},
		{"lease_beat", "leave:i1", "2 ins leave:i1 i1 77 60000 x"},
		{"instance_gone", "ins", "2 ins leave:i1 i1"},
	};
	struct harness *h = *state;
	char *before, *after;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		harness_clear(h);
		redis_do(h, "RPUSH %s foreign", rows[i].key);
		before = snapshot(h);
		expect(h, "error", rows[i].script, rows[i].line);
		after = snapshot(h);
		assert_string_equal(before, after);
		free(before);
		free(after);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_expired_lease_is_taken_once),
		cmocka_unit_test(renewed_by_its_holder_only),
		cmocka_unit_test(tokens_never_go_back),
		cmocka_unit_test(leases_run_out),
		cmocka_unit_test(free_leases_go_round),
		cmocka_unit_test(shares_become_even_and_stay),
		cmocka_unit_test(who_leaves_gives_all),
		cmocka_unit_test(instances_see_each_other),
		cmocka_unit_test(asked_to_leave),
		cmocka_unit_test(wrong_types_change_nothing),
	};

	return cmocka_run_group_tests(tests, harness_setup, harness_teardown);
}
