/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_FINDING_H
#define MQSD_FINDING_H

#include <jansson.h>

/* What somebody who looked for faults says: an array of {about, severity, text, hint}. */
enum finding_severity { FINDING_OK, FINDING_WARNING, FINDING_ERROR };

/* Adds one. about: "node a1", "redis", ...; hint: what to do, NULL where there is nothing. Foreign
 * bytes in the sentence are made printable. */
void finding_add(json_t *list, const char *about, enum finding_severity severity, const char *hint,
		 const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* How many there are of that severity. */
size_t finding_count(const json_t *list, enum finding_severity severity);

/* {findings, errors, warnings, ok}: the list (borrowed) with the number of each kind. */
json_t *finding_reply(json_t *list);

/* Names behind each other, as "a1, a2 and 5 more". Begin with an empty text. */
#define FINDING_NAMES_MAX 10
struct finding_names {
	char text[FINDING_NAMES_MAX * 70 + 40];
	size_t count;
};
void finding_name(struct finding_names *names, const char *name);
const char *finding_names(struct finding_names *names);

#endif
