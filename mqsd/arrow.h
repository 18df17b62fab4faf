/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_ARROW_H
#define MQSD_ARROW_H

/*
 * The arrows between mqsd and the world that changes it: each script to Redis and each command to a
 * node, by the names of their rows, and the three moments at which a process can die on one. Only
 * the test build (make CRASH=1) can: it looks for the file $MQS_ARROWS/<instance>, which says
 * "kill ARROW.STAGE" or "stop ARROW.STAGE" (SIGKILL, SIGSTOP to itself), once, at the next
 * crossing. With a number behind it that many crossings pass before.
 */
enum arrow_stage {
	ARROW_BEFORE, /* decided, not sent */
	ARROW_SENT,   /* the other side has acted; its answer is not looked at */
	ARROW_REPLY,  /* what follows from the answer is done */
};

#ifdef MQS_CRASH
void arrow_cross(const char *instance, const char *arrow, enum arrow_stage stage);
#else
static inline void
arrow_cross(const char *instance, const char *arrow, enum arrow_stage stage)
{
	(void)instance;
	(void)arrow;
	(void)stage;
}
#endif

#endif
