/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/witness_sipp.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/text.h"

#define WORD_MAX    256
#define FAILURE_MAX 200
#define STRAY_LIMIT 200 /* more would say nothing new */

static const char *const role_names[] = {"callers' SIPp", "agents' SIPp", "registering SIPp",
					 "unregistering SIPp"};

/* What a step of a scenario's log sets. One list for both roles: a field of -1 is not the role's.
 */
struct step {
	const char *name;
	ptrdiff_t caller, leg;
};

#define CALLER(field) (ptrdiff_t) offsetof(struct caller, field)
#define LEG(field)    (ptrdiff_t) offsetof(struct leg, field)

static const struct step steps[] = {
	{"invite", CALLER(invite), LEG(invite)},
	{"ok", CALLER(ok), LEG(ok)},
	{"ack", -1, LEG(ack)},
	{"bye_out", CALLER(bye_out), LEG(bye_out)},
	{"bye_ok", CALLER(bye_ok), LEG(bye_ok)},
	{"bye_in", CALLER(bye_in), LEG(bye_in)},
	{"cancel", -1, LEG(cancel)},
};

struct line {
	int64_t at;
	char step[WORD_MAX], sip_id[WORD_MAX], who[WORD_MAX], leg[WORD_MAX];
};

int64_t
witness_sipp_stamp(const char *s)
{
	char *end;
	long long sec, usec;

	if (!isdigit((unsigned char)*s))
		return 0;
	sec = strtoll(s, &end, 10);
	if (*end != '.' || sec > INT64_MAX / 2000000)
		return 0;
	usec = strtoll(end + 1, &end, 10);
	return usec < 0 || usec > 999999 ? 0 : sec * 1000000 + usec;
}

static int
split(const char *text, struct line *line)
{
	char stamp[WORD_MAX];

	*line = (struct line){0};
	if (strlen(text) >= WORD_MAX * 4)
		return -1;
	if (sscanf(text, "%*s %*s %255s %255s %255s %255s %255s", stamp, line->step, line->sip_id,
		   line->who, line->leg) < 4)
		return -1;
	line->at = witness_sipp_stamp(stamp);
	return line->at != 0 ? 0 : -1;
}

static void
set_time(void *record, ptrdiff_t offset, int64_t at)
{
	int64_t *field = (int64_t *)((char *)record + offset);

	/* The first counts: a repeated step is a retransmission. */
	if (*field == 0)
		*field = at;
}

static int
caller_line(struct evidence *e, const struct step *step, const struct line *line)
{
	struct caller *c;

	if (step->caller < 0)
		return -1;
	c = evidence_caller(e, line->sip_id);
	if (c->number == NULL)
		c->number = mem_dup(line->who);
	set_time(c, step->caller, line->at);
	return 0;
}

static int
leg_line(struct evidence *e, const struct step *step, const struct line *line)
{
	struct leg *leg = evidence_leg(e, line->sip_id);

	if (leg->agent == NULL)
		leg->agent = mem_dup(line->who);
	if (leg->id == NULL && line->leg[0] != '\0') {
		leg->id = mem_dup(line->leg);
		leg->call = evidence_call_of(leg->id);
	}
	set_time(leg, step->leg, line->at);
	return 0;
}

static int
login_line(struct evidence *e, const struct line *line)
{
	struct login *login;

	if (strcmp(line->step, "registered") != 0)
		return -1;
	login = evidence_login(e);
	login->agent = mem_dup(line->who);
	login->at = line->at;
	return 0;
}

int
witness_sipp_line(struct evidence *e, enum sipp_role role, const char *text)
{
	struct line line;
	size_t i;

	if (split(text, &line) != 0)
		return -1;
	if (role == SIPP_REGISTER)
		return login_line(e, &line);
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (strcmp(steps[i].name, line.step) == 0)
			return role == SIPP_CALLERS ? caller_line(e, &steps[i], &line)
						    : leg_line(e, &steps[i], &line);
	return -1;
}

/* "2026-11-23 TAB 09:44:06.628522 TAB 1795427046.628522: " begins an entry; returns its text or
 * NULL. */
static const char *
entry_text(const char *s, int64_t *at)
{
	const char *epoch;

	if (strnlen(s, 46) < 46 || s[4] != '-' || s[7] != '-' || s[10] != '\t' || s[13] != ':' ||
	    s[26] != '\t')
		return NULL;
	epoch = s + 27;
	if (epoch[10] != '.' || epoch[17] != ':')
		return NULL;
	*at = witness_sipp_stamp(epoch);
	return *at != 0 ? epoch + 19 : NULL;
}

/* Finds the id after "Call-ID '", "Call-Id: ", "for call: " or "Dead call ". False when there is
 * none. */
static bool
find_call_id(const char *text, size_t len, char *out)
{
	static const char *const marks[] = {
		"Call-Id '", "Call-ID '", "Call-Id: ", "Call-ID: ", "for call: ", "Dead call "};
	const char *p = NULL;
	size_t i, n;

	for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		p = memmem(text, len, marks[i], strlen(marks[i]));
		if (p != NULL)
			break;
	}
	if (p == NULL)
		return false;
	p += strlen(marks[i]);
	n = strcspn(p, "', \r\n");
	if (n == 0 || n >= WORD_MAX)
		return false;
	memcpy(out, p, n);
	out[n] = '\0';
	return true;
}

static void
blame(struct evidence *e, enum sipp_role role, int64_t at, const char *text, size_t len)
{
	char words[FAILURE_MAX], id[WORD_MAX];
	struct stray *stray;
	size_t i = NAMES_NONE;

	/* A message to a call that is over already: what made it so was said before. And Kamailio's
	 * keep-alive within a call, which SIPp was told to answer (-aa). */
	if (strncmp(text, "Dead call ", 10) == 0 ||
	    strncmp(text, "Automatic response mode ", 24) == 0)
		return;
	text_printable(words, sizeof(words), text, len);
	if (find_call_id(text, len, id))
		i = names_find(role == SIPP_CALLERS ? &e->caller_by_sip : &e->leg_by_sip, id);
	if (i != NAMES_NONE && role == SIPP_CALLERS && e->callers[i].failure == NULL) {
		e->callers[i].failure = mem_dup(words);
		e->callers[i].failed = at;
	} else if (i != NAMES_NONE && role == SIPP_AGENTS && e->legs[i].failure == NULL) {
		e->legs[i].failure = mem_dup(words);
		e->legs[i].failed = at;
	} else if (i == NAMES_NONE && e->stray_count < STRAY_LIMIT) {
		stray = evidence_stray(e);
		stray->witness = mem_dup(role_names[role]);
		stray->text = mem_dup(words);
	}
}

int
witness_sipp_errors(struct evidence *e, enum sipp_role role, const char *text)
{
	const char *p = text, *entry = NULL, *next;
	int64_t at = 0, next_at;
	int count = 0;

	for (;; p++) {
		next = *p != '\0' ? entry_text(p, &next_at) : NULL;
		if (next == NULL && *p != '\0')
			continue;
		if (entry != NULL) {
			blame(e, role, at, entry, (size_t)(p - entry));
			count++;
		}
		if (*p == '\0')
			return count;
		entry = next;
		at = next_at;
	}
}
