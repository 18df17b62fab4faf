/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_TOP_MODEL_H
#define MQSCTL_TOP_MODEL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "mqsctl/top_view.h"

/*
 * What `top` shows and what keys do to it: from mqsd's JSON and keys to lines of text. It asks
 * nobody and draws nothing (screen.h does), so it can be tested as it is.
 */
struct top_model;

struct top_model *top_model_new(void);
void top_model_free(struct top_model *m);

/* Where the list of the view at hand is; NULL: it comes with the status. The caller's (free). */
char *top_model_path(const struct top_model *m);

/* What mqsd answered; both are stolen. A list that is not of the view at hand shows as empty. */
void top_model_take_status(struct top_model *m, json_t *status);
void top_model_take_list(struct top_model *m, json_t *reply);

/* mqsd did not answer: told instead of the verdict until it does (NULL). What was known stays. */
void top_model_set_trouble(struct top_model *m, const char *text);

/* Told in the last line until the next key. */
void top_model_tell(struct top_model *m, const char *text);

/* Keys are characters, or these. */
enum top_key {
	TOP_KEY_UP = 1000,
	TOP_KEY_DOWN,
	TOP_KEY_PAGE_UP,
	TOP_KEY_PAGE_DOWN,
	TOP_KEY_HOME,
	TOP_KEY_END,
	TOP_KEY_ENTER,
	TOP_KEY_BACK, /* Backspace, Left */
	TOP_KEY_ESCAPE,
	TOP_KEY_TAB,
};

enum top_wish {
	TOP_WISH_DRAW,
	TOP_WISH_ASK, /* the view is another one: its list is wanted now */
	TOP_WISH_ACT, /* what top_model_act() says was confirmed */
	TOP_WISH_QUIT,
};

enum top_wish top_model_key(struct top_model *m, int key);

/* The act that was confirmed, and to what; borrowed until the next key. */
const struct top_act *top_model_act(const struct top_model *m, const char **name);

/* text with its "%s" replaced by name; the caller's (free). */
char *top_fill(const char *text, const char *name);

enum top_style {
	TOP_PLAIN,
	TOP_BOLD,
	TOP_ALARM,
	TOP_WARNING,
	TOP_HEADING,
	TOP_SELECTED,
};

/* In at most as many columns as were asked for; printable. */
struct top_line {
	char *text;
	enum top_style style;
};

/* Fills `rows` lines, which the caller frees with top_lines_free(). Scrolls so that the line at
 * hand is among them. */
void top_layout(struct top_model *m, size_t rows, size_t columns, struct top_line *lines);
void top_lines_free(struct top_line *lines, size_t rows);

#endif
