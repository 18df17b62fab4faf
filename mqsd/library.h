/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_LIBRARY_H
#define MQSD_LIBRARY_H

#include <stdint.h>

/*
 * The library of the pool's scripts in a Redis (mqsd/script.h). It stays there over restarts and
 * FLUSHALL as far as Redis saves anything, and replicas have it; a wiped one has not.
 */
struct library;
struct redis;

/* `redis` is borrowed, and is freed before the library is: its replies come here. */
struct library *library_new(struct redis *redis, int64_t deadline_ms);
void library_free(struct library *library);

/* Brings it, unless it is on its way: commands sent from now on find it, if Redis takes it. The
 * first time that it was not there before, libraries of other versions are removed; an mqsd that
 * still uses one brings it again. */
void library_load(struct library *library);

#endif
