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
	{"Dial", ARI_CHANNEL_DIAL, NEEDS_CHANNEL},
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
	event->timestamp = text(event->root, "timestamp");
	event->dialstatus = text(event->root, "dialstatus");
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
	bad = ari_channel_parse(
		json_object_get(event->root, event->type == ARI_CHANNEL_DIAL ? "peer" : "channel"),
		&event->channel);
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
	p = next_word(p, out->entered, sizeof(out->entered));
	next_word(p, out->try, sizeof(out->try));
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
	return *out->call != '\0' && *out->leg != '\0' ? 0 : -1;
}

int
ari_channel_code(const struct ari_channel *channel, const char *app, struct ari_code *out)
{
	const char *p = arguments(channel, app, "code");

	*out = (struct ari_code){.agent = ""};
	if (p == NULL)
		return -1;
	p = next_word(p, out->agent, sizeof(out->agent));
	next_word(p, out->dialled, sizeof(out->dialled));
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

/* As seen on Asterisk 22.10.1 behind Kamailio 5.6; the first row that fits. */
static const struct {
	int from, to; /* SIP; 0, 0: none was given */
	int cause;    /* Q.850; 0: any */
	int heard;    /* 1, 0, or -1: either */
	const char *reason;
} reasons[] = {
	/* Asterisk's own ring time-out is 19 and 480, like a phone that is not there; see above. */
	{480, 480, 0, 1, "no_answer"},
	{408, 408, 0, 1, "no_answer"},
	{487, 487, 0, 1, "no_answer"},
	{486, 486, 0, -1, "busy"},
	{600, 600, 0, -1, "busy"},
	{604, 604, 0, 0, "unreachable"},
	{603, 699, 0, -1, "reject"},
	/* A phone that was heard shows that there is a way to it, whatever it says then. */
	{300, 699, 0, 1, "reject"},
	/* It forwards the call: nobody is there. Its codecs: its own affair, too. */
	{300, 399, 0, 0, "reject"},
	{406, 406, 0, 0, "reject"},
	{415, 415, 0, 0, "reject"},
	{488, 488, 0, 0, "reject"},
	/* Kamailio knows no contact, or had no reply from it. */
	{404, 404, 0, 0, "unreachable"},
	{410, 410, 0, 0, "unreachable"},
	{480, 480, 0, 0, "unreachable"},
	/* Without SIP: as a channel driver, or we, ended it. */
	{0, 0, 17, -1, "busy"},
	{0, 0, 21, -1, "reject"},
	{0, 0, 1, -1, "unreachable"},
	{0, 0, 18, 1, "no_answer"},
	{0, 0, 19, 1, "no_answer"},
};

const char *
ari_leg_reason(int cause, int tech_cause, int heard, int timed_out)
{
	size_t i;

	if (timed_out && !heard && cause == 19)
		return "node";

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (tech_cause >= reasons[i].from && tech_cause <= reasons[i].to &&
		    (reasons[i].cause == 0 || reasons[i].cause == cause) &&
		    (reasons[i].heard == -1 || reasons[i].heard == (heard != 0)))
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
