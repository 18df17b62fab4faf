/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "loadtest/address.h"
#include "loadtest/desk.h"
#include "loadtest/dossier.h"
#include "loadtest/lab_phone.h"
#include "loadtest/plan.h"

#define LOGIN_MS     15000 /* beyond the time that the registrations take */
#define PACE_LOOK_MS 1000
#define PACE_MS	     10000 /* so long SIPp's rate is measured */
#define ARRIVAL_MS   15000 /* beyond the last arrival's time */
#define PACE_SHARE   0.8   /* of what it was told, at least */
#define SIPP_STOP_MS 5000
#define ENOUGH_MS    2000 /* SIPp has stopped making calls within */

static int
start_sipp(struct run *r, int row, struct err *err)
{
	const struct kit_place place = {.host = r->lab.host,
					.target = r->lab.kamailio_sip,
					.first_port = r->ports.first + 1};
	struct run_sipp *s = &r->sipps[row];
	struct kit_words words;
	int rc;

	kit_words(&words, &r->kit, &r->kit.rows[row], &place, false);
	rc = sipp_start(&s->sipp, words.argv, r->dir, r->kit.rows[row].name, err);
	kit_words_free(&words);
	s->started = rc == 0;
	return rc;
}

/* All processes of a role. */
static int
start_role(struct run *r, enum sipp_role role, struct err *err)
{
	int i;

	for (i = 0; i < r->kit.count; i++)
		if (r->kit.rows[i].role == role && start_sipp(r, i, err) != 0)
			return -1;
	return 0;
}

static void
open_logs(struct run *r)
{
	char *path;
	int i;

	for (i = 0; i < r->kit.count; i++) {
		path = mem_printf("%s/%s.log", r->dir, r->kit.rows[i].name);
		follow_open(&r->sipps[i].log, path);
		free(path);
		path = mem_printf("%s/%s.err", r->dir, r->kit.rows[i].name);
		witness_errors_open(&r->sipps[i].errors, path, r->kit.rows[i].role);
		r->sipps[i].errors.holes = true;
		free(path);
	}
	path = mem_printf("%s/" DOSSIER_EVENTS, r->dir);
	follow_open(&r->events, path);
	free(path);
}

static void
plan(struct run *r)
{
	const struct profile *p = r->profile;
	int64_t calls = plan_calls(p);

	kit_plan(&r->kit, p);
	secret_draw(r->password, sizeof(r->password));
	r->kit.password = r->password;
	r->kit.messages = r->replay != NULL;
	r->calls = calls > 0 ? calls : INT64_MAX;
	r->pace.rate = plan_call_rate(p);
	r->pace.open = plan_open_calls(p);
	if (p->arrivals != ARRIVALS_CLOSED)
		r->pace.last_ms = plan_last_arrival_ms(p);
}

/* A replay has its files. */
static int
write_kit(struct run *r, struct err *err)
{
	int64_t last_ms;

	if (r->replay == NULL)
		return kit_write(&r->kit, r->scenarios, r->dir, err);
	if (replay_write(r->replay, &r->kit, r->dir, &last_ms, err) != 0)
		return -1;
	if (r->profile->arrivals != ARRIVALS_CLOSED)
		r->pace.last_ms = last_ms;
	return 0;
}

static int
prepare(struct run *r, struct err *err)
{
	char *events = mem_printf("%s/" DOSSIER_EVENTS, r->dir);
	const char *sockets[LAB_MQSDS_MAX + 1] = {NULL};
	int rc = -1, i;

	for (i = 0; i < r->lab.mqsd_count; i++)
		sockets[i] = r->lab.mqsds[i].socket;
	r->from_us = r->live.from_us = clock_wall_us();
	plan(r);
	r->client = client_new(r->lab.mqsds[0].socket);
	open_logs(r);
	if (r->profile->trace_mb > 0 && tracer_open(&r->tracer, r->profile->trace_mb, err) != 0)
		fprintf(stderr, "loadtest: of dropped calls there will be no messages: %s\n",
			err->text);
	run_check_open(r);
	if (run_watch_open(r, err) == 0 &&
	    lab_ports_claim(&r->ports, 1 + KIT_PORTS_MAX, err) == 0 && write_kit(r, err) == 0 &&
	    lab_phone_passwords(&r->lab, &r->kit, r->dir, err) == 0 &&
	    recorder_start(&r->recorder, sockets, events, err) == 0 &&
	    desk_open(r->client, r->profile, &r->opened, err) == 0)
		rc = run_meta_write(r, false, err);
	free(events);
	return rc;
}

