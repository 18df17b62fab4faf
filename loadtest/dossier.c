/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/dossier.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "loadtest/check.h"
#include "loadtest/follow.h"
#include "loadtest/kit.h"
#include "loadtest/sipp.h"
#include "loadtest/witness_errors.h"
#include "loadtest/witness_event.h"
#include "loadtest/witness_node.h"
#include "loadtest/witness_sipp.h"
#include "loadtest/witness_stat.h"

#define NAME_MAX_LEN 128

struct reading {
	struct evidence *e;
	struct check check;
	enum sipp_role role;
	const char *queue;
};

int
dossier_act_line(struct evidence *e, const char *line)
{
	char act[16], name[NAME_MAX_LEN + 1];
	struct death *death;
	struct drain *drain;
	int64_t at;

	if (sscanf(line, "%15s %128s %" SCNd64, act, name, &at) != 3)
		return -1;
	if (strcmp(act, "death") == 0) {
		death = evidence_death(e);
		death->node = evidence_word(e, name);
		death->at = at - e->from_us;
	} else if (strcmp(act, "drain") == 0) {
		drain = evidence_drain(e);
		drain->call = words_add(&e->words, WORD_CALL, name);
		drain->at = at - e->from_us;
	} else {
		return -1;
	}
	return 0;
}

int
dossier_note(const char *dir, struct evidence *e, const char *act, const char *name, int64_t at_us,
	     struct err *err)
{
	char *path = mem_printf("%s/" DOSSIER_ACTS, dir);
	char *line = mem_printf("%s %s %" PRId64, act, name, at_us);
	FILE *out = fopen(path, "ae");
	int rc = 0;

	dossier_act_line(e, line);
	if (out == NULL || fprintf(out, "%s\n", line) < 0)
		rc = err_set(err, "%s: %s", path, strerror(errno));
	if (out != NULL)
		fclose(out);
	free(line);
	free(path);
	return rc;
}

int
dossier_violation(const char *dir, const struct checker_violation *v, struct err *err)
{
	char *path = mem_printf("%s/" DOSSIER_LOOKS, dir);
	json_t *line = json_pack("{s:s, s:s, s:I, s:s}", "rule", v->rule->id, "event", v->event,
				 "at", (json_int_t)v->at, "text", v->text);
	FILE *out = fopen(path, "ae");
	int rc = 0;

	/* A text that was cut in the middle of a character is no JSON. */
	if (line == NULL)
		line = json_pack("{s:s, s:s, s:s}", "rule", v->rule->id, "event", "", "text", "?");
	if (out == NULL || json_dumpf(line, out, JSON_COMPACT) != 0 || fputc('\n', out) == EOF)
		rc = err_set(err, "%s: %s", path, strerror(errno));
	if (out != NULL)
		fclose(out);
	json_decref(line);
	free(path);
	return rc;
}

int
dossier_look_line(struct evidence *e, const char *text)
{
	json_t *line = json_loads(text, 0, NULL);
	const char *rule = json_string_value(json_object_get(line, "rule"));

	if (rule != NULL)
		evidence_violation(e, rule, json_string_value(json_object_get(line, "event")),
				   json_integer_value(json_object_get(line, "at")),
				   json_string_value(json_object_get(line, "text")));
	json_decref(line);
	return rule != NULL ? 0 : -1;
}

int
dossier_write_meta(const char *dir, const json_t *meta, struct err *err)
{
	char *path = mem_printf("%s/" DOSSIER_META, dir);
	char *fresh = mem_printf("%s.new", path);
	int rc = 0;

	if (json_dump_file(meta, fresh, JSON_INDENT(2)) != 0 || rename(fresh, path) != 0)
		rc = err_set(err, "%s cannot be written", path);
	free(fresh);
	free(path);
	return rc;
}

static void
sipp_line(void *arg, const char *line)
{
	struct reading *r = arg;

	witness_sipp_line(r->e, r->role, line);
}

static void
event_line(void *arg, const char *line)
{
	struct reading *r = arg;

	witness_event_line(r->e, r->queue, r->check.checker, line);
}

