/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/call_find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/text.h"

#define NAMED_MAX 5 /* of the calls that a short name fits */

const char *
call_name(const struct judge *j, size_t caller, enum call_name which)
{
	switch (which) {
	case CALL_ID:
		return j->verdict.calls[caller].id;
	case CALL_SIP_ID:
		return evidence_text(&j->evidence, j->evidence.callers[caller].sip_id);
	default:
		return evidence_text(&j->evidence, j->evidence.callers[caller].number);
	}
}

static bool
begins(const char *name, const char *wanted)
{
	return strncmp(name, wanted, strlen(wanted)) == 0;
}

/* 2: it is the name, 1: it begins one, 0: neither. */
static int
fits(const struct judge *j, size_t caller, const char *wanted)
{
	const struct verdict_links *links = &j->verdict.links;
	const char *name;
	int i, best = 0;
	size_t leg;

	for (i = 0; i < CALL_NAMES; i++) {
		name = call_name(j, caller, (enum call_name)i);
		if (name != NULL && strcmp(name, wanted) == 0)
			return 2;
		if (name != NULL && begins(name, wanted))
			best = 1;
	}
	for (leg = links->first_leg[caller]; leg != NAMES_NONE; leg = links->next_leg[leg])
		if (begins(evidence_text(&j->evidence, j->evidence.legs[leg].sip_id), wanted))
			best = 1;
	return best;
}

/* A leg is the call's, too: its id begins with the call's, its Call-ID is known to the agents. */
static size_t
caller_of_leg(const struct judge *j, const char *wanted)
{
	const struct evidence *e = &j->evidence;
	size_t leg = evidence_find_leg(e, wanted), told;
	const char *dot = strrchr(wanted, '.');
	char *call;

	if (leg != NAMES_NONE || dot == NULL)
		return leg != NAMES_NONE ? j->verdict.links.owner[leg] : NAMES_NONE;
	call = mem_dup_len(wanted, (size_t)(dot - wanted));
	told = evidence_find_told(e, call);
	free(call);
	return told != NAMES_NONE ? evidence_caller_of(e, &e->tolds[told]) : NAMES_NONE;
}

/* Prints a text that strangers wrote. */
static void
put(FILE *out, const char *text, const char *after)
{
	char *clean = text_printable_dup(text);

	fprintf(out, "%s%s", clean, after);
	free(clean);
}

size_t
call_find(const struct judge *j, const char *wanted, const char *dir)
{
	size_t i, found = NAMES_NONE, count[3] = {0}, of_leg = caller_of_leg(j, wanted);
	int fit, best = 0;

	if (of_leg != NAMES_NONE)
		return of_leg;
	for (i = 0; i < j->evidence.caller_count; i++) {
		fit = fits(j, i, wanted);
		count[fit]++;
		if (fit > best) {
			best = fit;
			found = i;
		}
	}
	if (best > 0 && count[best] == 1)
		return found;
	fprintf(stderr,
		best == 0 ? "loadtest: no call of %s has an id or number %s\n"
			  : "loadtest: more than one call of %s has an id or number %s:\n",
		dir, wanted);
	for (i = 0, fit = 0; best > 0 && i < j->evidence.caller_count && fit < NAMED_MAX; i++)
		if (fits(j, i, wanted) == best && fit++ < NAMED_MAX) {
			fputs("  ", stderr);
			put(stderr, call_name(j, i, CALL_SIP_ID), "  ");
			put(stderr, j->verdict.calls[i].id != NULL ? j->verdict.calls[i].id : "-",
			    "\n");
		}
	return NAMES_NONE;
}
