/* SPDX-License-Identifier: BSD-2-Clause */
/* The text of GET /metrics, read back by a parser of Prometheus' format; tallies of events. */
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
#include "mqsd/delays.h"
#include "mqsd/metrics.h"
#include "mqsd/tally.h"

/* Something of everything that a survey can hold. */
static json_t *
survey_of(const char *queue)
{
	struct delays delays = {{0}, 0};
	struct tally *tally = tally_new();
	static const char *const events[] = {
		"{\"event\":\"call_entered\",\"queue\":\"q\"}",
		"{\"event\":\"offer_made\",\"queue\":\"q\"}",
		"{\"event\":\"offer_failed\",\"queue\":\"q\",\"reason\":\"busy\"}",
		"{\"event\":\"call_answered\",\"queue\":\"q\",\"wait_ms\":1500}",
		"{\"event\":\"call_ended\",\"queue\":\"q\",\"reason\":\"abandoned\"}"};
	json_t *survey, *event;
	size_t i;

	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		event = json_loads(events[i], 0, NULL);
		tally_event(tally, event);
		json_decref(event);
	}
	delays_add(&delays, 200);
	delays_add(&delays, 201);
	delays_add(&delays, 6000000);
	survey = json_pack(
		"{s:s, s:i, s:{s:s}, s:b, s:{s:i, s:i, s:i, s:i, s:{s:i}, s:{s:i, s:i}},"
		" s:[{s:s, s:i, s:i, s:i, s:i, s:i}], s:[{s:s, s:s, s:i, s:s, s:i, s:s}],"
		" s:[{s:s, s:[s, s]}], s:{s:i, s:i, s:i, s:i}}",
		"version", "1\"\\\n", "uptime_s", 7, "pool", "state", "ready", "redis_up", 1,
		"totals", "waiting", 3600, "held", 0, "ringing", 5, "talking", 2000, "drops",
		"node_lost", 2, "agents", "idle", 9, "paused", 1, "queue_list", "name", queue,
		"waiting", 3600, "longest_wait_ms", 90500, "members", 10, "logged_in", 5, "idle", 1,
		"node_list", "name", "a1", "state", "up", "since_ms", 250, "phones", "ok",
		"talking", 4, "drain", "drained", "instances", "name", "i1", "nodes", "a1", "a2",
		"stream", "length", 1, "bound", 2, "behind", 3, "cut", 4);
	json_object_set_new(survey, "tally", json_deep_copy(tally_json(tally)));
	json_object_set_new(survey, "scripts",
			    json_pack("{s:o, s:i}", "delays", delays_json(&delays), "failures", 1));
	json_object_set_new(survey, "kamailio_rpc",
			    json_deep_copy(json_object_get(survey, "scripts")));
	json_object_set_new(survey, "figures",
			    json_pack("[{s:s, s:b, s:O, s:{s:i, s:{s:i}}, s:{s:i}}]", "node", "a1",
				      "owned", 0, "ari", json_object_get(survey, "scripts"), "pace",
				      "waiting", 1, "legs", "waited", 2, "reconciles", "done", 3));
	json_object_set_new(survey, "process",
			    json_pack("{s:f, s:i, s:i, s:i, s:i}", "cpu_s", 1.25, "resident_bytes",
				      4096, "open_fds", 3, "max_fds", 4, "start_s", 5));
	tally_free(tally);
	return survey;
}

static const struct metric_row *
row_named(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < metric_row_count; i++)
		if (strlen(metric_rows[i].name) == len &&
		    strncmp(metric_rows[i].name, name, len) == 0)
			return &metric_rows[i];
	return NULL;
}

/* Steps over {label="value",...}; fails on what Prometheus would not take. */
static const char *
over_labels(const char *s)
{
	if (*s != '{')
		return s;
	do {
		size_t len = strspn(++s, "abcdefghijklmnopqrstuvwxyz_");

		assert_true(len > 0);
		s += len;
		assert_int_equal(*s++, '=');
		assert_int_equal(*s++, '"');
		while (*s != '"') {
			assert_true(*s != '\n' && *s != '\0');
			if (*s == '\\')
				assert_non_null(strchr("\\\"n", *++s));
			s++;
		}
		s++;
	} while (*s == ',');
	assert_int_equal(*s, '}');
	return s + 1;
}

