/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_SCRIPT_H
#define MQSD_SCRIPT_H

#include <stddef.h>

/* The Lua scripts, embedded at build from mqsd/lua/. */
struct script {
	const char *name;
	const char *function; /* as FCALL wants it, one of the library's; NULL: */
	const char *text;     /* it stands alone, with KEYS and ARGV of its own, for EVAL */
};

extern const struct script script_rows[];
extern const size_t script_count;

/* For FUNCTION LOAD: all the functions. */
extern const char script_library[], script_library_name[];

/* Not found is a fatal error: names are ours. */
const struct script *script_find(const char *name);

#endif