static void
violated(void *arg, const struct checker_violation *v)
{
	evidence_violation(arg, v->rule->id, v->event, v->at, v->text);
}

static void
look_line(void *arg, const char *line)
{
	struct reading *r = arg;

	dossier_look_line(r->e, line);
}

static void
node_line(void *arg, const char *line)
{
	struct reading *r = arg;

	witness_node_line(r->e, line);
}

static void
act_line(void *arg, const char *line)
{
	struct reading *r = arg;

	dossier_act_line(r->e, line);
}

static void
read_lines(const char *dir, const char *name, follow_line *line, struct reading *r)
{
	char *path = mem_printf("%s/%s", dir, name);
	struct follow f;

	follow_open(&f, path);
	follow_read(&f, line, r);
	follow_close(&f);
	free(path);
}

static void
stat_line(void *arg, const char *line)
{
	witness_stat_line(arg, line);
}

static void
read_stat(const char *path, struct reading *r)
{
	struct witness_stat stat = {0};
	struct follow f;

	follow_open(&f, path);
	follow_read(&f, stat_line, &stat);
	follow_close(&f);
	if (r->role == SIPP_CALLERS)
		r->e->callers_resent += (uint64_t)stat.retransmissions;
	else if (r->role == SIPP_AGENTS)
		r->e->agents_resent += (uint64_t)stat.retransmissions;
}

static void
read_log(const char *path, struct reading *r)
{
	struct follow f;

	follow_open(&f, path);
	follow_read(&f, sipp_line, r);
	follow_close(&f);
}

static void
read_errors(const char *path, struct reading *r)
{
	struct witness_errors errors;

	witness_errors_open(&errors, path, r->role);
	witness_errors_read(&errors, r->e);
	witness_errors_close(&errors, r->e);
}

static void
read_sipp(const char *dir, enum sipp_role role, struct reading *r)
{
	static void (*const readers[])(const char *path, struct reading *r) = {read_stat, read_log,
									       read_errors};
	static const char *const suffixes[] = {"stat", "log", "err"};
	char *path;
	size_t k;
	int i;

	r->role = role;
	for (k = 0; k < sizeof(readers) / sizeof(readers[0]); k++)
		for (i = 1; i <= KIT_PROCESSES_MAX; i++) {
			path = mem_printf("%s/%s-%d.%s", dir, sipp_name(role), i, suffixes[k]);
			readers[k](path, r);
			free(path);
		}
}

int
dossier_load(const char *dir, struct evidence *e, json_t **meta, struct err *err)
{
	char *path = mem_printf("%s/" DOSSIER_META, dir);
	json_error_t why;
	struct reading r = {.e = e};

	*e = (struct evidence){0};
	*meta = json_load_file(path, 0, &why);
	free(path);
	if (*meta == NULL)
		return err_set(err, "%s is no directory of a run: %s", dir, why.text);
	r.queue = json_string_value(json_object_get(*meta, "queue"));
	e->from_us = json_integer_value(json_object_get(*meta, "from_us"));
	e->mqsd_heard = true;
	if (r.queue == NULL) {
		json_decref(*meta);
		return err_set(err, "%s/" DOSSIER_META " has no queue", dir);
	}
	read_sipp(dir, SIPP_CALLERS, &r);
	read_sipp(dir, SIPP_AGENTS, &r);
	read_sipp(dir, SIPP_REGISTER, &r);
	check_open(&r.check, "default");
	r.check.from_ms = e->from_us / 1000;
	r.check.told = violated;
	r.check.arg = e;
	read_lines(dir, DOSSIER_EVENTS, event_line, &r);
	checker_pause(r.check.checker, 0);
	checker_figures(r.check.checker, &e->checked);
	check_close(&r.check);
	read_lines(dir, DOSSIER_LOOKS, look_line, &r);
	read_lines(dir, DOSSIER_NODES, node_line, &r);
	evidence_looked(e);
	read_lines(dir, DOSSIER_ACTS, act_line, &r);
	return 0;
}
