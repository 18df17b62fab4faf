/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/profile.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/option.h"
#include "loadtest/kit.h"

#define SECTION	 "profile"
#define SUFFIX	 ".profile"
#define DAY_S	 86400
#define OPEN_MAX (KIT_CALLS_MAX * KIT_PROCESSES_MAX)

static const char *const hangup_names[] = {"agent", "caller", "mixed", NULL};

/* clang-format off */
#define ROW(field, kind, lo, hi, def_, unit_, help_) \
	{.section = SECTION, .name = #field, .type = OPTION_##kind, .offset = offsetof(struct profile, field), \
	 .min = (lo), .max = (hi), .def = (def_), .unit = (unit_), .help = (help_)}

static const struct option rows[] = {
	ROW(nodes,                INT,    1, 16,      "2",    NULL, "Asterisk nodes of the lab."),
	ROW(queue,                STRING, 1, 64,      "1000", NULL, "The queue, which is the number that callers dial."),
	ROW(callers,              INT,    1, OPEN_MAX, "60",   NULL, "Callers in the system at once: who is done is replaced by the next."),
	ROW(calls,                INT,    0, 100000000, "0",  NULL, "Calls in all; 0: as many as callers, or, with duration_s, no end."),
	ROW(duration_s,           INT,    0, 7 * DAY_S, "0",  "s",     "No new calls so long after the first one; 0: no such limit."),
	ROW(call_rate,            REAL,   0, 1000,    "10",   "1/s",   "New calls per second, until the callers are there and to replace those who are done."),
	ROW(max_call_rate,        REAL,   0, 1000,    "100",  "1/s",   "New calls per second are never more, whatever the speed."),
	ROW(agents,               INT,    0, OPEN_MAX, "20",   NULL, "Agents, each with a phone that registers."),
	ROW(register_rate,        REAL,   0, 2000,    "100",  "1/s",   "Registrations per second."),
	ROW(expires_s,            INT,    10, 3600,   "3600", "s",     "How long a registration holds; phones register anew before it is over."),
	ROW(max_answer_rate,      REAL,   0, 1000,    "100",  "1/s",   "Agents never register faster, whatever the speed."),
	ROW(agents_login_after_s, INT,    0, DAY_S,   "0",    "s",     "Agents register this long after the first call; 0: before it."),
	ROW(answer_delay_ms,      INT,    0, 600000,  "500",  "ms",    "How long a phone rings before its agent answers."),
	ROW(talk_s,               INT,    1, DAY_S,   "5",    "s",     "How long an agent talks before hanging up."),
	ROW(wrapup_s,             INT,    0, 3600,    "0",    "s",     "The queue's wrapuptime."),
	ROW(ring_s,               INT,    1, 180,     "15",   "s",     "The queue's timeout: how long a phone may ring."),
	ROW(spread,               INT,    0, 100,     "0",    "%",     "Answer, talk, stay and patience are drawn evenly from this much below to above."),
	{.section = SECTION, .name = "hangup_by", .type = OPTION_ENUM, .offset = offsetof(struct profile, hangup_by),
	 .def = "agent", .values = hangup_names, .help = "Who hangs up: all agents, all callers, or caller_share of the callers."},
	ROW(caller_share,         INT,    0, 100,     "50",   "%",     "With hangup_by = mixed: callers that hang up themselves."),
	ROW(stay_s,               INT,    1, DAY_S,   "10",   "s",     "When a caller that hangs up does so, from the answer on, waiting or talking."),
	ROW(patience_s,           INT,    0, DAY_S,   "0",    "s",     "When any caller hangs up at the latest, from the answer on; 0: never."),
	ROW(drain_deadline_s,     INT,    1, DAY_S,   "60",   "s",     "After the last new call: what is still up then did not drain."),
	ROW(drain_hangup,         BOOL,   0, 0,       "no",   NULL, "Hang up callers that still wait at the drain deadline; they count as drained."),
	ROW(offer_p99_ms,         INT,    0, 600000,  "0",    "ms",    "Offer latency's p99 is to be no higher; 0: it may be anything."),
	ROW(connect_p99_ms,       INT,    0, 600000,  "0",    "ms",    "The same for connect latency."),
	ROW(node_poll_ms,         INT,    200, 600000, "5000", "ms",   "How often the nodes' lists are read."),
	ROW(seed,                 INT,    0, INT64_MAX, "1",  NULL, "Of everything that is drawn: the same seed gives the same files."),
};
/* clang-format on */

