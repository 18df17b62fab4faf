/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "mqsctl/args.h"
#include "mqsctl/complete.h"
#include "mqsctl/grammar.h"
#include "mqsctl/secret.h"

static const struct command rows[] = {
	{"agent login <agent>", NULL, COMMAND_EDIT, "in"},
	{"agent logout <agent>", NULL, 0, "out"},
	{"agent log", NULL, 0, "exact beats the beginning of others"},
	{"agent pause <agent> [reason <text>...]", NULL, 0, "pause"},
	{"call list [from <number>] [queue <queue>] [state <state>]", NULL, 0, "calls"},
	{"queue create <name> [<queue-option> <value>]...", NULL, 0, "create"},
	{"queue set <queue> <queue-option> <value>", NULL, 0, "set"},
	{"help", NULL, 0, "all"},
	{"help --all", NULL, 0, "machine"},
	{"help <command>...", NULL, 0, "some"},
	{"status", NULL, 0, "status"},
	{"token set <name> <secret>", NULL, 0, "token"},
};

struct fixture {
	struct grammar *grammar;
	struct words words;
	struct match m;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err;

	f->grammar = grammar_new(rows, sizeof(rows) / sizeof(rows[0]), &err);
	*state = f;
	return f->grammar ? 0 : -1;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	match_clear(&f->m);
	words_clear(&f->words);
	grammar_free(f->grammar);
	free(f);
	return 0;
}

static const struct match *
type(struct fixture *f, const char *line)
{
	struct err err;

	match_clear(&f->m);
	words_clear(&f->words);
	assert_int_equal(words_split(&f->words, line, &err), 0);
	match(&f->m, f->grammar, &f->words);
	return &f->m;
}

static void
assert_row(const struct match *m, size_t row)
{
	assert_int_equal(m->result, MATCH_COMMAND);
	assert_ptr_equal(m->command, &rows[row]);
}

static bool
can_stand(const struct match *m, const char *what)
{
	size_t i;

	for (i = 0; i < m->choice_count; i++)
		if (strcmp(m->choices[i].word ? m->choices[i].word : m->choices[i].kind->name,
			   what) == 0)
			return true;
	return false;
}

static void
exact_and_shortened(void **state)
{
	struct fixture *f = *state;

	assert_row(type(f, "agent login 1001"), 0);
	assert_string_equal(match_value(&f->m, "agent"), "1001");
	assert_row(type(f, "a logi 1001"), 0);
	assert_row(type(f, "  s  "), 10);
	/* In full it is this one, though it begins two others. */
	assert_row(type(f, "agent log"), 2);
}

static void
ambiguous(void **state)
{
	const struct match *m = type(*state, "agent lo 1001");

	assert_int_equal(m->result, MATCH_AMBIGUOUS);
	assert_int_equal(m->error_word, 1);
	assert_int_equal(m->choice_count, 3);
	assert_true(can_stand(m, "login") && can_stand(m, "logout") && can_stand(m, "log"));
	assert_string_equal(m->err.text, "\"lo\" could be login or logout or log");
}

static void
wrong_word(void **state)
{
	const struct match *m = type(*state, "agent puase 1001");

	assert_int_equal(m->result, MATCH_WRONG);
	assert_int_equal(m->error_word, 1);
	assert_non_null(strstr(m->err.text, "did you mean \"pause\""));
	assert_true(can_stand(m, "pause"));
	assert_false(can_stand(m, "status"));

	/* A word after the end. */
	m = type(*state, "status now");
	assert_int_equal(m->result, MATCH_WRONG);
	assert_int_equal(m->error_word, 1);
	assert_int_equal(m->choice_count, 0);
	assert_non_null(m->may_end);

	/* An empty word begins nothing. */
	m = type(*state, "agent \"\"");
	assert_int_equal(m->result, MATCH_WRONG);
}

static void
missing_argument(void **state)
{
	const struct match *m = type(*state, "agent login");

	assert_int_equal(m->result, MATCH_INCOMPLETE);
	assert_int_equal(m->error_word, 2);
	assert_int_equal(m->choice_count, 1);
	assert_null(m->choices[0].word);
	assert_string_equal(m->choices[0].kind->name, "agent");

	m = type(*state, "");
	assert_int_equal(m->result, MATCH_INCOMPLETE);
	assert_int_equal(m->choice_count, 6);

	m = type(*state, "call list from");
	assert_int_equal(m->result, MATCH_INCOMPLETE);
	assert_int_equal(m->choice_count, 1);
	assert_null(m->may_end);
}

static void
bad_argument(void **state)
{
	const struct match *m = type(*state, "agent login a/b");

	assert_int_equal(m->result, MATCH_WRONG);
	assert_int_equal(m->error_word, 2);
	assert_non_null(strstr(m->err.text, "not a name"));
	assert_true(can_stand(m, "agent"));
}

