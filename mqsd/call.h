/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_CALL_H
#define MQSD_CALL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqsd/ari_event.h"

struct node;
struct pace_turn;

/*
 * The calls of one node, as this mqsd needs them to act: a mirror of their records in Redis, which
 * are the truth. Whatever happens to a call (an event, a claim, an operator) becomes a job; the
 * jobs of one call run one after the other, each a script whose reply says what to command. A job
 * that got no answer stays first and is run again when the pool is open: every script may be
 * repeated.
 */
struct calls;

struct calls *calls_new(struct node *node);
void calls_free(struct calls *calls);

/* A caller is in Stasis. Twice is no harm. */
void calls_enter(struct calls *calls, const struct ari_channel *channel,
		 const struct ari_caller *caller);

void calls_event(struct calls *calls, const struct ari_event *event);
void calls_claim(struct calls *calls, json_t *view);

/* Another instance's script changed the call: what it asks for is done. */
void calls_changed(struct calls *calls, json_t *view);

/* An end that was committed elsewhere: hang up what is still open. */
void calls_ended(struct calls *calls, json_t *view);

/* A record that was read: makes or refreshes the mirror. */
void calls_take(struct calls *calls, json_t *view);

/* Proof that a channel is gone (404, or the node died); reason as in channel_gone.lua. */
void calls_gone(struct calls *calls, const char *call, const char *channel, const char *reason);

/*
 * The node of this record was lost, and each channel of the call with it, the caller first so that
 * nobody else is offered the call. unseen: nobody has looked; the channels may come back.
 */
void calls_lost(struct calls *calls, json_t *record, bool unseen);

/* Calls idle() once each call that has something to be done now has done it. One at a time. */
void calls_when_done(struct calls *calls, void (*idle)(void *arg), void *arg);
void calls_wait_no_more(struct calls *calls);

/* A leg was found Up, or ringing, at reconcile. */
void calls_leg_up(struct calls *calls, const char *call, const char *leg);
void calls_leg_ringing(struct calls *calls, const char *call, const char *leg);

/* Caller and agent talk in the record, but not on the node: bridges them; again, when the record
 * knew them to be bridged before the node was asked. */
void calls_connect(struct calls *calls, const char *call, bool again);

/* Both were found in their bridge. */
void calls_bridged(struct calls *calls, const char *call);
/* One was, alone: both had been, as nobody enters it alone. */
void calls_met(struct calls *calls, const char *call);
/* The channel was found in a bridge that is no conversation's. A caller who waits is taken out of
 * it, and the bridge is deleted; false: it is nobody who waits. */
bool calls_unbridge(struct calls *calls, const char *channel, const char *bridge);

/* The pool was opened under a Redis that may have forgotten: records read from now on begin anew.
 */
void calls_unversion(struct calls *calls);

/* Drops mirrors older than `before` (mono ms) that have neither a record nor a channel any more. */
void calls_sweep(struct calls *calls, const json_t *records, const json_t *channels,
		 int64_t before);

/*
 * A conversation that no record speaks of: its agent's leg is Up. found (stolen) as call_adopt.lua
 * takes it. 0, or -1 when no caller of that call is known here (by its id, by what its channel says
 * that its id was, or by its channel, which may be NULL).
 */
int calls_adopt(struct calls *calls, const struct ari_leg *leg, const char *channel, json_t *found);

/* Deletes a channel that nobody should have; `call` may be NULL. */
void calls_hang_up(struct calls *calls, const char *call, const char *channel);

/* From calls_look() to calls_looked() it is noted who leaves, because lists may be older. */
void calls_look(struct calls *calls);
void calls_looked(struct calls *calls);
bool calls_saw_go(const struct calls *calls, const char *channel);

/* Is anything of ours under way for the call, so that a list read meanwhile proves nothing? */
bool calls_busy(const struct calls *calls, const char *call);
/* Does this process know the channel as a caller or a leg of a live offer? */
bool calls_know(const struct calls *calls, const char *channel);
/* Was the leg created by this very process? Then its StasisStart comes to us. */
bool calls_made(const struct calls *calls, const char *call, const char *leg);
/* Created or dialled by this process? */
bool calls_touched(const struct calls *calls, const char *call, const char *leg);
bool calls_know_bridge(const struct calls *calls, const char *bridge);

void calls_retry(struct calls *calls); /* the pool is open (again) */
void calls_watch(struct calls *calls); /* once a second: what should have happened by now? */
/* The node is another's now: nothing of its calls is ours to do. */
void calls_leave(struct calls *calls);

/* Is no command and no script of any call under way, and nothing about to follow from one? */
bool calls_quiet(const struct calls *calls);
/* A leg's turn has come: pacer's go(). */
void calls_go(struct pace_turn *turn);
/* Legs that wait for the pace are not made any more; their calls are put back. */
void calls_take_back(struct calls *calls);

size_t calls_offers(const struct calls *calls);

#endif
