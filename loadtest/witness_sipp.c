/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/witness_sipp.h"

#include <ctype.h>
#include <string.h>

#include "lib/text.h"

#define FAILURE_MAX 200

const char *const witness_sipp_names[SIPP_ROLES] = {"callers' SIPp", "agents' SIPp",
						    "registering SIPp", "unregistering SIPp"};

/* The steps of the scenarios' logs, callers' and agents'. */
enum step {
	STEP_INVITE,
	STEP_OK,
	STEP_ACK,
	STEP_BYE_OUT,
	STEP_BYE_OK,
	STEP_BYE_IN,
	STEP_CANCEL,
	STEP_REFUSED,
	STEPS,
};

static const char *const step_names[STEPS] = {"invite", "ok",	  "ack",    "bye_out",
					      "bye_ok", "bye_in", "cancel", "refused"};

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

/* The next word of a line, cut at WITNESS_WORD_MAX; "" at the end. */
static const char *
next_word(const char *s, char out[WITNESS_WORD_MAX])
{
	size_t n;

	s += strspn(s, " \t");
	n = strcspn(s, " \t");
	memcpy(out, s, n < WITNESS_WORD_MAX ? n : WITNESS_WORD_MAX - 1);
	out[n < WITNESS_WORD_MAX ? n : WITNESS_WORD_MAX - 1] = '\0';
	return s + n;
}

int
witness_sipp_split(const char *text, struct witness_line *line)
{
	char word[WITNESS_WORD_MAX];

	if (strlen(text) >= WITNESS_WORD_MAX * 4)
		return -1;
	text = next_word(next_word(text, word), word);
	text = next_word(text, word);
	text = next_word(text, line->step);
	text = next_word(text, line->sip_id);
	text = next_word(text, line->who);
	text = next_word(text, line->leg);
	next_word(text, line->status);
	line->at = witness_sipp_stamp(word);
	return line->at != 0 && line->who[0] != '\0' ? 0 : -1;
}

bool
witness_sipp_busy(const struct witness_line *line)
{
	return strcmp(line->status, "486") == 0;
}

/* The first counts: a repeated step is a retransmission. */
#define SEE(field, at)                                                                             \
	do {                                                                                       \
		if ((field) == 0)                                                                  \
			(field) = (at);                                                            \
	} while (0)

static int
caller_line(struct evidence *e, enum step step, const struct witness_line *line)
{
	int64_t at = line->at - e->from_us;
	struct caller *c;

	if (step == STEP_ACK || step >= STEP_CANCEL)
		return -1;
	c = evidence_caller(e, line->sip_id);
	if (c->number == 0)
		c->number = words_keep(&e->words, line->who);
	switch (step) {
	case STEP_INVITE:
		SEE(c->invite, at);
		break;
	case STEP_OK:
		SEE(c->ok, at);
		break;
	case STEP_BYE_OUT:
		SEE(c->bye_out, at);
		break;
	case STEP_BYE_OK:
		SEE(c->bye_ok, at);
		break;
	default:
		SEE(c->bye_in, at);
		break;
	}
	return 0;
}

static int
leg_line(struct evidence *e, enum step step, const struct witness_line *line)
{
	int64_t at = line->at - e->from_us;
	struct leg *leg = evidence_leg(e, line->sip_id);

	if (leg->agent == 0)
		leg->agent = evidence_word(e, line->who);
	if (leg->id.call == 0)
		leg->id = evidence_number(e, line->leg);
	switch (step) {
	case STEP_INVITE:
		SEE(leg->invite, at);
		break;
	case STEP_OK:
		SEE(leg->ok, at);
		break;
	case STEP_ACK:
		SEE(leg->ack, at);
		break;
	case STEP_BYE_OUT:
		SEE(leg->bye_out, at);
		break;
	case STEP_BYE_OK:
		SEE(leg->bye_ok, at);
		break;
	case STEP_BYE_IN:
		SEE(leg->bye_in, at);
		break;
	case STEP_CANCEL:
		SEE(leg->cancel, at);
		break;
	default:
		SEE(leg->refused, at);
		leg->busy |= witness_sipp_busy(line);
		break;
	}
	return 0;
}

