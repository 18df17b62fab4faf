/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/plan.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "loadtest/arrivals.h"
#include "loadtest/dice.h"

/* What stands for "never hangs up": longer than any run. */
#define NEVER_MS (10 * 86400000LL)

/* Of an exponential talk time, in means: 1 in 22,000 would be longer. */
#define LONGEST 10

/* What people do is faster with the speed. */
static int64_t
lived_ms(const struct profile *p, int64_t ms)
{
	return (int64_t)((double)ms / p->speed + 0.5);
}

static int64_t
stay_of(const struct profile *p, uint64_t *state)
{
	int64_t stay = dice_around(state, lived_ms(p, p->stay_s * 1000), p->spread);
	int64_t patience = dice_around(state, lived_ms(p, p->patience_s * 1000), p->spread);
	bool leaves = dice_percent(state, p->caller_share);

	if (p->hangup_by == HANGUP_AGENT || (p->hangup_by == HANGUP_MIXED && !leaves))
		stay = NEVER_MS;
	if (p->patience_s > 0 && patience < stay)
		stay = patience;
	return stay;
}

int64_t
plan_calls(const struct profile *p)
{
	if (p->arrivals != ARRIVALS_CLOSED)
		return arrivals_count(p);
	if (p->calls > 0)
		return p->calls;
	return p->duration_s > 0 ? 0 : p->callers;
}

int64_t
plan_open_calls(const struct profile *p)
{
	int64_t calls = plan_calls(p);

	if (p->arrivals != ARRIVALS_CLOSED)
		return calls;
	return calls > 0 && calls < p->callers ? calls : p->callers;
}

double
plan_call_rate(const struct profile *p)
{
	double last;

	if (p->arrivals == ARRIVALS_CLOSED)
		return fmin(p->call_rate, p->max_call_rate);
	last = arrivals_last(p, plan_calls(p));
	return last > 0 ? fmin((double)plan_calls(p) * 1000 / last, p->max_call_rate)
			: p->max_call_rate;
}

/* When SIPp starts the caller i: each of `count` processes begins a row later. */
static double
start_ms(double rate, int64_t i, int count)
{
	return (double)(i / count + 1) * count * 1000 / rate;
}

/* By how much all come later, so that nobody has to arrive before SIPp starts him. */
static double
delay_ms(const struct profile *p, double rate, int count)
{
	struct arrivals a = arrivals_open(p);
	int64_t calls = plan_calls(p), i;
	double delay = 0;

	for (i = 0; i < calls; i++)
		delay = fmax(delay, start_ms(rate, i, count) - arrivals_next(&a));
	return delay;
}

int64_t
plan_last_arrival_ms(const struct profile *p)
{
	return (int64_t)(delay_ms(p, plan_call_rate(p), 1) + arrivals_last(p, plan_calls(p)));
}

double
plan_login_rate(const struct profile *p)
{
	double rate = p->register_rate;

	if (rate <= 0)
		rate = fmax(0.1, (double)p->agents * p->speed / (double)p->talk_s);
	return fmin(rate, p->max_answer_rate);
}

int64_t
plan_wrapup_s(const struct profile *p)
{
	return lived_ms(p, p->wrapup_s);
}

int64_t
plan_login_after_ms(const struct profile *p)
{
	return lived_ms(p, p->agents_login_after_s * 1000);
}

static int64_t
caller_rows(const struct profile *p)
{
	int64_t rows = plan_calls(p);

	if (rows == 0)
		rows = p->callers + (int64_t)((double)p->duration_s * plan_call_rate(p));
	return rows < PLAN_ROWS_MAX ? rows : PLAN_ROWS_MAX;
}

char *
plan_callers(const struct profile *p, int number, int count)
{
	uint64_t state = dice_stream(p->seed, DICE_CALLERS);
	bool closed = p->arrivals == ARRIVALS_CLOSED;
	int64_t rows = caller_rows(p), stay, before = 0, i;
	double rate = plan_call_rate(p), delay = closed ? 0 : delay_ms(p, rate, count);
	struct arrivals a = arrivals_open(p);
	char *text = NULL, queue[PLAN_QUEUE_MAX];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs("SEQUENTIAL\n", out);
	for (i = 0; i < rows; i++) {
		stay = stay_of(p, &state);
		if (!closed)
			before = (int64_t)(delay + arrivals_next(&a) - start_ms(rate, i, count));
		if (i % count == number)
			fprintf(out, "49301%07" PRId64 ";%" PRId64 ";%" PRId64 ";%s\n", i + 1, stay,
				before, plan_queue_name(p->queue, i % p->queues, queue));
	}
	fclose(out);
	return text;
}

char *
plan_logins(const struct profile *p, const char *password, int number, int count)
{
	char *text = NULL, name[PLAN_NAME_MAX];
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int64_t i;

	fputs("SEQUENTIAL\n", out);
	for (i = number; i < p->agents; i += count)
		fprintf(out, "%s;[authentication username=%s password=%s]\n",
			plan_agent_name(i, name), name, password);
	fclose(out);
	return text;
}

/* What is drawn for one agent. */
struct agent {
	int64_t answer, talk, hold; /* ms */
	enum plan_how how;
};

static int64_t
talk_of(const struct profile *p, uint64_t *state)
{
	int64_t mean = lived_ms(p, p->talk_s * 1000), talk;

	if (p->talk_drawn == TALK_UNIFORM)
		return dice_around(state, mean, p->spread);
	talk = (int64_t)dice_until(state, (double)mean);
	if (p->talk_drawn == TALK_FIXED)
		return mean;
	return talk < LONGEST * mean ? talk : LONGEST * mean;
}

