/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/echo.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>

#include "lib/clock.h"
#include "lib/clock_offset.h"
#include "lib/mem.h"
#include "mqsd/conf.h"
#include "mqsd/node.h"

#define DEAF_MS	  1000 /* after the answer */
#define SILENT_MS 4000 /* without one: that many commands' deadlines */

struct echo {
	struct node *node;
	int64_t sent;	  /* mono ms of the first that was not heard; 0: all were */
	int64_t answered; /* mono ms of the node's answer to one sent since; 0: none */
	bool asking;	  /* a command is under way */
	bool stale;	  /* and belongs to an earlier connection */
	struct clock_offset clock;
	int64_t wall; /* when the last one was sent, ms since the epoch */
	int tries;    /* sent since one was heard: which of several comes back is not known */
};

struct echo *
echo_new(struct node *node)
{
	struct echo *echo = mem_zero(sizeof(*echo));

	echo->node = node;
	return echo;
}

void
echo_free(struct echo *echo)
{
	free(echo);
}

void
echo_begin(struct echo *echo)
{
	echo->sent = echo->answered = 0;
	echo->stale = echo->asking;
	echo->tries = echo->asking ? 1 : 0;
}

void
echo_heard(struct echo *echo, int64_t at)
{
	if (echo->tries == 1)
		clock_offset_add(&echo->clock, echo->wall, clock_wall_ms(), at);
	echo->tries = 0;
	echo->sent = echo->answered = 0;
}

const struct clock_offset *
echo_clock(const struct echo *echo)
{
	return &echo->clock;
}

static void
on_echo(void *arg, long status, json_t *body, const char *why)
{
	struct echo *echo = arg;

	(void)body;
	(void)why;
	echo->asking = false;
	/* Any answer counts: 404 says that nobody is connected to the application. */
	if (!echo->stale && status > 0 && echo->sent != 0 && echo->answered == 0)
		echo->answered = clock_mono_ms();
	echo->stale = false;
}

enum echo_word
echo_judge(int64_t now, int64_t sent, int64_t answered)
{
	if (sent == 0)
		return ECHO_FINE;
	if (answered != 0)
		return now - answered >= DEAF_MS ? ECHO_DEAF : ECHO_FINE;
	return now - sent >= SILENT_MS ? ECHO_SILENT : ECHO_FINE;
}

enum echo_word
echo_tick(struct echo *echo)
{
	int64_t now = clock_mono_ms();
	enum echo_word word = echo_judge(now, echo->sent, echo->answered);

	if (word != ECHO_FINE || echo->asking || echo->answered != 0)
		return word;
	if (echo->sent == 0)
		echo->sent = now;
	echo->asking = true;
	echo->wall = clock_wall_ms();
	echo->tries++;
	node_command(echo->node, ARI_ECHO, NULL, on_echo, echo, node_conf(echo->node)->ari_app,
		     NULL);
	return ECHO_FINE;
}
