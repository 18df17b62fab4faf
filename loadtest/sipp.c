/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/sipp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

const char *
sipp_name(enum sipp_role role)
{
	static const char *const names[SIPP_ROLES] = {"callers", "agents", "register",
						      "unregister"};

	return names[role];
}

int
sipp_start(struct sipp *s, char *const *argv, const char *dir, const char *name, struct err *err)
{
	char *log = mem_printf("%s/%s.out", dir, name);
	struct proc_spec proc = {.argv = argv, .dir = dir, .log = log, .nice = PROC_NICE_FIRST};
	int rc;

	*s = (struct sipp){0};
	rc = proc_start(&s->proc, &proc, err);
	free(log);
	return rc;
}

char *
sipp_version(char *out, size_t size)
{
	FILE *pipe = popen("sipp -v 2>/dev/null </dev/null", "re");
	char line[256], *v;

	*out = '\0';
	while (pipe != NULL && fgets(line, sizeof(line), pipe) != NULL) {
		v = strstr(line, "SIPp v");
		if (v != NULL && *out == '\0')
			snprintf(out, size, "%.*s", (int)strspn(v + 6, "0123456789."), v + 6);
	}
	if (pipe != NULL)
		pclose(pipe);
	return out;
}
