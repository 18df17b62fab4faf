/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_SCRIPTED_H
#define LOADTEST_SCRIPTED_H

#include <stdint.h>

#include "loadtest/names.h"

/* How long each agent's script holds the line: the third column of the agents' CSV files. */
struct scripted {
	struct names agents; /* to ms */
};

/* A row of such a file, "user;ms to the answer;ms of talk...". -1: none. Pure. */
int scripted_line(struct scripted *s, const char *line);

/* Reads the agents*.csv of a run's directory. Nothing is known of agents that are in none. */
void scripted_read(struct scripted *s, const char *dir);

/* µs; -1: not known. */
int64_t scripted_talk_us(const struct scripted *s, const char *agent);

void scripted_free(struct scripted *s);

#endif
