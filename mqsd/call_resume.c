/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Back to waiting: the agent answered and left before caller and agent were joined, or Redis forgot
 * that they were. The node may have the bridge still, with the caller in it, and the music was
 * stopped. Which music it was, if any, the dialplan knows: its variable MQS_MUSIC.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/client.h"
#include "lib/log.h"
#include "mqsd/call_priv.h"
#include "mqsd/node.h"

/* An agent may have answered meanwhile: only now the music may be stopped for that one. What did
 * not work out is tried again with the next record. */
static void
done(struct call *call, bool well)
{
	call->tuning = false;
	call->resumed = well && call->joining == 0;
	call->commands--;
	if (call->joining > 0)
		call_stop_music(call);
	call_reap(call);
}

static void
on_started(void *arg, long status, json_t *body, const char *why)
{
	struct call *call = arg;
	const char *text = json_string_value(json_object_get(body, "message"));

	if (status < 200 || status > 299)
		log_warn("call %s: music could not be started again: %s", call->id,
			 text != NULL ? text : why);
	done(call, status > 0);
}

static void
on_class(void *arg, long status, json_t *body, const char *why)
{
	struct call *call = arg;
	const char *class = json_string_value(json_object_get(body, "value"));
	char *escaped;

	(void)why;
	if (status != 200 || class == NULL || *class == '\0' || strcmp(class, "none") == 0 ||
	    call->state >= CALL_TALKING) {
		done(call, status > 0);
		return;
	}
	escaped = client_escape(class);
	node_command(call->calls->node, ARI_MUSIC_START, NULL, on_started, call, call->channel,
		     escaped, NULL);
	free(escaped);
}

static void
on_out(void *arg, long status, json_t *body, const char *why)
{
	struct call *call = arg;

	(void)body;
	(void)why;
	if (status <= 0)
		done(call, false);
	else
		node_command(call->calls->node, ARI_MUSIC_ASK, NULL, on_class, call, call->channel,
			     NULL);
}

void
call_resume(struct call *call, const char *bridge)
{
	if (!node_may_build(call->calls->node))
		return;
	call->tuning = true;
	call->commands++;
	node_command(call->calls->node, ARI_UNBRIDGE, NULL, on_out, call, bridge, NULL);
}

void
call_resume_waiting(struct call *call)
{
	if (call->state < CALL_TALKING && call->bridge[0] != '\0' && call->open && !call->left &&
	    !call->resumed && !call->tuning && call->joining == 0)
		call_resume(call, call->bridge);
}
