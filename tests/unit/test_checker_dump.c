/* SPDX-License-Identifier: BSD-2-Clause */
/* The invariant checker: what it says of what Redis and the nodes hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/checker.h"
#include "lib/mem.h"

struct log {
	char text[4096]; /* "rule: what\n" of each violation */
	char rule[64];	 /* of the first */
	unsigned count;
};

static void
violated(void *arg, const struct checker_violation *v)
{
	struct log *log = arg;
	size_t len = strlen(log->text);

	if (log->count++ == 0)
		snprintf(log->rule, sizeof(log->rule), "%s", v->rule->id);
	snprintf(log->text + len, sizeof(log->text) - len, "%s: %s\n", v->rule->id, v->text);
}

#define LEG  "1795435200000000-0000001.2"
#define BR   "1795435200000000-0000001.3"
#define HELD "\"state\":\"ready\",\"nodes\":{\"a1\":\"up\",\"a2\":\"dead\"}"
#define TALK                                                                                       \
	"{" HELD ",\"calls\":{\"c1\":{\"state\":\"talking\",\"node\":\"a1\",\"channel\":\"ch1\","  \
	"\"open\":true,\"leg\":\"" LEG "\",\"leg_open\":true,\"bridge\":\"" BR                     \
	"\",\"bridged\":true}}}"
#define IN_BRIDGE(both) "[{\"id\":\"" BR "\",\"channels\":[" both "]}]"
#define CH1		"{\"id\":\"ch1\",\"dialplan\":{\"app_name\":\"Stasis\"}}"
#define CHLEG		"{\"id\":\"" LEG "\"}"
#define NODE(channels, bridges)                                                                    \
	"[{\"name\":\"a1\",\"channels\":[" channels "],\"bridges\":" bridges "}]"

/* clang-format off */

/* What Redis holds and a1 shows; NULL: all is well. At the end nothing may be left. */
static const struct seen {
	const char *rule, *word;
	bool at_end;
	const char *redis, *nodes, *dialogs;
} seen_rows[] = {
	{NULL, NULL, false, TALK, NODE(CH1 "," CHLEG, IN_BRIDGE("\"ch1\",\"" LEG "\"")), NULL},
	{NULL, NULL, false, "{" HELD "}", NODE("{\"id\":\"ch9\",\"dialplan\":{\"app_name\":\"Wait\"}}", "[{\"id\":\"other\"}]"), NULL},
	{NULL, NULL, false, "{\"state\":\"recovering\",\"nodes\":{\"a1\":\"up\"}}", NODE(CH1, "[]"), NULL},
	{NULL, NULL, true, "{" HELD "}", NODE("", "[]"), "[]"},
	{"channels-owned", "channel ch1 on node a1", false, "{" HELD "}", NODE(CH1, "[]"), NULL},
	{"channels-owned", LEG, false, "{" HELD "}", NODE(CHLEG, "[]"), NULL},
	{"channels-there", "call c1 has channel ch1", false, TALK, NODE(CHLEG, IN_BRIDGE("\"ch1\",\"" LEG "\"")), NULL},
	{"channels-there", "call c1 has channel " LEG, false, TALK, NODE(CH1, IN_BRIDGE("\"ch1\",\"" LEG "\"")), NULL},
	{"bridges-talk", "does not join them", false, TALK, NODE(CH1 "," CHLEG, IN_BRIDGE("\"ch1\"")), NULL},
	{"bridges-talk", "is of no conversation", false, "{" HELD "}", NODE("", IN_BRIDGE("")), NULL},
	{"end-redis", "call:c1 wait:q", true, "{\"left\":[\"call:c1\",\"wait:q\"]}", NULL, NULL},
	{"end-nodes", "channels ch1", true, "{}", NODE(CH1, "[]"), NULL},
	{"end-nodes", "bridges " BR, true, "{}", NODE("", IN_BRIDGE("")), NULL},
	{"end-dialogs", "dialogs x@y", true, "{}", NULL, "[\"x@y\"]"},
};

/* clang-format on */

static void
look(struct checker *checker, const struct seen *row, int64_t at)
{
	struct checker_dump dump = {.at = at, .redis = json_loads(row->redis, 0, NULL)};

	assert_non_null(dump.redis);
	dump.nodes = row->nodes != NULL ? json_loads(row->nodes, 0, NULL) : NULL;
	dump.dialogs = row->dialogs != NULL ? json_loads(row->dialogs, 0, NULL) : NULL;
	assert_true((dump.nodes == NULL) == (row->nodes == NULL));
	if (row->at_end)
		checker_end(checker, &dump);
	else
		checker_look(checker, &dump);
	json_decref((json_t *)dump.redis);
	json_decref((json_t *)dump.nodes);
	json_decref((json_t *)dump.dialogs);
}

