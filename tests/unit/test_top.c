/* SPDX-License-Identifier: BSD-2-Clause */
/* What `top` shows and what its keys do, without a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "lib/mem.h"
#include "mqsctl/output.h"
#include "mqsctl/top_model.h"

static json_t *
parse(const char *text)
{
	char *json = mem_dup(text), *s;
	json_t *value;

	for (s = json; *s != '\0'; s++)
		if (*s == '\'')
			*s = '"';
	value = json_loads(json, 0, NULL);
	assert_non_null(value);
	free(json);
	return value;
}

static const char status[] =
	"{'verdict':'ok: 1,600 wait, 2,000 talk','instance':'i1','status':'ok','uptime_s':60,"
	"'redis':{'state':'up'},'pool':{'name':'p','state':'ready'},'nodes':{'up':2,'total':2},"
	"'longest_wait_ms':61000,'problems':[{'severity':'warning','text':'w'}],"
	"'totals':{'waiting':1600,'held':0,'ringing':1,'talking':2000,"
	"'drops':{'node_lost':2,'vanished':0},'agents':{'idle':3}}}";

static const char queues[] =
	"{'queues':[{'name':'b','waiting':2,'longest_wait_ms':9000},"
	"{'name':'a','waiting':10,'longest_wait_ms':1000},{'name':'c','waiting':2}]}";

static const char agents[] = "{'agents':[{'name':'1001','state':'idle','paused':false},"
			     "{'name':'1002','state':'logged_out','paused':true},"
			     "{'name':'J\xc3\xb6rg \xe4\xb8\xad','state':'idle\\u001b[2J'}]}";

static struct top_model *
some(void)
{
	struct top_model *m = top_model_new();

	top_model_take_status(m, parse(status));
	top_model_take_list(m, parse(queues));
	return m;
}

/* The first words of the lines of the table, which begins behind the heading. */
static void
names_are(struct top_model *m, const char *want)
{
	struct top_line lines[24];
	char got[256] = "", *word;
	bool inside = false;
	size_t i, len;

	top_layout(m, 24, 80, lines);
	for (i = 0; i < 23; i++) {
		if (inside && lines[i].text[0] != '\0') {
			word = lines[i].text;
			len = strlen(got);
			snprintf(got + len, sizeof(got) - len, "%s%c%.*s", len > 0 ? " " : "",
				 *word, (int)strcspn(word + 1, " "), word + 1);
		}
		inside = inside || lines[i].style == TOP_HEADING;
	}
	assert_string_equal(got, want);
	top_lines_free(lines, 24);
}

static void
line_is(struct top_model *m, size_t i, const char *want)
{
	struct top_line lines[24];

	top_layout(m, 24, 80, lines);
	assert_string_equal(lines[i].text, want);
	top_lines_free(lines, 24);
}

static void
type(struct top_model *m, const char *keys)
{
	for (; *keys != '\0'; keys++)
		top_model_key(m, (unsigned char)*keys);
}

static void
the_head(void **state)
{
	struct top_model *m = some();

	(void)state;
	line_is(m, 0, "ok: 1,600 wait, 2,000 talk");
	line_is(m, 1, "i1 is ok, up 1 min; 2 of 2 nodes up, redis up, pool p ready");
	line_is(m, 2,
		"calls   1,600 wait (longest 1:01)  0 held  1 ring  2,000 talk  2 dropped  2 "
		"nod\xe2\x80\xa6");
	line_is(m, 4, "[1 queues] 2 agents  3 nodes  4 instances  5 calls  6 problems  3");
	top_model_set_trouble(m, "mqsd does not answer");
	line_is(m, 0, "mqsd does not answer");
	names_are(m, ">a  b  c");
	top_model_set_trouble(m, NULL);
	line_is(m, 0, "ok: 1,600 wait, 2,000 talk");
	top_model_free(m);
}

