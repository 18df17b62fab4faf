/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_CLI_VT_H
#define TESTS_CLI_VT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * The screen of a terminal as TERM=linux drives it: text, cursor, erasing, scrolling; attributes
 * are taken and not kept. What it does not know is shown as "?" and the sequence's letter.
 */
struct vt;

struct vt *vt_new(int rows, int columns);
void vt_resize(struct vt *vt, int rows, int columns);
void vt_feed(struct vt *vt, const char *bytes, size_t len);
bool vt_shows(const struct vt *vt, const char *text); /* in one row */
bool vt_is_coloured(const struct vt *vt);	      /* any colour was set */
void vt_print(const struct vt *vt, FILE *out); /* all its rows, without blanks at their end */

#endif
