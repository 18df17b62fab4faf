/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/plan.h"

#include <inttypes.h>
#include <stdio.h>

#include "lib/mem.h"
#include "loadtest/dice.h"

/* What stands for "never hangs up": longer than any run. */
#define NEVER_MS (10 * 86400000LL)

/* For 240,000 calls no row comes twice; for millions the file would be too big to be read by
 * people. */
#define ROWS_MAX 250000

/* Each file draws from a stream of its own, so that more callers don't change the agents. */
enum { STREAM_CALLERS = 1, STREAM_AGENTS = 2 };

static uint64_t
stream(const struct profile *p, uint64_t number)
{
	uint64_t state = (uint64_t)p->seed;

	return dice_draw(&state) ^ (number << 56);
}

/* Evenly from `spread` percent below to as much above. Always takes one number from the stream. */
static int64_t
around(uint64_t *state, int64_t ms, int64_t spread)
{
	int64_t half = ms * spread / 100;
	uint64_t drawn = dice_draw(state);

	return half > 0 ? ms - half + (int64_t)(drawn % (uint64_t)(2 * half + 1)) : ms;
}

static int64_t
stay_of(const struct profile *p, uint64_t *state)
{
	int64_t stay = around(state, p->stay_s * 1000, p->spread);
	int64_t patience = around(state, p->patience_s * 1000, p->spread);
	bool leaves = (int64_t)(dice_draw(state) % 100) < p->caller_share;

	if (p->hangup_by == HANGUP_AGENT || (p->hangup_by == HANGUP_MIXED && !leaves))
		stay = NEVER_MS;
	if (p->patience_s > 0 && patience < stay)
		stay = patience;
	return stay;
}

int64_t
plan_calls(const struct profile *p)
{
	if (p->calls > 0)
		return p->calls;
	return p->duration_s > 0 ? 0 : p->callers;
}

int64_t
plan_open_calls(const struct profile *p)
{
	int64_t calls = plan_calls(p);

	return calls > 0 && calls < p->callers ? calls : p->callers;
}

double
plan_call_rate(const struct profile *p)
{
	return p->call_rate < p->max_call_rate ? p->call_rate : p->max_call_rate;
}

double
plan_login_rate(const struct profile *p)
{
	return p->register_rate < p->max_answer_rate ? p->register_rate : p->max_answer_rate;
}

/* Rows of all processes. SIPp begins again at the top when there are more calls than rows. */
static int64_t
caller_rows(const struct profile *p)
{
	int64_t rows = plan_calls(p);

	if (rows == 0)
		rows = p->callers + (int64_t)((double)p->duration_s * plan_call_rate(p));
	return rows < ROWS_MAX ? rows : ROWS_MAX;
}

char *
plan_callers(const struct profile *p, int number, int count)
{
	uint64_t state = stream(p, STREAM_CALLERS);
	int64_t rows = caller_rows(p), stay, i;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs("SEQUENTIAL\n", out);
	for (i = 0; i < rows; i++) {
		stay = stay_of(p, &state);
		if (i % count == number)
			fprintf(out, "49301%07" PRId64 ";%" PRId64 ";0\n", i + 1, stay);
	}
	fclose(out);
	return text;
}

char *
plan_logins(const struct profile *p, int number, int count)
{
	char *text = NULL, name[PLAN_NAME_MAX];
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int64_t i;

	fputs("SEQUENTIAL\n", out);
	for (i = number; i < p->agents; i += count)
		fprintf(out, "%s\n", plan_agent_name(i, name));
	fclose(out);
	return text;
}

char *
plan_agent_name(int64_t i, char out[PLAN_NAME_MAX])
{
	snprintf(out, PLAN_NAME_MAX, "a%05" PRIu32, (uint32_t)(i + 1));
	return out;
}

char *
plan_agents(const struct profile *p)
{
	uint64_t state = stream(p, STREAM_AGENTS);
	char *text = NULL, name[PLAN_NAME_MAX];
	int64_t i, answer, talk;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs("SEQUENTIAL\n", out);
	for (i = 0; i < p->agents; i++) {
		answer = around(&state, p->answer_delay_ms, p->spread);
		talk = around(&state, p->talk_s * 1000, p->spread);
		if (p->hangup_by == HANGUP_CALLER)
			talk = NEVER_MS;
		fprintf(out, "%s;%" PRId64 ";%" PRId64 "\n", plan_agent_name(i, name), answer,
			talk);
	}
	fclose(out);
	return text;
}
