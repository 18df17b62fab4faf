/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/report.h"

#include "loadtest/figure.h"
#include "loadtest/story.h"

#define TIMELINES                                                                                  \
	1000 /* of drops; who has more has other worries, and there is `loadtest trace`            \
	      */

static json_t *
number(size_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *
calls_json(const struct verdict *v)
{
	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "originated", number(v->call_count),
		"refused", number(v->ends[VERDICT_REFUSED]), "entered", number(v->entered),
		"bridged", number(v->bridged), "completed", number(v->ends[VERDICT_COMPLETED]),
		"abandoned", number(v->ends[VERDICT_ABANDONED]), "ruled",
		number(v->ends[VERDICT_RULED]), "drained", number(v->ends[VERDICT_DRAINED]));
}

/* When the callers' SIPp saw the last of it; null: never. */
static json_t *
drop_time(const struct evidence *e, const struct caller *c)
{
	const struct failure *failure = evidence_failure(e, c->failure);
	int64_t at = caller_end(c) != 0 || failure == NULL ? caller_end(c) : failure->at;

	return at > 0 ? json_real((double)at / 1e6) : json_null();
}

static json_t *
timeline(const struct evidence *e, const struct verdict *v, size_t caller)
{
	struct story story = {0};
	json_t *json;

	story_tell(&story, e, v, caller);
	story_mqsd_short(&story, e, caller);
	story_sort(&story);
	json = story_json(&story, 0);
	story_free(&story);
	return json;
}

static json_t *
drop_json(const struct evidence *e, const struct verdict *v, const struct verdict_drop *drop,
	  bool with_timeline)
{
	const struct verdict_cause_row *cause = &verdict_causes[drop->cause];
	const struct caller *c = &e->callers[drop->caller];

	return json_pack("{s:s, s:s, s:b, s:o, s:o, s:o*, s:o, s:s, s:o, s:o*}", "class",
			 verdict_class_names[cause->class], "cause", cause->word, "excusable",
			 drop->excusable, "at_s", drop_time(e, c), "sip_call_id",
			 figure_foreign(evidence_text(e, c->sip_id)), "call",
			 figure_foreign(v->calls[drop->caller].id), "number",
			 figure_foreign(evidence_text(e, c->number)), "witness", drop->witness,
			 "text", figure_foreign(drop->text), "timeline",
			 with_timeline ? timeline(e, v, drop->caller) : NULL);
}

static json_t *
causes_json(const struct verdict *v)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < VERDICT_CAUSES; i++) {
		const struct verdict_cause_row *cause = &verdict_causes[i];

		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:o}", "cause", cause->word,
						      "class", verdict_class_names[cause->class],
						      "meaning", cause->meaning, "drops",
						      number(v->causes[i])));
	}
	return list;
}

static json_t *
drops_json(const struct evidence *e, const struct verdict *v)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < v->drop_count; i++)
		json_array_append_new(list, drop_json(e, v, &v->drops[i], i < TIMELINES));
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "sip", number(v->classes[VERDICT_SIP]),
			 "server", number(v->classes[VERDICT_SERVER]), "total",
			 number(v->drop_count), "excusable", number(v->excusable), "causes",
			 causes_json(v), "list", list);
}

static json_t *
disagreements_json(const struct verdict *v)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < v->disagreement_count; i++)
		json_array_append_new(list,
				      json_pack("{s:o, s:o}", "call",
						figure_foreign(v->disagreements[i].call), "text",
						figure_foreign(v->disagreements[i].text)));
	return json_pack("{s:o, s:o}", "disagreements", number(v->disagreement_count), "list",
			 list);
}

/* ms with a fraction; null where nothing was measured, which 0 would hide. */
static json_t *
share_json(struct hist *h, double share)
{
	return h->count > 0 ? json_real((double)hist_at(h, share) / 1000) : json_null();
}

static json_t *
hist_json(struct hist *h)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "count", number(h->count), "p50",
			 share_json(h, 0.5), "p90", share_json(h, 0.9), "p99", share_json(h, 0.99),
			 "max", share_json(h, 1));
}

static const char *
text_of(const struct evidence *e, uint32_t word)
{
	return word != 0 ? evidence_text(e, word) : "";
}

static json_t *
invariants_json(const struct evidence *e, const struct verdict *found)
{
	const struct checker_figures *f = &e->checked;
	size_t kept = found->violation_count < VERDICT_VIOLATIONS ? found->violation_count
								  : VERDICT_VIOLATIONS;
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < e->violation_count; i++) {
		const struct violation *v = &e->violations[i];

		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:I, s:o}", "rule", text_of(e, v->rule),
						"event", text_of(e, v->event), "at_ms",
						(json_int_t)v->at_ms, "text",
						figure_foreign(text_of(e, v->text))));
	}
	for (i = 0; i < kept; i++)
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:I, s:o}", "rule", found->violations[i].rule,
					"event", "", "at_ms",
					(json_int_t)((e->from_us + found->violations[i].at) / 1000),
					"text", figure_foreign(found->violations[i].text)));
	return json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:o}", "violations",
			 number(e->violation_count + e->violations_more + found->violation_count),
			 "events", (json_int_t)f->events, "recoveries", (json_int_t)f->recoveries,
			 "recovering_ms", (json_int_t)f->recovering_ms, "idle_ms",
			 (json_int_t)f->idle_ms, "longest_idle_ms", (json_int_t)f->longest_ms,
			 "list", list);
}

json_t *
report_json(const struct report *r)
{
	struct measure *m = r->measure;
	json_t *json = json_deep_copy(r->meta);
	const json_t *logged_in = json_object_get(json, "logged_in");

	json_object_set_new(json, "report", json_integer(REPORT_VERSION));
	json_object_set_new(json, "lasted_s", json_real((double)(m->last_us - m->first_us) / 1e6));
	json_object_set_new(json, "calls", calls_json(r->verdict));
	json_object_set_new(json, "drops", drops_json(r->evidence, r->verdict));
	json_object_set_new(json, "agents",
			    json_pack("{s:o, s:I, s:o}", "registered", number(m->registered),
				      "logged_in", json_integer_value(logged_in), "peak_talking",
				      number(m->peak_talking)));
	json_object_set_new(json, "peak",
			    json_pack("{s:o, s:o, s:o}", "concurrent_calls", number(m->peak_calls),
				      "waiting", number(m->peak_waiting), "talking",
				      number(m->peak_talking)));
	json_object_set_new(json, "latency_ms",
			    json_pack("{s:o, s:o}", "offer", hist_json(&m->offer), "connect",
				      hist_json(&m->connect)));
	json_object_set_new(json, "witnesses", disagreements_json(r->verdict));
	json_object_set_new(json, "retransmissions",
			    json_pack("{s:I, s:I}", "callers",
				      (json_int_t)r->evidence->callers_resent, "agents",
				      (json_int_t)r->evidence->agents_resent));
	json_object_set_new(json, "invariants", invariants_json(r->evidence, r->verdict));
	json_object_del(json, "logged_in");
	if (r->watched != NULL)
		json_object_update(json, r->watched);
	return json;
}
