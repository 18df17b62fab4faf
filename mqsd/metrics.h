/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_METRICS_H
#define MQSD_METRICS_H

#include <jansson.h>
#include <stddef.h>

/*
 * What GET /metrics tells: one row a metric, and man/mqs-api.7 is held equal to them. A row says
 * where in the survey (survey.h) its value stands; the text is Prometheus' exposition format 0.0.4.
 * Pure.
 */
enum metric_type { METRIC_GAUGE, METRIC_COUNTER, METRIC_HISTOGRAM };

struct metric_row {
	const char *name;
	enum metric_type type;
	const char *help;
	const char *from;	      /* members on the way there, "a.b"; "" is the survey itself */
	const char *label, *name_key; /* what stands there is a list, or an object if name_key is
				       * NULL: a sample for each item, whose name is in label */
	const char *value;	      /* member of the item; NULL: the item itself */
	/*
	 * NULL: the value is a number, a boolean (0 or 1), a list (its length) or, of a histogram,
	 * as in delays.h. Else it is a word, and the sample of that word is 1, or an object with a
	 * number for each word; this label has the word.
	 */
	const char *by;
	const char *const *words; /* all there can be, with a NULL; NULL: those that are there */
	double scale;		  /* of the number, to the base unit in the name; 0: 1 */
};

extern const struct metric_row metric_rows[];
extern const size_t metric_row_count;

const char *metric_type_name(enum metric_type type);

/* All rows that the survey has values for. The caller's (free). */
char *metrics_text(const json_t *survey);

#endif