const struct option_table profile_options = {rows, sizeof(rows) / sizeof(rows[0])};

static void *
section(void *arg, const char *name, struct err *err)
{
	if (strcmp(name, SECTION) == 0)
		return arg;
	err_set(err, "a profile has one section, [" SECTION "], not [%s]", name);
	return NULL;
}

static bool
is_path(const char *name)
{
	size_t len = strlen(name), suffix = strlen(SUFFIX);

	return strchr(name, '/') != NULL ||
	       (len > suffix && strcmp(name + len - suffix, SUFFIX) == 0);
}

static char *
bare_name(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
	size_t len = strlen(name), suffix = strlen(SUFFIX);

	if (len > suffix && strcmp(name + len - suffix, SUFFIX) == 0)
		len -= suffix;
	return mem_dup_len(name, len);
}

int
profile_read(struct profile *p, const char *scenarios_dir, const char *name, struct err *err)
{
	char *path =
		is_path(name) ? mem_dup(name) : mem_printf("%s/%s" SUFFIX, scenarios_dir, name);
	struct option_file file = {
		.path = path, .table = &profile_options, .section = section, .arg = p};
	int rc;

	*p = (struct profile){0};
	option_defaults(&profile_options, SECTION, p);
	rc = option_read(&file, err);
	p->name = bare_name(path);
	free(path);
	if (rc != 0)
		profile_free(p);
	return rc;
}

int
profile_set(struct profile *p, const char *assignment, struct err *err)
{
	const char *equals = strchr(assignment, '='), *near;
	const struct option *o;
	char *name;
	int rc;

	if (equals == NULL)
		return err_set(err, "--set takes option=value, not \"%s\"", assignment);
	name = mem_dup_len(assignment, (size_t)(equals - assignment));
	o = option_find(&profile_options, SECTION, name);
	near = o == NULL ? option_nearest(&profile_options, SECTION, name) : NULL;
	if (o == NULL)
		rc = err_set(err, "a profile has no option \"%s\"%s%s%s", name,
			     near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
			     near != NULL ? "\"?" : "");
	else
		rc = option_set(o, p, equals + 1, err);
	free(name);
	return rc;
}

int
profile_check(const struct profile *p, struct err *err)
{
	if (p->call_rate <= 0)
		return err_set(err, "call_rate must be above 0");
	if (p->agents > 0 && p->register_rate <= 0)
		return err_set(err, "register_rate must be above 0");
	if (strspn(p->queue, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") !=
	    strlen(p->queue))
		return err_set(err, "queue \"%s\": letters, digits, _ . - only", p->queue);
	if (p->answer_delay_ms >= p->ring_s * 1000)
		return err_set(err,
			       "answer_delay_ms must be below ring_s, else nobody ever answers");
	return 0;
}

int64_t
profile_expected_s(const struct profile *p)
{
	int64_t arriving = (int64_t)((double)p->callers / p->call_rate);
	int64_t turn = p->talk_s + p->wrapup_s + (p->answer_delay_ms + 999) / 1000;
	int64_t rounds = p->agents > 0 ? (p->callers + p->agents - 1) / p->agents : 0;
	int64_t serving = p->agents_login_after_s + rounds * turn;

	if (p->agents == 0)
		serving = arriving + (p->patience_s > 0 ? p->patience_s : p->drain_deadline_s);
	return arriving + turn > serving ? arriving + turn : serving;
}

void
profile_free(struct profile *p)
{
	option_free(&profile_options, SECTION, p);
	free(p->name);
	*p = (struct profile){0};
}
