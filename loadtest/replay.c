/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/replay.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mem.h"
#include "loadtest/figure.h"
#include "loadtest/names.h"
#include "loadtest/scenario.h"

#define HEAD "SEQUENTIAL\n"

int
replay_profile(const json_t *meta, struct profile *p, struct err *err)
{
	const char *name = json_string_value(json_object_get(meta, "profile")), *option;
	const json_t *options = json_object_get(meta, "options");
	json_int_t nodes =
		json_integer_value(json_object_get(json_object_get(meta, "lab"), "nodes"));
	json_t *value;
	char *text;
	int rc = 0;

	if (name == NULL || json_object_size(options) == 0)
		return err_set(err, "it does not say which profile was run");
	profile_init(p, name);
	json_object_foreach((json_t *)options, option, value)
	{
		text = mem_printf("%s=%s", option,
				  json_is_string(value) ? json_string_value(value) : "");
		rc = profile_set(p, text, err);
		free(text);
		if (rc != 0)
			break;
	}
	/* On a lab that was up already it had the nodes of that. */
	if (nodes > 0)
		p->nodes = nodes;
	if (rc == 0)
		rc = profile_check(p, err);
	if (rc != 0)
		profile_free(p);
	return rc;
}

void
replay_narrow(struct profile *p, const struct replay_call *calls, size_t count,
	      int64_t first_login_us)
{
	p->arrivals = ARRIVALS_STEADY;
	p->callers = p->calls = (int64_t)count;
	p->duration_s = 0;
	/* Each waits for his time, so that SIPp should start them early. */
	p->call_rate = p->max_call_rate;
	if (first_login_us == INT64_MAX)
		return;
	if (first_login_us <= calls[0].at_us) {
		p->agents_login_after_s = 0;
		p->register_rate = p->max_answer_rate;
	} else {
		p->agents_login_after_s =
			(int64_t)ceil((double)(first_login_us - calls[0].at_us) / 1e6 * p->speed);
	}
}

/* When SIPp starts the n-th caller of a process, from 0. */
static double
start_ms(const struct kit_row *row, size_t n)
{
	return (double)(n + 1) * 1000 / row->rate;
}

static const struct kit_row *
callers_row(const struct kit *kit, int number)
{
	int i;

	for (i = 0; i < kit->count; i++)
		if (kit->rows[i].role == SIPP_CALLERS && kit->rows[i].number == number)
			return &kit->rows[i];
	return NULL;
}

static int
callers_count(const struct kit *kit)
{
	int n = 0;

	while (callers_row(kit, n) != NULL)
		n++;
	return n;
}

/* From a caller's number to where his row begins. */
static void
index_rows(struct names *rows, const char *csv)
{
	const char *line = csv, *end;
	size_t len;
	char *number;

	for (; *line != '\0'; line = end + (*end == '\n')) {
		end = line + strcspn(line, "\n");
		len = strcspn(line, ";\n");
		if (line[len] != ';')
			continue;
		number = mem_dup_len(line, len);
		names_set(rows, number, (size_t)(line - csv));
		free(number);
	}
}

/* number;stay;ms before the call;queue, with another time before the call. */
static int
put_row(FILE *out, const char *row, int64_t before_ms)
{
	size_t number = strcspn(row, ";"), stay, queue;
	const char *p = row + number;

	if (*p != ';')
		return -1;
	stay = strcspn(p + 1, ";\n");
	p += 1 + stay;
	if (*p != ';')
		return -1;
	fprintf(out, "%.*s;%" PRId64, (int)(p - row), row, before_ms);
	p += 1 + strcspn(p + 1, ";\n");
	queue = strcspn(p, "\n");
	fprintf(out, "%.*s\n", (int)queue, p);
	return 0;
}

