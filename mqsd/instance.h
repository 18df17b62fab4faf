/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_INSTANCE_H
#define MQSD_INSTANCE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct conf;

/*
 * The mqsd that live beside us, as the last heartbeat found them in mqs:instances (lease.c beats).
 * An instance that does not beat for lease_ms is not there any more.
 */
struct instances;

#define INSTANCES_MAX 64 /* as in lease_beat.lua */

struct instances *instances_new(const struct conf *conf);
void instances_free(struct instances *instances);

/* What others are told of us, as JSON (the caller's); owned: names of our nodes (stolen). */
char *instances_about(struct instances *instances, json_t *owned);
/* When this life of ours began, ms since the epoch as text. */
const char *instances_since(const struct instances *instances);

/* A heartbeat's answer: begin, then each instance with what it says of itself. */
void instances_begin(struct instances *instances);
void instances_add(struct instances *instances, const char *name, const char *about);

/* We are stopping: others don't count on us any more. */
void instances_set_leaving(struct instances *instances);

/*
 * Names of the others with whom the node is shared: of our pool, not leaving, with the node in
 * their configuration. At most `max`; they are good until the next heartbeat. Returns how many.
 */
size_t instances_peers(const struct instances *instances, const char *node, const char **names,
		       size_t max);

/* One of our pool whose mqsd.conf has the node, or NULL; good until the next heartbeat. */
const char *instances_with_file(const struct instances *instances, const char *node);

/* An instance as the control API shows it, or all of them, by name. A new reference, or NULL. */
json_t *instances_show(const struct instances *instances, const char *name);
json_t *instances_list(const struct instances *instances);

/*
 * [{"name", "nodes", "gone_ms"}]: others of our pool that are not there any more, for a day at
 * most, and had not said here that they leave. The caller's.
 */
json_t *instances_missing(const struct instances *instances);

#endif
