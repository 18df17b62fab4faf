/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/sipp.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

#define ARGS_MAX 64
#define TEXT_MAX 128

struct args {
	char *argv[ARGS_MAX + 1];
	int count;
};

__attribute__((format(printf, 2, 3))) static void
arg(struct args *args, const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (args->count < ARGS_MAX)
		args->argv[args->count++] = mem_dup(text);
}

const char *
sipp_name(enum sipp_role role)
{
	static const char *const names[] = {"callers", "agents", "register", "unregister"};

	return names[role];
}

static void
build(struct args *args, const struct sipp_spec *spec, const char *name)
{
	arg(args, "sipp");
	if (spec->remote != NULL)
		arg(args, "%s", spec->remote);
	arg(args, "-sf"), arg(args, "%s", spec->scenario);
	arg(args, "-inf"), arg(args, "%s", spec->csv);
	if (spec->role == SIPP_AGENTS)
		arg(args, "-infindex"), arg(args, "%s", spec->csv), arg(args, "0");
	arg(args, "-i"), arg(args, "%s", spec->host);
	arg(args, "-bind_local");
	arg(args, "-p"), arg(args, "%d", spec->port);
	arg(args, "-ci"), arg(args, "%s", spec->host);
	arg(args, "-cp"), arg(args, "%d", spec->control_port);
	arg(args, "-mi"), arg(args, "%s", spec->host);
	arg(args, "-mp"), arg(args, "%d", spec->media_port);
	arg(args, "-nostdin");
	arg(args, "-trace_logs"), arg(args, "-log_file"), arg(args, "%s.log", name);
	arg(args, "-trace_err"), arg(args, "-error_file"), arg(args, "%s.err", name);
	/* How often a message had to be sent again; a line each 10 s and one at the end. */
	arg(args, "-trace_stat"), arg(args, "-stf"), arg(args, "%s.stat", name);
	arg(args, "-fd"), arg(args, "10");
	/* Answers OPTIONS and NOTIFY within a call by itself. */
	arg(args, "-aa");
	/* Else SIPp ends itself when the machine was too busy for it a few times. */
	arg(args, "-watchdog_interval"), arg(args, "0");
	/* Its screen, of which nobody reads more than the last. */
	arg(args, "-f"), arg(args, "3600");
	if (spec->remote == NULL)
		return;
	/* The rate may have a fraction: over ten seconds it has none worth speaking of. */
	arg(args, "-r"), arg(args, "%.0f", spec->rate * 10 < 1 ? 1 : spec->rate * 10);
	arg(args, "-rp"), arg(args, "10000");
	arg(args, "-m"), arg(args, "%" PRId64, spec->calls);
	/* Else no more than three times rate x length at once. */
	arg(args, "-l"), arg(args, "%" PRId64, spec->calls);
}

int
sipp_start(struct sipp *s, const struct sipp_spec *spec, struct err *err)
{
	const char *name = sipp_name(spec->role);
	char *log = mem_printf("%s/%s.out", spec->dir, name);
	struct args args = {0};
	struct proc_spec proc = {.argv = args.argv, .dir = spec->dir, .log = log};
	int rc, i;

	build(&args, spec, name);
	*s = (struct sipp){.name = name};
	rc = proc_start(&s->proc, &proc, err);
	for (i = 0; i < args.count; i++)
		free(args.argv[i]);
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
