/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_LOG_H
#define LIB_LOG_H

#include <stdbool.h>

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

/*
 * The process' log: one line a call, to stderr, made printable before it is written, so that
 * foreign text can neither forge a line nor reach a terminal as control characters.
 * The level and the stamp are the one process-wide setting in the tree: a log has no owner.
 */
void log_setup(enum log_level level, bool stamp);
enum log_level log_level(void);

/* Text of a level; NULL-terminated list for the option table. */
extern const char *const log_level_names[];

void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* For start-up only: says the sentence and exits with 1. */
void fatal(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
