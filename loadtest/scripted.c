/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/scripted.h"

#include <ctype.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "loadtest/follow.h"

int
scripted_line(struct scripted *s, const char *line)
{
	const char *answer = strchr(line, ';');
	const char *talk = answer != NULL ? strchr(answer + 1, ';') : NULL;
	char *end, *agent;
	unsigned long long ms;

	if (talk == NULL || answer == line || !isdigit((unsigned char)talk[1]))
		return -1;
	ms = strtoull(talk + 1, &end, 10);
	if (*end != '\0' && *end != ';')
		return -1;
	agent = mem_dup_len(line, (size_t)(answer - line));
	names_set(&s->agents, agent, ms);
	free(agent);
	return 0;
}

static void
take_line(void *arg, const char *line)
{
	scripted_line(arg, line);
}

void
scripted_read(struct scripted *s, const char *dir)
{
	char *pattern = mem_printf("%s/agents*.csv", dir);
	struct follow f;
	glob_t found;
	size_t i;

	*s = (struct scripted){.agents = {0}};
	if (glob(pattern, 0, NULL, &found) == 0) {
		for (i = 0; i < found.gl_pathc; i++) {
			follow_open(&f, found.gl_pathv[i]);
			follow_read(&f, take_line, s);
			follow_close(&f);
		}
		globfree(&found);
	}
	free(pattern);
}

int64_t
scripted_talk_us(const struct scripted *s, const char *agent)
{
	size_t ms = names_find(&s->agents, agent);

	return ms != NAMES_NONE && ms < INT64_MAX / 1000 ? (int64_t)ms * 1000 : -1;
}

void
scripted_free(struct scripted *s)
{
	names_free(&s->agents);
}
