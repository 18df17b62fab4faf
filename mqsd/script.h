/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_SCRIPT_H
#define MQSD_SCRIPT_H

#include <stddef.h>

/* The Lua scripts, embedded at build from mqsd/lua/. */
struct script {
	const char *name;
	const char *text; /* prelude + body + epilogue */
	int raw;	  /* stands alone: its own KEYS and ARGV, no pool */
	char sha[41];	  /* as EVALSHA wants it */
};

struct scripts {
	struct script *rows;
	size_t count;
};

struct scripts *scripts_new(void);
void scripts_free(struct scripts *scripts);
const struct script *script_find(const struct scripts *scripts, const char *name);

#endif
