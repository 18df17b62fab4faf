/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/lab_render.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1024
#define MARK	       "; @"

static const char *
mark_find(const char *line)
{
	const char *mark = NULL, *p = line;

	while ((p = strstr(p, MARK)) != NULL)
		mark = p++;
	return mark;
}

static const struct lab_value *
value_find(const char *name, size_t len, const struct lab_value *values, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strlen(values[i].name) == len && strncmp(values[i].name, name, len) == 0)
			return &values[i];
	return NULL;
}

int
lab_render_line(const char *line, const struct lab_value *values, size_t count, char *out,
		size_t size, struct err *err)
{
	const char *mark = mark_find(line), *name, *eq;
	const struct lab_value *v = NULL;
	size_t len;
	int n;

	if (mark != NULL) {
		name = mark + strlen(MARK);
		len = strcspn(name, " \t\r\n");
		eq = strchr(line, '=');
		v = value_find(name, len, values, count);
		if (v == NULL || eq == NULL || eq > mark)
			return err_set(err, "unknown mark @%.*s", (int)len, name);
		if (v->value != NULL) {
			eq += eq[1] == '>' ? 2 : 1;
			n = snprintf(out, size, "%.*s %s %s", (int)(eq - line), line, v->value,
				     mark);
			if (n < 0 || (size_t)n >= size)
				return err_set(err, "line too long for @%.*s", (int)len, name);
			return 0;
		}
	}
	if (strlen(line) >= size)
		return err_set(err, "line too long");
	memcpy(out, line, strlen(line) + 1);
	return 0;
}

int
lab_render_file(const char *from, const char *to, const struct lab_value *values, size_t count,
		struct err *err)
{
	char line[LINE_MAX_BYTES], rendered[2 * LINE_MAX_BYTES];
	struct err why = {""};
	FILE *in, *out = NULL;
	int fd, number = 0, ret = -1;

	in = fopen(from, "re");
	if (in == NULL)
		return err_set(err, "%s: %s", from, strerror(errno));
	fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd >= 0)
		out = fdopen(fd, "w");
	if (out == NULL) {
		err_set(err, "%s: %s", to, strerror(errno));
		goto out;
	}
	while (fgets(line, sizeof(line), in) != NULL) {
		number++;
		if (lab_render_line(line, values, count, rendered, sizeof(rendered), &why) != 0) {
			err_set(err, "%s:%d: %s", from, number, why.text);
			goto out;
		}
		fputs(rendered, out);
	}
	ret = 0;
out:
	if (out != NULL && fclose(out) != 0 && ret == 0)
		ret = err_set(err, "%s: %s", to, strerror(errno));
	fclose(in);
	return ret;
}
