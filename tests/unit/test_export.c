/* SPDX-License-Identifier: BSD-2-Clause */
/* The text of a pool: what is written reads the same, is what mqsctl takes, and damage is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/export.h"
#include "lib/mem.h"
#include "lib/queue_option.h"
#include "mqsctl/command.h"
#include "mqsctl/grammar.h"

static const char all[] =
	"[{'kind': 'queue', 'name': 'q', 'version': 11, 'options': {'timeout': '20', 'strategy': "
	"'longest-idle'}},"
	" {'kind': 'queue', 'name': 'p-2', 'version': 12, 'options': {}},"
	" {'kind': 'agent', 'name': '1001', 'version': 13, 'options': {'address': 'sip:1001@h', "
	"'login': 'manual', 'wrapuptime': '0'}, 'members': {'q': 0, 'p-2': 100}, 'paused_in': "
	"{'p-2': 'it`s  quiet'}, 'logged_in': "
	"true},"
	" {'kind': 'agent', 'name': '1002', 'version': 1795435200123, 'options': {'address': ''}, "
	"'members': {}, 'paused': 'lunch \\\\\\\\ `it`s` \\\"now\\\" # \u00e4', 'registered': "
	"true, "
	"'unreachable': true, 'misses': 3, 'backoff': 1795435209123, 'wrapup': 1795435208123}]";

static json_t *
objects_of(const char *text)
{
	char *json = mem_dup(text), *c;
	json_t *objects;

	for (c = json; *c != '\0'; c++)
		*c = *c == '\'' ? '"' : *c == '`' ? '\'' : *c;
	objects = json_loads(json, 0, NULL);
	assert_non_null(objects);
	free(json);
	return objects;
}

static char *
write_all(const json_t *objects, size_t *len)
{
	struct export_head head = {"default", 1795435200123, 10};
	size_t n = json_array_size(objects), i;
	char **lines = mem_zero((n + 1) * sizeof(*lines)), *text;

	for (i = 0; i < n; i++)
		lines[i] = export_object(json_array_get(objects, i));
	text = export_text(&head, (const char *const *)lines, n, len);
	for (i = 0; i < n; i++)
		free(lines[i]);
	free(lines);
	return text;
}

static void
reads_the_same(void **state)
{
	json_t *objects = objects_of(all), *again;
	struct export_head head;
	struct err err = {""};
	char *text, *twice;
	size_t len;

	(void)state;
	text = write_all(objects, &len);
	assert_int_equal(strlen(text), len);
	again = export_parse("f", text, len, &head, &err);
	if (again == NULL)
		fail_msg("%s\n%s", err.text, text);
	assert_string_equal(head.pool, "default");
	assert_int_equal(head.version, 1795435200123);
	assert_int_equal(head.born, 10);
	if (!json_equal(objects, again))
		fail_msg("%s\n%s", json_dumps(again, 0), text);
	twice = write_all(again, &len);
	assert_string_equal(text, twice);
	free(text);
	free(twice);
	json_decref(objects);
	json_decref(again);
}

/* What export_read says of an agent without anything; and nothing at all. */
static void
absent_is_false(void **state)
{
	json_t *objects = objects_of("[{'kind': 'agent', 'name': 'a', 'version': 1, 'options': {}, "
				     "'members': {}, 'logged_in': false, 'unreachable': false}]");
	json_t *again, *empty = json_array();
	struct export_head head;
	struct err err;
	size_t len;
	char *text = write_all(objects, &len);

	(void)state;
	again = export_parse("f", text, len, &head, &err);
	assert_non_null(again);
	assert_null(json_object_get(json_array_get(again, 0), "logged_in"));
	json_decref(again);
	free(text);
	text = write_all(empty, &len);
	again = export_parse("f", text, len, &head, &err);
	assert_int_equal(json_array_size(again), 0);
	assert_non_null(again);
	json_decref(again);
	json_decref(empty);
	json_decref(objects);
	free(text);
}

/* Every line is a comment, or a command that mqsctl knows. */
static void
is_what_mqsctl_takes(void **state)
{
	json_t *objects = objects_of(all);
	struct err err;
	struct grammar *grammar = grammar_new(commands, command_count, &err);
	struct match *m = mem_zero(sizeof(*m));
	struct words words;
	size_t len, lines = 0;
	char *text = write_all(objects, &len), *line, *rest = text;

	(void)state;
	assert_non_null(grammar);
	while ((line = strsep(&rest, "\n")) != NULL) {
		if (*line == '#' || *line == '\0')
			continue;
		assert_int_equal(words_split(&words, line, &err), 0);
		match(m, grammar, &words);
		if (m->result != MATCH_COMMAND)
			fail_msg("'%s': %s", line, m->err.text);
		match_clear(m);
		words_clear(&words);
		lines++;
	}
	assert_int_equal(lines, 2 + 2 + 2 + 1 + 1 + 1);
	grammar_free(grammar);
	free(m);
	free(text);
	json_decref(objects);
}

/* Each option that there is goes out and comes back. */
static void
every_option_is_written(void **state)
{
	const struct option_table *tables[] = {&queue_options, &agent_options};
	json_t *objects = objects_of("[{'kind': 'queue', 'name': 'q', 'version': 1, 'options': {}},"
				     "{'kind': 'agent', 'name': 'a', 'version': 2, 'options': {}, "
				     "'members': {}}]");
	json_t *again;
	struct export_head head;
	struct err err;
	size_t i, k, len;
	char *text;

	(void)state;
	for (i = 0; i < 2; i++)
		for (k = 0; k < tables[i]->count; k++)
			json_object_set_new(json_object_get(json_array_get(objects, i), "options"),
					    tables[i]->rows[k].name,
					    json_string(tables[i]->rows[k].def));
	/* What no row knows is not ours. */
	text = write_all(objects, &len);
	json_object_set_new(json_object_get(json_array_get(objects, 0), "options"), "other",
			    json_string("x"));
	free(text);
	text = write_all(objects, &len);
	json_object_del(json_object_get(json_array_get(objects, 0), "options"), "other");
	again = export_parse("f", text, len, &head, &err);
	if (again == NULL)
		fail_msg("%s", err.text);
	assert_true(json_equal(objects, again));
	json_decref(again);
	json_decref(objects);
	free(text);
}

