/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_PROBLEM_H
#define MQSD_PROBLEM_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * What is wrong, judged from a survey (survey.h): a row a kind, the worst first, which is the order
 * in GET /v1/status too. man/mqs-api.7 is held equal to the rows. Pure.
 */
struct problem_finder;

struct problem_row {
	const char *code;
	bool critical; /* callers or conversations suffer now */
	const char *when;
	const char *hint; /* what to do; NULL: whoever found it says that */
	void (*find)(struct problem_finder *finder);
};

extern const struct problem_row problem_rows[];
extern const size_t problem_row_count;

/*
 * [{"severity": "critical" or "warning", "code", "text": a sentence with since when and what it
 * costs, "hint", "since_ms": how long already, where it is known}], the worst first. The caller's.
 */
json_t *problems_find(const json_t *survey);

/* Everything in one line: the worst problems, or "ok: 1,600 wait, 2,000 talk". The caller's (free).
 */
char *problems_verdict(const json_t *survey, const json_t *problems);

#endif