static void
sorted(void **state)
{
	struct top_model *m = some();

	(void)state;
	names_are(m, ">a  b  c"); /* most callers first; equal ones as they came */
	top_model_key(m, TOP_KEY_HOME);
	top_model_key(m, 'r');
	names_are(m, " b  c >a"); /* the line at hand stays at hand */
	top_model_key(m, '<');
	names_are(m, ">a  b  c"); /* by name */
	top_model_key(m, '<');	  /* the last column, where all are alike */
	names_are(m, " b >a  c");
	top_model_free(m);
}

static void
selection_follows_its_line(void **state)
{
	struct top_model *m = some();

	(void)state;
	top_model_key(m, TOP_KEY_DOWN);
	names_are(m, " a >b  c");
	top_model_take_list(m, parse("{'queues':[{'name':'b','waiting':99},{'name':'a'}]}"));
	names_are(m, ">b  a");
	top_model_take_list(m, parse("{'queues':[{'name':'x'},{'name':'a'}]}"));
	names_are(m, ">x  a");
	top_model_key(m, TOP_KEY_END);
	top_model_key(m, TOP_KEY_DOWN);
	names_are(m, " x >a");
	top_model_take_list(m, parse("{}"));
	line_is(m, 6, "no queues");
	top_model_key(m, TOP_KEY_ENTER);
	top_model_key(m, 'o');
	top_model_free(m);
}

static void
filtered(void **state)
{
	struct top_model *m = some();

	(void)state;
	type(m, "2");
	top_model_take_list(m, parse(agents));
	type(m, "/LOGGED");
	line_is(m, 23, "show only: LOGGED_");
	names_are(m, ">1002");
	top_model_key(m, TOP_KEY_ENTER);
	line_is(m, 4,
		" 1 queues [2 agents] 3 nodes  4 instances  5 calls  6 problems  /LOGGED: 1 "
		"of 3");
	type(m, "/");
	for (int i = 0; i < 10; i++)
		top_model_key(m, TOP_KEY_BACK);
	type(m, "\xc3\xb6");
	line_is(m, 23, "show only: \xc3\xb6_");
	top_model_key(m, TOP_KEY_BACK);
	line_is(m, 23, "show only: _");
	type(m, "nobody");
	line_is(m, 6, "nothing that the filter lets through");
	top_model_key(m, TOP_KEY_ESCAPE);
	names_are(m, ">1001  1002  J\xc3\xb6rg");
	top_model_free(m);
}

static void
path_is(const struct top_model *m, const char *want)
{
	char *path = top_model_path(m);

	if (want)
		assert_string_equal(path, want);
	else
		assert_null(path);
	free(path);
}

static void
drilled_into_and_back(void **state)
{
	struct top_model *m = some();

	(void)state;
	path_is(m, "/v1/queues");
	top_model_key(m, TOP_KEY_DOWN);
	assert_int_equal(top_model_key(m, TOP_KEY_ENTER), TOP_WISH_ASK);
	path_is(m, "/v1/queues/b");
	line_is(m, 4, "[members of b] 0");
	top_model_take_list(m, parse("{'member_list':[{'agent':'1001'}]}"));
	assert_int_equal(top_model_key(m, TOP_KEY_ENTER), TOP_WISH_ASK);
	path_is(m, "/v1/agents?fields=name,state,state_ms,registered,misses,queues,call,"
		   "paused,pause_reason,unreachable");
	top_model_take_list(m, parse(agents));
	names_are(m, ">1001");
	assert_int_equal(top_model_key(m, TOP_KEY_ESCAPE), TOP_WISH_ASK);
	assert_int_equal(top_model_key(m, TOP_KEY_BACK), TOP_WISH_ASK);
	top_model_take_list(m, parse(queues));
	names_are(m, " a >b  c"); /* where one was */
	assert_int_equal(top_model_key(m, 'c'), TOP_WISH_ASK);
	path_is(m, "/v1/calls?queue=b&fields=number,queue,state,wait_ms,talk_ms,agent,node,id,v");
	top_model_key(m, TOP_KEY_TAB);
	path_is(m, "/v1/queues");
	type(m, "6");
	path_is(m, NULL);
	names_are(m, ">warning");
	assert_int_equal(top_model_key(m, 'q'), TOP_WISH_QUIT);
	top_model_free(m);
}

