/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/report.h"

#include "loadtest/chaos_report.h"
#include "loadtest/check.h"

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

static json_t *
drops_json(const struct evidence *e, const struct verdict *v)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < v->call_count; i++) {
		const struct verdict_call *call = &v->calls[i];
		const struct caller *c = &e->callers[call->caller];

		if (call->end != VERDICT_DROPPED)
			continue;
		json_array_append_new(list,
				      json_pack("{s:s, s:b, s:s, s:s*, s:s*, s:s, s:s}", "class",
						verdict_class_names[call->class], "excusable",
						call->excusable, "sip_call_id", c->sip_id, "call",
						call->id, "number", c->number, "witness",
						call->witness, "text", call->text));
	}
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "sip", number(v->drops[VERDICT_SIP]),
			 "server", number(v->drops[VERDICT_SERVER]), "total",
			 number(v->ends[VERDICT_DROPPED]), "excusable", number(v->excusable),
			 "list", list);
}

static json_t *
disagreements_json(const struct verdict *v)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < v->disagreement_count; i++)
		json_array_append_new(list,
				      json_pack("{s:s, s:s}", "call", v->disagreements[i].call,
						"text", v->disagreements[i].text));
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

static json_t *
invariants_json(const struct evidence *e)
{
	const struct checker_figures *f = &e->checked;
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < e->violation_count; i++) {
		const struct violation *v = &e->violations[i];

		json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:s}", "rule", v->rule,
						      "event", v->event, "at_ms",
						      (json_int_t)v->at_ms, "text", v->text));
	}
	return json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:o}", "violations",
			 number(e->violation_count), "events", (json_int_t)f->events, "recoveries",
			 (json_int_t)f->recoveries, "recovering_ms", (json_int_t)f->recovering_ms,
			 "idle_ms", (json_int_t)f->idle_ms, "longest_idle_ms",
			 (json_int_t)f->longest_ms, "list", list);
}

json_t *
report_json(const struct report *r)
{
	struct measure *m = r->measure;
	json_t *json = json_deep_copy(r->meta);
	const json_t *logged_in = json_object_get(json, "logged_in");

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
	json_object_set_new(json, "invariants", invariants_json(r->evidence));
	json_object_del(json, "logged_in");
	return json;
}

static void
print_latency(FILE *out, const char *name, struct hist *h)
{
	if (h->count > 0)
		fprintf(out, "  %-8s p50 %.1f ms, p90 %.1f ms, p99 %.1f ms, max %.1f ms (%zu)\n",
			name, (double)hist_at(h, 0.5) / 1000, (double)hist_at(h, 0.9) / 1000,
			(double)hist_at(h, 0.99) / 1000, (double)hist_at(h, 1) / 1000, h->count);
}

/* What was broken on purpose meanwhile; NULL: nothing. Calls of killed nodes are excused then. */
static const json_t *
chaos_of(const struct report *r)
{
	return json_object_get(r->meta, "chaos");
}

static size_t
unexcused(const struct report *r)
{
	size_t drops = r->verdict->ends[VERDICT_DROPPED];

	return chaos_of(r) != NULL ? drops - r->verdict->excusable : drops;
}

static void
print_failures(const struct report *r, FILE *out)
{
	const struct verdict *v = r->verdict;
	const struct evidence *e = r->evidence;
	size_t i, shown = 0;

	for (i = 0; i < v->call_count; i++) {
		const struct verdict_call *call = &v->calls[i];

		if (call->end != VERDICT_DROPPED || (call->excusable && chaos_of(r) != NULL) ||
		    shown++ >= REPORT_LINES)
			continue;
		fprintf(out, "dropped (%s): call %s, Call-ID %s: %s: %s\n",
			verdict_class_names[call->class], call->id != NULL ? call->id : "-",
			r->evidence->callers[i].sip_id, call->witness, call->text);
	}
	if (shown > REPORT_LINES)
		fprintf(out, "and %zu more drops\n", shown - REPORT_LINES);
	for (i = 0; i < v->disagreement_count && i < REPORT_LINES; i++)
		fprintf(out, "disagreement: %s: %s\n", v->disagreements[i].call,
			v->disagreements[i].text);
	if (v->disagreement_count > REPORT_LINES)
		fprintf(out, "and %zu more disagreements\n", v->disagreement_count - REPORT_LINES);
	for (i = 0; i < e->violation_count && i < REPORT_LINES; i++)
		check_print(out, e->violations[i].rule, e->violations[i].event,
			    e->violations[i].at_ms, e->violations[i].text);
	if (e->violation_count > REPORT_LINES)
		fprintf(out, "and %zu more violations\n", e->violation_count - REPORT_LINES);
}

void
report_print(const struct report *r, FILE *out)
{
	const struct verdict *v = r->verdict;
	const char *name = json_string_value(json_object_get(r->meta, "profile"));

	print_failures(r, out);
	fprintf(out,
		"  calls    %zu completed, %zu abandoned, %zu refused, %zu ended by a rule, %zu "
		"drained\n",
		v->ends[VERDICT_COMPLETED], v->ends[VERDICT_ABANDONED], v->ends[VERDICT_REFUSED],
		v->ends[VERDICT_RULED], v->ends[VERDICT_DRAINED]);
	fprintf(out, "  peak     %zu calls, %zu waiting, %zu talking\n", r->measure->peak_calls,
		r->measure->peak_waiting, r->measure->peak_talking);
	print_latency(out, "offer", &r->measure->offer);
	print_latency(out, "connect", &r->measure->connect);
	if (chaos_of(r) != NULL) {
		chaos_report_print(chaos_of(r), out);
		fprintf(out, "  calls of killed nodes: %zu lost\n", v->excusable);
	}
	fprintf(out, "%s: %zu calls, %zu dropped, %zu disagreements", name != NULL ? name : "run",
		v->call_count, unexcused(r), v->disagreement_count);
	if (r->evidence->violation_count > 0)
		fprintf(out, ", %zu violations", r->evidence->violation_count);
	fputc('\n', out);
}

int
report_status(const struct report *r)
{
	if (r->evidence->violation_count > 0)
		return 1;
	/* What Redis forgot is missing in mqsd's events, so that disagreements are to be expected.
	 */
	if (chaos_of(r) != NULL)
		return unexcused(r) > 0 || chaos_report_status(chaos_of(r)) != 0;
	return unexcused(r) > 0 || r->verdict->disagreement_count > 0;
}