static void
optional_parts_in_any_order(void **state)
{
	struct fixture *f = *state;

	assert_row(type(f, "call list"), 4);
	assert_null(match_value(&f->m, "number"));
	assert_true(can_stand(&f->m, "from") && can_stand(&f->m, "state"));

	assert_row(type(f, "call list state wait --from 0301 queue sales"), 4);
	assert_string_equal(match_value(&f->m, "number"), "0301");
	assert_string_equal(match_value(&f->m, "queue"), "sales");
	assert_string_equal(match_value(&f->m, "state"), "waiting");
	assert_int_equal(f->m.choice_count, 0);

	/* Each once; and the first word of the line is no option. */
	assert_int_equal(type(f, "call list from 1 from 2")->result, MATCH_WRONG);
	assert_int_equal(f->m.error_word, 4);
	assert_false(can_stand(&f->m, "from"));
	assert_int_equal(type(f, "--call list")->result, MATCH_WRONG);
}

static void
repeated_part(void **state)
{
	struct fixture *f = *state;
	const char *line = "queue create q timeout 20 strat longest-idle";

	assert_row(type(f, "queue create q"), 5);
	assert_row(type(f, line), 5);
	assert_string_equal(match_value_at(&f->m, "queue-option", 1), "strategy");
	assert_string_equal(match_value_at(&f->m, "value", 0), "20");
	assert_string_equal(match_value_at(&f->m, "value", 1), "longest-idle");
	assert_null(match_value_at(&f->m, "value", 2));

	assert_int_equal(type(f, "queue create q timeout")->result, MATCH_INCOMPLETE);
	assert_int_equal(type(f, "queue create q timeout 0")->result, MATCH_WRONG);
	assert_int_equal(type(f, "queue create q timeout 1 timeout 2")->result, MATCH_WRONG);
	assert_int_equal(f->m.error_word, 5);
}

static void
rest_of_the_line(void **state)
{
	struct fixture *f = *state;
	char *text;

	assert_row(type(f, "agent pause 1001 reason reason \"two  words\" --json"), 3);
	text = match_text(&f->m, "text");
	assert_string_equal(text, "reason two  words");
	free(text);
	assert_row(type(f, "agent pause 1001"), 3);
	assert_null(match_text(&f->m, "text"));
	assert_row(type(f, "help"), 7);
	assert_row(type(f, "help --all"), 8);
	assert_row(type(f, "help a"), 9);
}

/* They are no words of the command, wherever they stand. */
static void
switches(void **state)
{
	struct fixture *f = *state;

	assert_row(type(f, "--yes agent login --json 1001"), 0);
	assert_true(f->m.switches.given[SWITCH_YES] && f->m.switches.given[SWITCH_JSON]);
	assert_false(f->m.switches.given[SWITCH_DRY_RUN]);
	assert_string_equal(match_value(&f->m, "agent"), "1001");
	assert_row(type(f, "status"), 10);
	assert_false(f->m.switches.given[SWITCH_JSON]);
	/* The place of a wrong word counts them; those behind it hold too. */
	assert_int_equal(type(f, "agent --yes puase --json")->result, MATCH_WRONG);
	assert_int_equal(f->m.error_word, 2);
	assert_true(f->m.switches.given[SWITCH_JSON]);
	assert_row(type(f, "status --watch 5"), 10);
	assert_int_equal(f->m.switches.watch_s, 5);
	assert_row(type(f, "--watch 5 status"), 10);
	assert_int_equal(type(f, "status --watch")->result, MATCH_INCOMPLETE);
	assert_int_equal(f->m.error_word, 2);
	assert_string_equal(f->m.choices[0].kind->name, "seconds");
	assert_int_equal(type(f, "--watch status --json")->result, MATCH_WRONG);
	assert_int_equal(f->m.error_word, 1);
	assert_true(f->m.switches.given[SWITCH_JSON]);
	assert_int_equal(type(f, "agent login --json")->result, MATCH_INCOMPLETE);
	assert_int_equal(f->m.error_word, 3);
}

static void
refuse(const char *one, const char *two, const char *why)
{
	const struct command bad[] = {
		{"fine", NULL, 0, ""}, {one, NULL, 0, ""}, {two, NULL, 0, ""}};
	struct err err = {.text = ""};

	assert_null(grammar_new(bad, two ? 3 : 2, &err));
	if (!strstr(err.text, why))
		fail_msg("\"%s\" does not say \"%s\"", err.text, why);
}

