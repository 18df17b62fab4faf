/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_ARI_COMMAND_H
#define MQSD_ARI_COMMAND_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * What mqsd may ask of a node: one row a command, and nothing is sent that has no row. So each is
 * one of the arrows (arrow.h) at which the test build can stop.
 * Source: Asterisk 22, rest-api/api-docs/{channels,bridges,events,applications,asterisk}.json.
 */
enum ari_command {
	ARI_ASK,	 /* channel */
	ARI_CREATE,	 /* body */
	ARI_DIAL,	 /* leg, caller, seconds of ringing */
	ARI_MUSIC_ASK,	 /* channel; its class, or the node's */
	ARI_MUSIC_START, /* channel, class (escaped) */
	ARI_MUSIC_STOP,	 /* channel */
	ARI_BRIDGE,	 /* bridge */
	ARI_JOIN,	 /* bridge, leg, caller */
	ARI_HANG_UP,	 /* channel, reason */
	ARI_UNBRIDGE,	 /* bridge */
	ARI_SAVE,	 /* channel, value of MQS_CALL (escaped) */
	ARI_SEND_ON,	 /* channel */
	ARI_PROMPT,	 /* channel, extension in mqs-code */
	ARI_CHANNELS,
	ARI_BRIDGES,
	ARI_INFO,
	ARI_FILTER, /* application; body */
	ARI_ECHO,   /* application */
	ARI_ABOUT,  /* all that it tells of itself */
	ARI_PING,   /* the time there */
	ARI_APP,    /* application */
	ARI_MODULES,
	ARI_ENDPOINT, /* name, of PJSIP */
	ARI_GLOBAL,   /* variable of the dialplan */
	ARI_COMMANDS
};

struct ari_command_row {
	const char *name;   /* in logs and of the arrow */
	const char *method; /* of HTTP */
	const char *path;   /* below /ari/; a %s for each word */
	bool builds; /* more than a hang-up or a question: never on a lease that is running out */
	bool lists;  /* the answer of a full node takes seconds */
};

extern const struct ari_command_row ari_command_rows[ARI_COMMANDS];

/* "/ari/" and the row's path with the words in it; too few of them is fatal. */
void ari_command_path(char *out, size_t size, const struct ari_command_row *row, va_list words);

#endif
