/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/trace_cmd.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/text.h"
#include "loadtest/call_find.h"
#include "loadtest/figure.h"
#include "loadtest/judge.h"
#include "loadtest/story_read.h"

#define NO_CALL	   1
#define NOT_TRACED 2

/* Prints a text that strangers wrote, and what follows it. */
static void
put(const char *text, const char *after)
{
	char *clean = text_printable_dup(text);

	printf("%s%s", clean, after);
	free(clean);
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
	put(call->id != NULL ? call->id : "-", ", Call-ID ");
	put(call_name(j, caller, CALL_SIP_ID), ": ");
	printf("%s\n", verdict_end_names[call->end]);
	if (drop != NULL) {
		printf("%s, %s (%s): %s: ", verdict_class_names[verdict_class_of(drop)],
		       verdict_causes[drop->cause].word, verdict_causes[drop->cause].meaning,
		       drop->witness);
		put(drop->text, "\n");
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
	json_t *json =
		json_pack("{s:o*, s:o, s:o*, s:s, s:I, s:o}", "call", figure_foreign(call->id),
			  "sip_call_id", figure_foreign(call_name(j, caller, CALL_SIP_ID)),
			  "number", figure_foreign(call_name(j, caller, CALL_NUMBER)), "end",
			  verdict_end_names[call->end], "invite_us",
			  (json_int_t)(j->evidence.from_us + c->invite), "timeline",
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
	caller = call_find(&j, wanted, dir);
	if (caller != NAMES_NONE) {
		story_read(&story, &j, dir, caller);
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
