/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_PACER_H
#define MQSD_PACER_H

#include <jansson.h>
#include <stdbool.h>

#include "mqsd/pace.h"

struct loop;
struct conf;

/*
 * The pace (pace.h) of this mqsd's nodes, on the loop: a host is the host part of a node's url, and
 * gets of its pace what is due to those of its nodes that are ours. Waiting for it is offer
 * latency; the phone does not ring yet.
 */
struct pacer;

/* A node. */
struct pacer_lane;

/* go(turn): it may go now, and waits no more. */
struct pacer *pacer_new(struct loop *loop, const struct conf *conf,
			void (*go)(struct pace_turn *turn));
void pacer_free(struct pacer *pacer); /* turns that still wait are their owners' to forget */

/* A lane for a node at that url; freed with the pacer. */
struct pacer_lane *pacer_lane(struct pacer *pacer, const char *url);
void pacer_close(struct pacer_lane *lane); /* the node is no more; its host's pace is the others' */
void pacer_own(struct pacer_lane *lane, bool ours);

/* As pace_ask(); go() comes later for whoever has to wait. */
enum pace_word pacer_ask(struct pacer_lane *lane, struct pace_turn *turn);

/* {"waiting": n, "legs": {"at_once": n, "waited": n, "put_back": n}}; the caller's. */
json_t *pacer_figures(const struct pacer_lane *lane);

#endif
