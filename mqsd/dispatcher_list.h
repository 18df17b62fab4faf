/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_DISPATCHER_LIST_H
#define MQSD_DISPATCHER_LIST_H

#include <jansson.h>
#include <stdbool.h>

/*
 * Reads what Kamailio answers to dispatcher.list. Pure. Source: Kamailio 5.6, the module's README,
 * 5.3: FLAGS has two letters, A active, I inactive, T failing but not often enough, D disabled (by
 * hand only, and not probed); then P probed or X not.
 */
struct dispatcher_dest {
	json_int_t set;
	const char *uri, *flags, *duid; /* borrowed from the reply; "" where there is none */
};

typedef void dispatcher_dest_cb(void *arg, const struct dispatcher_dest *dest);

/* Each destination of each set, in the order of the list. reply: the whole of JSON-RPC's. */
void dispatcher_list_each(const json_t *reply, dispatcher_dest_cb *cb, void *arg);

/* Is it out until somebody takes it in again, whatever it answers to probes? */
bool dispatcher_dest_is_disabled(const struct dispatcher_dest *dest);

#endif
