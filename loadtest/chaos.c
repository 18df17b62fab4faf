/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/chaos.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "loadtest/chaos_look.h"
#include "loadtest/dossier.h"
#include "loadtest/lab_verb.h"

#define FILL_MS	  90000	 /* for the calls in progress to be as many as wanted */
#define NEVER_MS  60000	 /* what isn't back by then is not waited for */
#define ECHO_US	  300000 /* INVITEs this soon after a fault were decided before it */
#define US_PER_MS 1000

static struct chaos_done *
now_doing(struct chaos *c)
{
	return &c->done[c->done_count - 1];
}

/* From now on the service has to show anew that it is there. */
static void
expect(struct chaos *c)
{
	c->after_us = clock_wall_us();
	c->back_us = c->last_us = 0;
}

/* Takes the phones' new INVITEs into account. */
static void
hear_phones(struct chaos *c, const struct run *r)
{
	int64_t hold_us = c->hold_ms * US_PER_MS, at;

	for (; c->legs_seen < r->live.leg_count; c->legs_seen++) {
		at = r->live.from_us + r->live.legs[c->legs_seen].invite;
		if (at <= c->after_us)
			continue;
		if (c->back_us == 0 || at > c->last_us + hold_us)
			c->back_us = at;
		c->last_us = at;
	}
	if (c->back_us != 0 && clock_wall_us() > c->last_us + hold_us)
		c->back_us = 0;
}

/* Whether the service is back; *since: mono ms when that began. */
static bool
serves(struct chaos *c, struct run *r, struct lab *lab, int64_t *since)
{
	struct chaos_done *d = now_doing(c);

	hear_phones(c, r);
	if (!chaos_look_serves(lab, d->why)) {
		expect(c);
		return false;
	}
	if (c->back_us == 0) {
		snprintf(d->why, sizeof(d->why), "no phone is rung");
		return false;
	}
	*since = clock_mono_ms() - (clock_wall_us() - c->back_us) / US_PER_MS;
	return clock_mono_ms() - *since >= c->hold_ms;
}

static int
do_verb(struct run *r, struct chaos_done *d, const char *verb, struct lab *lab, struct err *err)
{
	if (strcmp(verb, "flushall") == 0)
		return chaos_look_flush(lab, err);
	return lab_verb_ask(&r->lab, verb, d->act.server,
			    d->act.other[0] != '\0' ? d->act.other : NULL, err);
}

/* No more faults, and soon no more calls. A fault that lasts is ended. */
static void
give_up(struct chaos *c, struct run *r, const char *why)
{
	struct chaos_done *d = c->phase == CHAOS_ON ? now_doing(c) : NULL;
	struct err err;

	if (d != NULL && d->act.fault->end != NULL &&
	    do_verb(r, d, d->act.fault->end, &r->lab, &err) != 0)
		fprintf(stderr, "chaos: %s\n", err.text);
	else if (d != NULL)
		d->lasted_ms = clock_mono_ms() - c->began_ms;
	snprintf(c->gave_up, sizeof(c->gave_up), "%s", why);
	if (*why != '\0')
		fprintf(stderr, "chaos ends here: %s\n", why);
	c->phase = CHAOS_OVER;
	if (r->last_call_ms == 0)
		run_enough(r);
}

/* Nothing but a fault of the plan may end a server. */
static void
look_for_crashes(struct chaos *c, struct run *r, struct lab *lab)
{
	const struct lab_server *s;
	char why[LAB_TEXT_MAX];
	int i;

	for (i = 0; (s = lab_server_at(lab, i)) != NULL; i++) {
		if (s->restarts == 0 && (s->pid != 0 || s->killed))
			continue;
		snprintf(why, sizeof(why), "%.64s died by itself", s->name);
		give_up(c, r, why);
		return;
	}
}

/* "master" and "replica" become a name; false when there is none now. */
static bool
name_server(char name[TEXT_NAME_MAX + 1], struct lab *lab)
{
	const char *found;

	if (strcmp(name, "master") != 0 && strcmp(name, "replica") != 0)
		return true;
	found = chaos_look_redis(lab, strcmp(name, "master") == 0);
	snprintf(name, TEXT_NAME_MAX + 1, "%s", found);
	return *found != '\0';
}

