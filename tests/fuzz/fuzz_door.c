/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a path of a request and as a line of the file of tokens: what is taken holds what
 * the headers promise. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text.h"
#include "mqsd/http_path.h"
#include "mqsd/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_path(const char *path)
{
	const char *segment;
	struct err err = {""};
	char *name;
	size_t len;

	if (http_path_check(path, &err) != 0) {
		if (err.text[0] == '\0')
			abort();
	} else if (*path != '/' || strlen(path) >= HTTP_PATH_MAX || strstr(path, "//") != NULL ||
		   strstr(path, "/../") != NULL || strchr(path, '\\') != NULL) {
		abort();
	}
	for (segment = path; *segment != '\0'; segment += len + (segment[len] != '\0')) {
		len = strcspn(segment, "/");
		name = http_path_name(segment, len);
		if (name != NULL && (!text_is_name(name) || strcmp(name, "..") == 0))
			abort();
		free(name);
	}
}

static void
try_line(const char *line)
{
	struct token token;
	struct err err = {""};
	int found = token_line(line, "sales", &token, &err);

	if (found < 0 ? err.text[0] == '\0' : err.text[0] != '\0')
		abort();
	if (found == 1 && (!text_is_name(token.name) || (token.roles & ~ROLES_ALL) != 0 ||
			   roles_have(token.roles, ROLE_NONE)))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	memcpy(text, data, size);
	text[size] = '\0';
	try_path(text);
	try_line(text);
	free(text);
	return 0;
}
