/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_SCREEN_H
#define MQSCTL_SCREEN_H

#include <stddef.h>

#include "lib/err.h"
#include "mqsctl/top_model.h"

/*
 * The whole terminal, from open to close; the only file that sees ncurses. Colours unless NO_COLOR
 * is set and not empty.
 */
struct screen;

/* NULL with err: there is no terminal, or none that can place text. */
struct screen *screen_open(struct err *err);
void screen_close(struct screen *screen); /* the terminal is as it was */

void screen_size(const struct screen *screen, size_t *rows, size_t *columns);
void screen_draw(struct screen *screen, const struct top_line *lines, size_t rows);

enum { SCREEN_NOTHING = -1, SCREEN_RESIZED = -2, SCREEN_GONE = -3 };

/* A key (characters, enum top_key), or one of these, after ms at the latest; also when a signal
 * came. */
int screen_key(struct screen *screen, int ms);

#endif