static int
begin(struct chaos *c, struct run *r, struct lab *lab, struct err *err)
{
	struct chaos_done *d;

	c->done = mem_grow(c->done, c->done_count + 1, sizeof(*c->done));
	d = &c->done[c->done_count];
	*d = (struct chaos_done){.act = c->plan.acts[c->done_count],
				 .lasted_ms = -1,
				 .taken_ms = -1,
				 .steady_ms = -1,
				 .whole_ms = -1,
				 .calls = r->traffic.counts.up};
	if (!name_server(d->act.server, lab) || !name_server(d->act.other, lab))
		return 0; /* soon again */
	c->done_count++;
	c->began_ms = clock_mono_ms();
	if (c->first_ms == 0)
		c->first_ms = c->began_ms;
	d->at_ms = (clock_wall_us() - r->from_us) / 1000;
	fprintf(stderr, "fault %zu of %zu: %s %s%s%s for %" PRId64 " ms, %" PRId64 " calls\n",
		c->done_count, c->plan.count, d->act.fault->name, d->act.server,
		d->act.other[0] != '\0' ? " " : "", d->act.other, d->act.lasts_ms, d->calls);
	if (d->act.fault->loses &&
	    dossier_note(r->dir, &r->live, "death", d->act.server, clock_wall_us(), err) != 0)
		return -1;
	/* Told first: should the run be killed, whoever judges it knows what was broken. */
	if (run_meta_tell(r, err) != 0 || do_verb(r, d, d->act.fault->begin, lab, err) != 0)
		return -1;
	expect(c);
	c->after_us += ECHO_US;
	c->phase = CHAOS_ON;
	return 0;
}

static int
wait_and_begin(struct chaos *c, struct run *r, struct lab *lab, struct err *err)
{
	if (c->done_count == c->plan.count) {
		give_up(c, r, "");
		return 0;
	}
	if (r->last_call_ms != 0 ||
	    (c->first_ms != 0 &&
	     clock_mono_ms() - c->began_ms < c->plan.acts[c->done_count].pause_ms))
		return 0;
	return begin(c, r, lab, err);
}

static int
while_on(struct chaos *c, struct run *r, struct lab *lab, struct err *err)
{
	struct chaos_done *d = now_doing(c);
	int64_t since;

	if (d->taken_ms < 0 && serves(c, r, lab, &since))
		d->taken_ms = since - c->began_ms;
	if (clock_mono_ms() - c->began_ms < d->act.lasts_ms)
		return 0;
	if (d->act.fault->end != NULL && do_verb(r, d, d->act.fault->end, lab, err) != 0)
		return -1;
	c->ended_ms = clock_mono_ms();
	d->lasted_ms = c->ended_ms - c->began_ms;
	expect(c);
	c->phase = CHAOS_AFTER;
	return run_meta_tell(r, err);
}

/* Too late: beyond 5 s after the end, and, where the work had to pass to another, 12 s after the
 * beginning. */
static bool
is_late(const struct chaos_done *d)
{
	int64_t limit = CHAOS_STEADY_MS;

	if (d->act.fault->passes && CHAOS_TAKE_MS - d->lasted_ms > limit)
		limit = CHAOS_TAKE_MS - d->lasted_ms;
	if (d->act.fault->passes && d->lasted_ms > CHAOS_TAKE_MS &&
	    (d->taken_ms < 0 || d->taken_ms > CHAOS_TAKE_MS))
		return true;
	return d->steady_ms < 0 || d->steady_ms > limit;
}

static void
after(struct chaos *c, struct run *r, struct lab *lab)
{
	struct chaos_done *d = now_doing(c);
	int64_t since;

	if (serves(c, r, lab, &since))
		d->steady_ms = since > c->ended_ms ? since - c->ended_ms : 0;
	else if (clock_mono_ms() - c->ended_ms < NEVER_MS)
		return;
	d->late = is_late(d);
	fprintf(stderr, "fault %zu: steady %" PRId64 " ms after its end%s%s\n", c->done_count,
		d->steady_ms, d->late ? ", which is late: " : "", d->late ? d->why : "");
	if (d->steady_ms < 0)
		give_up(c, r, "the service did not come back");
	else
		c->phase = CHAOS_MENDING;
}

