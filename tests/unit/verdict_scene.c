/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/verdict_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

char *
scene_name(const char *stem, int n)
{
	return mem_printf("%s%d", stem, n);
}

void
whole_call(struct evidence *e, int n)
{
	char *sip = scene_name("s", n), *call = scene_name("c-", n), *leg_sip = scene_name("l", n),
	     *agent = scene_name("a", n), *leg_id = mem_printf("%s.1", call);
	int64_t at = T + n * 100 * S;
	struct caller *c = evidence_caller(e, sip);
	struct leg *leg = evidence_leg(e, leg_sip);
	struct told *told = evidence_told(e, call);

	c->number = evidence_word(e, "49");
	c->invite = at;
	c->ok = at + S / 100;
	c->bye_in = at + 7 * S + S / 100;
	leg->agent = evidence_word(e, agent);
	leg->id = evidence_number(e, leg_id);
	leg->invite = at + S;
	leg->ok = at + 2 * S;
	leg->ack = leg->ok + 1000;
	leg->bye_out = at + 7 * S;
	leg->bye_ok = leg->bye_out + 2000;
	told->entered = at + S / 50;
	told->bridged = at + 2 * S + 5000;
	told->ended = at + 7 * S + 5000;
	told->node = evidence_word(e, "n1");
	told->agent = leg->agent;
	told->leg = leg->id;
	told->reason = evidence_word(e, "agent_left");
	evidence_join(e, told, sip);
	e->mqsd_heard = true;
	free(agent);
	free(leg_id);
	free(sip);
	free(call);
	free(leg_sip);
}

void
abandoned_call(struct evidence *e, int n)
{
	char *sip = scene_name("s", n), *call = scene_name("c-", n);
	struct caller *c = evidence_caller(e, sip);
	struct told *told = evidence_told(e, call);

	c->invite = T + n * 100 * S;
	c->ok = c->invite + 10000;
	c->bye_out = c->ok + 5 * S;
	c->bye_ok = c->bye_out + 1000;
	told->entered = c->ok + 10000;
	told->ended = c->bye_ok;
	told->node = evidence_word(e, "n1");
	told->reason = evidence_word(e, "abandoned");
	evidence_join(e, told, sip);
	e->mqsd_heard = true;
	free(sip);
	free(call);
}

void
seen(struct evidence *e, int64_t at, const char *sip, const char *call, const char *bridge)
{
	evidence_sight(e, at, "n1", sip, call, bridge);
}

void
died(struct evidence *e, const char *node, int64_t at)
{
	*evidence_death(e) = (struct death){at, evidence_word(e, node)};
}

static const char *
drop_text(const struct verdict *v)
{
	return v->calls[0].drop != NAMES_NONE ? v->drops[v->calls[0].drop].text : "";
}

void
expect_rules(struct evidence *e, const struct verdict_rules *rules, struct want want)
{
	struct verdict v;
	size_t i, sum = 0;

	verdict_reach(&v, e, rules);
	for (i = 0; i < v.disagreement_count && v.disagreement_count != want.disagreements; i++)
		print_message("%s: %s\n", v.disagreements[i].call, v.disagreements[i].text);
	if (v.calls[0].end != want.end)
		print_message("%s: %s\n", verdict_end_names[v.calls[0].end], drop_text(&v));
	assert_int_equal(v.calls[0].end, want.end);
	assert_int_equal(v.ends[VERDICT_DROPPED], want.dropped);
	assert_int_equal(v.disagreement_count, want.disagreements);
	for (i = 0; i < VERDICT_ENDS; i++)
		sum += v.ends[i];
	assert_int_equal(sum, e->caller_count);
	assert_int_equal(v.classes[VERDICT_SIP] + v.classes[VERDICT_SERVER],
			 v.ends[VERDICT_DROPPED]);
	if (want.end == VERDICT_DROPPED) {
		assert_int_equal(verdict_class_of(&v.drops[v.calls[0].drop]), want.class);
		assert_non_null(v.drops[v.calls[0].drop].witness);
	}
	if (want.text != NULL)
		assert_non_null(strstr(want.end == VERDICT_DROPPED ? drop_text(&v)
								   : v.disagreements[0].text,
				       want.text));
	verdict_free(&v);
	evidence_free(e);
}

void
expect(struct evidence *e, struct want want)
{
	expect_rules(e, &verdict_default_rules, want);
}
