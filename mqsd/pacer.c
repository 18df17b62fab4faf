/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/pacer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "mqsd/conf.h"
#include "mqsd/loop.h"

#define WAIT_MAX                                                                                   \
	1000 /* legs of a node that wait; one more is put back, and offered again later            \
	      */

struct host {
	TAILQ_ENTRY(host) entry;
	struct pacer *pacer;
	char *name;
	struct pace_host *pace;
	struct loop_timer *timer;
	size_t nodes, ours;
};

struct pacer_lane {
	TAILQ_ENTRY(pacer_lane) entry;
	int64_t asked[PACE_WORDS]; /* since we started, by what was said */
	struct host *host;
	struct pace *pace;
	bool ours, closed;
};

struct pacer {
	struct loop *loop;
	const struct conf *conf;
	void (*go)(struct pace_turn *turn);
	TAILQ_HEAD(, host) hosts;
	TAILQ_HEAD(, pacer_lane) lanes;
};

/* The configured pace may have changed, and so may who owns what. */
static void
set_rates(struct host *host, int64_t now)
{
	const struct conf *conf = host->pacer->conf;
	struct pacer_lane *lane;

	pace_host_set(host->pace,
		      (double)conf->host_originates_per_s *
			      (double)(host->ours > 0 ? host->ours : 1) /
			      (double)(host->nodes > 0 ? host->nodes : 1),
		      now);
	TAILQ_FOREACH(lane, &host->pacer->lanes, entry)
	{
		if (lane->host == host)
			pace_set(lane->pace, (double)conf->originates_per_s, now);
	}
}

static void
arm(struct host *host, int64_t now)
{
	int64_t ms = pace_due_ms(host->pace, now);

	if (ms >= 0)
		loop_timer_arm(host->timer, ms);
	else
		loop_timer_stop(host->timer);
}

static void
on_due(void *arg)
{
	struct host *host = arg;
	int64_t now = clock_mono_ms();
	struct pace_turn *turn;

	set_rates(host, now);
	while ((turn = pace_next(host->pace, now)) != NULL)
		host->pacer->go(turn);
	arm(host, now);
}

static struct host *
find_host(struct pacer *pacer, const char *url)
{
	const char *at = strstr(url, "://") + 3;
	size_t len = strcspn(at, ":/");
	struct host *host;

	TAILQ_FOREACH(host, &pacer->hosts, entry)
	{
		if (strlen(host->name) == len && strncmp(host->name, at, len) == 0)
			return host;
	}
	host = mem_zero(sizeof(*host));
	host->pacer = pacer;
	host->name = mem_dup_len(at, len);
	host->pace = pace_host_new();
	host->timer = loop_timer_new(pacer->loop, on_due, host);
	TAILQ_INSERT_TAIL(&pacer->hosts, host, entry);
	return host;
}

struct pacer *
pacer_new(struct loop *loop, const struct conf *conf, void (*go)(struct pace_turn *turn))
{
	struct pacer *pacer = mem_zero(sizeof(*pacer));

	pacer->loop = loop;
	pacer->conf = conf;
	pacer->go = go;
	TAILQ_INIT(&pacer->hosts);
	TAILQ_INIT(&pacer->lanes);
	return pacer;
}

void
pacer_free(struct pacer *pacer)
{
	struct pacer_lane *lane;
	struct host *host;

	while ((host = TAILQ_FIRST(&pacer->hosts)) != NULL) {
		TAILQ_REMOVE(&pacer->hosts, host, entry);
		loop_timer_free(host->timer);
		pace_host_free(host->pace);
		free(host->name);
		free(host);
	}
	while ((lane = TAILQ_FIRST(&pacer->lanes)) != NULL) {
		TAILQ_REMOVE(&pacer->lanes, lane, entry);
		free(lane);
	}
	free(pacer);
}

struct pacer_lane *
pacer_lane(struct pacer *pacer, const char *url)
{
	struct pacer_lane *lane = mem_zero(sizeof(*lane));

	lane->host = find_host(pacer, url);
	lane->host->nodes++;
	lane->pace = pace_new(lane->host->pace, WAIT_MAX);
	TAILQ_INSERT_TAIL(&pacer->lanes, lane, entry);
	return lane;
}

void
pacer_close(struct pacer_lane *lane)
{
	pacer_own(lane, false);
	if (!lane->closed)
		lane->host->nodes--;
	lane->closed = true;
}

void
pacer_own(struct pacer_lane *lane, bool ours)
{
	if (ours && !lane->ours)
		lane->host->ours++;
	else if (!ours && lane->ours)
		lane->host->ours--;
	lane->ours = ours;
}

enum pace_word
pacer_ask(struct pacer_lane *lane, struct pace_turn *turn)
{
	int64_t now = clock_mono_ms();
	enum pace_word word;

	set_rates(lane->host, now);
	word = pace_ask(lane->pace, turn, now);
	lane->asked[word]++;
	if (word == PACE_WAIT && !loop_timer_armed(lane->host->timer))
		arm(lane->host, now);
	return word;
}

json_t *
pacer_figures(const struct pacer_lane *lane)
{
	return json_pack(
		"{s:I, s:{s:I, s:I, s:I}}", "waiting", (json_int_t)pace_waiting(lane->pace), "legs",
		"at_once", (json_int_t)lane->asked[PACE_GO], "waited",
		(json_int_t)lane->asked[PACE_WAIT], "put_back", (json_int_t)lane->asked[PACE_FULL]);
}
