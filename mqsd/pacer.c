/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/pacer.h"

#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "mqsd/conf.h"
#include "mqsd/loop.h"

#define WAIT_MAX                                                                                   \
	1000 /* legs of a node that wait; one more is put back, and offered again later            \
	      */

struct host {
	struct pacer *pacer;
	char *name;
	struct pace_host *pace;
	struct loop_timer *timer;
	size_t nodes, ours;
};

struct pacer_lane {
	int64_t asked[PACE_WORDS]; /* since we started, by what was said */
	struct host *host;
	struct pace *pace;
	const char *node; /* borrowed from conf */
	bool ours;
};

struct pacer {
	struct loop *loop;
	const struct conf *conf;
	void (*go)(struct pace_turn *turn);
	struct host *hosts;
	struct pacer_lane *lanes;
	size_t host_count;
};

/* The configured pace may have changed, and so may who owns what. */
static void
set_rates(struct host *host, int64_t now)
{
	const struct conf *conf = host->pacer->conf;
	size_t i;

	pace_host_set(host->pace,
		      (double)conf->host_originates_per_s *
			      (double)(host->ours > 0 ? host->ours : 1) / (double)host->nodes,
		      now);
	for (i = 0; i < conf->node_count; i++)
		if (host->pacer->lanes[i].host == host)
			pace_set(host->pacer->lanes[i].pace, (double)conf->originates_per_s, now);
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
	const char *at = url + strlen("http://");
	size_t len = strcspn(at, ":/"), i;
	struct host *host;

	for (i = 0; i < pacer->host_count; i++)
		if (strlen(pacer->hosts[i].name) == len &&
		    strncmp(pacer->hosts[i].name, at, len) == 0)
			return &pacer->hosts[i];
	host = &pacer->hosts[pacer->host_count++];
	host->pacer = pacer;
	host->name = mem_dup_len(at, len);
	host->pace = pace_host_new();
	host->timer = loop_timer_new(pacer->loop, on_due, host);
	return host;
}

struct pacer *
pacer_new(struct loop *loop, const struct conf *conf, void (*go)(struct pace_turn *turn))
{
	struct pacer *pacer = mem_zero(sizeof(*pacer));
	size_t i;

	pacer->loop = loop;
	pacer->conf = conf;
	pacer->go = go;
	/* As many as there may be at most: lanes point at them. */
	pacer->hosts = mem_zero(conf->node_count * sizeof(*pacer->hosts));
	pacer->lanes = mem_zero(conf->node_count * sizeof(*pacer->lanes));
	for (i = 0; i < conf->node_count; i++) {
		struct pacer_lane *lane = &pacer->lanes[i];

		lane->host = find_host(pacer, conf->nodes[i].url);
		lane->host->nodes++;
		lane->pace = pace_new(lane->host->pace, WAIT_MAX);
		lane->node = conf->nodes[i].name;
	}
	return pacer;
}

void
pacer_free(struct pacer *pacer)
{
	size_t i;

	for (i = 0; i < pacer->host_count; i++) {
		loop_timer_free(pacer->hosts[i].timer);
		pace_host_free(pacer->hosts[i].pace);
		free(pacer->hosts[i].name);
	}
	free(pacer->hosts);
	free(pacer->lanes);
	free(pacer);
}

struct pacer_lane *
pacer_lane(struct pacer *pacer, const char *node)
{
	size_t i;

	for (i = 0; i < pacer->conf->node_count; i++)
		if (strcmp(pacer->lanes[i].node, node) == 0)
			return &pacer->lanes[i];
	return NULL;
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
