/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/lease_ask.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "mqsd/redis.h"
#include "mqsd/script.h"

struct ask *
ask_new(struct redis *redis, int64_t deadline_ms, ask_cb *cb)
{
	struct ask *ask = mem_zero(sizeof(*ask));

	ask->redis = redis;
	ask->cb = cb;
	ask->deadline_ms = deadline_ms;
	return ask;
}

void
ask_arg(struct ask *ask, const char *word)
{
	if (ask->count == ASK_WORDS_MAX)
		fatal("more nodes and instances than a lease script can be told of");
	ask->words[ask->count++] = word;
}

void
ask_key(struct ask *ask, const char *word)
{
	ask_arg(ask, word);
	ask->keys++;
}

static void
on_answer(void *arg, struct redisReply *r)
{
	struct ask *ask = arg;

	/* What is wrong with Redis as a whole has been said already. */
	if (r != NULL && r->type == REDIS_REPLY_ERROR) {
		if (redis_reply_error(r) == NULL)
			log_error("leases: Redis says: %s", r->str);
		r = NULL;
	}
	ask->cb(ask, r);
	free(ask);
}

void
ask_send(struct ask *ask, const char *script)
{
	const char *argv[ASK_WORDS_MAX + 3];
	size_t len[ASK_WORDS_MAX + 3], i;
	char keys[16];

	snprintf(keys, sizeof(keys), "%zu", ask->keys);
	argv[0] = "EVAL";
	argv[1] = script_find(script)->text;
	argv[2] = keys;
	memcpy(argv + 3, ask->words, ask->count * sizeof(argv[0]));
	for (i = 0; i < ask->count + 3; i++)
		len[i] = strlen(argv[i]);
	ask->sent = clock_mono_ms();
	redis_command(ask->redis, on_answer, ask, ask->deadline_ms, (int)ask->count + 3, argv, len);
}
