/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/trace_cmd.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/text.h"
#include "loadtest/dossier.h"
#include "loadtest/drop_file.h"
#include "loadtest/figure.h"
#include "loadtest/follow.h"
#include "loadtest/judge.h"
#include "loadtest/story.h"

#define NO_CALL	   1
#define NOT_TRACED 2
#define NAMED_MAX  5 /* of the calls that a short name fits */

/* The names that a call goes by. */
enum { BY_CALL, BY_SIP_ID, BY_NUMBER, NAMES };

static const char *
name_of(const struct judge *j, size_t caller, int which)
{
	switch (which) {
	case BY_CALL:
		return j->verdict.calls[caller].id;
	case BY_SIP_ID:
		return evidence_text(&j->evidence, j->evidence.callers[caller].sip_id);
	default:
		return evidence_text(&j->evidence, j->evidence.callers[caller].number);
	}
}

static bool
begins(const char *name, const char *wanted)
{
	return strncmp(name, wanted, strlen(wanted)) == 0;
}

/* 2: it is the name, 1: it begins one, 0: neither. */
static int
fits(const struct judge *j, size_t caller, const char *wanted)
{
	const struct verdict_links *links = &j->verdict.links;
	const char *name;
	int i, best = 0;
	size_t leg;

	for (i = 0; i < NAMES; i++) {
		name = name_of(j, caller, i);
		if (name != NULL && strcmp(name, wanted) == 0)
			return 2;
		if (name != NULL && begins(name, wanted))
			best = 1;
	}
	for (leg = links->first_leg[caller]; leg != NAMES_NONE; leg = links->next_leg[leg])
		if (begins(evidence_text(&j->evidence, j->evidence.legs[leg].sip_id), wanted))
			best = 1;
	return best;
}

/* A leg is the call's, too: its id begins with the call's, its Call-ID is known to the agents. */
static size_t
caller_of_leg(const struct judge *j, const char *wanted)
{
	const struct evidence *e = &j->evidence;
	size_t leg = evidence_find_leg(e, wanted), told;
	const char *dot = strrchr(wanted, '.');
	char *call;

	if (leg != NAMES_NONE || dot == NULL)
		return leg != NAMES_NONE ? j->verdict.links.owner[leg] : NAMES_NONE;
	call = mem_dup_len(wanted, (size_t)(dot - wanted));
	told = evidence_find_told(e, call);
	free(call);
	return told != NAMES_NONE ? evidence_caller_of(e, &e->tolds[told]) : NAMES_NONE;
}

/* Prints a text that strangers wrote, and what follows it. */
static void
put(FILE *out, const char *text, const char *after)
{
	char *clean = text_printable_dup(text);

	fprintf(out, "%s%s", clean, after);
	free(clean);
}

/* NAMES_NONE, said why, when it is not the name of one call. */
static size_t
find(const struct judge *j, const char *wanted, const char *dir)
{
	size_t i, found = NAMES_NONE, count[3] = {0}, of_leg = caller_of_leg(j, wanted);
	int fit, best = 0;

	if (of_leg != NAMES_NONE)
		return of_leg;
	for (i = 0; i < j->evidence.caller_count; i++) {
		fit = fits(j, i, wanted);
		count[fit]++;
		if (fit > best) {
			best = fit;
			found = i;
		}
	}
	if (best > 0 && count[best] == 1)
		return found;
	fprintf(stderr,
		best == 0 ? "loadtest: no call of %s has an id or number %s\n"
			  : "loadtest: more than one call of %s has an id or number %s:\n",
		dir, wanted);
	for (i = 0, fit = 0; best > 0 && i < j->evidence.caller_count && fit < NAMED_MAX; i++)
		if (fits(j, i, wanted) == best && fit++ < NAMED_MAX) {
			put(stderr, name_of(j, i, BY_SIP_ID), "  ");
			put(stderr, j->verdict.calls[i].id != NULL ? j->verdict.calls[i].id : "-",
			    "\n");
		}
	return NAMES_NONE;
}

struct hearing {
	struct story *story;
	int64_t from_us;
	const char *call;
	size_t heard;
};

static void
take_line(void *arg, const char *line)
{
	struct hearing *h = arg;

	h->heard += story_event_line(h->story, h->from_us, h->call, line) == 0;
}

struct wire {
	struct story *story;
	struct story_wire state;
	int64_t from_us;
};

static void
take_wire(void *arg, const char *line)
{
	struct wire *w = arg;

	story_wire_line(w->story, &w->state, w->from_us, line);
}

