/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "loadtest/verdict.h"

/* clang-format off */
const struct verdict_cause_row verdict_causes[VERDICT_CAUSES] = {
	[VERDICT_TIMEOUT]   = {"timeout",         VERDICT_SIP,    "a request had no answer in time"},
	[VERDICT_ERROR]     = {"error-reply",     VERDICT_SIP,    "a request was answered with 4xx, 5xx or 6xx"},
	[VERDICT_MISSING]   = {"missing-message", VERDICT_SIP,    "a message that was due did not come, or another came"},
	[VERDICT_EXHAUSTED] = {"retransmissions", VERDICT_SIP,    "a message was sent again until no attempt was left"},
	[VERDICT_DIED]      = {"died",            VERDICT_SERVER, "the process of its node ended"},
	[VERDICT_FAILED]    = {"failed",          VERDICT_SERVER, "ended by nobody's wish, or not ended at somebody's"},
	[VERDICT_LOST]      = {"lost",            VERDICT_SERVER, "mqsd never told that it entered, or that it ended"},
	[VERDICT_UNENDED]   = {"unended",         VERDICT_SERVER, "neither served nor ended before the run was over"},
	[VERDICT_GHOST]     = {"ghost",           VERDICT_SERVER, "a node still had something of it long after its end"},
};
/* clang-format on */

/* The first that fits counts. */
static const struct {
	const char *words;
	enum verdict_cause cause;
} failures[] = {
	{"retransmission timeout", VERDICT_EXHAUSTED}, {"max UDP retrans", VERDICT_EXHAUSTED},
	{"timeout on message", VERDICT_TIMEOUT},       {"received 'SIP/2.0 4", VERDICT_ERROR},
	{"received 'SIP/2.0 5", VERDICT_ERROR},	       {"received 'SIP/2.0 6", VERDICT_ERROR},
};

enum verdict_cause
verdict_cause_of_failure(const char *failure)
{
	size_t i;

	for (i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
		if (strstr(failure, failures[i].words) != NULL)
			return failures[i].cause;
	return VERDICT_MISSING;
}

enum verdict_class
verdict_class_of(const struct verdict_drop *drop)
{
	return verdict_causes[drop->cause].class;
}