static void
acts_are_confirmed(void **state)
{
	struct top_model *m = some();
	const struct top_act *act;
	const char *name;

	(void)state;
	type(m, "2");
	top_model_take_list(m, parse(agents));
	type(m, "o");
	line_is(m, 23, "Log agent 1001 out? A conversation goes on. [y/N]");
	assert_int_equal(top_model_key(m, TOP_KEY_ENTER), TOP_WISH_DRAW);
	line_is(m, 23, "nothing was done");
	top_model_key(m, TOP_KEY_DOWN);
	type(m, "o");
	line_is(m, 23, "Log agent 1002 in? [y/N]");
	type(m, "np");
	line_is(m, 23, "Give agent 1002 calls again? [y/N]");
	/* The list that comes meanwhile has another at hand: the question is as it was. */
	top_model_take_list(m, parse("{'agents':[{'name':'9'}]}"));
	assert_int_equal(top_model_key(m, 'y'), TOP_WISH_ACT);
	act = top_model_act(m, &name);
	assert_string_equal(name, "1002");
	assert_string_equal(act->path, "/v1/agents/%s/unpause");
	type(m, "h"); /* no call */
	line_is(m, 23,
		"q quit  ? help  / filter  <> sort  r reverse  Enter open  o log out  p pause");
	type(m, "1o");
	line_is(m, 23, "q quit  ? help  / filter  <> sort  r reverse  Enter open  c calls");
	top_model_free(m);
}

/* Nothing of what strangers chose reaches the terminal as a command. */
static void
foreign_text_is_harmless(void **state)
{
	struct top_model *m = some();
	struct top_line lines[24];
	size_t i;

	(void)state;
	type(m, "2");
	top_model_take_list(m, parse(agents));
	top_model_tell(m, "a\033[2J");
	top_layout(m, 24, 80, lines);
	for (i = 0; i < 24; i++)
		assert_null(strchr(lines[i].text, '\033'));
	top_lines_free(lines, 24);
	top_model_free(m);
}

/* Whatever the size, each line is there and fits; whatever the keys. */
static void
any_size_and_any_keys(void **state)
{
	static const int keys[] = {TOP_KEY_UP,
				   TOP_KEY_DOWN,
				   TOP_KEY_PAGE_UP,
				   TOP_KEY_PAGE_DOWN,
				   TOP_KEY_HOME,
				   TOP_KEY_END,
				   TOP_KEY_ENTER,
				   TOP_KEY_BACK,
				   TOP_KEY_ESCAPE,
				   TOP_KEY_TAB,
				   '/',
				   '<',
				   '>',
				   'r',
				   'o',
				   'p',
				   'h',
				   'c',
				   '?',
				   'y',
				   '1',
				   '2',
				   '3',
				   '6',
				   0xc3,
				   'x',
				   'k',
				   ' '};
	struct top_model *m = some();
	unsigned int seed = 1;
	size_t step, i;

	(void)state;
	for (step = 0; step < 4000; step++) {
		size_t rows, columns;
		struct top_line lines[40];

		seed = seed * 1103515245 + 12345;
		rows = 1 + (seed >> 16) % 40;
		seed = seed * 1103515245 + 12345;
		columns = 1 + (seed >> 16) % 100;
		seed = seed * 1103515245 + 12345;
		top_model_key(m, keys[(seed >> 16) % (sizeof(keys) / sizeof(keys[0]))]);
		if (step % 3 == 0)
			top_model_take_list(m, parse(step % 2 ? agents : queues));
		if (step % 50 == 0)
			top_model_take_status(m, parse(status));
		top_layout(m, rows, columns, lines);
		for (i = 0; i < rows; i++)
			assert_true(output_columns(lines[i].text) <= columns);
		top_lines_free(lines, rows);
	}
	top_model_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_head),
		cmocka_unit_test(sorted),
		cmocka_unit_test(selection_follows_its_line),
		cmocka_unit_test(filtered),
		cmocka_unit_test(drilled_into_and_back),
		cmocka_unit_test(acts_are_confirmed),
		cmocka_unit_test(foreign_text_is_harmless),
		cmocka_unit_test(any_size_and_any_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
