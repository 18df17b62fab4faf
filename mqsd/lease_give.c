/* SPDX-License-Identifier: BSD-2-Clause */

/* Giving a lease back, and leaving. */

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "mqsd/conf.h"
#include "mqsd/instance.h"
#include "mqsd/lease_priv.h"
#include "mqsd/loop.h"

#define LEAVE_MS 60000 /* a wish that an instance leave is good for so long */

static void
on_given(struct ask *ask, struct redisReply *r)
{
	struct lease *lease = ask->lease;
	char *token = ask->arg;

	lease->busy--;
	if (r != NULL && r->type == REDIS_REPLY_ARRAY && r->elements == 2 &&
	    r->element[1]->str != NULL) {
		if (r->element[0]->integer == 1) {
			log_info("node %s: lease given %s%s", lease->node,
				 *r->element[1]->str != '\0' ? "to " : "back", r->element[1]->str);
			lease_set_holder(lease, r->element[1]->str);
		} else if (strcmp(r->element[1]->str, token) == 0) {
			lease_now_ours(lease, token, ask->until, "kept");
		}
	}
	free(token);
}

void
lease_give(struct lease *lease, bool leaving)
{
	struct ask *ask = lease_ask(lease, on_given);
	char ms[32];

	snprintf(ms, sizeof(ms), "%lld", (long long)lease->leases->conf->lease_ms);
	ask->arg = mem_dup(lease->token);
	ask->until = lease->until;
	lease->token[0] = '\0';
	lease->until = 0;
	ask_key(ask, lease->key);
	lease_ask_all_keys(ask);
	ask_arg(ask, ask->arg);
	ask_arg(ask, ms);
	ask_arg(ask, leaving ? "leave" : "share");
	lease_ask_peers(ask);
	ask_send(ask, "lease_give");
}

static void
on_asked_to_leave(struct ask *ask, struct redisReply *r)
{
	ask->found(ask->arg, r != NULL ? 1 : -1);
}

void
leases_ask_to_leave(struct leases *leases, const char *instance, void (*done)(void *arg, int found),
		    void *arg)
{
	json_t *shown = leases->known ? instances_show(leases->instances, instance) : NULL;
	char since[32], ms[16], *key;
	struct ask *ask;

	if (shown == NULL) {
		done(arg, leases->known ? 0 : -1);
		return;
	}
	snprintf(since, sizeof(since), "%lld",
		 (long long)json_integer_value(json_object_get(shown, "since")));
	json_decref(shown);
	snprintf(ms, sizeof(ms), "%d", LEAVE_MS);
	key = mem_printf("mqs:leave:%s", instance);
	ask = leases_ask(leases, on_asked_to_leave);
	ask->found = done;
	ask->arg = arg;
	ask_key(ask, key);
	ask_arg(ask, since);
	ask_arg(ask, ms);
	ask_send(ask, "instance_leave");
	free(key);
}

static void
on_gone(struct ask *ask, struct redisReply *r)
{
	(void)r;
	ask->done(ask->arg);
}

void
leases_gone(struct leases *leases, void (*done)(void *arg), void *arg)
{
	char *leave = mem_printf("mqs:leave:%s", leases->conf->instance);
	struct ask *ask = leases_ask(leases, on_gone);

	loop_timer_stop(leases->tick); /* a beat would put us back on the list */
	ask->done = done;
	ask->arg = arg;
	ask_key(ask, "mqs:instances");
	ask_key(ask, leave);
	ask_arg(ask, leases->conf->instance);
	ask_send(ask, "instance_gone");
	free(leave);
}
