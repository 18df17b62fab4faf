/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/chaos_plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "loadtest/dice.h"

#define LINE_BYTES 256
#define LASTS_MAX  600000

static struct chaos_act *
add(struct chaos_plan *plan)
{
	plan->acts = mem_grow(plan->acts, plan->count + 1, sizeof(*plan->acts));
	plan->acts[plan->count] = (struct chaos_act){0};
	return &plan->acts[plan->count++];
}

static int
servers_of(const struct lab_options *lab, enum lab_kind kind)
{
	const int counts[LAB_KINDS] = {[LAB_REDIS] = 1 + lab->replicas,
				       [LAB_SENTINEL] = lab->sentinels,
				       [LAB_KAMAILIO] = 1,
				       [LAB_ASTERISK] = lab->nodes,
				       [LAB_MQSD] = lab->mqsds};

	return counts[kind];
}

/* Always takes three numbers from the stream, so that a fault's row changes only its own acts. */
static void
draw_act(struct chaos_plan *plan, const struct lab_options *lab, const struct chaos_fault *fault,
	 int64_t pause_ms, uint64_t *state)
{
	struct chaos_act *act = add(plan);
	int64_t which = dice_between(state, 1, servers_of(lab, fault->kind));
	int64_t node = dice_between(state, 1, lab->nodes);

	act->fault = fault;
	act->pause_ms = pause_ms;
	act->lasts_ms = dice_between(state, fault->min_ms, fault->max_ms);
	if (fault->target != NULL)
		snprintf(act->server, sizeof(act->server), "%s", fault->target);
	else
		lab_server_name(fault->kind, (int)which, act->server);
	if (fault->other != NULL && strcmp(fault->other, "node") == 0)
		lab_server_name(LAB_ASTERISK, (int)node, act->other);
	else if (fault->other != NULL)
		snprintf(act->other, sizeof(act->other), "%s", fault->other);
}

/* The faults that the lab allows, in an order drawn anew; returns how many. */
static size_t
shuffle(const struct chaos_fault **deck, const struct lab_options *lab, uint64_t *state)
{
	size_t count = 0, i, j;

	for (i = 0; i < chaos_fault_count; i++)
		if (chaos_fault_fits(&chaos_faults[i], lab))
			deck[count++] = &chaos_faults[i];
	for (i = count; i > 1; i--) {
		const struct chaos_fault *kept = deck[i - 1];

		j = (size_t)dice_between(state, 0, (int64_t)i - 1);
		deck[i - 1] = deck[j];
		deck[j] = kept;
	}
	return count;
}

void
chaos_plan_draw(struct chaos_plan *plan, const struct lab_options *lab, uint64_t seed,
		int64_t for_ms, int64_t pause_ms)
{
	const struct chaos_fault **deck =
		mem_alloc(chaos_fault_count * sizeof(const struct chaos_fault *));
	size_t left = 0;
	int64_t ms;

	*plan = (struct chaos_plan){0};
	for (ms = 0; ms + pause_ms <= for_ms; ms += pause_ms) {
		if (left == 0)
			left = shuffle(deck, lab, &seed);
		draw_act(plan, lab, deck[--left], pause_ms, &seed);
	}
	free(deck);
}

void
chaos_plan_repeat(struct chaos_plan *plan, const struct lab_options *lab, uint64_t seed,
		  const struct chaos_fault *fault, size_t count, int64_t pause_ms)
{
	*plan = (struct chaos_plan){0};
	while (plan->count < count)
		draw_act(plan, lab, fault, dice_between(&seed, 0, pause_ms), &seed);
}

static int
read_line(struct chaos_plan *plan, const char *line, int number, struct err *err)
{
	char fault[64], server[TEXT_NAME_MAX + 1], other[TEXT_NAME_MAX + 1];
	struct chaos_act *act;
	int64_t pause, lasts;

	if (sscanf(line, "%" SCNd64 " %63s %64s %64s %" SCNd64, &pause, fault, server, other,
		   &lasts) != 5 ||
	    pause < 0 || lasts < 0 || lasts > LASTS_MAX)
		return err_set(err, "line %d of the plan: PAUSE FAULT SERVER OTHER LASTS is wanted",
			       number);
	if (chaos_fault_find(fault) == NULL)
		return err_set(err, "line %d of the plan: there is no fault %s", number, fault);
	act = add(plan);
	act->fault = chaos_fault_find(fault);
	act->pause_ms = pause;
	act->lasts_ms = lasts;
	snprintf(act->server, sizeof(act->server), "%s", server);
	if (strcmp(other, "-") != 0)
		snprintf(act->other, sizeof(act->other), "%s", other);
	return 0;
}

int
chaos_plan_read(struct chaos_plan *plan, const char *text, struct err *err)
{
	char line[LINE_BYTES];
	int number = 0;
	size_t len;

	*plan = (struct chaos_plan){0};
	while (*text != '\0') {
		len = strcspn(text, "\n");
		snprintf(line, sizeof(line), "%.*s", (int)len, text);
		text += len + (text[len] == '\n');
		number++;
		if (line[0] == '#' || line[strspn(line, " \t\r")] == '\0')
			continue;
		if (read_line(plan, line, number, err) != 0) {
			chaos_plan_free(plan);
			return -1;
		}
	}
	return plan->count > 0 ? 0 : err_set(err, "the plan has no fault");
}

char *
chaos_act_text(const struct chaos_act *act)
{
	return mem_printf("%" PRId64 " %s %s %s %" PRId64, act->pause_ms, act->fault->name,
			  act->server, act->other[0] != '\0' ? act->other : "-", act->lasts_ms);
}

int64_t
chaos_plan_ms(const struct chaos_plan *plan)
{
	int64_t ms = 0, turn;
	size_t i;

	for (i = 0; i < plan->count; i++) {
		turn = plan->acts[i].lasts_ms + CHAOS_STEADY_MS;
		ms += turn > plan->acts[i].pause_ms ? turn : plan->acts[i].pause_ms;
	}
	return ms;
}

void
chaos_plan_free(struct chaos_plan *plan)
{
	free(plan->acts);
	*plan = (struct chaos_plan){0};
}
