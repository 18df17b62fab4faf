/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_CHART_H
#define LOADTEST_CHART_H

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

/*
 * A drawing of curves over time, in SVG, and its legend. Colours, sizes of text and the like are
 * the page's (report_html.c): curve n has the class "c<n>". Pure but for the FILE.
 */
#define CHART_LINES_MAX 8
#define CHART_COLORS	8

struct chart_line {
	const char *name;
	const json_t *y; /* numbers and nulls, as many as `t` */
};

struct chart {
	const char *title, *unit;
	const json_t *t; /* s */
	struct chart_line lines[CHART_LINES_MAX];
	size_t line_count;
	const double *marks; /* s: moments that are marked, */
	size_t mark_count;
	const char *mark_name; /* and what they are */
};

void chart_draw(const struct chart *c, FILE *out);

/* A small curve without axes, from 0 to `top`. */
void chart_spark(const json_t *t, const json_t *y, double top, FILE *out);

/* The highest of a curve; 0 when there is none. */
double chart_top(const json_t *y);

/* A round number, 1, 2 or 5 times a power of ten, so that `top` is at most `count` times it. */
double chart_step(double top, int count);

/* The same for time axes, in s: 1, 2, 5, 10, 15, 30 s, min, h; days as above. */
double chart_time_step(double top, int count);

#endif
