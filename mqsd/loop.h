/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_LOOP_H
#define MQSD_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct event_base;
struct evdns_base;

/* The one event loop: libevent's base, signals and timers. */
struct loop;

struct loop *loop_new(void);
void loop_free(struct loop *loop);
struct event_base *loop_base(struct loop *loop);

/* Runs until loop_stop(). */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

typedef void loop_cb(void *arg);

/* Calls cb whenever the signal arrives; for the life of the loop. */
void loop_signal(struct loop *loop, int signo, loop_cb *cb, void *arg);

/* A timer that its owner arms, re-arms and frees. Not armed when made. */
struct loop_timer;
struct loop_timer *loop_timer_new(struct loop *loop, loop_cb *cb, void *arg);
void loop_timer_free(struct loop_timer *timer); /* NULL is fine */
void loop_timer_arm(struct loop_timer *timer, int64_t ms);
void loop_timer_stop(struct loop_timer *timer);
bool loop_timer_armed(const struct loop_timer *timer);

#endif
