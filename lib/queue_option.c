/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/queue_option.h"

#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const strategies[] = {"longest-idle", NULL};
static const char *const logins[] = {"manual", "register", NULL};

/* Names follow Asterisk's queues.conf where the meaning is the same. */
static const struct option queue_rows[] = {
	{.section = "queue",
	 .name = "strategy",
	 .type = OPTION_ENUM,
	 .values = strategies,
	 .def = "longest-idle",
	 .help = "Which idle member gets the next call."},
	{.section = "queue",
	 .name = "timeout",
	 .type = OPTION_INT,
	 .min = 1,
	 .max = 600,
	 .def = "15",
	 .unit = "s",
	 .help = "How long an agent's phone rings."},
	{.section = "queue",
	 .name = "wrapuptime",
	 .type = OPTION_INT,
	 .min = 0,
	 .max = 3600,
	 .def = "0",
	 .unit = "s",
	 .help = "Rest after a call, unless the agent has a longer one of its own."},
	{.section = "queue",
	 .name = "busydelay",
	 .type = OPTION_INT,
	 .min = 0,
	 .max = 3600,
	 .def = "5",
	 .unit = "s",
	 .help = "No offer for so long after the phone was busy."},
	{.section = "queue",
	 .name = "rejectdelay",
	 .type = OPTION_INT,
	 .min = 0,
	 .max = 3600,
	 .def = "5",
	 .unit = "s",
	 .help = "No offer for so long after the phone rejected."},
	{.section = "queue",
	 .name = "noanswerdelay",
	 .type = OPTION_INT,
	 .min = 0,
	 .max = 3600,
	 .def = "10",
	 .unit = "s",
	 .help = "No offer for so long after nobody answered."},
	{.section = "queue",
	 .name = "servicelevel",
	 .type = OPTION_INT,
	 .min = 0,
	 .max = 86400,
	 .def = "60",
	 .unit = "s",
	 .help = "No caller should wait longer; status tells when one does. 0: any time."},
	{.section = "queue",
	 .name = "autopausemisses",
	 .type = OPTION_INT,
	 .min = 0,
	 .max = 100,
	 .def = "0",
	 .unit = "misses",
	 .help = "Pause an agent after so many misses in a row; 0: never."},
	{.section = "queue",
	 .name = "closed",
	 .type = OPTION_BOOL,
	 .def = "no",
	 .help = "Take no new callers; those who wait are served."},
};

static const struct option agent_rows[] = {
	{.section = "agent",
	 .name = "address",
	 .type = OPTION_STRING,
	 .min = 0,
	 .max = 200,
	 .def = "",
	 .help = "SIP address to ring; empty: sip:NAME@ the domain in mqsd.conf."},
	{.section = "agent",
	 .name = "login",
	 .type = OPTION_ENUM,
	 .values = logins,
	 .def = "manual",
	 .help = "manual: logged in by command; register: while its phone is registered."},
	{.section = "agent",
	 .name = "wrapuptime",
	 .type = OPTION_INT,
	 .min = 0,
	 .max = 3600,
	 .def = "0",
	 .unit = "s",
	 .help = "Rest after a call, if longer than the queue's."},
};

const struct option_table queue_options = {queue_rows, COUNT(queue_rows)};
const struct option_table agent_options = {agent_rows, COUNT(agent_rows)};

int
queue_option_check(const struct option *o, const char *text, char *out, size_t size,
		   struct err *err)
{
	union {
		int64_t number;
		double real;
		bool flag;
		int index;
		char *text;
	} value = {.number = 0};

	if (option_set(o, &value, text, err) != 0)
		return -1;
	option_text(o, &value, out, size);
	if (o->type == OPTION_STRING)
		free(value.text);
	return 0;
}