/* The phones register, and mqsd logs their agents in. */
static int
begin_login(struct run *r, struct err *err)
{
	r->registered_ms = r->refreshed_ms = clock_mono_ms();
	r->registered = true;
	return start_role(r, SIPP_REGISTER, err);
}

/* r->logged_in says how far it is. */
static int
watch_login(struct run *r, struct err *err)
{
	const struct profile *p = r->profile;
	int64_t takes_ms = LOGIN_MS + (int64_t)(1100 * (double)p->agents / plan_login_rate(p));

	if (r->registered_ms == 0 || r->logged_in >= p->agents)
		return 0;
	if ((int64_t)r->live.login_count >= p->agents)
		r->logged_in = desk_logged_in(r->client, p, err);
	if (r->logged_in >= p->agents || clock_mono_ms() - r->registered_ms <= takes_ms)
		return 0;
	return err_set(err,
		       "of %" PRId64 " agents %zu registered and %" PRId64
		       " logged in, within %" PRId64 " s",
		       p->agents, r->live.login_count, r->logged_in, takes_ms / 1000);
}

/*
 * While there is room for more calls SIPp makes them at its rate. Less is no fault of the servers:
 * the run is none.
 */
static int
watch_pace(struct run *r, struct err *err)
{
	struct run_pace *pace = &r->pace;
	const struct traffic_counts *n = &r->traffic.counts;
	int64_t now = clock_mono_ms(), made = n->arrived - pace->made;

	if (now - pace->looked_ms < PACE_LOOK_MS)
		return 0;
	pace->looked_ms = now;
	/* Full, but for those who were just replaced: the logs are read some time later. */
	if (n->arrived - n->over >= pace->open - pace->open / 50 - (int64_t)pace->rate)
		pace->since_ms = 0;
	if (pace->since_ms == 0 || now - pace->since_ms >= PACE_MS) {
		if (pace->since_ms != 0 &&
		    (double)made <
			    PACE_SHARE * pace->rate * (double)(now - pace->since_ms) / 1000 - 1)
			return err_set(err,
				       "SIPp made %" PRId64 " calls in %d s with room for more, so "
				       "%g a second weren't reached",
				       made, PACE_MS / 1000, pace->rate);
		pace->since_ms = now;
		pace->made = n->arrived;
	}
	return 0;
}

/* Where each call has its time all must be made once the last one's is over. */
static int
watch_arrivals(struct run *r, struct err *err)
{
	if (clock_mono_ms() - r->first_call_ms <= r->pace.last_ms + ARRIVAL_MS)
		return 0;
	return err_set(err,
		       "SIPp made %" PRId64 " of %" PRId64 " calls within %" PRId64
		       " s, so their times weren't kept",
		       r->traffic.counts.arrived, r->calls, (r->pace.last_ms + ARRIVAL_MS) / 1000);
}

/* SIPp itself ends the making of calls in time; open arrivals have no calls that come later. */
static void
watch_duration(struct run *r)
{
	int64_t now = clock_mono_ms(), duration_ms = r->profile->duration_s * 1000;

	if (duration_ms > 0 && r->profile->arrivals == ARRIVALS_CLOSED && r->enough_ms == 0 &&
	    now - r->first_call_ms >= duration_ms)
		r->enough_ms = now;
	if (r->enough_ms != 0 && now - r->enough_ms >= ENOUGH_MS)
		r->calls = r->traffic.counts.arrived;
}

/* The agents log in when the callers are there, or before the first of them. */
static bool
login_due(struct run *r)
{
	const struct profile *p = r->profile;
	int64_t now = clock_mono_ms();

	if (r->full_ms == 0 &&
	    (p->arrivals != ARRIVALS_CLOSED || r->traffic.counts.arrived >= r->pace.open))
		r->full_ms = now;
	return p->agents > 0 && r->registered_ms == 0 && r->full_ms != 0 &&
	       now - r->full_ms >= plan_login_after_ms(p);
}

static int
begin_calls(struct run *r, struct err *err)
{
	const struct profile *p = r->profile;

	if (start_role(r, SIPP_AGENTS, err) != 0)
		return -1;
	if (p->agents > 0 && p->agents_login_after_s == 0) {
		if (begin_login(r, err) != 0)
			return -1;
		while (r->logged_in < p->agents)
			if (run_step(r, err) != 0 || watch_login(r, err) != 0)
				return -1;
	}
	if (start_role(r, SIPP_CALLERS, err) != 0)
		return -1;
	r->first_call_ms = r->pace.since_ms = clock_mono_ms();
	return 0;
}