static void
mending(struct chaos *c, struct run *r, struct lab *lab)
{
	struct chaos_done *d = now_doing(c);

	if (chaos_look_whole(lab, d->why))
		d->whole_ms = clock_mono_ms() - c->ended_ms;
	else if (clock_mono_ms() - c->ended_ms < 2 * NEVER_MS)
		return;
	if (d->whole_ms < 0)
		give_up(c, r, "the lab did not become as it was before");
	else
		c->phase = CHAOS_WAITING;
}

/* Of the calls in progress, were every call taken at once, three in four; but where who is done is
 * replaced there are never more than `callers`. */
int64_t
chaos_fill_calls(const struct profile *p)
{
	bool closed = p->arrivals == ARRIVALS_CLOSED;
	double rate = fmin(p->call_rate * (closed ? 1 : p->speed), p->max_call_rate);
	double calls = rate * (double)p->talk_s / p->speed;

	return (int64_t)((closed ? fmin(calls, (double)p->callers) : calls) * 3 / 4);
}

static bool
filled(struct chaos *c, struct run *r)
{
	if (c->from_ms == 0)
		c->from_ms = clock_mono_ms();
	return r->traffic.counts.up >= c->fill_calls || clock_mono_ms() - c->from_ms > FILL_MS;
}

int
chaos_step(void *arg, struct run *r, struct err *err)
{
	struct chaos *c = arg;
	struct lab lab;
	struct err ignored;

	if (c->phase == CHAOS_OVER || lab_load(r->lab.dir, &lab, &ignored) != 0)
		return 0;
	look_for_crashes(c, r, &lab);
	switch (c->phase) {
	case CHAOS_FILLING:
		if (filled(c, r))
			c->phase = CHAOS_WAITING;
		return 0;
	case CHAOS_WAITING:
		return wait_and_begin(c, r, &lab, err);
	case CHAOS_ON:
		return while_on(c, r, &lab, err);
	case CHAOS_AFTER:
		after(c, r, &lab);
		return 0;
	case CHAOS_MENDING:
		mending(c, r, &lab);
		return 0;
	case CHAOS_OVER:
		return 0;
	}
	return 0;
}

static json_t *
done_json(const struct chaos_done *d)
{
	return json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:b, s:s}", "fault",
			 d->act.fault->name, "server", d->act.server, "other", d->act.other,
			 "at_ms", (json_int_t)d->at_ms, "lasted_ms", (json_int_t)d->lasted_ms,
			 "calls", (json_int_t)d->calls, "taken_ms", (json_int_t)d->taken_ms,
			 "steady_ms", (json_int_t)d->steady_ms, "whole_ms", (json_int_t)d->whole_ms,
			 "passes", d->act.fault->passes, "late", d->late, "missing",
			 d->late || d->whole_ms < 0 ? d->why : "");
}

json_t *
chaos_tell(void *arg)
{
	const struct chaos *c = arg;
	json_t *plan = json_array(), *done = json_array();
	size_t i;
	char *line;

	for (i = 0; i < c->plan.count; i++) {
		line = chaos_act_text(&c->plan.acts[i]);
		json_array_append_new(plan, json_string(line));
		free(line);
	}
	for (i = 0; i < c->done_count; i++)
		json_array_append_new(done, done_json(&c->done[i]));
	return json_pack("{s:I, s:b, s:s, s:s, s:I, s:o, s:o}", "seed", (json_int_t)c->seed,
			 "netns", c->no_netns == NULL, "no_netns",
			 c->no_netns != NULL ? c->no_netns : "", "gave_up", c->gave_up, "hold_ms",
			 (json_int_t)c->hold_ms, "plan", plan, "done", done);
}

void
chaos_free(struct chaos *c)
{
	chaos_plan_free(&c->plan);
	free(c->done);
	*c = (struct chaos){0};
}
