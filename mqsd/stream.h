/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_STREAM_H
#define MQSD_STREAM_H

#include <jansson.h>

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

/*
 * {"behind": how many events the slowest group has not confirmed, without a group all, "group": its
 * name or "", "level": 80, 50 or 0 % of the bound, "since_ms": at a level}, as last looked at; the
 * caller's.
 */
json_t *stream_figures(const struct stream *stream);

#endif
