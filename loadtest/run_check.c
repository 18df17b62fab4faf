/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The invariants while a run goes on. What events show is told at once and found again by whoever
 * judges the run; what a look at the servers shows is written down.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "loadtest/dossier.h"
#include "loadtest/run.h"

#define LOOK_MS	   2000 /* between two looks, at least, */
#define LOOK_SHARE 300	/* and so many times as long as one takes: the recount holds up Redis */
#define END_MS	   20000
#define SHARED_MS  5000 /* in a lab that was there before, where nothing was broken */

static void
told(void *arg, const struct checker_violation *v)
{
	struct run *r = arg;
	struct err ignored;

	display_clear(&r->display);
	check_print(stderr, v->rule->id, v->event, v->at, v->text);
	evidence_violation(&r->live, v->rule->id, v->event, v->at, v->text);
	if (v->rule->looks_at != CHECKER_EVENTS)
		dossier_violation(r->dir, v, &ignored);
}

static void
saw(void *arg, const json_t *nodes)
{
	run_look_take(arg, nodes);
}

void
run_check_open(struct run *r)
{
	check_open(&r->check, "default");
	r->check.from_ms = r->from_us / 1000;
	r->check.told = told;
	r->check.saw = saw;
	r->check.arg = r;
}

void
run_check_close(struct run *r)
{
	check_close(&r->check);
}

/* While something is broken on purpose there is nothing to be held against it. */
static bool
all_there(struct lab *lab)
{
	const struct lab_server *s;
	int i;

	for (i = 0; (s = lab_server_at(lab, i)) != NULL; i++)
		if (s->pid == 0 || s->stopped || s->cut)
			return false;
	return true;
}

void
run_check_look(struct run *r)
{
	int64_t began = clock_mono_ms(), pause;
	struct check_place place = {0};
	struct err ignored;
	struct lab lab;

	if (began < r->check_ms)
		return;
	r->check_ms = began + LOOK_MS;
	if (lab_load(r->lab.dir, &lab, &ignored) != 0 || !all_there(&lab))
		return;
	place.lab = &lab;
	check_look(&r->check, &place, &ignored);
	pause = LOOK_SHARE * (clock_mono_ms() - began);
	if (pause > LOOK_MS)
		r->check_ms = clock_mono_ms() + pause;
}

/* A call id, a Call-ID, a key of Redis or a bridge named after one of ours. */
static bool
is_ours(void *arg, const char *id)
{
	const struct evidence *e = arg;
	const char *colon = strrchr(id, ':'), *dot = strrchr(id, '.');
	size_t told;
	char *call;

	if (evidence_find_caller(e, id) != NAMES_NONE || evidence_find_leg(e, id) != NAMES_NONE)
		return true;
	if (colon != NULL)
		id = colon + 1;
	call = dot != NULL && dot > id ? mem_dup_len(id, (size_t)(dot - id)) : mem_dup(id);
	told = evidence_find_told(e, call);
	free(call);
	return told != NAMES_NONE;
}

void
run_check_end(struct run *r)
{
	const struct check_calls ours = {.is_ours = is_ours, .arg = &r->live};
	struct check_place place = {0};
	struct err ignored;
	struct lab lab;

	if (lab_load(r->lab.dir, &lab, &ignored) != 0 || !all_there(&lab))
		return;
	place.lab = &lab;
	/* Others may have calls in a lab that was there before. */
	check_end(&r->check, &place, r->lab_stays ? &ours : NULL, r->lab_stays ? SHARED_MS : END_MS,
		  &ignored);
}
