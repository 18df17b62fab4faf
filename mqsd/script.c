/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/script.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "mqsd_lua.h"

static void
hash(struct script *script)
{
	unsigned char digest[SHA_DIGEST_LENGTH];
	size_t i;

	SHA1((const unsigned char *)script->text, strlen(script->text), digest);
	for (i = 0; i < sizeof(digest); i++)
		snprintf(script->sha + 2 * i, 3, "%02x", digest[i]);
}

struct scripts *
scripts_new(void)
{
	struct scripts *scripts = mem_zero(sizeof(*scripts));
	size_t i;

	scripts->count = sizeof(script_rows) / sizeof(script_rows[0]);
	scripts->rows = mem_zero(scripts->count * sizeof(*scripts->rows));
	for (i = 0; i < scripts->count; i++) {
		scripts->rows[i].name = script_rows[i].name;
		scripts->rows[i].raw = script_rows[i].raw;
		scripts->rows[i].text =
			mem_printf("%s%s%s", script_rows[i].raw ? "" : script_prelude,
				   script_rows[i].body, script_rows[i].raw ? "" : script_epilogue);
		hash(&scripts->rows[i]);
	}
	return scripts;
}

void
scripts_free(struct scripts *scripts)
{
	size_t i;

	for (i = 0; i < scripts->count; i++)
		free((char *)scripts->rows[i].text);
	free(scripts->rows);
	free(scripts);
}

const struct script *
script_find(const struct scripts *scripts, const char *name)
{
	size_t i;

	for (i = 0; i < scripts->count; i++)
		if (strcmp(scripts->rows[i].name, name) == 0)
			return &scripts->rows[i];
	return NULL;
}
