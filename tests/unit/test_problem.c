/* SPDX-License-Identifier: BSD-2-Clause */
/* What is judged from a survey, and the one line that says it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "lib/mem.h"
#include "lib/say.h"
#include "mqsd/problem.h"

/* Quotes are written ' here. */
static json_t *
survey_of(const char *text)
{
	char *json = mem_dup(text), *s;
	json_error_t error;
	json_t *survey;

	for (s = json; *s != '\0'; s++)
		if (*s == '\'')
			*s = '"';
	survey = json_loads(json, 0, &error);
	if (survey == NULL)
		fail_msg("%s: %s", error.text, json);
	free(json);
	return survey;
}

static void
verdict_is(const char *text, const char *want)
{
	json_t *survey = survey_of(text), *problems = problems_find(survey);
	char *verdict = problems_verdict(survey, problems);

	assert_string_equal(verdict, want);
	free(verdict);
	json_decref(problems);
	json_decref(survey);
}

#define TOTALS                                                                                     \
	"'pool':{'state':'ready'},'totals':{'waiting':1590,'held':10,'ringing':7,'talking':2000,"  \
	"'agents':{}}"

static void
all_is_well(void **state)
{
	(void)state;
	verdict_is("{" TOTALS ",'node_list':[{'name':'a1','state':'up','since_ms':1,'lost':0}],"
		   "'queue_list':[{'name':'q','waiting':1600,'logged_in':9,'servicelevel':60,"
		   "'longest_wait_ms':60000}],"
		   "'stream':{'group':'','level':80,'behind':9},'kamailio_rpc':{'failing_ms':900}}",
		   "ok: 1,600 wait, 2,000 talk");
}

static void
a_node_is_down(void **state)
{
	(void)state;
	verdict_is("{" TOTALS ",'node_list':[{'name':'a1','state':'up'},{'name':'a3',"
		   "'state':'dead','since_ms':250000,'lost':212,'freed':3}]}",
		   "node a3 down 4 min, 212 calls lost, 3 agents reset");
	verdict_is("{" TOTALS ",'node_list':[{'name':'a3','state':'dead','since_ms':7999,"
		   "'lost':1,'freed':1}]}",
		   "node a3 down 7 s, 1 call lost, 1 agent reset");
	verdict_is("{" TOTALS ",'node_list':[{'name':'a3','state':'dead','since_ms':1}]}",
		   "node a3 down 0 s");
	verdict_is("{" TOTALS ",'node_list':[{'name':'a3','state':'up','since_ms':899000,"
		   "'lost':5}]}",
		   "1,600 wait, 2,000 talk; node a3 is back for 14 min, 5 calls lost");
	verdict_is("{" TOTALS ",'node_list':[{'name':'a3','state':'up','since_ms':900000,"
		   "'lost':5}]}",
		   "ok: 1,600 wait, 2,000 talk");
}

/* By the rows, whatever comes first in the survey; three are said. */
static void
worst_first(void **state)
{
	(void)state;
	verdict_is("{" TOTALS ",'node_list':["
		   "{'name':'a1','state':'up','drain':'draining','drain_ms':60000,'talking':2},"
		   "{'name':'a2','state':'unreachable','since_ms':90000,'held':1212,'talking':1},"
		   "{'name':'a3','state':'dead','since_ms':1000},"
		   "{'name':'a4','state':'up','circuit':{'open_ms':5000},'held':2}],"
		   "'queue_list':[{'name':'q','waiting':2,'logged_in':0,'longest_wait_ms':3000}]}",
		   "node a3 down 1 s; node a2 unreachable for 1 min, 1,212 callers held, 1 call "
		   "talks on; node a4 reaches no phones for 5 s, 2 calls held; 2 more");
}

static void
redis_is_away(void **state)
{
	(void)state;
	verdict_is("{'pool':{'state':'closed'},'unread':'no_redis','redis_troubles':[{'text':"
		   "'Redis at x does not answer mqsd','hint':'h','since_ms':3000}]}",
		   "Redis at x does not answer mqsd; the pool is closed, no call is offered");
	verdict_is("{'pool':{'state':'ready'},'unread':'no_redis'}",
		   "Redis did not say how the pool is: no_redis");
	verdict_is("{" TOTALS ",'recovering_ms':2500}",
		   "the pool recovers for 2 s, no call is offered, 1,590 callers wait");
	verdict_is("{'pool':{'state':'ready'}}", "ok: nothing is known of the calls");
}

