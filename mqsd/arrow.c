/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/arrow.h"

#ifdef MQS_CRASH

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/mem.h"

static const char *const stages[] = {"before", "sent", "reply"};

/* Is this the crossing that the file waits for? If so the file goes; otherwise it counts down. */
static int
take_order(const char *path, const char *crossing)
{
	FILE *file = fopen(path, "r");
	char what[8], where[100];
	unsigned skip = 0;
	int n;

	if (file == NULL)
		return 0;
	n = fscanf(file, "%7s %99s %u", what, where, &skip);
	fclose(file);
	if (n < 2 || strcmp(where, crossing) != 0)
		return 0;
	if (skip > 0) {
		file = fopen(path, "w");
		if (file != NULL) {
			fprintf(file, "%s %s %u\n", what, where, skip - 1);
			fclose(file);
		}
		return 0;
	}
	unlink(path);
	return strcmp(what, "stop") == 0 ? SIGSTOP : SIGKILL;
}

void
arrow_cross(const char *instance, const char *arrow, enum arrow_stage stage)
{
	const char *dir = getenv("MQS_ARROWS");
	char *path, *crossing;
	int sig;

	if (dir == NULL)
		return;
	path = mem_printf("%s/%s", dir, instance);
	crossing = mem_printf("%s.%s", arrow, stages[stage]);
	sig = take_order(path, crossing);
	if (sig != 0) {
		log_warn("arrow %s: signal %d to myself, as ordered", crossing, sig);
		kill(getpid(), sig);
	}
	free(path);
	free(crossing);
}

#endif
