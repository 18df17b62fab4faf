/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_DISPATCHER_H
#define MQSD_DISPATCHER_H

#include <jansson.h>
#include <stdbool.h>

struct conf;
struct kamailio;
struct loop;
struct pool;

/*
 * Holds Kamailio's dispatcher to what the pool wishes: a draining node is disabled there, state D,
 * in which it is not probed either, so that no answer of it brings it back. The wish stands in
 * Redis; Kamailio forgets it when it starts or reloads its list. So every mqsd looks while a node
 * is draining, twice a second, sooner than a new Kamailio has the first answer to a probe, and
 * also while Redis is away, by what it said last. What nobody has wished is left alone.
 *
 * A node that was added at run time is added to set 1, whenever no destination has its duid, and
 * one that was removed is taken out.
 */
struct dispatcher;

struct dispatcher_hooks {
	/* The nodes that the pool has added, as nodes_watch lists them; NULL for none. */
	void (*added)(void *arg, const json_t *added);
	void *arg;
};

struct dispatcher *dispatcher_new(struct loop *loop, struct pool *pool, struct kamailio *kamailio,
				  const struct dispatcher_hooks *hooks);
void dispatcher_start(struct dispatcher *d);
void dispatcher_free(struct dispatcher *d); /* after ari_http_free(); no callback comes any more */

/* Is the node to get no new callers, as Redis said last? */
bool dispatcher_is_draining(const struct dispatcher *d, const char *node);

/* Looks at the pool's wishes now, and not within a second. */
void dispatcher_look(struct dispatcher *d);

enum dispatcher_word {
	DISPATCHER_TOLD,
	DISPATCHER_MISSING, /* Kamailio has no destination with this duid= */
	DISPATCHER_SILENT,  /* no answer, or an error of it; it is told when it answers */
	DISPATCHER_OFF,	    /* no Kamailio is configured */
	DISPATCHER_WORDS
};

/* As the API names them. */
extern const char *const dispatcher_words[DISPATCHER_WORDS];

/*
 * The pool's wish has just changed: tells Kamailio at once. Taken in again a node is inactive until
 * it has answered a probe. The callback comes once, never from within the call.
 */
typedef void dispatcher_cb(void *arg, enum dispatcher_word word);
void dispatcher_tell(struct dispatcher *d, const char *node, bool drain, dispatcher_cb *cb,
		     void *arg);

#endif