/* Samples must stand below HELP and TYPE of their metric, each metric in one piece. */
struct reader {
	const struct metric_row *row;
	bool typed;
	size_t samples[256]; /* by row */
};

static void
read_comment(struct reader *r, const char *line)
{
	const char *name = line + 7;
	size_t len = strcspn(name, " ");
	const struct metric_row *row = row_named(name, len);
	char want[64];

	assert_non_null(row);
	if (strncmp(line, "# HELP ", 7) == 0) {
		assert_int_equal(r->samples[row - metric_rows], 0);
		r->row = row;
		r->typed = false;
		return;
	}
	assert_int_equal(strncmp(line, "# TYPE ", 7), 0);
	assert_ptr_equal(r->row, row);
	snprintf(want, sizeof(want), " %s", metric_type_name(row->type));
	assert_string_equal(name + len, want);
	r->typed = true;
}

static void
read_sample(struct reader *r, const char *line)
{
	size_t len = strcspn(line, "{ "), base = strlen(r->row->name);
	const char *at;
	char *end;

	assert_true(r->typed);
	assert_int_equal(strncmp(line, r->row->name, base), 0);
	if (r->row->type == METRIC_HISTOGRAM) {
		char suffix[16];

		snprintf(suffix, sizeof(suffix), "%.*s", (int)(len - base), line + base);
		assert_non_null(strstr("_bucket _sum _count", suffix));
	} else {
		assert_int_equal(len, base);
	}
	at = over_labels(line + len);
	assert_int_equal(*at, ' ');
	strtod(at + 1, &end);
	assert_true(end > at + 1 && *end == '\0');
	r->samples[r->row - metric_rows]++;
}

static void
read_text(struct reader *r, const char *text)
{
	char *copy = mem_dup(text), *line, *rest = copy;

	assert_true(metric_row_count <= 256);
	assert_int_equal(text[strlen(text) - 1], '\n');
	while ((line = strsep(&rest, "\n")) != NULL && rest != NULL) {
		if (*line == '#')
			read_comment(r, line);
		else
			read_sample(r, line);
	}
	free(copy);
}

static void
has_line(const char *text, const char *line)
{
	const char *at = strstr(text, line);

	if (at == NULL || at[strlen(line)] != '\n')
		fail_msg("no line \"%s\"", line);
}

static void
every_row_has_a_sample(void **state)
{
	json_t *survey = survey_of("q");
	char *text = metrics_text(survey);
	struct reader reader = {0};
	size_t i;

	(void)state;
	read_text(&reader, text);
	for (i = 0; i < metric_row_count; i++)
		if (reader.samples[i] == 0)
			fail_msg("%s: no sample", metric_rows[i].name);
	free(text);
	json_decref(survey);
}

static void
values(void **state)
{
	json_t *survey = survey_of("q");
	char *text = metrics_text(survey);

	(void)state;
	has_line(text, "mqs_info{version=\"1\\\"\\\\\\n\"} 1");
	has_line(text, "mqs_calls{state=\"waiting\"} 3600");
	has_line(text, "mqs_drops_total{reason=\"node_lost\"} 2");
	has_line(text, "mqs_pool_state{state=\"ready\"} 1");
	has_line(text, "mqs_pool_state{state=\"closed\"} 0");
	has_line(text, "mqs_queue_longest_wait_seconds{queue=\"q\"} 90.5");
	has_line(text, "mqs_queue_answer_wait_seconds_total{queue=\"q\"} 1.5");
	has_line(text, "mqs_queue_ended_total{queue=\"q\",reason=\"abandoned\"} 1");
	has_line(text, "mqs_node_state_seconds{node=\"a1\"} 0.25");
	has_line(text, "mqs_node_owned{node=\"a1\"} 0");
	has_line(text, "mqs_instances 1");
	has_line(text, "mqs_instance_nodes{name=\"i1\"} 2");
	has_line(text, "mqs_redis_script_seconds_bucket{le=\"0.0002\"} 1");
	has_line(text, "mqs_redis_script_seconds_bucket{le=\"0.0005\"} 2");
	has_line(text, "mqs_redis_script_seconds_bucket{le=\"5\"} 2");
	has_line(text, "mqs_redis_script_seconds_bucket{le=\"+Inf\"} 3");
	has_line(text, "mqs_redis_script_seconds_count 3");
	has_line(text, "mqs_redis_script_seconds_sum 6.000401");
	has_line(text, "process_cpu_seconds_total 1.25");
	free(text);
	json_decref(survey);
}

