/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/witness_stat.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define COLUMN "Retransmissions(C)"

static int
find_column(const char *line)
{
	size_t len;
	int n;

	for (n = 1; *line != '\0'; n++) {
		len = strcspn(line, ";");
		if (len == strlen(COLUMN) && strncmp(line, COLUMN, len) == 0)
			return n;
		line += len + (line[len] == ';');
	}
	return -1;
}

int
witness_stat_line(struct witness_stat *stat, const char *line)
{
	long long value;
	char *end;
	int n;

	if (stat->column == 0) {
		stat->column = find_column(line);
		return stat->column > 0 ? 0 : -1;
	}
	for (n = 1; n < stat->column && line != NULL; n++) {
		line = strchr(line, ';');
		line = line != NULL ? line + 1 : NULL;
	}
	if (stat->column < 0 || line == NULL || !isdigit((unsigned char)*line))
		return -1;
	value = strtoll(line, &end, 10);
	if (*end != ';')
		return -1;
	stat->retransmissions = value;
	return 0;
}
