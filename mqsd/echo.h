/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_ECHO_H
#define MQSD_ECHO_H

#include <stdint.h>

struct clock_offset;
struct node;

/*
 * Do a node's events reach us? Once a second an event of our own is sent through it. Deaf is who
 * has the node's answer to that command, and a second later not the event, which was sent before
 * the answer: so a node or machine that is merely slow delays both alike and makes nobody
 * reconnect, which would only add to its load. Without any answer for longer it is silent.
 */
struct echo;

enum echo_word { ECHO_FINE, ECHO_DEAF, ECHO_SILENT };

struct echo *echo_new(struct node *node);
void echo_free(struct echo *echo);

void echo_begin(struct echo *echo); /* connected: what was under way counts no more */
/* Our event came back, made at that time of the node's (ms since the epoch; 0: not known). */
void echo_heard(struct echo *echo, int64_t at);

/* What that tells of the node's clock; borrowed. */
const struct clock_offset *echo_clock(const struct echo *echo);

/* Once a second, while connected: sends the next event, says what became of the last. */
enum echo_word echo_tick(struct echo *echo);

/* What follows from these times (mono ms, 0: has not happened)? Pure. */
enum echo_word echo_judge(int64_t now, int64_t sent, int64_t answered);

#endif