static int
login_line(struct evidence *e, const struct witness_line *line)
{
	struct login *login;

	if (strcmp(line->step, "registered") != 0)
		return -1;
	login = evidence_login(e);
	login->agent = evidence_word(e, line->who);
	login->at = line->at - e->from_us;
	return 0;
}

int
witness_sipp_line(struct evidence *e, enum sipp_role role, const char *text)
{
	struct witness_line line;
	size_t i;

	if (witness_sipp_split(text, &line) != 0)
		return -1;
	if (role == SIPP_REGISTER)
		return login_line(e, &line);
	for (i = 0; i < STEPS; i++)
		if (strcmp(step_names[i], line.step) == 0)
			return role == SIPP_CALLERS ? caller_line(e, (enum step)i, &line)
						    : leg_line(e, (enum step)i, &line);
	return -1;
}

/* "2026-11-23 TAB 09:44:06.628522 TAB 1795427046.628522: " begins an entry, without a line's end
 * before it. */
static bool
begins(const char *s, int64_t *at)
{
	if (s[4] != '-' || s[7] != '-' || s[10] != '\t' || s[13] != ':' || s[26] != '\t' ||
	    s[37] != '.' || s[44] != ':')
		return false;
	*at = witness_sipp_stamp(s + 27);
	return *at != 0;
}

const char *
witness_sipp_entry(const char *s, size_t len, int64_t *at, const char **text)
{
	const char *end = s + len, *tab = s;

	/* The first tab is the eleventh character. */
	while ((tab = memchr(tab, '\t', (size_t)(end - tab))) != NULL) {
		if (tab - s >= 10 && end - tab >= WITNESS_SIPP_ENTRY_MIN - 10 &&
		    begins(tab - 10, at)) {
			*text = tab - 10 + WITNESS_SIPP_ENTRY_MIN;
			return tab - 10;
		}
		tab++;
	}
	return NULL;
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
	for (n = 0; p + n < text + len && strchr("', \t\r\n", p[n]) == NULL;)
		n++;
	if (n == 0 || n >= WITNESS_WORD_MAX)
		return false;
	memcpy(out, p, n);
	out[n] = '\0';
	return true;
}

static bool
starts(const char *text, size_t len, const char *with)
{
	return len >= strlen(with) && memcmp(text, with, strlen(with)) == 0;
}

bool
witness_sipp_error(struct evidence *e, enum sipp_role role, int64_t at, const char *text,
		   size_t len)
{
	char words[FAILURE_MAX], id[WITNESS_WORD_MAX];
	size_t i = NAMES_NONE;

	/* A message to a call that is over already: what made it so was said before. And what SIPp
	 * was told to answer: keep-alive within a call (-aa), a BYE that comes again (-oocsf). */
	if (starts(text, len, "Dead call ") || starts(text, len, "Received out-of-call ") ||
	    starts(text, len, "Automatic response mode "))
		return false;
	text_printable(words, sizeof(words), text, len);
	if (find_call_id(text, len, id))
		i = role == SIPP_CALLERS ? evidence_find_caller(e, id) : evidence_find_leg(e, id);
	if (i == NAMES_NONE)
		evidence_stray(e, witness_sipp_names[role], words);
	else if (role == SIPP_CALLERS && e->callers[i].failure == 0)
		e->callers[i].failure =
			evidence_fail(e, e->callers[i].sip_id, at - e->from_us, words);
	else if (role == SIPP_AGENTS && e->legs[i].failure == 0)
		e->legs[i].failure = evidence_fail(e, e->legs[i].sip_id, at - e->from_us, words);
	return true;
}
