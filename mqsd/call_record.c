/* SPDX-License-Identifier: BSD-2-Clause */

/* What the record in Redis says of a call. */

#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "mqsd/call.h"
#include "mqsd/call_priv.h"

static const char *const state_names[] = {"entering", "waiting", "held",
					  "ringing",  "talking", "ended"};

/* Legs of the record replace ours; what this process did with a leg stays known. */
static void
apply_legs(struct call *call, const json_t *legs)
{
	struct leg *old = call->legs;
	size_t old_count = call->leg_count, most = json_array_size(legs), i, k;
	const json_t *item;

	if (most > CALL_LEGS_MAX)
		most = CALL_LEGS_MAX;
	call->legs = most > 0 ? mem_zero(most * sizeof(*call->legs)) : NULL;
	call->leg_count = 0;
	json_array_foreach((json_t *)legs, i, item)
	{
		struct leg *leg = call->legs + call->leg_count;
		const char *id = json_string_value(json_object_get(item, "id"));
		const char *agent = json_string_value(json_object_get(item, "agent"));
		const char *address = json_string_value(json_object_get(item, "address"));

		if (id == NULL || agent == NULL || call->leg_count == most)
			continue;
		*leg = (struct leg){.at = clock_mono_ms()};
		for (k = 0; k < old_count; k++)
			if (strcmp(old[k].id, id) == 0)
				*leg = old[k];
		snprintf(leg->id, sizeof(leg->id), "%s", id);
		snprintf(leg->agent, sizeof(leg->agent), "%s", agent);
		snprintf(leg->address, sizeof(leg->address), "%s", address != NULL ? address : "");
		if (json_object_get(item, "dialled") != NULL)
			leg->dialled = true;
		call->leg_count++;
	}
	for (k = 0; k < old_count; k++)
		if (call_leg(call, old[k].id) == NULL)
			call_unpace(&old[k]);
	free(old);
}

static void
copy(char *out, size_t size, const json_t *view, const char *key)
{
	const char *s = json_string_value(json_object_get(view, key));

	snprintf(out, size, "%s", s != NULL ? s : "");
}

/* What a Redis that forgot must be told of the call. True when it is not what it was. */
static bool
apply_note(struct call *call, const json_t *view)
{
	struct call_note was = call->note;
	char number[24];

	copy(call->note.id, sizeof(call->note.id), view, "id");
	copy(call->note.queue, sizeof(call->note.queue), view, "queue");
	copy(number, sizeof(number), view, "priority");
	call->note.priority = atoi(number);
	copy(number, sizeof(number), view, "entered");
	call->note.entered = atoll(number);
	return was.queue[0] != '\0' &&
	       (strcmp(was.queue, call->note.queue) != 0 || was.priority != call->note.priority);
}

void
call_apply(struct call *call, const json_t *view)
{
	const char *v = json_string_value(json_object_get(view, "v"));
	const char *state = json_string_value(json_object_get(view, "state"));
	char bridge[CALL_ID_MAX], word[8];
	long long version = v != NULL ? atoll(v) : 0;
	size_t i;

	if (version < call->v || state == NULL)
		return;
	call->v = version;
	call->stale = false;
	for (i = 0; i < sizeof(state_names) / sizeof(state_names[0]); i++)
		if (strcmp(state_names[i], state) == 0)
			call->state = (enum call_state)i;
	copy(call->offer, sizeof(call->offer), view, "offer");
	copy(call->leg, sizeof(call->leg), view, "leg");
	copy(call->agent, sizeof(call->agent), view, "agent");
	copy(bridge, sizeof(bridge), view, "bridge");
	if (strcmp(bridge, call->bridge) != 0) {
		call->caller_in = call->leg_in = call->met = call->resumed = false;
		call->joining = 0;
	}
	memcpy(call->bridge, bridge, sizeof(bridge));
	copy(word, sizeof(word), view, "open");
	call->open = word[0] == '1';
	copy(word, sizeof(word), view, "leg_open");
	call->leg_open = word[0] == '1';
	call->doubt = json_object_get(view, "doubt") != NULL;
	call->bridged = json_object_get(view, "bridged") != NULL;
	call->met = call->met || call->bridged;
	call->transfer = json_object_get(view, "transfer") != NULL;
	call->timeout_s = (int)json_number_value(json_object_get(view, "timeout"));
	apply_legs(call, json_object_get(view, "legs"));
	call_set_active(call);
	if (apply_note(call, view) && call->open)
		call_save_on_channel(call);
	call_resume_waiting(call);
}