/* A survey in which every row finds something. */
static const char everything[] =
	"{'pool':{'state':'closed'},'redis':{'address':'x'},'kamailio':{'open_ms':1000},"
	"'redis_troubles':[{'text':'t','hint':'h','since_ms':1}],"
	"'redis_findings':[{'severity':'warning','text':'w','hint':'h'},"
	"{'severity':'critical','text':'c','hint':'h'}],"
	"'totals':{'waiting':1,'agents':{'autopaused':1,'suspect':2,'unreachable':3}},"
	"'recovering_ms':1000,'stream':{'group':'g','level':80,'behind':800,'bound':1000},"
	"'kamailio_rpc':{'failing_ms':5000},"
	"'missing':[{'name':'m2','gone_ms':240000,'nodes':['a1','a2']}],"
	"'node_list':[{'name':'a1','state':'dead'},{'name':'a2','state':'unreachable'},"
	"{'name':'a3','state':'reconciling'},{'name':'a4','state':'up','lost':1},"
	"{'name':'a5','state':'up','circuit':{}},{'name':'a6','state':'up','drain':'drained'}],"
	"'queue_list':[{'name':'q','waiting':1,'logged_in':0,'longest_wait_ms':1000},"
	"{'name':'r','waiting':1,'logged_in':1,'longest_wait_ms':61000,'servicelevel':60}]}";

static const json_t *
found(const json_t *problems, const char *code)
{
	const json_t *problem;
	size_t i;

	json_array_foreach((json_t *)problems, i, problem)
	{
		if (strcmp(json_string_value(json_object_get(problem, "code")), code) == 0)
			return problem;
	}
	return NULL;
}

static void
every_row_can_be_found(void **state)
{
	json_t *survey = survey_of(everything), *problems = problems_find(survey), *problem;
	size_t i, at = 0;

	(void)state;
	for (i = 0; i < problem_row_count; i++) {
		if (strcmp(problem_rows[i].code, "stream_behind") == 0)
			continue; /* it is full */
		if (found(problems, problem_rows[i].code) == NULL)
			fail_msg("nothing found for %s", problem_rows[i].code);
	}
	/* In the order of the rows, with all members. */
	json_array_foreach(problems, i, problem)
	{
		const char *code = json_string_value(json_object_get(problem, "code"));

		while (strcmp(problem_rows[at].code, code) != 0)
			assert_true(++at < problem_row_count);
		assert_string_equal(json_string_value(json_object_get(problem, "severity")),
				    problem_rows[at].critical ? "critical" : "warning");
		assert_true(json_string_length(json_object_get(problem, "text")) > 0);
		assert_true(json_string_length(json_object_get(problem, "hint")) > 0);
	}
	json_decref(problems);
	json_decref(survey);
}

static void
text_is(const char *code, const char *want)
{
	json_t *survey = survey_of(everything), *problems = problems_find(survey);

	assert_string_equal(json_string_value(json_object_get(found(problems, code), "text")),
			    want);
	json_decref(problems);
	json_decref(survey);
}

static void
sentences(void **state)
{
	(void)state;
	text_is("stream_full", "group g is 800 events behind, at 1,000 the oldest are cut");
	text_is("instance_missing", "mqsd m2 missing for 4 min, 2 nodes were its own");
	text_is("queue_unstaffed",
		"queue q: no member is logged in, 1 caller waits, the first for 1 s");
	text_is("queue_late",
		"queue r: the first caller has waited 1 min, longer than 1 min, 1 waits");
	text_is("agents_suspect", "2 agents' phones seem to be broken");
	text_is("kamailio_silent",
		"Kamailio does not answer mqsd for 5 s, the death of a node would not be seen");
	text_is("redis_setting", "Redis at x: w");
	text_is("redis_unsafe", "Redis at x: c");
	text_is("node_draining", "node a6 drained for 0 s");
}

static void
rows_are_in_order(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 1; i < problem_row_count; i++) {
		assert_true(problem_rows[i - 1].critical || !problem_rows[i].critical);
		for (k = 0; k < i; k++)
			assert_string_not_equal(problem_rows[k].code, problem_rows[i].code);
	}
}

static void
numbers_in_sentences(void **state)
{
	static const struct {
		int64_t n;
		const char *want;
	} counts[] = {{0, "0"},
		      {999, "999"},
		      {1000, "1,000"},
		      {-1600, "-1,600"},
		      {1234567, "1,234,567"}},
	  ages[] = {{0, "0 s"},
		    {59999, "59 s"},
		    {60000, "1 min"},
		    {3900000, "1 h 5 min"},
		    {90000000, "1 d 1 h"}};
	char out[SAY_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		assert_string_equal(say_count(counts[i].n, out), counts[i].want);
	for (i = 0; i < sizeof(ages) / sizeof(ages[0]); i++)
		assert_string_equal(say_age(ages[i].n, out), ages[i].want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_well),
		cmocka_unit_test(a_node_is_down),
		cmocka_unit_test(worst_first),
		cmocka_unit_test(redis_is_away),
		cmocka_unit_test(every_row_can_be_found),
		cmocka_unit_test(sentences),
		cmocka_unit_test(rows_are_in_order),
		cmocka_unit_test(numbers_in_sentences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
