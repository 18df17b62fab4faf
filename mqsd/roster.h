/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_ROSTER_H
#define MQSD_ROSTER_H

#include <jansson.h>
#include <stddef.h>

struct conf;
struct node;
struct node_env;
struct roster;
struct share;

/*
 * This mqsd's nodes: those of its file, and those that were added at run time, which the pool keeps
 * and every mqsd follows. A node that was removed is retired and stays in memory until the end,
 * since answers to it may be under way; so at most CONF_NODES_MAX can be added in one life.
 */
struct roster *roster_new(const struct node_env *env, struct conf *conf, struct share *share);
void roster_free(struct roster *roster);

size_t roster_count(const struct roster *roster);
struct node *roster_at(const struct roster *roster, size_t i);
struct node *roster_find(const struct roster *roster, const char *name); /* NULL: there is none */

/* What the pool, which is open, says is added now: as nodes_watch lists it, NULL for none. */
void roster_follow(struct roster *roster, const json_t *added);

/* What an added node's record in the pool was made of, borrowed; NULL: it is of the file. */
const json_t *roster_added(const struct roster *roster, const char *name);

#endif
