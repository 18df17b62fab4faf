/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/profile.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/option.h"
#include "loadtest/kit.h"
#include "loadtest/plan.h"
#include "loadtest/tracer.h"

#define SECTION	 "profile"
#define SUFFIX	 ".profile"
#define DAY_S	 86400
#define OPEN_MAX (KIT_CALLS_MAX * KIT_PROCESSES_MAX)

static const char *const hangup_names[] = {"agent", "caller", "mixed", NULL};
static const char *const arrivals_names[] = {"closed", "steady", "ramp", "poisson", "burst", NULL};
static const char *const talk_names[] = {"fixed", "uniform", "exponential", NULL};
static const char *const transport_names[] = {"udp", "tcp", NULL};

/* clang-format off */
#define ROW(field, kind, lo, hi, def_, unit_, help_) \
	{.section = SECTION, .name = #field, .type = OPTION_##kind, .offset = offsetof(struct profile, field), \
	 .min = (lo), .max = (hi), .def = (def_), .unit = (unit_), .help = (help_)}
#define WORDS(field, def_, values_, help_) \
	{.section = SECTION, .name = #field, .type = OPTION_ENUM, .offset = offsetof(struct profile, field), \
	 .def = (def_), .values = (values_), .help = (help_)}

static const struct option rows[] = {
	ROW(nodes,                INT,    1, 16,      "2",    NULL, "Asterisk nodes of the lab."),
	ROW(queue,                STRING, 1, 64,      "1000", NULL, "The queue, which is the number that callers dial."),
	ROW(queues,               INT,    1, 32,      "1",    NULL, "Queues: the others are called as this one, with -2, -3 and so on; callers take turns, agents are members of all."),
	WORDS(arrivals,           "closed", arrivals_names, "How callers come: closed: as many as callers are in the system, who is done is replaced; the others whatever became of those before: steady, ramp, poisson or burst."),
	ROW(callers,              INT,    1, OPEN_MAX, "60",  NULL, "With arrivals = closed: callers in the system at once."),
	ROW(calls,                INT,    0, 100000000, "0",  NULL, "Calls in all; 0: as many as callers, or, with duration_s, no end."),
	ROW(duration_s,           INT,    0, 7 * DAY_S, "0",  "s",     "No new calls so long after the first one; 0: no such limit."),
	ROW(call_rate,            REAL,   0, 1000,    "10",   "1/s",   "New calls per second; with arrivals = closed until the callers are there, and to replace those who are done; else on average, times speed."),
	ROW(max_call_rate,        REAL,   0, 400,     "100",  "1/s",   "New calls per second are never more, whatever the speed."),
	ROW(ramp_s,               INT,    1, DAY_S,   "60",   "s",     "With arrivals = ramp: the rate grows evenly from nothing for so long."),
	ROW(burst_s,              INT,    1, 3600,    "10",   "s",     "With arrivals = burst: so often the calls of this time come at once, as fast as max_call_rate lets them."),
	ROW(patience_s,           INT,    0, DAY_S,   "0",    "s",     "When any caller hangs up at the latest, from the answer on; 0: never."),
	ROW(agents,               INT,    0, OPEN_MAX, "20",  NULL, "Agents, each with a phone that registers, by which the agent logs in."),
	ROW(agents_login_after_s, INT,    0, DAY_S,   "0",    "s",     "Agents register this long after the callers are all there (or the first call, unless arrivals = closed); 0: before the first call."),
	ROW(register_rate,        REAL,   0, 2000,    "0",    "1/s",   "Registrations per second; 0: evenly over one talk time, so that turnover is level."),
	ROW(expires_s,            INT,    10, 3600,   "3600", "s",     "How long a registration holds; phones register anew before it is over."),
	ROW(max_answer_rate,      REAL,   0, 1000,    "60",   "1/s",   "Agents never register faster, whatever the speed."),
	ROW(answer_delay_ms,      INT,    0, 600000,  "500",  "ms",    "How long a phone rings before its agent answers."),
	WORDS(talk_drawn,         "uniform", talk_names, "How talk times of agents differ: not, as spread says, or exponentially; an agent keeps to his own."),
	ROW(talk_s,               INT,    1, DAY_S,   "5",    "s",     "How long an agent talks before hanging up."),
	ROW(wrapup_s,             INT,    0, 3600,    "0",    "s",     "The queues' wrapuptime."),
	ROW(ring_s,               INT,    1, 180,     "15",   "s",     "The queues' timeout: how long a phone may ring."),
	ROW(spread,               INT,    0, 100,     "0",    "%",     "Answer, talk, stay and patience are drawn evenly from this much below to above."),
	WORDS(hangup_by,          "agent", hangup_names, "Who hangs up: all agents, all callers, or caller_share of the callers."),
	ROW(caller_share,         INT,    0, 100,     "50",   "%",     "With hangup_by = mixed: callers that hang up themselves."),
	ROW(stay_s,               INT,    1, DAY_S,   "10",   "s",     "When a caller that hangs up does so, from the answer on, waiting or talking."),
	ROW(busy_share,           INT,    0, 100,     "0",    "%",     "Agents whose phone says busy (486)."),
	ROW(reject_share,         INT,    0, 100,     "0",    "%",     "Agents who decline (603)."),
	ROW(silent_share,         INT,    0, 100,     "0",    "%",     "Agents whose phone rings and rings."),
	ROW(early_share,          INT,    0, 100,     "0",    "%",     "Agents who answer and hang up at once."),
	ROW(hold_share,           INT,    0, 100,     "0",    "%",     "Of the other agents, those who put the caller on hold for the middle third of the talk."),
	WORDS(transport,          "udp", transport_names, "Between SIPp and Kamailio."),
	ROW(music,                STRING, 1, 64,      "none", NULL, "Music class of waiting callers in the run's own lab; none: signalling only."),
	ROW(keepalive_s,          INT,    5, 3600,    "30",   "s",     "How often Kamailio of the run's own lab asks whether the parties of a call are still there."),
	ROW(drain_deadline_s,     INT,    1, DAY_S,   "60",   "s",     "After the last new call: what is still up then did not drain."),
	ROW(drain_hangup,         BOOL,   0, 0,       "no",   NULL, "Hang up callers that still wait at the drain deadline; they count as drained."),
	ROW(offer_p99_ms,         INT,    0, 600000,  "0",    "ms",    "Offer latency's p99 is to be no higher; 0: it may be anything."),
	ROW(connect_p99_ms,       INT,    0, 600000,  "0",    "ms",    "The same for connect latency."),
	ROW(node_poll_ms,         INT,    200, 600000, "5000", "ms",   "How often the nodes' lists are read."),
	ROW(trace_mb,             INT,    0, TRACER_MB_MAX, "128", "MB", "Ring in which the kernel keeps the last SIP messages, for those of dropped calls; 0: none are kept."),
	ROW(speed,                REAL,   0, 100,     "1",    NULL, "Talk, wrapup, answer delay, stay, patience and the time before agents log in are divided by this, open arrivals come so many times faster; ring_s, keepalive_s, registrations and the two caps stay."),
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

void
profile_init(struct profile *p, const char *name)
{
	*p = (struct profile){.name = mem_dup(name)};
	option_defaults(&profile_options, SECTION, p);
}

int
profile_read(struct profile *p, const char *scenarios_dir, const char *name, struct err *err)
{
	char *path =
		is_path(name) ? mem_dup(name) : mem_printf("%s/%s" SUFFIX, scenarios_dir, name);
	struct option_file file = {
		.path = path, .table = &profile_options, .section = section, .arg = p};
	char *bare = bare_name(path);
	int rc;

	profile_init(p, bare);
	rc = option_read(&file, err);
	free(bare);
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

static int
check_rates(const struct profile *p, struct err *err)
{
	if (p->call_rate <= 0 || p->max_call_rate <= 0)
		return err_set(err, "call_rate and max_call_rate must be above 0");
	if (p->max_answer_rate <= 0)
		return err_set(err, "max_answer_rate must be above 0");
	if (p->speed < 0.01)
		return err_set(err, "speed must be 0.01 or more");
	if (p->arrivals != ARRIVALS_CLOSED && plan_calls(p) >= PLAN_ROWS_MAX)
		return err_set(
			err, "at most %d calls, unless arrivals = closed: see calls and duration_s",
			PLAN_ROWS_MAX - 1);
	return 0;
}

int
profile_check(const struct profile *p, struct err *err)
{
	static const char good[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	int64_t shares = p->busy_share + p->reject_share + p->silent_share + p->early_share;

	if (check_rates(p, err) != 0)
		return -1;
	if (strspn(p->queue, good) != strlen(p->queue))
		return err_set(err, "queue \"%s\": letters, digits, _ . - only", p->queue);
	if (strspn(p->music, good) != strlen(p->music))
		return err_set(err, "music \"%s\": letters, digits, _ . - only", p->music);
	if (shares > 100)
		return err_set(err, "busy, reject, silent and early_share are %lld %% together",
			       (long long)shares);
	if ((double)p->answer_delay_ms / p->speed >= (double)p->ring_s * 1000)
		return err_set(err,
			       "answer_delay_ms must be below ring_s, else nobody ever answers");
	return 0;
}

void
profile_free(struct profile *p)
{
	option_free(&profile_options, SECTION, p);
	free(p->name);
	*p = (struct profile){0};
}
