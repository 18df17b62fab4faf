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
#include "lib/option.h"
#include "loadtest/address.h"
#include "loadtest/desk.h"
#include "loadtest/dossier.h"
#include "loadtest/plan.h"
#include "loadtest/scenario.h"
#include "loadtest/verdict.h"

#define LOGIN_MS	15000 /* beyond the time that the registrations take */
#define RATE_MS		15000 /* beyond the time that the calls take to be made */
#define DRAIN_HANGUP_MS 10000
#define TOLD_MS		3000 /* mqsd's last events, once the calls are over */
#define SIPP_STOP_MS	5000
#define LOOK_AGAIN_MS	500
#define ENOUGH_MS	2000 /* SIPp has stopped making calls within */

/* What a SIPp of the run reads, and how its scenario comes from a template. */
static const struct part {
	const char *template, *scenario, *csv, *expires;
} parts[RUN_PARTS] = {
	[RUN_CALLERS] = {"caller.xml", "caller.xml", "callers.csv", ""},
	[RUN_AGENTS] = {"agent.xml", "agent.xml", "agents.csv", ""},
	[RUN_REGISTER] = {"register.xml", "register.xml", "agents.csv", "3600"},
	[RUN_UNREGISTER] = {"register.xml", "unregister.xml", "agents.csv", "0"},
};

/* Each SIPp has three ports: SIP, control, media (and media + 2). */
static int
port_of(const struct run *r, enum run_part part)
{
	return r->ports.first + 1 + 5 * (int)part;
}

static int
start_sipp(struct run *r, enum run_part part, struct err *err)
{
	const struct profile *p = r->profile;
	bool callers = part == RUN_CALLERS;
	struct sipp_spec spec = {
		.role = (enum sipp_role)part,
		.dir = r->dir,
		.scenario = parts[part].scenario,
		.csv = parts[part].csv,
		.host = r->lab.host,
		.remote = part == RUN_AGENTS ? NULL : r->lab.kamailio_sip,
		.port = port_of(r, part),
		.control_port = port_of(r, part) + 1,
		.media_port = port_of(r, part) + 2,
		.rate = callers ? p->call_rate : p->register_rate,
		.calls = callers ? p->callers : p->agents,
	};
	int rc = sipp_start(&r->sipp[part], &spec, err);

	r->started[part] = rc == 0;
	return rc;
}

static int
write_text(const struct run *r, const char *name, char *text, struct err *err)
{
	char *path = mem_printf("%s/%s", r->dir, name);
	int rc = scenario_write_file(path, text, err);

	free(path);
	free(text);
	return rc;
}

static int
write_scenario(struct run *r, const struct part *part, struct err *err)
{
	char contact[LAB_TEXT_MAX], *out = mem_printf("%s/%s", r->dir, part->scenario);
	const struct scenario_value values[] = {
		{"QUEUE", r->profile->queue},
		{"DOMAIN", r->lab.kamailio_sip},
		{"CONTACT", contact},
		{"EXPIRES", part->expires},
	};
	int rc;

	snprintf(contact, sizeof(contact), "%.64s:%d", r->lab.host, port_of(r, RUN_AGENTS));
	rc = scenario_write(r->scenarios, part->template, out, values,
			    sizeof(values) / sizeof(values[0]), err);
	free(out);
	return rc;
}

static int
write_files(struct run *r, struct err *err)
{
	int i;

	for (i = 0; i < RUN_PARTS; i++)
		if (write_scenario(r, &parts[i], err) != 0)
			return -1;
	if (write_text(r, "callers.csv", plan_callers(r->profile), err) != 0)
		return -1;
	return write_text(r, "agents.csv", plan_agents(r->profile), err);
}

static json_t *
options_json(const struct profile *p)
{
	json_t *options = json_object();
	char text[256];
	size_t i;

	for (i = 0; i < profile_options.count; i++)
		json_object_set_new(
			options, profile_options.rows[i].name,
			json_string(option_text(&profile_options.rows[i], p, text, sizeof(text))));
	return options;
}

