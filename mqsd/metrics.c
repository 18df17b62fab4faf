/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/metrics.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "mqsd/delays.h"

#define MS 0.001

/* clang-format off */
static const char *const call_states[] = {"waiting", "held", "ringing", "talking", NULL};
static const char *const agent_states[] = {"logged_out", "idle", "ringing", "talking", "wrapup", NULL};
static const char *const agent_bars[] = {"paused", "autopaused", "unreachable", "suspect", NULL};
static const char *const pool_words[] = {"closed", "recovering", "ready", NULL};
static const char *const node_words[] = {"connecting", "reconciling", "up", "unreachable", "dead", NULL};
static const char *const drain_words[] = {"draining", "drained", NULL};
static const char *const phone_words[] = {"ok", "failing", NULL};
static const char *const reconcile_words[] = {"done", "unsure", "failed", NULL};

#define GAUGE	  METRIC_GAUGE
#define COUNTER	  METRIC_COUNTER
#define HISTOGRAM METRIC_HISTOGRAM
#define EACH_NODE .from = "node_list", .label = "node", .name_key = "name"
#define EACH_OURS .from = "figures", .label = "node", .name_key = "node"
#define EACH_QUEUE .from = "queue_list", .label = "queue", .name_key = "name"
#define EACH_TALLY .from = "tally.queues", .label = "queue"