static void
bad_tables(void **state)
{
	(void)state;
	refuse("fine", NULL, "2 rows say this");
	refuse("a <agent>", "a <agent>", "2 rows say this");
	refuse("a [from <number>]", "a", "2 rows say this");
	refuse("a [b <agent>]", "a b <agent>", "2 rows say this");
	refuse("a <agent>", "a <queue> b", "<agent> and <queue> meet");
	refuse("a <nonsense>", NULL, "no such kind");
	refuse("a <agent", NULL, "'<' without '>'");
	refuse("a [b", NULL, "'[' without ']'");
	refuse("a b]", NULL, "']' without '['");
	refuse("a [b [c]]", NULL, "nested");
	refuse("a <text>... b", NULL, "nothing can follow");
	refuse("<agent> b", NULL, "begin with a word");
	refuse("", NULL, "begin with a word");
}

static void
the_table_itself(void **state)
{
	struct err err = {.text = ""};
	struct grammar *grammar = grammar_new(commands, command_count, &err);
	size_t i;

	(void)state;
	assert_string_equal(err.text, "");
	assert_non_null(grammar);
	for (i = 0; i < command_count; i++) {
		assert_non_null(commands[i].run);
		assert_true(strlen(commands[i].help) > 0);
	}
	grammar_free(grammar);
}

static void
secrets(void **state)
{
	static const char *const kept[] = {"agent login 1001", "nonsense", "agent lgin 1",
					   "queue set q timeout 3"};
	static const char *const not_kept[] = {"token set a hunter2",	  "tok se a hunter2 --json",
					       "token set a hunter2 too", "token set a",
					       "token set a \"hunter2",	  "tokn set a hunter2",
					       "tokn st a hunter2"};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (secret_line(f->grammar, kept[i]))
			fail_msg("\"%s\" is no secret", kept[i]);
	for (i = 0; i < sizeof(not_kept) / sizeof(not_kept[0]); i++)
		if (!secret_line(f->grammar, not_kept[i]))
			fail_msg("\"%s\" is kept", not_kept[i]);
}

/* --- completion ---------------------------------------------------------------------------- */

/* What TAB adds, or how many it lists. */
static void
assert_tab(struct fixture *f, const char *line, const char *insert, size_t count)
{
	struct completion c;

	complete_line(&c, f->grammar, NULL, line);
	if (insert ? !c.insert || strcmp(c.insert, insert) != 0 : c.insert != NULL)
		fail_msg("\"%s\" TAB adds \"%s\"", line, c.insert ? c.insert : "nothing");
	assert_int_equal(c.candidates.count, count);
	complete_clear(&c);
}

static void
completion(void **state)
{
	struct fixture *f = *state;

	assert_tab(f, "", NULL, 6);
	assert_tab(f, "s", "tatus ", 1);
	assert_tab(f, "agent lo", "g", 3);
	assert_tab(f, "agent log", NULL, 3);
	assert_tab(f, "ag logi", "n ", 1);
	assert_tab(f, "call list ", NULL, 3);
	assert_tab(f, "call list --f", "rom ", 1);
	assert_tab(f, "call list from 1 f", NULL, 0);
	assert_tab(f, "call list state w", "aiting ", 1);
	assert_tab(f, "queue set q b", "usydelay ", 1);
	assert_tab(f, "queue set q strategy ", "longest-idle ", 1);
	assert_tab(f, "queue create q timeout 5 ti", NULL, 0);
	assert_tab(f, "nonsense x", NULL, 0);
	assert_tab(f, "status --j", "son ", 1);
	assert_tab(f, "--json stat", "us ", 1);
	assert_tab(f, "status --json -", "-watch ", 1);
	assert_tab(f, "agent login 1 --json --w", NULL, 0);
	assert_tab(f, "status --watch ", NULL, 0);
	assert_tab(f, "status --watch 5 --js", "on ", 1);
	assert_tab(f, "agent login --js", "on ", 1);
	assert_tab(f, "agent pause 1 reason \"lo", NULL, 0);
}

static void
help_in_place(void **state)
{
	struct fixture *f = *state;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	complete_help(out, f->grammar, NULL, "queue set q timeout ", 0);
	fclose(out);
	assert_non_null(strstr(text, "<value>"));
	assert_non_null(strstr(text, "1 to 600"));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(exact_and_shortened, setup, teardown),
		cmocka_unit_test_setup_teardown(ambiguous, setup, teardown),
		cmocka_unit_test_setup_teardown(wrong_word, setup, teardown),
		cmocka_unit_test_setup_teardown(missing_argument, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_argument, setup, teardown),
		cmocka_unit_test_setup_teardown(optional_parts_in_any_order, setup, teardown),
		cmocka_unit_test_setup_teardown(repeated_part, setup, teardown),
		cmocka_unit_test_setup_teardown(rest_of_the_line, setup, teardown),
		cmocka_unit_test_setup_teardown(switches, setup, teardown),
		cmocka_unit_test_setup_teardown(secrets, setup, teardown),
		cmocka_unit_test(bad_tables),
		cmocka_unit_test(the_table_itself),
		cmocka_unit_test_setup_teardown(completion, setup, teardown),
		cmocka_unit_test_setup_teardown(help_in_place, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
