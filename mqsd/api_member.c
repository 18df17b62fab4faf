/* SPDX-License-Identifier: BSD-2-Clause */

/* Memberships: an agent in a queue, its penalty there, its pause there. */

#include <stdlib.h>
#include <string.h>

#include "lib/text.h"
#include "lib/words.h"
#include "mqsd/api_priv.h"

#define PENALTY_MAX 100
#define REASON_MAX  100

/* queue and agent, with what the script said. */
static json_t *
member(struct api_request *request, json_t *reply, const char *key)
{
	return json_pack("{s:s, s:s, s:O*}", "queue", request->params[0], "agent",
			 request->params[1], key, json_object_get(reply, key));
}

static void
undo_penalty(struct api_request *request, const char *verb, const json_t *penalty)
{
	api_undo(request, "queue member %s %s %s penalty %lld", verb, request->params[0],
		 request->params[1], (long long)json_integer_value(penalty));
}

/* A pause that was, or none. */
static void
undo_to_pause(struct api_request *request, const json_t *reason)
{
	char *word;

	if (json_string_length(reason) == 0)
		return;
	word = words_quote(json_string_value(reason));
	api_undo(request, "queue member pause %s %s reason %s", request->params[0],
		 request->params[1], word);
	free(word);
}

/* False and answered when the body has none, or one out of range. */
static bool
take_penalty(struct api_request *request, bool needed, json_int_t *out)
{
	const json_t *penalty = json_object_get(request->body, "penalty");

	*out = json_integer_value(penalty);
	if ((penalty == NULL && !needed) ||
	    (json_is_integer(penalty) && *out >= 0 && *out <= PENALTY_MAX))
		return true;
	api_error(request, 400, "bad_value", "Lower penalties are offered calls first.",
		  "penalty is a number from 0 to %d", PENALTY_MAX);
	return false;
}

static json_t *
args(struct api_request *request)
{
	return json_pack("{s:s, s:s}", "queue", request->params[0], "agent", request->params[1]);
}

static void
added(struct api_request *request, json_t *reply)
{
	const json_t *before = json_object_get(reply, "before");

	if (before == NULL)
		api_undo(request, "queue member remove %s %s", request->params[0],
			 request->params[1]);
	else if (json_integer_value(before) !=
		 json_integer_value(json_object_get(request->body, "penalty")))
		undo_penalty(request, "set", before);
	api_reply(request, 200, member(request, reply, "before"));
}

static void
run(struct api_request *request, const char *script, bool needed)
{
	json_int_t penalty;
	json_t *all;

	if (!take_penalty(request, needed, &penalty))
		return;
	all = args(request);
	json_object_set_new(all, "penalty", json_integer(penalty));
	api_script(request, script, all, added);
}

void
api_member_add(struct api_request *request)
{
	run(request, "member_add", false);
}

void
api_member_set(struct api_request *request)
{
	run(request, "member_set", true);
}

static void
removed(struct api_request *request, json_t *reply)
{
	json_t *out = member(request, reply, "before");

	json_object_set(out, "paused_here", json_object_get(reply, "paused"));
	undo_penalty(request, "add", json_object_get(reply, "before"));
	undo_to_pause(request, json_object_get(reply, "paused"));
	api_reply(request, 200, out);
}

void
api_member_remove(struct api_request *request)
{
	api_script(request, "member_remove", args(request), removed);
}

static void
paused(struct api_request *request, json_t *reply)
{
	const json_t *before = json_object_get(reply, "before");

	if (json_string_length(before) == 0)
		api_undo(request, "queue member unpause %s %s", request->params[0],
			 request->params[1]);
	else if (!json_equal(before, json_object_get(reply, "reason")))
		undo_to_pause(request, before);
	api_reply(request, 200, member(request, reply, "reason"));
}

void
api_member_pause(struct api_request *request)
{
	const char *reason = json_string_value(json_object_get(request->body, "reason"));
	char clean[REASON_MAX + 1];
	json_t *all = args(request);

	text_printable(clean, sizeof(clean), reason ? reason : "", reason ? strlen(reason) : 0);
	json_object_set_new(all, "reason", json_string(clean));
	api_script(request, "member_pause", all, paused);
}

static void
unpaused(struct api_request *request, json_t *reply)
{
	undo_to_pause(request, json_object_get(reply, "before"));
	api_reply(request, 200, member(request, reply, "before"));
}

void
api_member_unpause(struct api_request *request)
{
	api_script(request, "member_unpause", args(request), unpaused);
}
