/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_LEASE_ASK_H
#define MQSD_LEASE_ASK_H

#include <stddef.h>
#include <stdint.h>

struct lease;
struct leases;
struct redis;
struct redisReply;

/* Two keys a node, the instances, and a few. */
#define ASK_WORDS_MAX 800

/*
 * A script of mqsd/lua/raw under way: its words are given one by one, keys first, and are borrowed
 * until it is sent. Freed after its callback, which gets NULL for no answer and for an error.
 */
struct ask;
typedef void ask_cb(struct ask *ask, struct redisReply *r);

struct ask {
	struct redis *redis;
	ask_cb *cb;
	int64_t deadline_ms;
	int64_t sent; /* mono ms, just before it left */
	const char *words[ASK_WORDS_MAX];
	size_t count, keys;

	/* what its callback needs */
	struct leases *of;
	struct lease *lease;
	const char *why;
	int64_t until;
	void (*done)(void *arg);
	void (*found)(void *arg, int found);
	void *arg;
};

struct ask *ask_new(struct redis *redis, int64_t deadline_ms, ask_cb *cb);
void ask_key(struct ask *ask, const char *word);
void ask_arg(struct ask *ask, const char *word);

/* The last thing that is done with it: the answer may come from within. */
void ask_send(struct ask *ask, const char *script);

#endif