/* What nodes show is a suspicion at first, and told once. */
static void
what_servers_hold(void **state)
{
	struct checker_options options = {.patience_ms = 5000, .violated = violated};
	struct checker *checker;
	struct log log;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(seen_rows) / sizeof(seen_rows[0]); i++) {
		const struct seen *row = &seen_rows[i];

		log = (struct log){.count = 0};
		options.arg = &log;
		checker = checker_new(&options);
		look(checker, row, 1000);
		if (!row->at_end) {
			assert_int_equal(log.count, 0);
			assert_int_equal(checker_suspicions(checker), row->rule != NULL);
			look(checker, row, 5999);
			assert_int_equal(log.count, 0);
			look(checker, row, 6000);
			look(checker, row, 7000);
		}
		if (log.count != (row->rule != NULL) ||
		    (row->rule != NULL &&
		     (strcmp(log.rule, row->rule) != 0 || strstr(log.text, row->word) == NULL)))
			fail_msg("row %zu: %s", i, log.text);
		checker_free(checker);
	}
}

/* What a look does not find again was in passing. */
static void
suspicions_pass(void **state)
{
	const struct seen *bad = &seen_rows[4], *good = &seen_rows[0];
	struct checker_options options = {.patience_ms = 5000, .violated = violated};
	struct log log = {0};
	struct checker *checker;

	(void)state;
	options.arg = &log;
	checker = checker_new(&options);
	look(checker, bad, 1000);
	look(checker, good, 3000);
	look(checker, bad, 6500);
	assert_int_equal(log.count, 0);
	assert_int_equal(checker_suspicions(checker), 1);
	checker_free(checker);
}

/* The recount (loadtest/recount.lua, seeded in test_script_walk.c) names the rules itself. */
static bool
recounted(struct checker *checker, const struct log *log, const char *rule)
{
	char *text =
		mem_printf("{\"faults\":[{\"rule\":\"%s\",\"text\":\"%s fails\"}]}", rule, rule);
	const struct seen row = {.redis = text};
	unsigned before = log->count;

	look(checker, &row, 1);
	look(checker, &row, 2); /* the same is told once */
	free(text);
	return log->count == before + 1 && strstr(log->text, rule) != NULL;
}

static void
an_entered_call_has_ended(void **state)
{
	static const char *const lines[] = {
		"1-0\trecovery_started\t{\"event\":\"recovery_started\",\"at\":1,\"reason\":"
		"\"empty\"}",
		"1-1\tqueue_created\t{\"event\":\"queue_created\",\"at\":1,\"queue\":\"q\"}",
		"1-2\tcall_entered\t{\"event\":\"call_entered\",\"at\":1,\"call\":\"c1\",\"queue\":"
		"\"q\","
		"\"node\":\"a1\",\"priority\":0,\"entered_ms\":1}",
	};
	const struct seen row = {.at_end = true, .redis = "{}"};
	struct checker_options options = checker_defaults;
	struct log log = {0};
	struct checker *checker;
	size_t i;

	(void)state;
	options.violated = violated;
	options.arg = &log;
	checker = checker_new(&options);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_int_equal(checker_line(checker, lines[i]), 0);
	assert_int_equal(log.count, 0);
	/* Where others have calls it may be theirs. */
	checker_end(checker, &(struct checker_dump){.shared = true});
	assert_int_equal(log.count, 0);
	look(checker, &row, 1);
	assert_string_equal(log.rule, "end-events");
	assert_non_null(strstr(log.text, "call c1 is still waiting"));
	checker_free(checker);
}

static void
transactions_are_finished(void **state)
{
	struct checker_options options = checker_defaults;
	struct checker_dump dump = {.transactions = 0};
	struct log log = {0};
	struct checker *checker;

	(void)state;
	options.violated = violated;
	options.arg = &log;
	checker = checker_new(&options);
	checker_end(checker, &dump);
	assert_int_equal(log.count, 0);
	dump.transactions = 3;
	checker_end(checker, &dump);
	assert_string_equal(log.rule, "end-transactions");
	assert_non_null(strstr(log.text, "3 transactions"));
	checker_free(checker);
}

static bool
has_seed(const char *rule)
{
	size_t i;

	for (i = 0; i < sizeof(seen_rows) / sizeof(seen_rows[0]); i++)
		if (seen_rows[i].rule != NULL && strcmp(seen_rows[i].rule, rule) == 0)
			return true;
	return strcmp(rule, "end-events") == 0 || strcmp(rule, "end-transactions") == 0;
}

static void
no_rule_is_without_its_seed(void **state)
{
	struct checker_options options = {.violated = violated};
	struct log log = {0};
	struct checker *checker;
	size_t i;

	(void)state;
	options.arg = &log;
	checker = checker_new(&options);
	for (i = 0; i < checker_rule_count(); i++) {
		const struct checker_rule *rule = checker_rule_at(i);
		bool redis = rule->looks_at == CHECKER_REDIS;

		if (rule->looks_at != CHECKER_EVENTS &&
		    !(redis ? recounted(checker, &log, rule->id) : has_seed(rule->id)))
			fail_msg("nothing shows that rule %s fires", rule->id);
		assert_int_equal(checker_rule_violations(checker, i), redis);
	}
	checker_free(checker);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_servers_hold),
		cmocka_unit_test(suspicions_pass),
		cmocka_unit_test(an_entered_call_has_ended),
		cmocka_unit_test(transactions_are_finished),
		cmocka_unit_test(no_rule_is_without_its_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