static int
write_meta(const struct run *r, struct err *err)
{
	const struct profile *p = r->profile;
	char sipp[32], mqsd[LAB_TEXT_MAX];
	const char *asterisk = r->lab.node_count > 0 ? r->lab.nodes[0].server.version : "";
	int64_t now = clock_wall_us();
	json_t *meta = json_pack(
		"{s:s, s:s, s:I, s:I, s:f, s:I, s:I, s:o, s:{s:s, s:s, s:s, s:s, s:s, s:s}}",
		"profile", p->name, "queue", p->queue, "seed", (json_int_t)p->seed, "from_us",
		(json_int_t)r->from_us, "duration_s", (double)(now - r->from_us) / 1e6, "wrapup_us",
		(json_int_t)(p->wrapup_s * 1000000), "logged_in", (json_int_t)r->logged_in,
		"options", options_json(p), "versions", "loadtest", MQS_VERSION, "mqsd",
		desk_version(r->client, mqsd, sizeof(mqsd)), "asterisk", asterisk, "kamailio",
		r->lab.kamailio.version, "redis", r->lab.redis.server.version, "sipp",
		sipp_version(sipp, sizeof(sipp)));
	json_t *lab = json_object();
	int rc;

	json_object_set_new(lab, "dir", json_string(r->lab.dir));
	json_object_set_new(lab, "nodes", json_integer(r->lab.node_count));
	json_object_set_new(meta, "lab", lab);
	if (r->companion != NULL)
		json_object_set_new(meta, r->companion->name,
				    r->companion->tell(r->companion->arg));
	rc = dossier_write_meta(r->dir, meta, err);
	json_decref(meta);
	return rc;
}

static void
open_logs(struct run *r)
{
	char *path;
	int i;

	for (i = 0; i < RUN_PARTS; i++) {
		path = mem_printf("%s/%s.log", r->dir, sipp_name((enum sipp_role)i));
		follow_open(&r->logs[i], path);
		free(path);
	}
	path = mem_printf("%s/" DOSSIER_EVENTS, r->dir);
	follow_open(&r->events, path);
	free(path);
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
	r->callers = r->profile->callers;
	r->client = client_new(r->lab.mqsds[0].socket);
	open_logs(r);
	run_check_open(r);
	if (run_watch_open(r, err) == 0 &&
	    lab_ports_claim(&r->ports, 1 + 5 * RUN_PARTS, err) == 0 && write_files(r, err) == 0 &&
	    recorder_start(&r->recorder, sockets, events, err) == 0 &&
	    desk_open(r->client, r->profile, &r->opened, err) == 0)
		rc = write_meta(r, err);
	free(events);
	return rc;
}

/* Registers the phones and waits until mqsd has logged the agents in. */
static int
log_in(struct run *r, struct err *err)
{
	const struct profile *p = r->profile;
	int64_t deadline =
		clock_mono_ms() + LOGIN_MS + (int64_t)(1000 * (double)p->agents / p->register_rate);

	if (p->agents == 0)
		return 0;
	if (start_sipp(r, RUN_REGISTER, err) != 0)
		return -1;
	for (;;) {
		if (run_step(r, err) != 0)
			return -1;
		if ((int64_t)r->live.login_count >= p->agents)
			r->logged_in = desk_logged_in(r->client, p, err);
		if (r->logged_in >= p->agents)
			return 0;
		if (clock_mono_ms() > deadline)
			return err_set(err,
				       "of %" PRId64 " agents %zu registered and %" PRId64
				       " logged in, within %" PRId64 " s",
				       p->agents, r->live.login_count, r->logged_in,
				       LOGIN_MS / 1000 +
					       (int64_t)((double)p->agents / p->register_rate));
	}
}

/* Makes the calls; the agents come before or after the first of them. */
static int
make_calls(struct run *r, struct err *err)
{
	const struct profile *p = r->profile;
	int64_t rate_deadline;
	bool agents = false;

	/* SIPp refuses a file of no agents. */
	if (p->agents > 0 && start_sipp(r, RUN_AGENTS, err) != 0)
		return -1;
	if (p->agents_login_after_s == 0) {
		if (log_in(r, err) != 0)
			return -1;
		agents = true;
	}
	if (start_sipp(r, RUN_CALLERS, err) != 0)
		return -1;
	r->first_call_ms = clock_mono_ms();
	rate_deadline =
		r->first_call_ms + RATE_MS + (int64_t)(1100 * (double)p->callers / p->call_rate);
	while (!agents || (int64_t)r->live.caller_count < r->callers) {
		if (run_step(r, err) != 0)
			return -1;
		if (!agents &&
		    clock_mono_ms() - r->first_call_ms >= p->agents_login_after_s * 1000) {
			if (log_in(r, err) != 0)
				return -1;
			agents = true;
		}
		if (r->enough_ms != 0 && clock_mono_ms() - r->enough_ms >= ENOUGH_MS)
			r->callers = (int64_t)r->live.caller_count;
		if ((int64_t)r->live.caller_count < r->callers && clock_mono_ms() > rate_deadline)
			return err_set(err,
				       "SIPp made %zu of %" PRId64
				       " calls, so %g a second weren't reached",
				       r->live.caller_count, r->callers, p->call_rate);
	}
	r->last_call_ms = clock_mono_ms();
	return 0;
}