/* The messages of a dropped call, where they were kept. */
static void
tell_wire(struct story *s, const struct judge *j, const char *dir, size_t caller)
{
	struct wire w = {.story = s, .from_us = j->evidence.from_us};
	char *path = drop_file_path(dir, name_of(j, caller, BY_SIP_ID));
	struct follow f;

	follow_open(&f, path);
	follow_read(&f, take_wire, &w);
	follow_close(&f);
	free(path);
}

static void
tell(struct story *s, const struct judge *j, const char *dir, size_t caller)
{
	struct hearing h = {
		.story = s, .from_us = j->evidence.from_us, .call = j->verdict.calls[caller].id};
	char *path = mem_printf("%s/" DOSSIER_EVENTS, dir);
	struct follow f;

	story_tell(s, &j->evidence, &j->verdict, caller);
	tell_wire(s, j, dir, caller);
	if (h.call != NULL) {
		follow_open(&f, path);
		follow_read(&f, take_line, &h);
		follow_close(&f);
	}
	/* Of an old part of a long run the whole stream may not have been kept. */
	if (h.heard == 0)
		story_mqsd_short(s, &j->evidence, caller);
	story_sort(s);
	free(path);
}

static void
print_text(const struct story *s, const struct judge *j, size_t caller)
{
	const struct verdict_call *call = &j->verdict.calls[caller];
	const struct verdict_drop *drop =
		call->drop != NAMES_NONE ? &j->verdict.drops[call->drop] : NULL;
	int64_t origin = j->evidence.callers[caller].invite;
	size_t i;

	printf("call ");
	put(stdout, call->id != NULL ? call->id : "-", ", Call-ID ");
	put(stdout, name_of(j, caller, BY_SIP_ID), ": ");
	printf("%s\n", verdict_end_names[call->end]);
	if (drop != NULL) {
		printf("%s, %s (%s): %s: ", verdict_class_names[verdict_class_of(drop)],
		       verdict_causes[drop->cause].word, verdict_causes[drop->cause].meaning,
		       drop->witness);
		put(stdout, drop->text, "\n");
	}
	for (i = 0; i < s->count; i++)
		printf("%10.3f  %-13s  %s\n", (double)(s->entries[i].at - origin) / 1e6,
		       s->entries[i].witness, s->entries[i].what);
}

static void
print_json(const struct story *s, const struct judge *j, size_t caller)
{
	const struct verdict_call *call = &j->verdict.calls[caller];
	const struct caller *c = &j->evidence.callers[caller];
	json_t *json = json_pack(
		"{s:o*, s:o, s:o*, s:s, s:I, s:o}", "call", figure_foreign(call->id), "sip_call_id",
		figure_foreign(name_of(j, caller, BY_SIP_ID)), "number",
		figure_foreign(name_of(j, caller, BY_NUMBER)), "end", verdict_end_names[call->end],
		"invite_us", (json_int_t)(j->evidence.from_us + c->invite), "timeline",
		story_json(s, c->invite));
	const struct verdict_drop *drop;

	if (call->drop != NAMES_NONE) {
		drop = &j->verdict.drops[call->drop];
		json_object_set_new(json, "drop",
				    json_pack("{s:s, s:s, s:s, s:o}", "class",
					      verdict_class_names[verdict_class_of(drop)], "cause",
					      verdict_causes[drop->cause].word, "witness",
					      drop->witness, "text", figure_foreign(drop->text)));
	}
	json_dumpf(json, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
	putchar('\n');
	json_decref(json);
}

static int
trace(const char *dir, const char *wanted, bool as_json)
{
	struct story story = {0};
	struct judge j;
	struct err err;
	size_t caller;

	if (judge_open(&j, dir, &err) != 0) {
		fprintf(stderr, "loadtest: %s\n", err.text);
		return NOT_TRACED;
	}
	caller = find(&j, wanted, dir);
	if (caller != NAMES_NONE) {
		tell(&story, &j, dir, caller);
		(as_json ? print_json : print_text)(&story, &j, caller);
	}
	story_free(&story);
	judge_close(&j);
	return caller != NAMES_NONE ? 0 : NO_CALL;
}

int
trace_cmd(int argc, char **argv)
{
	static const struct option rows[] = {{"json", no_argument, NULL, 'j'}, {NULL, 0, NULL, 0}};
	bool as_json = false;
	int letter;

	optind = 1;
	while ((letter = getopt_long(argc, argv, "", rows, NULL)) != -1) {
		if (letter != 'j')
			return NOT_TRACED;
		as_json = true;
	}
	if (argc - optind != 2) {
		fprintf(stderr,
			"loadtest: trace takes the directory of a run and the id of a call\n");
		return NOT_TRACED;
	}
	return trace(argv[optind], argv[optind + 1], as_json);
}