/* Any byte changed, any end cut off: refused, with the file and the line. */
static void
damage_is_told(void **state)
{
	json_t *objects = objects_of(all);
	struct export_head head;
	struct err err;
	size_t len, i;
	char *text = write_all(objects, &len);

	(void)state;
	for (i = 0; i < len; i++) {
		snprintf(err.text, sizeof(err.text), "nothing");
		assert_null(export_parse("the/file", text, i, &head, &err));
		assert_memory_equal(err.text, "the/file:", 9);
		text[i] ^= 1;
		if (text[i] != '\n') { /* splitting a comment would be seen by the sum, too */
			if (export_parse("the/file", text, len, &head, &err) != NULL)
				fail_msg("byte %zu: %s", i, text);
			assert_memory_equal(err.text, "the/file:", 9);
			assert_true(atoi(err.text + 9) >= 1);
		}
		text[i] ^= 1;
	}
	free(text);
	json_decref(objects);
}

static void
says_what_is_wrong(void **state)
{
	static const char head_line[] = "# mqs-export 1 pool default version 9 born 1\n";
	static const char agent[] = "# agent a version 2\nagent add a\n";
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"queue create q\n", "f:2: this is not about the queue"},
		{"# queue q version 1\n# queue p version 1\n", "f:3: queue q is not created"},
		{"# queue q version 1\nqueue create p\n", "f:3: this is not about"},
		{"# queue q version 10\n", "f:2: this line should be"},
		{"# queue q version 1\nqueue create q\n# queue q version 1\n",
		 "f:4: queue q comes"},
		{"# queue q version 1\nqueue create q timeout 0\n",
		 "f:3: timeout: '0' is not valid"},
		{"# queue q version 1\nqueue create q speed 1\n", "f:3: 'speed' is no option"},
		{"# queue q version 1\nqueue create q timeout\n", "f:3: 'timeout' is no option"},
		{"# queue q version 1\nqueue create q timeout 1 timeout 2\n", "f:3: timeout comes"},
		{"# agent a version 2 lazy\n", "f:2: 'lazy' says nothing of an agent"},
		{"# agent a version 2 misses x\n", "f:2: misses: 'x' is no number"},
		{"# agent a version 2\nagent login a\n", "f:3: the agent is not added yet"},
		{"# agent a version 2\nagent remove a\n",
		 "f:3: 'agent' is no command of an export"},
		{"# agent a version 2\nagent add a\nqueue member pause q a reason x\n",
		 "f:4: this line should be: queue member pause"},
		{"# agent a version 2\nagent add a\nqueue member add q a penalty 0\n"
		 "queue member pause q a reason x\nqueue member pause q a reason y\n",
		 "f:6: this line should be: queue member pause"},
		{"# agent a version 2\nagent add a address \"x\n", "f:3: a quote is not closed"},
		{"# what is this\n", "f:2: the text is cut off: it has no"},
		{"# end objects 0 sum 0\n", "f:2: the text is not as it was written"},
	};
	struct export_head head;
	struct err err;
	char text[500];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text), "%s%s", head_line, rows[i].text);
		assert_null(export_parse("f", text, strlen(text), &head, &err));
		if (strncmp(err.text, rows[i].why, strlen(rows[i].why)) != 0)
			fail_msg("%s: %s, not %s", rows[i].text, err.text, rows[i].why);
	}
	snprintf(text, sizeof(text), "%s%squeue member add q a penalty 101\n", head_line, agent);
	assert_null(export_parse("f", text, strlen(text), &head, &err));
	assert_non_null(strstr(err.text, "f:4: this line should be: queue member add"));
	assert_null(export_parse("f", "# mqs-export 2 x\n", 17, &head, &err));
	assert_non_null(strstr(err.text, "f:1: format 2"));
	assert_null(export_parse("f", "hello\n", 6, &head, &err));
	assert_non_null(strstr(err.text, "f:1: not an export"));
	assert_null(export_parse("f", "", 0, &head, &err));
}

/* A value with a line's end in it, however it came into Redis, makes no second line. */
static void
no_value_ends_a_line(void **state)
{
	json_t *objects =
		objects_of("[{'kind': 'agent', 'name': 'a', 'version': 1, 'options': {}, "
			   "'members': {'q': 0}, 'paused_in': {'q': 'x\\nagent remove b'}, "
			   "'paused': 'x\\nagent remove b'}]");
	struct export_head head;
	struct err err;
	json_t *again;
	size_t len;
	char *text = write_all(objects, &len);

	(void)state;
	again = export_parse("f", text, len, &head, &err);
	assert_non_null(again);
	assert_string_equal(json_string_value(json_object_get(json_array_get(again, 0), "paused")),
			    "x agent remove b");
	assert_string_equal(json_string_value(json_object_get(
				    json_object_get(json_array_get(again, 0), "paused_in"), "q")),
			    "x agent remove b");
	json_decref(again);
	json_decref(objects);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_same),	cmocka_unit_test(absent_is_false),
		cmocka_unit_test(is_what_mqsctl_takes), cmocka_unit_test(every_option_is_written),
		cmocka_unit_test(damage_is_told),	cmocka_unit_test(says_what_is_wrong),
		cmocka_unit_test(no_value_ends_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
