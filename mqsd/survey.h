/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_SURVEY_H
#define MQSD_SURVEY_H

#include <jansson.h>

struct api;
struct api_request;

/*
 * What is known of the pool and of this mqsd, for the routes that tell it: GET /v1/status and
 * GET /metrics. An object with
 *   status, version, instance, uptime_s, redis, pool, nodes   as in GET /v1/health
 *   totals, kamailio, recovering_ms, stream                   of the whole pool
 *   node_list, queue_list                                     as in GET /v1/nodes and /v1/queues
 *   instances                                                 as in GET /v1/instances
 *   missing        [{name, nodes, gone_ms}]: instances that have gone without having left
 *   redis_troubles [{text, hint, since_ms}], redis_findings [{severity, text, hint}]
 *   figures, kamailio_rpc, scripts, tally, process            of this mqsd, for the metrics
 * Without Redis the pool's are missing, and `unread` is the code of what was said instead.
 */
void survey_take(struct api_request *request,
		 void (*then)(struct api_request *request, json_t *reply));

/* status, redis, pool and nodes; nodes: the pool's list, or NULL while it cannot be read. */
json_t *survey_health(const struct api *api, const json_t *nodes);

#endif