int
replay_rows(struct replay *r, const struct replay_call *calls, size_t count, const char *csv,
	    const struct kit *kit, struct err *err)
{
	size_t sizes[KIT_PROCESSES_MAX], i, at, n = (size_t)callers_count(kit);
	FILE *outs[KIT_PROCESSES_MAX];
	double delay = 0, t, start;
	struct names rows = {0};
	int rc = 0;

	index_rows(&rows, csv);
	/* So much later do all come that nobody has to before SIPp starts him. */
	for (i = 0; i < count; i++) {
		t = (double)(calls[i].at_us - calls[0].at_us) / 1000;
		delay = fmax(delay, start_ms(callers_row(kit, (int)(i % n)), i / n) - t);
	}
	for (i = 0; i < n; i++) {
		outs[i] = open_memstream(&r->callers[i], &sizes[i]);
		fputs(HEAD, outs[i]);
	}
	for (i = 0; rc == 0 && i < count; i++) {
		t = (double)(calls[i].at_us - calls[0].at_us) / 1000;
		start = start_ms(callers_row(kit, (int)(i % n)), i / n);
		at = names_find(&rows, calls[i].number);
		if (at == NAMES_NONE ||
		    put_row(outs[i % n], csv + at, (int64_t)(delay + t - start)) != 0)
			rc = err_set(err, "the callers' files have no row of %s", calls[i].number);
	}
	for (i = 0; i < n; i++)
		fclose(outs[i]);
	names_free(&rows);
	return rc;
}

int64_t
replay_last_ms(const char *csv, const struct kit_row *row)
{
	const char *line = csv, *end, *p;
	double last = 0;
	size_t n = 0;

	for (; *line != '\0'; line = end + (*end == '\n')) {
		end = line + strcspn(line, "\n");
		p = line + strcspn(line, ";\n");
		p += *p == ';' ? 1 + strcspn(p + 1, ";\n") : 0;
		if (*p == ';')
			last = fmax(last, start_ms(row, n++) + strtod(p + 1, NULL));
	}
	return (int64_t)last;
}

char *
replay_read_rows(const char *dir, struct err *err)
{
	char *all = mem_dup(""), *path, *text, *both;
	int i;

	for (i = 1; i <= KIT_PROCESSES_MAX && all != NULL; i++) {
		path = mem_printf("%s/callers-%d.csv", dir, i);
		text = i == 1 || access(path, F_OK) == 0 ? scenario_read_file(path, err)
							 : mem_dup("");
		both = text != NULL ? mem_printf("%s%s", all, text) : NULL;
		free(path), free(text), free(all);
		all = both;
	}
	return all;
}

int
replay_write(const struct replay *r, const struct kit *kit, const char *dir, int64_t *last_ms,
	     struct err *err)
{
	const struct kit_row *row;
	char *path, *text;
	int64_t last;
	int i, rc = kit_copy(kit, r->from, dir, err);

	for (i = 0, *last_ms = 0; rc == 0 && (row = callers_row(kit, i)) != NULL; i++) {
		path = mem_printf("%s/%s.csv", r->from, row->name);
		text = r->callers[i] != NULL ? mem_dup(r->callers[i])
					     : scenario_read_file(path, err);
		free(path);
		path = mem_printf("%s/%s.csv", dir, row->name);
		rc = text != NULL ? scenario_write_file(path, text, err) : -1;
		last = text != NULL ? replay_last_ms(text, row) : 0;
		*last_ms = last > *last_ms ? last : *last_ms;
		free(path), free(text);
	}
	return rc;
}

json_t *
replay_origin(const struct replay *r)
{
	char *whole = realpath(r->from, NULL);
	json_t *json = json_pack("{s:o}", "run", figure_foreign(whole != NULL ? whole : r->from));

	if (r->call != NULL) {
		json_object_set_new(json, "call", figure_foreign(r->call));
		json_object_set_new(json, "around_s", json_integer(r->around_s));
		json_object_set_new(json, "calls", json_integer(r->calls));
	}
	free(whole);
	return json;
}

void
replay_free(struct replay *r)
{
	int i;

	free(r->call);
	for (i = 0; i < KIT_PROCESSES_MAX; i++)
		free(r->callers[i]);
	*r = (struct replay){0};
}
