/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/clock.h"
#include "lib/text.h"

const char *const log_level_names[] = {"debug", "info", "warn", "error", NULL};

static struct {
	enum log_level level;
	bool stamp;
} log_process = {LOG_LEVEL_INFO, true};

void
log_setup(enum log_level level, bool stamp)
{
	log_process.level = level;
	log_process.stamp = stamp;
}

enum log_level
log_level(void)
{
	return log_process.level;
}

static void
log_line(enum log_level level, const char *fmt, va_list ap)
{
	char line[2048], clean[2 * sizeof(line)], when[40] = "";
	int64_t now;
	time_t sec;
	struct tm tm;

	if (level < log_process.level)
		return;
	vsnprintf(line, sizeof(line), fmt, ap);
	text_printable(clean, sizeof(clean), line, strlen(line));
	if (log_process.stamp) {
		now = clock_wall_ms();
		sec = (time_t)(now / 1000);
		localtime_r(&sec, &tm);
		strftime(when, sizeof(when) - 8, "%Y-%m-%dT%H:%M:%S", &tm);
		snprintf(when + strlen(when), 8, ".%03d ", (int)(now % 1000));
	}
	fprintf(stderr, "%s%s: %s\n", when, log_level_names[level], clean);
}

#define LOG_FUNCTION(name, level)                                                                  \
	void name(const char *fmt, ...)                                                            \
	{                                                                                          \
		va_list ap;                                                                        \
		va_start(ap, fmt);                                                                 \
		log_line(level, fmt, ap);                                                          \
		va_end(ap);                                                                        \
	}

LOG_FUNCTION(log_debug, LOG_LEVEL_DEBUG)
LOG_FUNCTION(log_info, LOG_LEVEL_INFO)
LOG_FUNCTION(log_warn, LOG_LEVEL_WARN)
LOG_FUNCTION(log_error, LOG_LEVEL_ERROR)

void
fatal(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_LEVEL_ERROR, fmt, ap);
	va_end(ap);
	exit(1);
}
