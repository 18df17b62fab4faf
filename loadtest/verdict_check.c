/* SPDX-License-Identifier: BSD-2-Clause */

/* What the agents' phones say about the agents, whatever became of the calls. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/mem.h"
#include "loadtest/verdict.h"

#define MS	   1000LL
#define TALK_SHARE 50	       /* of its length a conversation may be longer or shorter, */
#define TALK_US	   (1000 * MS) /* or so much, whichever is more */

static const char *
shown(const struct evidence *e, uint32_t word)
{
	return word != 0 ? evidence_text(e, word) : "?";
}

__attribute__((format(printf, 4, 5))) static void
violate(struct verdict *v, const char *rule, int64_t at, const char *fmt, ...)
{
	struct verdict_violation *violation;
	va_list ap;
	char *text;

	if (v->violation_count++ >= VERDICT_VIOLATIONS)
		return;
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = mem_dup("");
	va_end(ap);
	v->violations = mem_grow(v->violations, v->violation_count, sizeof(*violation));
	violation = &v->violations[v->violation_count - 1];
	*violation = (struct verdict_violation){.rule = rule, .at = at, .text = text};
}

/* Who hangs up earlier than the script says, or is not let go and doesn't, is no phone of ours. */
static void
check_talk(struct verdict *v, const struct evidence *e, const struct leg *leg, int64_t script)
{
	int64_t end = leg_end(leg), held = end - leg->ack;
	int64_t slack = script / TALK_SHARE > TALK_US ? script / TALK_SHARE : TALK_US;
	bool early = end == leg->bye_out && held < script - slack;

	if (leg->ack == 0 || end == 0 || leg->failure != 0 || (!early && held <= script + slack))
		return;
	violate(v, "talk-time", end, "agent %s held call %s for %lld ms, its script says %lld ms",
		shown(e, leg->agent), shown(e, leg->id.call), (long long)(held / MS),
		(long long)(script / MS));
}

static int
by_agent_and_time(const void *a, const void *b)
{
	const struct leg *x = *(const struct leg *const *)a, *y = *(const struct leg *const *)b;

	if (x->agent != y->agent)
		return x->agent < y->agent ? -1 : 1;
	return (x->invite > y->invite) - (x->invite < y->invite);
}

/* A phone learns later than mqsd that the node of its call is dead. */
static bool
node_died(const struct verdict *v, size_t leg)
{
	size_t caller = v->links.owner[leg];
	size_t drop = caller != NAMES_NONE ? v->calls[caller].drop : NAMES_NONE;

	return drop != NAMES_NONE && v->drops[drop].cause == VERDICT_DIED;
}

/* `before` ends last of all legs of that agent that began earlier. */
static void
check_phone(struct verdict *v, const struct evidence *e, const struct leg *before,
	    const struct leg *leg)
{
	int64_t end = leg_end(before);

	if (before->failure != 0 || (end != 0 && leg->invite + VERDICT_SKEW_US >= end) ||
	    node_died(v, (size_t)(before - e->legs)))
		return;
	violate(v, "one-phone", leg->invite, "agent %s was called for %s while in call %s",
		shown(e, leg->agent), shown(e, leg->id.call), shown(e, before->id.call));
}

static bool
ends_later(const struct leg *leg, const struct leg *than)
{
	return leg_end(leg) == 0 || (leg_end(than) != 0 && leg_end(leg) > leg_end(than));
}

static void
check_phones(struct verdict *v, const struct evidence *e)
{
	const struct leg **sorted = mem_alloc((e->leg_count + 1) * sizeof(struct leg *));
	const struct leg *before = NULL;
	size_t i;

	for (i = 0; i < e->leg_count; i++)
		sorted[i] = &e->legs[i];
	qsort(sorted, e->leg_count, sizeof(struct leg *), by_agent_and_time);
	for (i = 0; i < e->leg_count; i++) {
		bool same = before != NULL && before->agent == sorted[i]->agent;

		if (same)
			check_phone(v, e, before, sorted[i]);
		if (!same || ends_later(sorted[i], before))
			before = sorted[i];
	}
	free(sorted);
}

void
verdict_check(struct verdict *v, const struct evidence *e, const struct verdict_rules *rules)
{
	int64_t script;
	size_t i;

	for (i = 0; rules->scripted != NULL && i < e->leg_count; i++) {
		script = scripted_talk_us(rules->scripted, evidence_text(e, e->legs[i].agent));
		if (script >= 0)
			check_talk(v, e, &e->legs[i], script);
	}
	if (rules->fault_count == 0)
		check_phones(v, e);
}
