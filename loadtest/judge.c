/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/judge.h"

#include "loadtest/chaos_report.h"
#include "loadtest/dossier.h"

int
judge_open(struct judge *j, const char *dir, struct err *err)
{
	struct verdict_rules rules = verdict_default_rules;
	const json_t *chaos;

	if (dossier_load(dir, &j->evidence, &j->meta, err) != 0)
		return -1;
	chaos = json_object_get(j->meta, "chaos");
	rules.hangup_us += chaos_report_longest_ms(chaos) * 1000;
	rules.faults = chaos != NULL;
	scripted_read(&j->scripted, dir);
	rules.scripted = &j->scripted;
	verdict_reach(&j->verdict, &j->evidence, &rules);
	return 0;
}

void
judge_close(struct judge *j)
{
	verdict_free(&j->verdict);
	scripted_free(&j->scripted);
	evidence_free(&j->evidence);
	json_decref(j->meta);
}
