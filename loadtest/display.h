/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_DISPLAY_H
#define LOADTEST_DISPLAY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "loadtest/sample.h"

/*
 * Where a run is, for whoever watches: drawn in place on a terminal, else a line now and then. The
 * terminal is only written to: its modes and its cursor stay as they are, so that nothing has to be
 * put right however we end.
 */
#define DISPLAY_TTY_MS	 500
#define DISPLAY_PLAIN_MS 10000
#define DISPLAY_PACE	 10 /* samples over which rates are taken */

struct view {
	const char *name;	      /* the profile's */
	double elapsed_s, expected_s; /* expected: in all; 0: unknown */
	double done;		      /* 0 to 1 */
	struct traffic_counts counts; /* now */
	const struct sample *sample;  /* the last one */
};

struct display {
	FILE *out;
	bool tty, color;
	int drawn; /* lines that stand on the terminal */
	int64_t shown_ms;
	struct sample_latency offer, connect; /* the last that there were */
	struct {
		double t;
		struct traffic_counts counts;
	} pace[DISPLAY_PACE]; /* a ring; */
	size_t taken;	      /* of so many samples */
};

void display_open(struct display *d, FILE *out);

/* A new sample was taken. */
void display_take(struct display *d, const struct sample *s);

/* Shows the view when it is time; `always`: in any case. */
void display_show(struct display *d, const struct view *v, bool always);

/* Before anything else is written where the display is: it comes again below. */
void display_clear(struct display *d);

/* What was shown last stays, and the cursor is below it. */
void display_close(struct display *d);

/* Shared by the files of this noun; pure. The view for a terminal of so many columns and rows, each
 * line shorter than that; the caller frees it. */
char *display_text(const struct display *d, const struct view *v, int columns, int rows);

/* The same in one line. */
char *display_line(const struct display *d, const struct view *v);

#endif
