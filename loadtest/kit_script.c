/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/kit_script.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "loadtest/plan.h"

#define LINE_WIDTH   100
#define FIRST_PORT   20000
#define SHELL_MARGIN 8 /* of a function's body */

/* Options stay with their values, long lines are broken before an option. */
static void
write_words(FILE *out, const struct kit_words *words)
{
	size_t len = SHELL_MARGIN;
	int i;

	for (i = 0; i < words->count; i++) {
		const char *word = words->argv[i], *quote = strchr(word, '$') != NULL ? "\"" : "";

		if (len > LINE_WIDTH && word[0] == '-') {
			fputs(" \\\n\t\t", out);
			len = 2 * SHELL_MARGIN;
		} else {
			fputs(i == 0 ? "\t" : " ", out);
		}
		len += (size_t)fprintf(out, "%s%s%s", quote, word, quote) + 1;
	}
}

/* A function that starts all processes of a role and puts their pids into $started. */
static void
write_role(FILE *out, const struct kit *kit, enum sipp_role role, const char *name)
{
	const struct kit_place none = {"", "", 0};
	struct kit_words words;
	int i;

	fprintf(out, "\n%s() {\n\tstarted=\n", name);
	for (i = 0; i < kit->count; i++) {
		if (kit->rows[i].role != role)
			continue;
		kit_words(&words, kit, &kit->rows[i], &none, true);
		write_words(out, &words);
		kit_words_free(&words);
		fprintf(out, " >%s.out 2>&1 &\n\tstarted=\"$started $!\"\n", kit->rows[i].name);
	}
	fputs("}\n", out);
}

static void
write_top(FILE *out, const struct kit *kit, const char *target)
{
	const struct profile *p = kit->profile;
	const char *passwords =
		p->agents > 0
			? "# So must the phones be, with the passwords in register-*.csv "
			  "(" KIT_PASSWORD ": put better ones there):\n"
			  "#   cat register-*.csv | phone-password.sh -a # on Kamailio's host\n"
			: "";

	fprintf(out,
		"#!/bin/sh\n"
		"# The load of the profile %s, with nothing but SIPp 3.6 or later. Queues and "
		"agents must be there:\n"
		"#   mqsctl <" KIT_SETUP "\n"
		"%s"
		"# What each process does is in the .xml, for whom in the .csv; both are there to "
		"be read and changed.\n"
		"# Ends when all calls are over, with 0 if none failed; Ctrl-C ends all that it "
		"started.\n"
		"set -u\n"
		"TARGET=${TARGET:-%s} # host:port of the SIP system under test\n"
		"HOST=${HOST:-127.0.0.1} # address that SIPp speaks from, and where the target "
		"finds it\n"
		"PORT=${PORT:-%d} # first of %d ports\n",
		p->name, passwords, target, FIRST_PORT, KIT_PORTS_MAX);
	if (p->agents > 0 && p->agents_login_after_s > 0)
		fprintf(out, "LOGIN_AFTER=${LOGIN_AFTER:-%" PRId64 "} # s from the first call\n",
			plan_login_after_ms(p) / 1000 +
				(p->arrivals == ARRIVALS_CLOSED
					 ? (int64_t)((double)plan_open_calls(p) / plan_call_rate(p))
					 : 0));
	fputs("cd \"$(dirname \"$0\")\" || exit 1\n", out);
}

static void
write_helpers(FILE *out)
{
	fputs("\n"
	      "# What runs: phones that wait, callers, what begins phones' registrations anew, and "
	      "who was started last.\n"
	      "phones='' calls='' refresh='' started=''\n"
	      "# shellcheck disable=SC2317 # called by the trap\n"
	      "end() {\n"
	      "\ttrap - EXIT INT TERM HUP\n"
	      "\tfor pid in $phones $calls $refresh $started; do kill \"$pid\" 2>/dev/null; done\n"
	      "\twait\n"
	      "}\n"
	      "trap end EXIT\n"
	      "trap 'exit 130' INT TERM HUP\n"
	      "\n"
	      "# Waits for processes; false when one failed.\n"
	      "over() {\n"
	      "\tresult=0\n"
	      "\tfor pid in \"$@\"; do wait \"$pid\" || result=1; done\n"
	      "\tstarted=\n"
	      "\treturn $result\n"
	      "}\n",
	      out);
}

static void
write_logins(FILE *out, const struct kit *kit)
{
	int64_t expires = kit->profile->expires_s, anew = expires * 2 / 3;

	fputs("\n# shellcheck disable=SC2086 # pids are words\n"
	      "log_in() {\n"
	      "\tregister\n"
	      "\tover $started || echo 'phones could not register, see register-*.err' >&2\n",
	      out);
	if (plan_expected_s(kit->profile) > anew)
		fprintf(out,
			"\t# A registration holds for %" PRId64 " s.\n"
			"\t(\n"
			"\t\ttrap 'kill $! 2>/dev/null; exit' TERM\n"
			"\t\twhile sleep %" PRId64 " & wait $!; do\n"
			"\t\t\tregister\n"
			"\t\t\tover $started\n"
			"\t\tdone\n"
			"\t) &\n"
			"\trefresh=$!\n",
			expires, anew);
	fputs("}\n", out);
}

static void
write_course(FILE *out, const struct profile *p)
{
	bool before = p->agents_login_after_s == 0;

	fputs("\n", out);
	if (p->agents > 0)
		fputs("agents\nphones=$started started=\n", out);
	if (p->agents > 0 && before)
		fputs("log_in\n", out);
	fputs("callers\ncalls=$started started=\n", out);
	if (p->agents > 0 && !before)
		fputs("sleep \"$LOGIN_AFTER\" &\nstarted=$!\nover \"$started\"\nlog_in\n", out);
	fputs("# shellcheck disable=SC2086 # pids are words\nover $calls\nstatus=$? calls=\n", out);
	if (p->agents > 0)
		fputs("unregister\n"
		      "# shellcheck disable=SC2086 # pids are words\nover $started\n",
		      out);
	fputs("exit $status\n", out);
}

char *
kit_script(const struct kit *kit, const char *target)
{
	const struct profile *p = kit->profile;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	write_top(out, kit, target);
	write_helpers(out);
	write_role(out, kit, SIPP_CALLERS, "callers");
	if (p->agents > 0) {
		write_role(out, kit, SIPP_AGENTS, "agents");
		write_role(out, kit, SIPP_REGISTER, "register");
		write_role(out, kit, SIPP_UNREGISTER, "unregister");
		write_logins(out, kit);
	}
	write_course(out, p);
	fclose(out);
	return text;
}

char *
kit_setup(const struct kit *kit)
{
	const struct profile *p = kit->profile;
	char *text = NULL, queue[PLAN_QUEUE_MAX], name[PLAN_NAME_MAX];
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int64_t i, q;

	fprintf(out, "# Queues and agents of the profile %s: mqsctl <" KIT_SETUP "\n", p->name);
	for (q = 0; q < p->queues; q++)
		fprintf(out, "queue create %s timeout %" PRId64 " wrapuptime %" PRId64 "\n",
			plan_queue_name(p->queue, q, queue), p->ring_s, plan_wrapup_s(p));
	for (i = 0; i < p->agents; i++) {
		plan_agent_name(i, name);
		fprintf(out, "agent add %s login register\n", name);
		for (q = 0; q < p->queues; q++)
			fprintf(out, "queue member add %s %s\n",
				plan_queue_name(p->queue, q, queue), name);
	}
	fclose(out);
	return text;
}
