/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_STREAM_H
#define MQSD_STREAM_H

#include <stddef.h>
#include <stdint.h>

/*
 * Watches how far the readers of the event stream are behind: at the stream's bound events are cut
 * (design 3). The pool says it once, as an event; what stands now is kept for the API.
 */
struct stream;
struct loop;
struct pool;

struct stream *stream_new(struct loop *loop, struct pool *pool);
void stream_watch(struct stream *stream); /* now, and from now on */
void stream_free(struct stream *stream);

/* A sentence while a group is behind by half of the bound or more, else NULL. Writes to out. */
const char *stream_problem(const struct stream *stream, char *out, size_t size);

/* How many events the slowest group has not confirmed, as last looked at; without a group all. */
int64_t stream_behind(const struct stream *stream);

#endif
