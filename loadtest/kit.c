/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/kit.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/mem.h"
#include "loadtest/plan.h"
#include "loadtest/scenario.h"
#include "loadtest/sipp.h"

#define WORD_MAX 128

/* How many processes share this; more than KIT_PROCESSES_MAX are not made, see profile_check(). */
static int
processes(int64_t calls, double rate)
{
	int64_t for_calls = (calls + KIT_CALLS_MAX - 1) / KIT_CALLS_MAX;
	int64_t for_rate = (int64_t)(rate / KIT_RATE_MAX) + 1;
	int64_t n = for_calls > for_rate ? for_calls : for_rate;

	return n < KIT_PROCESSES_MAX ? (int)n : KIT_PROCESSES_MAX;
}

/* What the process `number` of `count` gets of a total: plan_callers() deals rows out like this. */
static int64_t
part_of(int64_t total, int number, int count)
{
	return (total + count - 1 - number) / count;
}

static void
add(struct kit *kit, enum sipp_role role, int number, int port)
{
	struct kit_row *row = &kit->rows[kit->count++];

	*row = (struct kit_row){.role = role, .number = number, .port = port};
	snprintf(row->name, sizeof(row->name), "%s-%d", sipp_name(role), number + 1);
}

static void
add_callers(struct kit *kit, int *port)
{
	const struct profile *p = kit->profile;
	double rate = plan_call_rate(p);
	int64_t open = plan_open_calls(p);
	int n = processes(p->arrivals == ARRIVALS_CLOSED ? open : 0, rate), i;

	for (i = 0; i < n; i++, *port += KIT_PORTS) {
		add(kit, SIPP_CALLERS, i, *port);
		kit->rows[kit->count - 1].rate = rate / n;
		kit->rows[kit->count - 1].limit = part_of(open, i, n);
		kit->rows[kit->count - 1].calls = part_of(plan_calls(p), i, n);
	}
}

static void
add_phones(struct kit *kit, enum sipp_role role, int n, int port)
{
	const struct profile *p = kit->profile;
	struct kit_row *row;
	int i;

	for (i = 0; i < n; i++, port += KIT_PORTS) {
		add(kit, role, i, port);
		row = &kit->rows[kit->count - 1];
		if (role == SIPP_AGENTS)
			continue;
		row->rate = (role == SIPP_REGISTER ? plan_login_rate(p) : p->max_call_rate) / n;
		row->limit = row->calls = part_of(p->agents, i, n);
	}
}

void
kit_plan(struct kit *kit, const struct profile *p)
{
	int port = 0, n = p->agents > 0 ? processes(p->agents, 0) : 0;

	*kit = (struct kit){.profile = p, .password = KIT_PASSWORD};
	add_callers(kit, &port);
	add_phones(kit, SIPP_AGENTS, n, port);
	port += n * KIT_PORTS;
	add_phones(kit, SIPP_REGISTER, n, port);
	/* The phones are registered before they are unregistered, so from the same ports. */
	add_phones(kit, SIPP_UNREGISTER, n, port);
}

bool
kit_waits(const struct kit_row *row)
{
	return row->role == SIPP_AGENTS;
}

/* One process' words while they are written. */
struct pen {
	struct kit_words *words;
	const struct kit_place *place;
	bool shell;
};