static enum plan_how
how_of(const struct profile *p, uint64_t *state)
{
	const int64_t shares[] = {p->busy_share, p->reject_share, p->silent_share, p->early_share};
	int64_t drawn = (int64_t)(dice_draw(state) % 100);
	size_t i;

	for (i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
		if (drawn < shares[i])
			return (enum plan_how)(PLAN_BUSY + i);
		drawn -= shares[i];
	}
	return PLAN_ANSWERS;
}

static struct agent
draw_agent(const struct profile *p, uint64_t *state)
{
	struct agent agent = {
		.answer = dice_around(state, lived_ms(p, p->answer_delay_ms), p->spread)};
	bool holds;

	agent.talk = talk_of(p, state);
	agent.how = how_of(p, state);
	holds = dice_percent(state, p->hold_share);
	if (agent.how == PLAN_EARLY)
		agent.talk = 0;
	else if (holds)
		agent.hold = agent.talk / 3;
	return agent;
}

static void
write_agent(FILE *out, const struct profile *p, const struct agent *agent, const char *name)
{
	bool stays = p->hangup_by == HANGUP_CALLER && agent->how != PLAN_EARLY;
	int64_t after = agent->hold > 0 ? agent->talk - 2 * agent->hold : 0;
	int64_t before = agent->hold > 0 ? agent->hold : agent->talk, talk = agent->talk;

	if (stays)
		talk = NEVER_MS;
	if (stays && agent->hold > 0)
		after = NEVER_MS;
	else if (stays)
		before = NEVER_MS;
	fprintf(out, "%s;%" PRId64 ";%" PRId64 ";%d;%" PRId64 ";%" PRId64 ";%" PRId64 "\n", name,
		agent->answer, talk, agent->how, before, agent->hold, after);
}

char *
plan_agents(const struct profile *p)
{
	uint64_t state = dice_stream(p->seed, DICE_AGENTS);
	char *text = NULL, name[PLAN_NAME_MAX];
	struct agent agent;
	int64_t i;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs("SEQUENTIAL\n", out);
	for (i = 0; i < p->agents; i++) {
		agent = draw_agent(p, &state);
		write_agent(out, p, &agent, plan_agent_name(i, name));
	}
	fclose(out);
	return text;
}

int64_t
plan_agents_who(const struct profile *p, enum plan_how how)
{
	uint64_t state = dice_stream(p->seed, DICE_AGENTS);
	int64_t i, n = 0;

	for (i = 0; i < p->agents; i++)
		n += draw_agent(p, &state).how == how;
	return n;
}

/* How long what there is to do takes those who answer. */
static double
serving_s(const struct profile *p, int64_t calls, double arriving_s)
{
	double turn = (double)(p->talk_s * 1000 + p->answer_delay_ms) / 1000 / p->speed +
		      (double)plan_wrapup_s(p);
	double agents = (double)plan_agents_who(p, PLAN_ANSWERS);
	double login_s = (double)p->agents / plan_login_rate(p), begin = 0;

	if (p->agents_login_after_s > 0)
		begin = arriving_s + (double)plan_login_after_ms(p) / 1000 + login_s / 2;
	if (agents < 1)
		return 0;
	/* The last round is not shared out evenly. */
	return begin + fmax((double)calls / agents, 1) * turn + turn / 2;
}

int64_t
plan_expected_s(const struct profile *p)
{
	int64_t calls = plan_calls(p);
	bool closed = p->arrivals == ARRIVALS_CLOSED;
	double turn = (double)(p->talk_s * 1000 + p->answer_delay_ms) / 1000 / p->speed;
	double arriving = closed ? (double)plan_open_calls(p) / plan_call_rate(p)
				 : (double)plan_last_arrival_ms(p) / 1000;
	double serving;

	if (p->agents == 0)
		return (int64_t)(arriving + (p->patience_s > 0 ? (double)p->patience_s / p->speed
							       : (double)p->drain_deadline_s));
	if (calls == 0)
		return (int64_t)((double)p->duration_s + serving_s(p, p->callers, 0));
	serving = serving_s(p, calls, closed ? arriving : 0);
	if (closed && p->duration_s > 0)
		serving = fmin(serving, (double)p->duration_s + serving_s(p, p->callers, 0));
	return (int64_t)ceil(fmax(arriving + turn, serving));
}

char *
plan_agent_name(int64_t i, char out[PLAN_NAME_MAX])
{
	snprintf(out, PLAN_NAME_MAX, "a%05" PRIu32, (uint32_t)(i + 1));
	return out;
}

char *
plan_queue_name(const char *first, int64_t i, char out[PLAN_QUEUE_MAX])
{
	if (i == 0)
		snprintf(out, PLAN_QUEUE_MAX, "%s", first);
	else
		snprintf(out, PLAN_QUEUE_MAX, "%.64s-%d", first, (int)i + 1);
	return out;
}

bool
plan_is_queue(const char *first, const char *name)
{
	size_t len = strlen(first);

	if (strncmp(name, first, len) != 0)
		return false;
	return name[len] == '\0' ||
	       (name[len] == '-' && isdigit((unsigned char)name[len + 1]) &&
		strspn(name + len + 1, "0123456789") == strlen(name + len + 1));
}
