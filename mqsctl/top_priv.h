/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_TOP_PRIV_H
#define MQSCTL_TOP_PRIV_H

/* Shared by top_model.c (what keys do) and top_layout.c (how it looks). */

#include "mqsctl/top_model.h"

#define TOP_DEPTH_MAX  8
#define TOP_FILTER_MAX 64

enum top_mode { TOP_LIST, TOP_FILTER, TOP_CONFIRM, TOP_HELP };

/* Where one is, and comes back to. */
struct top_place {
	enum top_view_id view;
	char *arg; /* what was drilled into; NULL: nothing */
	char filter[TOP_FILTER_MAX];
	char *selected; /* name of the line at hand; NULL: the first */
	size_t sort;
	bool descending;
};

struct top_row {
	const json_t *line; /* borrowed from the list */
	size_t index;	    /* as it came */
	char *cells[TOP_COLUMNS_MAX];
};

struct top_model {
	struct top_place place, stack[TOP_DEPTH_MAX];
	size_t depth;
	enum top_mode mode;
	json_t *status, *list; /* NULL: not known yet */
	struct top_row *rows;  /* those that the filter lets through, sorted */
	size_t count, all;
	size_t at, first, page; /* line at hand; first that is shown; how many are */
	char *trouble, *message;
	const struct top_act *act; /* being confirmed, or just confirmed */
	char *act_name;
};

static inline const struct top_view *
top_view_of(const struct top_model *m)
{
	return &top_views[m->place.view];
}

#endif
