/* SPDX-License-Identifier: BSD-2-Clause */
/* Any lines as what the witnesses of a run wrote. A line's first letter says whose it is. Whatever
 * they say, a verdict is reached, and a drop has its witness and its text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "loadtest/dossier.h"
#include "loadtest/scripted.h"
#include "loadtest/verdict.h"
#include "loadtest/witness_event.h"
#include "loadtest/witness_node.h"
#include "loadtest/witness_sipp.h"
#include "loadtest/witness_stat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
	struct evidence e;
	struct scripted scripted;
	struct witness_stat stat;
};

static void
sipp_error(struct evidence *e, enum sipp_role role, const char *text)
{
	const char *said, *entry;
	int64_t at;

	entry = witness_sipp_entry(text, strlen(text), &at, &said);
	if (entry != NULL)
		witness_sipp_error(e, role, at, said, strlen(said));
}

static void
take_line(struct run *r, const char *line)
{
	switch (*line) {
	case 'c':
		witness_sipp_line(&r->e, SIPP_CALLERS, line + 1);
		break;
	case 'a':
		witness_sipp_line(&r->e, SIPP_AGENTS, line + 1);
		break;
	case 'r':
		witness_sipp_line(&r->e, SIPP_REGISTER, line + 1);
		break;
	case 'C':
		sipp_error(&r->e, SIPP_CALLERS, line + 1);
		break;
	case 'A':
		sipp_error(&r->e, SIPP_AGENTS, line + 1);
		break;
	case 'e':
		witness_event_line(&r->e, "1000", NULL, line + 1);
		break;
	case 'n':
		witness_node_line(&r->e, line + 1);
		break;
	case 'l':
		dossier_look_line(&r->e, line + 1);
		break;
	case 't':
		dossier_act_line(&r->e, line + 1);
		break;
	case 's':
		witness_stat_line(&r->stat, line + 1);
		break;
	case 'v':
		scripted_line(&r->scripted, line + 1);
		break;
	default:
		break;
	}
}

static void
judge(struct run *r)
{
	struct verdict_rules rules = verdict_default_rules;
	struct verdict v = {0};
	int64_t until;
	size_t i;

	rules.scripted = &r->scripted;
	r->e.mqsd_heard = true;
	evidence_looked(&r->e);
	verdict_reach(&v, &r->e, &rules);
	for (i = 0; i < v.drop_count; i++)
		if (v.drops[i].caller >= r->e.caller_count || v.drops[i].witness == NULL ||
		    v.drops[i].text == NULL)
			abort();
	verdict_free(&v);
	verdict_trim(&r->e, &rules, &until);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run r = {0};
	char *text = mem_dup_len((const char *)data, size), *rest, *line;

	for (line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
		take_line(&r, line);
	judge(&r);
	evidence_free(&r.e);
	scripted_free(&r.scripted);
	free(text);
	return 0;
}
