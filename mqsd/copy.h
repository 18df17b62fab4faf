/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_COPY_H
#define MQSD_COPY_H

#include <jansson.h>
#include <stdbool.h>

struct loop;
struct conf;
struct pool;

/*
 * This mqsd's copy of the pool's queues, agents and agents' states: in memory as the lines of
 * lib/export.h, on disk as <state_dir>/<pool>.export, followed change by change whoever made it. A
 * Redis that has lost some or all of them gets them back from here, before the nodes tell it of
 * their calls (design 4). Which of two is newer the version says that the scripts give each object.
 */
struct copy;

struct copy_hooks {
	/* The pool has back what we have of it: its nodes may be reconciled now. */
	void (*restored)(void *arg, bool recovering);
	void *arg;
};

struct copy *copy_new(struct loop *loop, const struct conf *conf, struct pool *pool,
		      const struct copy_hooks *hooks);
void copy_free(struct copy *copy); /* writes what is not written yet */

/* The pool was opened: `restored` comes, if the pool is not closed before. */
void copy_pool_opened(struct copy *copy, bool recovering);
void copy_pool_closed(struct copy *copy);

/* Queues or agents have changed. */
void copy_changed(struct copy *copy);

/*
 * The text as of now. cb comes once: with the text (borrowed), or NULL and what a script refused
 * (NULL too: no answer).
 */
typedef void copy_text_cb(void *arg, const char *text, const json_t *refusal);
void copy_text(struct copy *copy, copy_text_cb *cb, void *arg);

#endif
