/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/ari_event.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum needs { NEEDS_NOTHING = 0, NEEDS_CHANNEL = 1, NEEDS_BRIDGE = 2 };

static const struct {
	const char *name;
	enum ari_event_type type;
	int needs;
} types[] = {
	{"StasisStart", ARI_STASIS_START, NEEDS_CHANNEL},
	{"StasisEnd", ARI_STASIS_END, NEEDS_CHANNEL},
	{"ChannelStateChange", ARI_CHANNEL_STATE_CHANGE, NEEDS_CHANNEL},
	{"ChannelHangupRequest", ARI_CHANNEL_HANGUP_REQUEST, NEEDS_CHANNEL},
	{"ChannelDestroyed", ARI_CHANNEL_DESTROYED, NEEDS_CHANNEL},
	{"ChannelEnteredBridge", ARI_CHANNEL_ENTERED_BRIDGE, NEEDS_CHANNEL | NEEDS_BRIDGE},
	{"ChannelLeftBridge", ARI_CHANNEL_LEFT_BRIDGE, NEEDS_CHANNEL | NEEDS_BRIDGE},
	{"ChannelUserevent", ARI_CHANNEL_USEREVENT, NEEDS_NOTHING},
	{"ApplicationReplaced", ARI_APPLICATION_REPLACED, NEEDS_NOTHING},
};

static const char *
text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

int
ari_channel_parse(const json_t *json, struct ari_channel *channel)
{
	const json_t *caller = json_object_get(json, "caller");
	const json_t *dialplan = json_object_get(json, "dialplan");
	const json_t *vars = json_object_get(json, "channelvars");

	*channel = (struct ari_channel){
		.id = text(json, "id"),
		.state = text(json, "state"),
		.sip_call_id = text(json, "protocol_id"),
		.number = text(caller, "number"),
		.name = text(caller, "name"),
		.app_name = text(dialplan, "app_name"),
		.app_data = text(dialplan, "app_data"),
		.entered = text(vars, "MQS_ENTERED"),
		.saved_call = text(vars, "MQS_CALL"),
	};
	return channel->id != NULL && *channel->id != '\0' && channel->state != NULL ? 0 : -1;
}

static void
parse_rest(struct ari_event *event)
{
	const json_t *args = json_object_get(event->root, "args");
	size_t i;

	for (i = 0; i < ARI_ARGS_MAX; i++)
		event->args[i] = json_string_value(json_array_get(args, i));
	event->cause = (int)json_integer_value(json_object_get(event->root, "cause"));
	event->tech_cause = (int)json_integer_value(json_object_get(event->root, "tech_cause"));
	event->bridge = text(json_object_get(event->root, "bridge"), "id");
	event->userevent = text(event->root, "eventname");
}

int
ari_event_parse(const char *in, size_t len, struct ari_event *event, struct err *err)
{
	json_error_t error;
	const char *type;
	int needs = NEEDS_NOTHING, bad;
	size_t i;

	*event = (struct ari_event){.root = json_loadb(in, len, JSON_REJECT_DUPLICATES, &error)};
	if (event->root == NULL)
		return err_set(err, "not JSON: %s at byte %d", error.text, error.position);
	type = text(event->root, "type");
	if (type == NULL) {
		ari_event_free(event);
		return err_set(err, "an event without a type");
	}
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(types[i].name, type) == 0) {
			event->type = types[i].type;
			needs = types[i].needs;
		}
	}
	bad = ari_channel_parse(json_object_get(event->root, "channel"), &event->channel);
	parse_rest(event);
	if (((needs & NEEDS_CHANNEL) && bad) || ((needs & NEEDS_BRIDGE) && event->bridge == NULL)) {
		err_set(err, "%s without a %s", type,
			bad ? "channel that has an id and a state" : "bridge id");
		ari_event_free(event);
		return -1;
	}
	return 0;
}

void
ari_event_free(struct ari_event *event)
{
	json_decref(event->root);
	*event = (struct ari_event){.root = NULL};
}

