/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "loadtest/dossier.h"
#include "loadtest/run.h"
#include "loadtest/witness_event.h"
#include "loadtest/witness_sipp.h"

#define STEP_MS 100
#define LAB_MS	250 /* how often the servers' pids are looked at */

struct pen {
	struct run *run;
	enum sipp_role role;
};

static void
take_sipp(void *arg, const char *line)
{
	struct pen *pen = arg;

	witness_sipp_line(&pen->run->live, pen->role, line);
	traffic_sipp(&pen->run->traffic, pen->role, line);
}

static void
take_event(void *arg, const char *line)
{
	struct run *r = arg;

	witness_event_line(&r->live, r->profile->queue, r->check.checker, line);
	traffic_event(&r->traffic, line);
}

/* A call that SIPp gave up is over. */
static void
count_failures(struct run *r)
{
	struct evidence *e = &r->live;

	for (; r->failures_seen < e->failure_count; r->failures_seen++)
		traffic_failed(&r->traffic, evidence_text(e, e->failures[r->failures_seen].sip_id));
}

static void
read_logs(struct run *r)
{
	struct pen pen = {.run = r};
	int i;

	for (i = 0; i < r->kit.count; i++) {
		pen.role = r->kit.rows[i].role;
		if (pen.role == SIPP_UNREGISTER)
			continue;
		follow_read(&r->sipps[i].log, take_sipp, &pen);
		witness_errors_read(&r->sipps[i].errors, &r->live);
	}
	follow_read(&r->events, take_event, r);
	count_failures(r);
	traffic_settle(&r->traffic);
}

/* The callers' and the registering SIPp end by themselves after their last call; with 1 when a call
 * failed. */
static bool
may_end(const struct run *r, const struct kit_row *row, int status)
{
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
		return false;
	return row->role == SIPP_CALLERS ? row->calls > 0 || r->enough_ms != 0 : !kit_waits(row);
}

static int
watch_sipp(struct run *r, struct err *err)
{
	const char *name;
	struct proc *proc;
	char how[64];
	int i;

	for (i = 0; i < r->kit.count; i++) {
		proc = &r->sipps[i].sipp.proc;
		name = r->kit.rows[i].name;
		if (!r->sipps[i].started)
			continue;
		proc_update(proc);
		if (!proc->ended || may_end(r, &r->kit.rows[i], proc->status))
			continue;
		proc_status_text(proc->status, how, sizeof(how));
		return err_set(err,
			       "the SIPp %s ended in the middle of the run with %s; see %s/%s.out "
			       "and .err",
			       name, how, r->dir, name);
	}
	return 0;
}

/* By itself: what was killed on purpose is to be survived. */
static bool
died(const struct lab_server *s)
{
	return s->pid == 0 && !s->killed;
}

/* Another pid is another life: a node may have died and come back between two looks. */
static int
watch_node(struct run *r, int i, const struct lab_server *now, struct err *err)
{
	struct lab_server *known = &r->lab.nodes[i].server;
	bool death = known->pid != 0 && now->pid != known->pid;

	known->pid = now->pid;
	r->dead[i] = now->pid == 0 || now->stopped || now->cut;
	/* A companion knows which deaths are its own doing, and notes those. */
	if (!death || r->companion != NULL)
		return 0;
	display_clear(&r->display);
	fprintf(stderr, "node %s has died\n", now->name);
	return dossier_note(r->dir, &r->live, "death", now->name, clock_wall_us(), err);
}

static int
watch_lab(struct run *r, struct err *err)
{
	struct lab now;
	struct err ignored;
	int i;

	if (clock_mono_ms() - r->lab_ms < LAB_MS)
		return 0;
	r->lab_ms = clock_mono_ms();
	if (!lab_alive(&r->lab))
		return err_set(err, "the lab has ended in the middle of the run");
	if (lab_load(r->lab.dir, &now, &ignored) != 0)
		return 0;
	for (i = 0; i < now.node_count; i++)
		if (watch_node(r, i, &now.nodes[i].server, err) != 0)
			return -1;
	if (died(&now.kamailio) || died(&now.redis.server))
		return err_set(err, "%s has died in the middle of the run",
			       died(&now.kamailio) ? "Kamailio" : "Redis");
	return 0;
}

int
run_step(struct run *r, struct err *err)
{
	struct timespec pause = {.tv_nsec = STEP_MS * 1000000L};

	nanosleep(&pause, NULL);
	if (*r->signal != 0)
		return err_set(err, "interrupted");
	read_logs(r);
	run_check_look(r);
	run_checkpoint(r);
	run_look_next(r);
	if (run_sample(r, err) != 0)
		return -1;
	run_show(r, false);
	if (run_refresh(r, err) != 0)
		return -1;
	if (!recorder_alive(&r->recorder))
		return err_set(err, "the recorder of mqsd's events has ended");
	if (watch_sipp(r, err) != 0 || watch_lab(r, err) != 0)
		return -1;
	if (r->companion == NULL || r->first_call_ms == 0)
		return 0;
	return r->companion->step(r->companion->arg, r, err);
}
