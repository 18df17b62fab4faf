/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_EXPORT_H
#define LIB_EXPORT_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

/*
 * A pool's queues and agents as text: commands of mqsctl, and before the commands of each object a
 * comment with its version and what no command says. `mqsctl export` prints it, mqsctl reads it
 * from its standard input, each mqsd keeps it on disk (man/mqsd.8, FILES). The writer here is the
 * only one. Pure functions; the parser is fuzzed (tests/fuzz/fuzz_export.c).
 *
 * An object is JSON, as the script export_read gives it and the script restore takes it:
 *   {"kind": "queue", "name", "version", "options": {name: text}}
 *   {"kind": "agent", ..., "members": {queue: penalty}, "paused_in": {queue: reason} or absent,
 *    "logged_in", "paused": reason or absent, "unreachable", "registered", "misses", "backoff" and
 * "wrapup": until, ms since the epoch}
 */
struct export_head {
	char pool[65];
	int64_t version; /* of the newest change that the text has */
	int64_t born;	 /* the pool's first version: two pools of one name differ in it */
};

/* The lines of one object; the caller's (free). */
char *export_object(const json_t *object);

/* Its commands alone, without the comment. */
char *export_commands(const json_t *object);

/* The whole text, of the lines of its objects: all queues before the first agent. The caller's. */
char *export_text(const struct export_head *head, const char *const *objects, size_t count,
		  size_t *len);

/*
 * Reads what export_text() made: sets head, returns the array of objects (the caller's). NULL with
 * err "name:line: sentence" when anything is not as it was written.
 */
json_t *export_parse(const char *name, const char *text, size_t len, struct export_head *head,
		     struct err *err);

#endif