/* Foreign bytes in a name cannot end its label. */
static void
names_are_escaped(void **state)
{
	json_t *survey = survey_of("a\"} 1\nmqs_calls 9\\");
	char *text = metrics_text(survey);
	struct reader reader = {0};

	(void)state;
	read_text(&reader, text);
	has_line(text, "mqs_queue_members{queue=\"a\\\"} 1\\nmqs_calls 9\\\\\"} 10");
	free(text);
	json_decref(survey);
}

/* Redis is away: what is not known is left out. */
static void
what_is_not_known_is_left_out(void **state)
{
	json_t *survey = json_pack("{s:i, s:b}", "uptime_s", 1, "redis_up", 0);
	char *text = metrics_text(survey);
	struct reader reader = {0};

	(void)state;
	read_text(&reader, text);
	has_line(text, "mqs_redis_up 0");
	assert_null(strstr(text, "mqs_calls"));
	assert_null(strstr(text, "script_seconds"));
	free(text);
	json_decref(survey);
}

/* Prometheus' own rules for names. */
static void
names_say_what_they_are(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < metric_row_count; i++) {
		const struct metric_row *row = &metric_rows[i];
		bool total = strlen(row->name) > 6 &&
			     strcmp(row->name + strlen(row->name) - 6, "_total") == 0;

		if (total != (row->type == METRIC_COUNTER))
			fail_msg("%s: counters end in _total, and only they", row->name);
		if (strncmp(row->name, "mqs_", 4) != 0 && strncmp(row->name, "process_", 8) != 0)
			fail_msg("%s: begins with mqs_ or process_", row->name);
		if ((row->scale != 0) != (strstr(row->name, "_seconds") != NULL) &&
		    row->type != METRIC_HISTOGRAM && strncmp(row->name, "process_", 8) != 0 &&
		    strcmp(row->name, "mqs_uptime_seconds") != 0)
			fail_msg("%s: its unit is not that of its value", row->name);
		assert_int_equal(row->help[strlen(row->help) - 1], '.');
		for (k = 0; k < i; k++)
			assert_string_not_equal(row->name, metric_rows[k].name);
	}
}

static void
tally_is_bounded(void **state)
{
	struct tally *tally = tally_new();
	json_t *queues, *event;
	char name[32];
	int i;

	(void)state;
	for (i = 0; i < TALLY_QUEUES_MAX + 5; i++) {
		snprintf(name, sizeof(name), "q%d", i);
		event = json_pack("{s:s, s:s}", "event", "call_entered", "queue", name);
		tally_event(tally, event);
		json_decref(event);
	}
	queues = json_object_get(tally_json(tally), "queues");
	assert_int_equal(json_object_size(queues), TALLY_QUEUES_MAX + 1);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(queues, "(others)"), "entered")),
		5);
	event = json_pack("{s:s, s:s}", "event", "queue_deleted", "queue", "q1");
	tally_event(tally, event);
	json_decref(event);
	assert_null(json_object_get(queues, "q1"));
	event = json_pack("{s:s}", "what", "no event");
	tally_event(tally, event);
	json_decref(event);
	tally_free(tally);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_has_a_sample),
		cmocka_unit_test(values),
		cmocka_unit_test(names_are_escaped),
		cmocka_unit_test(what_is_not_known_is_left_out),
		cmocka_unit_test(names_say_what_they_are),
		cmocka_unit_test(tally_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
