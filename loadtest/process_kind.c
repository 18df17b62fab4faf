/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/process_kind.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

const char *const process_kind_names[PROCESS_KINDS] = {"mqsd",	   "redis", "kamailio",
						       "asterisk", "sipp",  "loadtest"};

enum process_kind
process_kind(const char *name)
{
	static const struct {
		const char *begins;
		enum process_kind kind;
	} rows[] = {{"mqsd", PROCESS_MQSD},	    {"redis", PROCESS_REDIS},
		    {"sentinel", PROCESS_REDIS},    {"kamailio", PROCESS_KAMAILIO},
		    {"loadtest", PROCESS_LOADTEST}, {"recorder", PROCESS_LOADTEST}};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strncmp(name, rows[i].begins, strlen(rows[i].begins)) == 0)
			return rows[i].kind;
	/* Nodes are a1, a2, ...; "agents-1" is a SIPp. */
	return name[0] == 'a' && isdigit((unsigned char)name[1]) ? PROCESS_ASTERISK : PROCESS_SIPP;
}
