/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The invariants while a run goes on. What events show is told at once and found again by whoever
 * judges the run; what a look at the servers shows is written down.
 */

#include <stdio.h>
#include <stdlib.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "loadtest/dossier.h"
#include "loadtest/run.h"

#define LOOK_MS	   2000 /* between two looks, at least, */
#define LOOK_SHARE 50	/* and so many times as long as one takes: the recount holds up Redis */
#define END_MS	   20000

static void
told(void *arg, const struct checker_violation *v)
{
	struct run *r = arg;
	struct err ignored;

	display_clear(&r->display);
	check_print(stderr, v->rule->id, v->event, v->at, v->text);
	if (v->rule->looks_at != CHECKER_EVENTS)
		dossier_violation(r->dir, v, &ignored);
}

void
run_check_open(struct run *r)
{
	check_open(&r->check, "default");
	r->check.from_ms = r->from_us / 1000;
	r->check.told = told;
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

void
run_check_end(struct run *r)
{
	struct check_place place = {0};
	struct err ignored;
	struct lab lab;

	/* Others may have calls in a lab that was there before. */
	if (r->lab_stays || lab_load(r->lab.dir, &lab, &ignored) != 0 || !all_there(&lab))
		return;
	place.lab = &lab;
	check_end(&r->check, &place, END_MS, &ignored);
}
