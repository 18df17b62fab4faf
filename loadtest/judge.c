/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/judge.h"

#include <stdlib.h>

#include "lib/mem.h"
#include "loadtest/chaos_report.h"
#include "loadtest/dossier.h"
#include "loadtest/series.h"

static void
leave_out(struct judge *j, const struct verdict_rules *rules)
{
	int64_t until;
	size_t in_progress = verdict_trim(&j->evidence, rules, &until);

	json_object_set_new(j->meta, "complete", json_false());
	json_object_set_new(j->meta, "in_progress", json_integer((json_int_t)in_progress));
	json_object_set_new(j->meta, "duration_s", json_real((double)until / 1e6));
}

void
judge_reach(struct judge *j, const char *dir)
{
	struct verdict_rules rules = verdict_default_rules;
	const json_t *chaos = json_object_get(j->meta, "chaos");
	int64_t vanished_ms =
		json_integer_value(json_object_get(json_object_get(j->meta, "lab"), "vanished_ms"));
	struct verdict_fault *faults;

	if (vanished_ms > 0)
		rules.release_us = vanished_ms * 1000;
	rules.faults = faults = chaos_report_faults(chaos, &rules.fault_count);
	if (!json_is_true(json_object_get(j->meta, "complete")))
		leave_out(j, &rules);
	scripted_read(&j->scripted, dir);
	rules.scripted = &j->scripted;
	verdict_reach(&j->verdict, &j->evidence, &rules);
	free(faults);
}

int
judge_open(struct judge *j, const char *dir, struct err *err)
{
	if (dossier_load(dir, &j->evidence, &j->meta, err) != 0)
		return -1;
	judge_reach(j, dir);
	return 0;
}

json_t *
judge_report(const struct judge *j, const char *dir)
{
	char *samples = mem_printf("%s/" DOSSIER_SAMPLES, dir);
	struct measure measure;
	struct rests rests;
	struct report report = {.meta = j->meta,
				.evidence = &j->evidence,
				.verdict = &j->verdict,
				.measure = &measure};
	json_t *json;

	rests_read(&rests, j->meta);
	measure_take(&measure, &j->evidence, &rests);
	report.watched = series_load(samples);
	json = report_json(&report);
	json_decref(report.watched);
	measure_free(&measure);
	free(samples);
	return json;
}

void
judge_close(struct judge *j)
{
	verdict_free(&j->verdict);
	scripted_free(&j->scripted);
	evidence_free(&j->evidence);
	json_decref(j->meta);
}