/* SIPp's control port takes keys: q ends it once its calls are over. */
void
run_enough(struct run *r)
{
	char address[LAB_TEXT_MAX + 8];
	struct sockaddr_in sin;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(address, sizeof(address), "%.64s:%d", r->lab.host, port_of(r, RUN_CALLERS) + 1);
	r->enough_ms = clock_mono_ms();
	if (fd < 0 || !address_parse(address, &sin) ||
	    sendto(fd, "q", 1, 0, (struct sockaddr *)&sin, sizeof(sin)) != 1)
		fputs("the callers' SIPp was not told to make no more calls\n", stderr);
	if (fd >= 0)
		close(fd);
}

static void
drain_one(void *arg, const char *call)
{
	struct run *r = arg;
	struct err err;

	/* Noted first: the hang-up's effect comes after its cause. */
	if (dossier_note(r->dir, "drain", call, clock_wall_us(), &err) != 0 ||
	    desk_hangup(r->client, call, &err) != 0)
		fprintf(stderr, "call %s not hung up: %s\n", call, err.text);
}

static int
wait_over(struct run *r, int64_t deadline, struct err *err)
{
	while (r->traffic.counts.over < r->callers && clock_mono_ms() < deadline)
		if (run_step(r, err) != 0)
			return -1;
	return 0;
}

static int
drain(struct run *r, struct err *err)
{
	if (wait_over(r, r->last_call_ms + r->profile->drain_deadline_s * 1000, err) != 0)
		return -1;
	if (r->traffic.counts.over >= r->callers || !r->profile->drain_hangup)
		return 0;
	r->traffic.draining = true;
	display_clear(&r->display);
	fprintf(stderr, "hanging up callers that still wait\n");
	if (desk_waiting(r->client, r->profile, drain_one, r, err) != 0)
		return -1;
	return wait_over(r, clock_mono_ms() + DRAIN_HANGUP_MS, err);
}

/* Whether mqsd has told the end of each call it let enter, and no leg is left. */
static bool
all_told(const struct run *r)
{
	size_t i;

	for (i = 0; i < r->live.told_count; i++)
		if (r->live.tolds[i].entered != 0 && r->live.tolds[i].ended == 0)
			return false;
	for (i = 0; i < r->live.leg_count; i++)
		if (leg_end(&r->live.legs[i]) == 0)
			return false;
	return true;
}

/*
 * The calls are over for the callers; agents, events and nodes get their time to agree. What a node
 * still shows after ghost_us is a ghost, so its list is read once more just after that.
 */
static int
settle(struct run *r, struct err *err)
{
	int64_t now = clock_mono_ms(), told_by = now + TOLD_MS;
	int64_t clean_by = now + verdict_default_rules.ghost_us / 1000 + 1000;

	while ((!all_told(r) && clock_mono_ms() < told_by) ||
	       (!r->node_clean && clock_mono_ms() < clean_by)) {
		if (run_step(r, err) != 0)
			return -1;
		if (clock_mono_ms() - r->looked_ms >= LOOK_AGAIN_MS)
			run_look(r);
	}
	run_look(r);
	if (all_told(r))
		run_check_end(r);
	run_show(r, true);
	return 0;
}

/* A phone that isn't there any more would be rung in the next run, too. */
static void
unregister(struct run *r)
{
	int64_t ms = SIPP_STOP_MS +
		     (int64_t)(1000 * (double)r->profile->agents / r->profile->register_rate);
	struct err err;

	if (!r->lab_stays || !r->started[RUN_REGISTER] || !lab_alive(&r->lab))
		return;
	if (start_sipp(r, RUN_UNREGISTER, &err) == 0)
		proc_wait(&r->sipp[RUN_UNREGISTER].proc, ms);
}

static void
end(struct run *r)
{
	int i;

	unregister(r);

	for (i = 0; i < RUN_PARTS; i++)
		if (r->started[i])
			proc_stop(&r->sipp[i].proc);
	for (i = 0; i < RUN_PARTS; i++) {
		if (r->started[i])
			proc_wait(&r->sipp[i].proc, SIPP_STOP_MS);
		follow_close(&r->logs[i]);
	}
	recorder_stop(&r->recorder);
	run_watch_close(r);
	run_check_close(r);
	follow_close(&r->events);
	lab_ports_release(&r->ports);
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
		rc = drain(r, err);
	/* A first look makes node_clean true or false. */
	run_look(r);
	if (rc == 0)
		rc = settle(r, err);
	if (rc == 0)
		rc = write_meta(r, err);
	end(r);
	return rc;
}
