/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_WITNESS_SIPP_H
#define LOADTEST_WITNESS_SIPP_H

#include <stdint.h>

#include "loadtest/evidence.h"

/*
 * Reads what the SIPp processes wrote. Pure: text in, records out. A log line (from the <log>
 * actions in scenarios/) is: date TAB time TAB epoch " " step " " Call-ID " " who [" " X-MQS-Call
 * [" " SIP status]].
 */
enum sipp_role { SIPP_CALLERS, SIPP_AGENTS, SIPP_REGISTER, SIPP_UNREGISTER, SIPP_ROLES };

/* As witnesses: "callers' SIPp". */
extern const char *const witness_sipp_names[SIPP_ROLES];

#define WITNESS_WORD_MAX 256

struct witness_line {
	int64_t at;
	char step[WITNESS_WORD_MAX], sip_id[WITNESS_WORD_MAX], who[WITNESS_WORD_MAX];
	char leg[WITNESS_WORD_MAX];    /* X-MQS-Call; "": none */
	char status[WITNESS_WORD_MAX]; /* of SIP, with "refused"; "": none */
};

/* -1 when it is none of ours. */
int witness_sipp_split(const char *text, struct witness_line *line);

/* Of a refusal: the agent has another call. */
bool witness_sipp_busy(const struct witness_line *line);

/* One line without its newline. Returns -1 when it is none of ours; the evidence is untouched then.
 */
int witness_sipp_line(struct evidence *e, enum sipp_role role, const char *line);

/*
 * One entry of SIPp's error file, without its time. One that names a call becomes that call's
 * failure (the first counts), others become strays. False: it says nothing, as each keep-alive
 * within a call does.
 */
bool witness_sipp_error(struct evidence *e, enum sipp_role role, int64_t at, const char *text,
			size_t len);

/* Where the first entry begins in s, NULL: nowhere. Of an entry's beginning: its time, its text. */
const char *witness_sipp_entry(const char *s, size_t len, int64_t *at, const char **text);
#define WITNESS_SIPP_ENTRY_MIN 46

/* "1795427015.104730" to µs; 0 when it is no such stamp. */
int64_t witness_sipp_stamp(const char *s);

#endif
