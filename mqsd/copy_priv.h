/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_COPY_PRIV_H
#define MQSD_COPY_PRIV_H

/* Shared by copy.c, which follows the pool, and copy_restore.c, which gives back what it lost. */

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <uthash.h>

#include "lib/export.h"
#include "mqsd/copy.h"

enum step {
	IDLE,	  /* following, or not opened */
	BRINGING, /* what Redis lost is being brought back */
	TIDYING,  /* read anew; what was deleted and came back goes again */
};

struct object {
	UT_hash_handle hh;
	char *key; /* "queue:NAME", "agent:NAME": in their order in the text, but for the kind */
	int64_t version;
	char *text;
};

struct waiter {
	STAILQ_ENTRY(waiter) entry;
	copy_text_cb *cb;
	void *arg;
};

struct copy {
	const struct conf *conf;
	struct pool *pool;
	struct copy_hooks hooks;
	struct disk *disk;
	char *path;
	struct loop_timer *tick;
	enum step step;

	/* the copy in memory */
	struct object *objects;
	struct export_head head; /* version: all changes up to it are there; 0: not read yet */
	bool sorted;

	/* a pass of reading */
	char cursor[32], forget[32];
	bool reading, again, changed;
	int64_t looked; /* mono ms of the last pass' begin */
	STAILQ_HEAD(, waiter) waiters;

	/* the copy on disk */
	int64_t written; /* version */
	int64_t disk_born;
	bool disk_bad;

	/* what is being brought back */
	struct export_head from;
	json_t *wanted, *unwanted;
	size_t at, restored;
};

/* copy.c */
void copy_forget(struct copy *copy);
void copy_read(struct copy *copy); /* what has changed; once more, if it is at it already */
char *copy_lines(struct copy *copy, size_t *len);

/* copy_restore.c */
bool copy_is_closing(const char *refused);
json_t *copy_load_file(const char *path, struct export_head *head);
void copy_tidy(struct copy *copy);
void copy_settle(struct copy *copy);

#endif