/* Copies the next comma-separated word; returns what follows it, or NULL. */
static const char *
next_word(const char *s, char *out, size_t size)
{
	size_t len;

	if (s == NULL)
		return NULL;
	len = strcspn(s, ",");
	snprintf(out, size, "%.*s", (int)(len < size ? len : size - 1), s);
	return s[len] == ',' ? s + len + 1 : NULL;
}

/* What stands behind "<app>,<kind>," in the arguments of a channel in Stasis, or NULL. */
static const char *
arguments(const struct ari_channel *channel, const char *app, const char *kind)
{
	char word[128] = "";
	const char *p = channel->app_data;

	if (channel->app_name == NULL || strcmp(channel->app_name, "Stasis") != 0 || p == NULL)
		return NULL;
	p = next_word(p, word, sizeof(word));
	if (p == NULL || strcmp(word, app) != 0)
		return NULL;
	p = next_word(p, word, sizeof(word));
	if (strcmp(word, kind) != 0)
		return NULL;
	return p != NULL ? p : "";
}

int
ari_channel_caller(const struct ari_channel *channel, const char *app, struct ari_caller *out)
{
	const char *p = arguments(channel, app, "caller");

	*out = (struct ari_caller){.queue = ""};
	if (p == NULL)
		return -1;
	p = next_word(p, out->queue, sizeof(out->queue));
	next_word(p, out->entered, sizeof(out->entered));
	return 0;
}

int
ari_channel_leg(const struct ari_channel *channel, const char *app, struct ari_leg *out)
{
	const char *p = arguments(channel, app, "leg");

	*out = (struct ari_leg){.call = ""};
	if (p == NULL)
		return -1;
	p = next_word(p, out->call, sizeof(out->call));
	p = next_word(p, out->leg, sizeof(out->leg));
	next_word(p, out->agent, sizeof(out->agent));
	return 0;
}

int64_t
ari_time_ms(const char *in)
{
	int year, month, day, hour, minute, second, ms, zone;
	struct tm tm = {0};
	char sign;

	if (in == NULL || sscanf(in, "%4d-%2d-%2dT%2d:%2d:%2d.%3d%c%4d", &year, &month, &day, &hour,
				 &minute, &second, &ms, &sign, &zone) != 9)
		return 0;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	tm.tm_mday = day;
	tm.tm_hour = hour;
	tm.tm_min = minute;
	tm.tm_sec = second;
	zone = (zone / 100 * 60 + zone % 100) * 60 * (sign == '-' ? -1 : 1);
	return ((int64_t)timegm(&tm) - zone) * 1000 + ms;
}

static const struct {
	int sip, cause; /* 0: any */
	const char *reason;
} reasons[] = {
	{486, 0, "busy"},	 {600, 0, "busy"},	  {603, 0, "reject"},
	{403, 0, "reject"},	 {404, 0, "unreachable"}, {480, 0, "unreachable"},
	{410, 0, "unreachable"}, {487, 0, "no_answer"},	  {0, 17, "busy"},
	{0, 21, "reject"},	 {0, 1, "unreachable"},	  {0, 19, "no_answer"},
};

const char *
ari_leg_reason(int cause, int tech_cause, int rang)
{
	size_t i;

	/* A phone that rang and then fell silent is the agent's doing; one that never replied is
	 * the way there. Asterisk gives its own ring time-out as 19 and 480, like a phone that is
	 * not there. */
	if (rang && (tech_cause == 408 || tech_cause == 480 || tech_cause == 487 ||
		     (tech_cause == 0 && (cause == 18 || cause == 19))))
		return "no_answer";
	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (tech_cause != 0 ? reasons[i].sip == tech_cause
				    : reasons[i].sip == 0 && reasons[i].cause == cause)
			return reasons[i].reason;
	return "node";
}

int
ari_version_too_old(const char *version)
{
	int major = 0, minor = 0, patch = 0;

	if (sscanf(version, "%d.%d.%d", &major, &minor, &patch) < 2)
		return 0;
	if (major != 22)
		return major < 22;
	return minor < 10 || (minor == 10 && patch < 1);
}