const struct metric_row metric_rows[] = {
	{"mqs_info", GAUGE, "Always 1; the label has the version of mqsd.",
	 .from = "", .value = "version", .by = "version"},
	{"mqs_uptime_seconds", GAUGE, "Since this mqsd was started.",
	 .from = "", .value = "uptime_s"},
	{"mqs_pool_state", GAUGE, "1 for the state that the pool is in; only ready offers calls.",
	 .from = "pool", .value = "state", .by = "state", .words = pool_words},

	{"mqs_calls", GAUGE, "Calls of the pool, by state.",
	 .from = "totals", .by = "state", .words = call_states},
	{"mqs_drops_total", COUNTER, "Calls that ended by no one's wish, by reason, since Redis was new; the pool's, so take the maximum over instances.",
	 .from = "totals", .value = "drops", .by = "reason"},
	{"mqs_agents", GAUGE, "Agents of the pool, by state.",
	 .from = "totals", .value = "agents", .by = "state", .words = agent_states},
	{"mqs_agents_barred", GAUGE, "Agents that get no calls whatever their state, by why; autopaused ones are paused, too, and suspect are those whose phones fail where others don't.",
	 .from = "totals", .value = "agents", .by = "why", .words = agent_bars},

	{"mqs_queue_calls", GAUGE, "Calls of a queue, by state.",
	 EACH_QUEUE, .by = "state", .words = call_states},
	{"mqs_queue_longest_wait_seconds", GAUGE, "How long the first caller of a queue has waited.",
	 EACH_QUEUE, .value = "longest_wait_ms", .scale = MS},
	{"mqs_queue_members", GAUGE, "Members of a queue.",
	 EACH_QUEUE, .value = "members"},
	{"mqs_queue_members_logged_in", GAUGE, "Members of a queue that are logged in.",
	 EACH_QUEUE, .value = "logged_in"},
	{"mqs_queue_members_idle", GAUGE, "Members of a queue that would be offered a call now.",
	 EACH_QUEUE, .value = "idle"},
	{"mqs_queue_entered_total", COUNTER, "Callers that entered a queue; like all counters of queues and events of what this mqsd has recorded, so take the sum over instances.",
	 EACH_TALLY, .value = "entered"},
	{"mqs_queue_offers_total", COUNTER, "Offers of a queue's calls to agents.",
	 EACH_TALLY, .value = "offers"},
	{"mqs_queue_offers_failed_total", COUNTER, "Offers that came to nothing, by reason.",
	 EACH_TALLY, .value = "failed", .by = "reason"},
	{"mqs_queue_answered_total", COUNTER, "Calls that an agent answered.",
	 EACH_TALLY, .value = "answered"},
	{"mqs_queue_answer_wait_seconds_total", COUNTER, "How long those had waited, summed up.",
	 EACH_TALLY, .value = "answer_wait_ms", .scale = MS},
	{"mqs_queue_ended_total", COUNTER, "Calls that ended, by reason; abandoned is one.",
	 EACH_TALLY, .value = "ended", .by = "reason"},

	{"mqs_node_state", GAUGE, "1 for the state that a node is in.",
	 EACH_NODE, .value = "state", .by = "state", .words = node_words},
	{"mqs_node_state_seconds", GAUGE, "For how long a node has been in its state.",
	 EACH_NODE, .value = "since_ms", .scale = MS},
	{"mqs_node_phones", GAUGE, "1 for ok, or for failing: no phone can be reached from the node, and its calls are held.",
	 EACH_NODE, .value = "phones", .by = "state", .words = phone_words},
	{"mqs_node_drain", GAUGE, "1 for draining, or drained when no call is left: the node gets no new callers by somebody's wish; else both are missing.",
	 EACH_NODE, .value = "drain", .by = "state", .words = drain_words},
	{"mqs_node_calls", GAUGE, "Calls on a node, by state.",
	 EACH_NODE, .by = "state", .words = call_states},
	{"mqs_node_owned", GAUGE, "1 for a node that this mqsd owns.",
	 EACH_OURS, .value = "owned"},
	{"mqs_instances", GAUGE, "The mqsd that share the nodes.",
	 .from = "", .value = "instances"},
	{"mqs_instance_nodes", GAUGE, "Nodes that an mqsd owns.",
	 .from = "instances", .label = "name", .name_key = "name", .value = "nodes"},

	{"mqs_events_total", COUNTER, "Events, by name.",
	 .from = "tally.events", .label = "event"},
	{"mqs_stream_events", GAUGE, "Events that Redis keeps.",
	 .from = "stream", .value = "length"},
	{"mqs_stream_bound_events", GAUGE, "Above so many the oldest are cut.",
	 .from = "stream", .value = "bound"},
	{"mqs_stream_behind_events", GAUGE, "Events that the slowest group of readers has not confirmed, looked at every ten seconds.",
	 .from = "stream", .value = "behind"},
	{"mqs_stream_cut_total", COUNTER, "Events that were cut at the bound, since Redis was new.",
	 .from = "stream", .value = "cut"},

	{"mqs_redis_up", GAUGE, "1 while this mqsd is connected with Redis.",
	 .from = "", .value = "redis_up"},
	{"mqs_redis_script_seconds", HISTOGRAM, "From sending a script to Redis to its reply.",
	 .from = "scripts", .value = "delays"},
	{"mqs_redis_script_failures_total", COUNTER, "Scripts that got no answer, or an error that is not a refusal of ours.",
	 .from = "scripts", .value = "failures"},
	{"mqs_ari_command_seconds", HISTOGRAM, "From giving a command for a node to the HTTP client to its reply.",
	 EACH_OURS, .value = "ari.delays"},
	{"mqs_ari_failures_total", COUNTER, "Commands to a node that got no answer, were not sent, or were answered with 5xx.",
	 EACH_OURS, .value = "ari.failures"},
	{"mqs_kamailio_command_seconds", HISTOGRAM, "The same of Kamailio.",
	 .from = "kamailio_rpc", .value = "delays"},
	{"mqs_kamailio_failures_total", COUNTER, "The same of Kamailio.",
	 .from = "kamailio_rpc", .value = "failures"},
	{"mqs_pace_waiting", GAUGE, "Legs of a node that wait for its pace.",
	 EACH_OURS, .value = "pace.waiting"},
	{"mqs_pace_legs_total", COUNTER, "Legs that went at once, or asked the pace and had to wait, or were put back because too many waited.",
	 EACH_OURS, .value = "pace.legs", .by = "word"},
	{"mqs_reconciles_total", COUNTER, "Comparisons of a node's records with its channels, by how they ended; unsure ones are repeated soon.",
	 EACH_OURS, .value = "reconciles", .by = "end", .words = reconcile_words},

	{"process_cpu_seconds_total", COUNTER, "CPU time of this mqsd.",
	 .from = "process", .value = "cpu_s"},
	{"process_resident_memory_bytes", GAUGE, "Memory of this mqsd.",
	 .from = "process", .value = "resident_bytes"},
	{"process_open_fds", GAUGE, "File descriptors that this mqsd has open.",
	 .from = "process", .value = "open_fds"},
	{"process_max_fds", GAUGE, "How many it may have.",
	 .from = "process", .value = "max_fds"},
	{"process_start_time_seconds", GAUGE, "When this mqsd was started, since the epoch.",
	 .from = "process", .value = "start_s"},
};
/* clang-format on */

const size_t metric_row_count = sizeof(metric_rows) / sizeof(metric_rows[0]);

/* What is being written: of one row, the labels of the item at hand. */
struct writer {
	FILE *out;
	const struct metric_row *row;
	const char *item; /* its name; NULL: the row has no list */
	bool headed;
};

const char *
metric_type_name(enum metric_type type)
{
	static const char *const names[] = {"gauge", "counter", "histogram"};

	return names[type];
}