static int
make_calls(struct run *r, struct err *err)
{
	bool closed = r->profile->arrivals == ARRIVALS_CLOSED;

	if (begin_calls(r, err) != 0)
		return -1;
	while (r->traffic.counts.arrived < r->calls || r->logged_in < r->profile->agents) {
		if (run_step(r, err) != 0 || watch_login(r, err) != 0)
			return -1;
		if (login_due(r) && begin_login(r, err) != 0)
			return -1;
		watch_duration(r);
		if (r->enough_ms == 0 && r->traffic.counts.arrived < r->calls &&
		    (closed ? watch_pace(r, err) : watch_arrivals(r, err)) != 0)
			return -1;
	}
	r->last_call_ms = clock_mono_ms();
	return 0;
}

/* SIPp's control port takes keys: q ends it once its calls are over. */
static bool
say_enough(const struct run *r, const struct kit_row *row)
{
	char address[LAB_TEXT_MAX + 8];
	struct sockaddr_in sin;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool said;

	snprintf(address, sizeof(address), "%.64s:%d", r->lab.host,
		 r->ports.first + 1 + row->port + 1);
	said = fd >= 0 && address_parse(address, &sin) &&
	       sendto(fd, "q", 1, 0, (struct sockaddr *)&sin, sizeof(sin)) == 1;
	if (fd >= 0)
		close(fd);
	return said;
}

void
run_enough(struct run *r)
{
	int i;

	r->enough_ms = clock_mono_ms();
	for (i = 0; i < r->kit.count; i++)
		if (r->kit.rows[i].role == SIPP_CALLERS && !say_enough(r, &r->kit.rows[i]))
			fprintf(stderr, "%s was not told to make no more calls\n",
				r->kit.rows[i].name);
}

/* A phone that isn't there any more would be rung in the next run, too. */
static void
unregister(struct run *r)
{
	int64_t ms = SIPP_STOP_MS +
		     (int64_t)(1000 * (double)r->profile->agents / r->profile->max_call_rate);
	struct err err;
	int i;

	if (!r->lab_stays || !r->registered || !lab_alive(&r->lab))
		return;
	/* It has the ports of those who may just register anew. */
	for (i = 0; i < r->kit.count; i++)
		if (r->kit.rows[i].role == SIPP_REGISTER && r->sipps[i].started) {
			proc_stop(&r->sipps[i].sipp.proc);
			proc_wait(&r->sipps[i].sipp.proc, SIPP_STOP_MS);
		}
	if (start_role(r, SIPP_UNREGISTER, &err) != 0)
		fprintf(stderr, "the phones stay registered: %s\n", err.text);
	for (i = 0; i < r->kit.count; i++)
		if (r->kit.rows[i].role == SIPP_UNREGISTER && r->sipps[i].started)
			proc_wait(&r->sipps[i].sipp.proc, ms);
}

static void
end(struct run *r)
{
	int i;

	unregister(r);

	for (i = 0; i < r->kit.count; i++)
		if (r->sipps[i].started)
			proc_stop(&r->sipps[i].sipp.proc);
	for (i = 0; i < r->kit.count; i++) {
		if (r->sipps[i].started)
			proc_wait(&r->sipps[i].sipp.proc, SIPP_STOP_MS);
		follow_close(&r->sipps[i].log);
		witness_errors_close(&r->sipps[i].errors, &r->live);
	}
	run_checkpoint_close(r);
	tracer_close(&r->tracer);
	recorder_stop(&r->recorder);
	run_watch_close(r);
	run_check_close(r);
	follow_close(&r->events);
	lab_ports_release(&r->ports);
	for (i = 0; i < LAB_NODES_MAX; i++)
		node_watch_close(&r->watches[i]);
	evidence_free(&r->live);
	client_free(r->client);
}

int
run_make(struct run *r, struct err *err)
{
	int rc = prepare(r, err);

	if (rc == 0)
		rc = make_calls(r, err);
	if (rc == 0)
		rc = run_drain(r, err);
	/* A first look makes node_clean true or false. */
	run_look(r);
	if (rc == 0)
		rc = run_settle(r, err);
	if (rc == 0)
		run_checkpoint_last(r);
	if (rc == 0)
		rc = run_meta_write(r, true, err);
	end(r);
	return rc;
}