__attribute__((format(printf, 2, 3))) static void
word(struct pen *pen, const char *fmt, ...)
{
	char text[WORD_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (pen->words->count < KIT_WORDS_MAX)
		pen->words->argv[pen->words->count++] = mem_dup(text);
}

static void
host(struct pen *pen, const char *option)
{
	word(pen, "%s", option);
	word(pen, "%s", pen->shell ? "$HOST" : pen->place->host);
}

static void
port(struct pen *pen, const char *option, int n)
{
	word(pen, "%s", option);
	if (pen->shell)
		word(pen, "$((PORT + %d))", n);
	else
		word(pen, "%d", pen->place->first_port + n);
}

static void
target(struct pen *pen)
{
	word(pen, "%s", pen->shell ? "$TARGET" : pen->place->target);
}

/* Contact: the process that waits for the calls of these phones. */
static void
contact(struct pen *pen, const struct kit *kit, const struct kit_row *row)
{
	int i, at = 0;

	for (i = 0; i < kit->count; i++)
		if (kit->rows[i].role == SIPP_AGENTS && kit->rows[i].number == row->number)
			at = kit->rows[i].port;
	word(pen, "-key"), word(pen, "contact");
	if (pen->shell)
		word(pen, "$HOST:$((PORT + %d))", at);
	else
		word(pen, "%s:%d", pen->place->host, pen->place->first_port + at);
	word(pen, "-key"), word(pen, "expires");
	word(pen, "%" PRId64, row->role == SIPP_REGISTER ? kit->profile->expires_s : 0);
}

static void
files(struct pen *pen, const struct kit_row *row)
{
	static const char *const scenarios[SIPP_ROLES] = {"caller.xml", "agent.xml", "register.xml",
							  "register.xml"};

	word(pen, "-sf"), word(pen, "%s", scenarios[row->role]);
	word(pen, "-inf");
	if (row->role == SIPP_AGENTS) {
		word(pen, PLAN_AGENTS_CSV), word(pen, "-infindex");
		word(pen, PLAN_AGENTS_CSV), word(pen, "0");
	} else {
		word(pen, "%s-%d.csv",
		     sipp_name(row->role == SIPP_CALLERS ? SIPP_CALLERS : SIPP_REGISTER),
		     row->number + 1);
	}
	word(pen, "-trace_logs"), word(pen, "-log_file"), word(pen, "%s.log", row->name);
	word(pen, "-trace_err"), word(pen, "-error_file"), word(pen, "%s.err", row->name);
	/* How often a message had to be sent again; a line each 10 s and one at the end. */
	word(pen, "-trace_stat"), word(pen, "-stf"), word(pen, "%s.stat", row->name);
	word(pen, "-fd"), word(pen, "10");
}

static void
pace(struct pen *pen, const struct kit_row *row)
{
	/* The rate may have a fraction; SIPp takes whole numbers. */
	word(pen, "-r"), word(pen, "%.0f", row->rate * 1000 < 1 ? 1 : row->rate * 1000);
	word(pen, "-rp"), word(pen, "1000000");
	/* Without it no more than three times rate x length are open at once. A call counts until
	 * its scenario's end, the time of a timewait as well. */
	word(pen, "-l"), word(pen, "%" PRId64, row->limit);
	if (row->calls > 0)
		word(pen, "-m"), word(pen, "%" PRId64, row->calls);
}

static void
caller_words(struct pen *pen, const struct profile *p)
{
	/* No new calls from then on. */
	if (p->arrivals == ARRIVALS_CLOSED && p->duration_s > 0)
		word(pen, "-timeout"), word(pen, "%" PRId64, p->duration_s);
	/* A call that is over leaves at once, so that the next one takes its place; a BYE that is
	 * sent again afterwards, since our answer was lost, is answered by this scenario. */
	word(pen, "-oocsf"), word(pen, "late.xml");
	word(pen, "-deadcall_wait"), word(pen, "0");
}

void
kit_words(struct kit_words *words, const struct kit *kit, const struct kit_row *row,
	  const struct kit_place *place, bool shell)
{
	struct pen pen = {.words = words, .place = place, .shell = shell};

	*words = (struct kit_words){0};
	word(&pen, "sipp");
	if (!kit_waits(row)) {
		target(&pen);
		word(&pen, "-key"), word(&pen, "domain"), target(&pen);
	}
	files(&pen, row);
	if (kit->messages) {
		word(&pen, "-trace_msg"), word(&pen, "-message_file");
		word(&pen, "%s.msg", row->name);
	}
	if (kit->profile->transport == TRANSPORT_TCP)
		word(&pen, "-t"), word(&pen, "t1");
	host(&pen, "-i");
	word(&pen, "-bind_local");
	port(&pen, "-p", row->port);
	host(&pen, "-ci");
	port(&pen, "-cp", row->port + 1);
	host(&pen, "-mi");
	port(&pen, "-mp", row->port + 2);
	word(&pen, "-nostdin");
	/* Answers OPTIONS and NOTIFY within a call by itself. */
	word(&pen, "-aa");
	/* Else SIPp ends itself when the machine was too busy for it a few times. */
	word(&pen, "-watchdog_interval"), word(&pen, "0");
	/* Its screen, of which nobody reads more than the last. */
	word(&pen, "-f"), word(&pen, "3600");
	if (row->role == SIPP_CALLERS)
		caller_words(&pen, kit->profile);
	else if (!kit_waits(row))
		contact(&pen, kit, row);
	if (!kit_waits(row))
		pace(&pen, row);
}

void
kit_words_free(struct kit_words *words)
{
	while (words->count > 0)
		free(words->argv[--words->count]);
}

static int
write_text(const char *dir, const char *name, char *text, struct err *err)
{
	char *path = mem_printf("%s/%s", dir, name);
	int rc = scenario_write_file(path, text, err);

	free(path);
	free(text);
	return rc;
}

static int
write_secret(const char *dir, const char *name, char *text, struct err *err)
{
	char *path = mem_printf("%s/%s", dir, name);
	int rc = scenario_write_secret(path, text, err);

	free(path);
	free(text);
	return rc;
}

static int
write_rows(const struct kit *kit, const struct kit_row *row, const char *dir, struct err *err)
{
	char name[KIT_NAME_MAX + 8], *text;
	int i, count = 0;

	for (i = 0; i < kit->count; i++)
		count += kit->rows[i].role == row->role;
	snprintf(name, sizeof(name), "%s.csv", row->name);
	if (row->role == SIPP_CALLERS)
		return write_text(dir, name, plan_callers(kit->profile, row->number, count), err);
	text = plan_logins(kit->profile, kit->password, row->number, count);
	return write_secret(dir, name, text, err);
}

static const char *const templates[] = {"caller.xml", "late.xml", "agent.xml", "register.xml"};

#define TEMPLATES (sizeof(templates) / sizeof(templates[0]))

static int
copy(const char *from, const char *dir, const char *name,
     int (*write)(const char *dir, const char *name, char *text, struct err *err), struct err *err)
{
	char *path = mem_printf("%s/%s", from, name), *text = scenario_read_file(path, err);

	free(path);
	return text != NULL ? write(dir, name, text, err) : -1;
}

int
kit_copy(const struct kit *kit, const char *from, const char *dir, struct err *err)
{
	char name[KIT_NAME_MAX + 8];
	size_t n;
	int i, rc = copy(from, dir, PLAN_AGENTS_CSV, write_text, err);

	for (n = 0; rc == 0 && n < TEMPLATES; n++)
		rc = copy(from, dir, templates[n], write_text, err);
	for (i = 0; rc == 0 && i < kit->count; i++) {
		snprintf(name, sizeof(name), "%s.csv", kit->rows[i].name);
		if (kit->rows[i].role == SIPP_REGISTER)
			rc = copy(from, dir, name, write_secret, err);
	}
	return rc;
}

int
kit_write(const struct kit *kit, const char *scenarios, const char *dir, struct err *err)
{
	char *out;
	size_t n;
	int i, rc = 0;

	for (n = 0; rc == 0 && n < TEMPLATES; n++) {
		out = mem_printf("%s/%s", dir, templates[n]);
		rc = scenario_write(scenarios, templates[n], out, err);
		free(out);
	}
	for (i = 0; rc == 0 && i < kit->count; i++)
		if (kit->rows[i].role == SIPP_CALLERS || kit->rows[i].role == SIPP_REGISTER)
			rc = write_rows(kit, &kit->rows[i], dir, err);
	return rc == 0 ? write_text(dir, PLAN_AGENTS_CSV, plan_agents(kit->profile), err) : rc;
}
