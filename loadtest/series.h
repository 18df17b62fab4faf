/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_SERIES_H
#define LOADTEST_SERIES_H

#include <jansson.h>

#include "loadtest/sample.h"

/*
 * What the samples of a run come to: its curves, what each process cost, and what a call did. As in
 * mqs-report(5): {"series", "processes", "cost"}. Pure but for series_load().
 *
 * Long runs have more samples than a curve needs: `every` of them become one point, of which rates
 * and CPU are means, p50 the mean by number of calls, p99 and max the highest, the rest the last.
 */
#define SERIES_POINTS 600

struct series;

struct series *series_new(size_t every);
void series_add(struct series *s, const struct sample *sample);

/* The caller owns it; the series is done with. */
json_t *series_json(struct series *s);
void series_free(struct series *s);

/* Of a file of samples; NULL when there is none, or none in it. */
json_t *series_load(const char *path);

#endif
