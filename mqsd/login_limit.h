/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_LOGIN_LIMIT_H
#define MQSD_LOGIN_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Failed logins by source: after LOGIN_FAILURES within LOGIN_PERIOD_MS the source has to wait until
 * the period is over. Knows LOGIN_SOURCES at a time; above them the one whose period ends first is
 * forgotten. Pure: the time is told.
 */
#define LOGIN_FAILURES	10
#define LOGIN_PERIOD_MS 60000
#define LOGIN_SOURCES	256

struct login_limit;

struct login_limit *login_limit_new(void);
void login_limit_free(struct login_limit *limit);

/*
 * One more failure. Returns 0, or how long (ms) the source has to wait; *first is true once a
 * period, at the failure with which that begins.
 */
int64_t login_limit_failed(struct login_limit *limit, const char *source, int64_t now, bool *first);

#endif
