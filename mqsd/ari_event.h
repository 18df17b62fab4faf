/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_ARI_EVENT_H
#define MQSD_ARI_EVENT_H

#include <jansson.h>
#include <stdint.h>

#include "lib/err.h"

/*
 * Text from a node -> a struct. Pure functions: no I/O, no clock; fuzzed
 * (tests/fuzz/fuzz_ari_event.c). Strings are borrowed from `root` and may be NULL where the event
 * has none; those that strangers on the telephone choose (number, name) still are foreign text.
 * Source: Asterisk 22 ARI models, rest-api/api-docs/events.json.
 */
enum ari_event_type {
	ARI_OTHER, /* a type that we have no use for */
	ARI_STASIS_START,
	ARI_STASIS_END,
	ARI_CHANNEL_STATE_CHANGE,
	ARI_CHANNEL_HANGUP_REQUEST,
	ARI_CHANNEL_DIAL, /* channel: the one that is dialled */
	ARI_CHANNEL_DESTROYED,
	ARI_CHANNEL_ENTERED_BRIDGE,
	ARI_CHANNEL_LEFT_BRIDGE,
	ARI_CHANNEL_USEREVENT,
	ARI_APPLICATION_REPLACED,
};

struct ari_channel {
	const char *id;
	const char *state;	 /* Down, Ringing, Ring, Up, ... */
	const char *sip_call_id; /* protocol_id */
	const char *number, *name;
	const char *app_name, *app_data; /* dialplan position */
	const char *entered;		 /* MQS_ENTERED, the dialplan's stamp in ms */
	const char *saved_call;		 /* MQS_CALL, which we set */
};

#define ARI_ARGS_MAX 4

struct ari_event {
	json_t *root; /* owned */
	enum ari_event_type type;
	struct ari_channel channel;
	const char *bridge;
	const char *args[ARI_ARGS_MAX]; /* of Stasis(); missing ones are NULL */
	int cause, tech_cause;		/* Q.850 and SIP; 0 when unknown */
	const char *userevent;
	const char *timestamp;	/* ISO 8601 with ms, by the node's clock; or NULL */
	const char *dialstatus; /* RINGING, PROGRESS, ...; "" at first */
};

/* -1 with err: not JSON, no type, or a type we need without what it must have. */
int ari_event_parse(const char *text, size_t len, struct ari_event *event, struct err *err);
void ari_event_free(struct ari_event *event);

/* A channel of a GET /channels list. -1 when it has no id or state. */
int ari_channel_parse(const json_t *json, struct ari_channel *channel);

/* Is the channel a caller in our application? Then its Stasis() arguments are split to args (NULL:
 * missing). */
struct ari_caller {
	char queue[128];
	char entered[32];
	char try[24]; /* Kamailio's, the higher the later; "" from a dialplan of before */
};
int ari_channel_caller(const struct ari_channel *channel, const char *app, struct ari_caller *out);

/* Is the channel a leg of ours? Then what its Stasis() arguments say of it; agent is "" on legs of
 * an mqsd before 0.2. */
struct ari_leg {
	char call[80], leg[80], agent[72];
};
int ari_channel_leg(const struct ari_channel *channel, const char *app, struct ari_leg *out);

/* Is the channel a phone that called a feature code? Then whose it is and what it dialled. */
struct ari_code {
	char agent[72], dialled[24];
};
int ari_channel_code(const struct ari_channel *channel, const char *app, struct ari_code *out);

/* A time as ARI writes it, "2026-11-23T17:36:01.123+0000" -> ms since the epoch; 0 when it is none
 * (or NULL). */
int64_t ari_time_ms(const char *text);

/*
 * Did the party vanish? Q.850's "recovery on timer expiry" is what Kamailio's BYE says for a phone
 * that no longer answers (etc/kamailio/kamailio.cfg, keep-alive).
 */
#define ARI_CAUSE_VANISHED 102

/*
 * Q.850's "non-selected user clearing": Kamailio's BYE to a node that answered a caller after it
 * had been given up.
 */
#define ARI_CAUSE_LATE 26

/*
 * Why a leg ended without an answer, from the Q.850 cause and the SIP status that Asterisk gives
 * (0: none), whether its phone was heard (it rang, or sent 183), and whether its ring time was
 * over. The word that channel_gone.lua takes: busy, reject and no_answer are the agent's doing;
 * unreachable: there is no such phone at the moment; node: the way to the phone failed.
 */
const char *ari_leg_reason(int cause, int tech_cause, int heard, int timed_out);

/*
 * 22.10.1 is the first Asterisk without the deadlocks under ARI load (issues 1936, 1962). What is
 * no version number (a build from git) is taken at its word.
 */
int ari_version_too_old(const char *version);

#endif