static json_t *
walk(const json_t *at, const char *path)
{
	char name[64];
	size_t len;

	while (at != NULL && *path != '\0') {
		len = strcspn(path, ".");
		snprintf(name, sizeof(name), "%.*s", (int)len, path);
		at = json_object_get(at, name);
		path += len + (path[len] == '.');
	}
	return (json_t *)at;
}

/* A name and its value within the braces; quotes and backslashes would end it. */
static void
write_label(FILE *out, const char *before, const char *label, const char *value)
{
	fprintf(out, "%s%s=\"", before, label);
	for (; *value != '\0'; value++)
		if (*value == '\n')
			fputs("\\n", out);
		else
			fprintf(out, "%s%c", *value == '"' || *value == '\\' ? "\\" : "", *value);
	fputc('"', out);
}

/* One line. suffix: of a histogram's series; word: value of the label `by`, or of `le`. */
static void
write_sample(struct writer *w, const char *suffix, const char *by, const char *word, double value)
{
	const struct metric_row *row = w->row;

	if (!w->headed)
		fprintf(w->out, "# HELP %s %s\n# TYPE %s %s\n", row->name, row->help, row->name,
			metric_type_name(row->type));
	w->headed = true;
	fprintf(w->out, "%s%s", row->name, suffix);
	if (w->item != NULL || by != NULL) {
		if (w->item != NULL)
			write_label(w->out, "{", row->label, w->item);
		if (by != NULL)
			write_label(w->out, w->item != NULL ? "," : "{", by, word);
		fputc('}', w->out);
	}
	fprintf(w->out, " %.15g\n", value);
}

static void
write_histogram(struct writer *w, const json_t *value)
{
	const json_t *buckets = json_object_get(value, "buckets");
	char bound[32];
	double n = 0;
	size_t i;

	for (i = 0; i < json_array_size(buckets); i++) {
		n = json_number_value(json_array_get(buckets, i));
		if (i < DELAYS_BOUNDS)
			snprintf(bound, sizeof(bound), "%g", delays_bounds[i]);
		write_sample(w, "_bucket", "le", i < DELAYS_BOUNDS ? bound : "+Inf", n);
	}
	if (i == 0)
		return;
	write_sample(w, "_sum", NULL, NULL, json_number_value(json_object_get(value, "sum")));
	write_sample(w, "_count", NULL, NULL, n);
}

/* By words that the row knows, or by those that are there. */
static void
write_words(struct writer *w, const json_t *value)
{
	const struct metric_row *row = w->row;
	const char *key, *is = json_string_value(value);
	const json_t *n;
	size_t i;

	if (row->words == NULL && is != NULL)
		write_sample(w, "", row->by, is, 1);
	for (i = 0; row->words != NULL && row->words[i] != NULL; i++) {
		n = json_object_get(value, row->words[i]);
		if (is != NULL)
			write_sample(w, "", row->by, row->words[i], strcmp(is, row->words[i]) == 0);
		else if (json_is_number(n))
			write_sample(w, "", row->by, row->words[i], json_number_value(n));
	}
	if (row->words != NULL)
		return;
	json_object_foreach((json_t *)value, key, n)
		write_sample(w, "", row->by, key, json_number_value(n));
}

static void
write_item(struct writer *w, const json_t *item)
{
	const struct metric_row *row = w->row;
	const json_t *value = row->value != NULL ? walk(item, row->value) : item;
	double scale = row->scale != 0 ? row->scale : 1;

	if (row->type == METRIC_HISTOGRAM)
		write_histogram(w, value);
	else if (row->by != NULL)
		write_words(w, value);
	else if (json_is_number(value))
		write_sample(w, "", NULL, NULL, json_number_value(value) * scale);
	else if (json_is_boolean(value))
		write_sample(w, "", NULL, NULL, json_is_true(value));
	else if (json_is_array(value))
		write_sample(w, "", NULL, NULL, (double)json_array_size(value));
}

static void
write_row(struct writer *w, const json_t *survey)
{
	json_t *from = walk(survey, w->row->from), *item;
	size_t i;

	if (w->row->label == NULL) {
		write_item(w, from);
	} else if (w->row->name_key == NULL) {
		json_object_foreach(from, w->item, item) write_item(w, item);
	} else {
		json_array_foreach(from, i, item)
		{
			w->item = json_string_value(json_object_get(item, w->row->name_key));
			if (w->item != NULL)
				write_item(w, item);
		}
	}
}

char *
metrics_text(const json_t *survey)
{
	struct writer w = {0};
	char *text = NULL;
	size_t size, i;

	w.out = open_memstream(&text, &size);
	for (i = 0; i < metric_row_count; i++) {
		w.row = &metric_rows[i];
		w.item = NULL;
		w.headed = false;
		write_row(&w, survey);
	}
	fclose(w.out);
	return text;
}
