/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/chaos_fault.h"

#include <string.h>

/*
 * A node that is silent for both mqsd and Kamailio beyond two of the dispatcher's probes is dead,
 * and its calls are ended: such faults excuse drops. Where calls must live on, silence on their SIP
 * path stays below the 3 s after which Kamailio answers a BYE with 408.
 */
/* clang-format off */
const struct chaos_fault chaos_faults[] = {
	/* name               kind           target     other       begin       end      min    max    netns  loses  passes */
	{"mqsd-kill",         LAB_MQSD,      NULL,      NULL,       "kill",     "start", 1000,  1000,  false, false, true},
	{"mqsd-lost",         LAB_MQSD,      NULL,      NULL,       "kill",     "start", 10000, 15000, false, false, true},
	{"mqsd-restart",      LAB_MQSD,      NULL,      NULL,       "term",     "start", 0,     500,   false, false, true},
	{"mqsd-stop",         LAB_MQSD,      NULL,      NULL,       "stop",     "cont",  500,   12000, false, false, true},
	{"mqsd-cut",          LAB_MQSD,      NULL,      NULL,       "cut",      "mend",  1000,  12000, true,  false, true},
	{"mqsd-cut-redis",    LAB_MQSD,      NULL,      "master",   "cut",      "mend",  1000,  12000, true,  false, true},
	{"mqsd-cut-node",     LAB_MQSD,      NULL,      "node",     "cut",      "mend",  1000,  12000, true,  false, true},
	{"redis-kill",        LAB_REDIS,     "master",  NULL,       "kill",     "start", 500,   10000, false, false, true},
	{"redis-restart",     LAB_REDIS,     "master",  NULL,       "term",     "start", 0,     500,   false, false, true},
	{"redis-stop",        LAB_REDIS,     "master",  NULL,       "stop",     "cont",  500,   10000, false, false, true},
	{"redis-cut",         LAB_REDIS,     "master",  NULL,       "cut",      "mend",  1000,  10000, true,  false, true},
	{"redis-wipe",        LAB_REDIS,     "master",  NULL,       "flushall", NULL,    0,     0,     false, false, false},
	{"replica-kill",      LAB_REDIS,     "replica", NULL,       "kill",     "start", 500,   10000, false, false, false},
	{"replica-stop",      LAB_REDIS,     "replica", NULL,       "stop",     "cont",  500,   10000, false, false, false},
	{"replica-cut",       LAB_REDIS,     "replica", NULL,       "cut",      "mend",  1000,  10000, true,  false, false},
	{"sentinel-kill",     LAB_SENTINEL,  NULL,      NULL,       "kill",     "start", 500,   10000, false, false, false},
	{"sentinel-stop",     LAB_SENTINEL,  NULL,      NULL,       "stop",     "cont",  500,   10000, false, false, false},
	{"sentinel-cut",      LAB_SENTINEL,  NULL,      NULL,       "cut",      "mend",  1000,  10000, true,  false, false},
	{"kamailio-kill",     LAB_KAMAILIO,  NULL,      NULL,       "kill",     "start", 0,     2000,  false, false, false},
	{"kamailio-restart",  LAB_KAMAILIO,  NULL,      NULL,       "term",     "start", 0,     500,   false, false, false},
	{"kamailio-stop",     LAB_KAMAILIO,  NULL,      NULL,       "stop",     "cont",  500,   5000,  false, false, false},
	{"kamailio-cut",      LAB_KAMAILIO,  NULL,      NULL,       "cut",      "mend",  500,   2000,  true,  false, false},
	{"kamailio-cut-redis", LAB_KAMAILIO, NULL,      "master",   "cut",      "mend",  1000,  10000, true,  false, false},
	{"node-kill",         LAB_ASTERISK,  NULL,      NULL,       "kill",     "start", 500,   10000, false, true,  false},
	{"node-restart",      LAB_ASTERISK,  NULL,      NULL,       "term",     "start", 0,     500,   false, true,  false},
	{"node-stop",         LAB_ASTERISK,  NULL,      NULL,       "stop",     "cont",  300,   1500,  false, false, false},
	{"node-freeze",       LAB_ASTERISK,  NULL,      NULL,       "stop",     "cont",  8000,  12000, false, true,  false},
	{"node-cut",          LAB_ASTERISK,  NULL,      NULL,       "cut",      "mend",  8000,  12000, true,  true,  false},
	{"node-blip",         LAB_ASTERISK,  NULL,      NULL,       "cut",      "mend",  300,   1500,  true,  false, false},
	{"node-cut-kamailio", LAB_ASTERISK,  NULL,      "kamailio", "cut",      "mend",  500,   2000,  true,  false, false},
};
/* clang-format on */

const size_t chaos_fault_count = sizeof(chaos_faults) / sizeof(chaos_faults[0]);

const struct chaos_fault *
chaos_fault_find(const char *name)
{
	size_t i;

	for (i = 0; i < chaos_fault_count; i++)
		if (strcmp(chaos_faults[i].name, name) == 0)
			return &chaos_faults[i];
	return NULL;
}

bool
chaos_fault_fits(const struct chaos_fault *fault, const struct lab_options *lab)
{
	if (fault->netns && !lab->netns)
		return false;
	if (fault->kind == LAB_SENTINEL)
		return lab->sentinels > 0;
	return fault->target == NULL || strcmp(fault->target, "replica") != 0 || lab->replicas > 0;
}
