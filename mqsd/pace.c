/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/pace.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "lib/mem.h"

/* Fills by per_s tokens a second, up to what is worth a second (at least one); a leg takes one. */
struct bucket {
	double per_s, tokens; /* per_s 0: no limit */
	int64_t at;	      /* mono ms of the last filling */
	bool set;
};

struct pace {
	TAILQ_ENTRY(pace)
	all, entry; /* of its host; entry: those with somebody waiting, next to go first */
	struct pace_host *host;
	struct bucket bucket;
	TAILQ_HEAD(, pace_turn) turns;
	size_t waiting, wait_max;
};

struct pace_host {
	struct bucket bucket;
	TAILQ_HEAD(, pace) all, waiting;
};

static double
capacity(const struct bucket *b)
{
	return b->per_s > 1 ? b->per_s : 1;
}

static double
filled(const struct bucket *b, int64_t now)
{
	double tokens = b->tokens + (double)(now - b->at) * b->per_s / 1000;

	return tokens > capacity(b) ? capacity(b) : tokens;
}

static void
set(struct bucket *b, double per_s, int64_t now)
{
	if (b->set && per_s == b->per_s)
		return;
	b->tokens = b->set ? filled(b, now) : per_s;
	b->per_s = per_s;
	b->at = now;
	b->set = true;
	if (b->tokens > capacity(b))
		b->tokens = capacity(b);
}

/* A hair less than one is one: tokens are sums of fractions. */
static bool
has_token(const struct bucket *b, int64_t now)
{
	return b->per_s <= 0 || filled(b, now) >= 1 - 1e-9;
}

static void
take_token(struct bucket *b, int64_t now)
{
	b->tokens = filled(b, now) - 1;
	b->at = now;
}

static int64_t
wait_ms(const struct bucket *b, int64_t now)
{
	if (has_token(b, now))
		return 0;
	return (int64_t)ceil((1 - filled(b, now)) * 1000 / b->per_s);
}

struct pace_host *
pace_host_new(void)
{
	struct pace_host *host = mem_zero(sizeof(*host));

	TAILQ_INIT(&host->all);
	TAILQ_INIT(&host->waiting);
	return host;
}

void
pace_host_free(struct pace_host *host)
{
	struct pace *pace;

	while ((pace = TAILQ_FIRST(&host->all)) != NULL) {
		TAILQ_REMOVE(&host->all, pace, all);
		free(pace);
	}
	free(host);
}

struct pace *
pace_new(struct pace_host *host, size_t wait_max)
{
	struct pace *pace = mem_zero(sizeof(*pace));

	pace->host = host;
	pace->wait_max = wait_max;
	TAILQ_INIT(&pace->turns);
	TAILQ_INSERT_TAIL(&host->all, pace, all);
	return pace;
}

void
pace_host_set(struct pace_host *host, double per_s, int64_t now)
{
	set(&host->bucket, per_s, now);
}

void
pace_set(struct pace *pace, double per_s, int64_t now)
{
	set(&pace->bucket, per_s, now);
}

static bool
may_go(const struct pace *pace, int64_t now)
{
	return has_token(&pace->bucket, now) && has_token(&pace->host->bucket, now);
}

static void
took(struct pace *pace, int64_t now)
{
	take_token(&pace->bucket, now);
	take_token(&pace->host->bucket, now);
}

enum pace_word
pace_ask(struct pace *pace, struct pace_turn *turn, int64_t now)
{
	/* Nobody of the node is overtaken; if the host has a token, the others wait for their own
	 * node. */
	if (pace->waiting == 0 && may_go(pace, now)) {
		took(pace, now);
		return PACE_GO;
	}
	if (pace->waiting >= pace->wait_max)
		return PACE_FULL;
	if (pace->waiting++ == 0)
		TAILQ_INSERT_TAIL(&pace->host->waiting, pace, entry);
	TAILQ_INSERT_TAIL(&pace->turns, turn, entry);
	turn->pace = pace;
	return PACE_WAIT;
}

void
pace_leave(struct pace_turn *turn)
{
	struct pace *pace = turn->pace;

	if (pace == NULL)
		return;
	turn->pace = NULL;
	TAILQ_REMOVE(&pace->turns, turn, entry);
	if (--pace->waiting == 0)
		TAILQ_REMOVE(&pace->host->waiting, pace, entry);
}

struct pace_turn *
pace_next(struct pace_host *host, int64_t now)
{
	struct pace_turn *turn;
	struct pace *pace;

	TAILQ_FOREACH(pace, &host->waiting, entry)
	{
		if (!may_go(pace, now))
			continue;
		took(pace, now);
		turn = TAILQ_FIRST(&pace->turns);
		pace_leave(turn);
		if (pace->waiting > 0) {
			TAILQ_REMOVE(&host->waiting, pace, entry);
			TAILQ_INSERT_TAIL(&host->waiting, pace, entry);
		}
		return turn;
	}
	return NULL;
}

int64_t
pace_due_ms(const struct pace_host *host, int64_t now)
{
	const struct pace *pace;
	int64_t best = -1, ms;

	TAILQ_FOREACH(pace, &host->waiting, entry)
	{
		ms = wait_ms(&pace->bucket, now);
		if (best < 0 || ms < best)
			best = ms;
	}
	if (best < 0)
		return -1;
	ms = wait_ms(&host->bucket, now);
	if (ms > best)
		best = ms;
	return best > 0 ? best : 1;
}

size_t
pace_waiting(const struct pace *pace)
{
	return pace->waiting;
}
