/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/lab_log.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/text.h"

#define LINE_BYTES 1024

/* The writer appends, so it goes on at the start of the emptied file; a few lines may be lost. */
void
lab_log_bound(const char *path)
{
	struct stat st;
	char *old, buf[65536];
	FILE *in, *out;
	size_t n;

	if (stat(path, &st) != 0 || st.st_size < LAB_LOG_MAX)
		return;
	old = mem_printf("%s.1", path);
	in = fopen(path, "re");
	out = fopen(old, "we");
	if (in != NULL && out != NULL) {
		while ((n = fread(buf, 1, sizeof(buf), in)) > 0 && fwrite(buf, 1, n, out) == n)
			;
		if (truncate(path, 0) != 0)
			fprintf(stderr, "lab: %s grows without bound\n", path);
	}
	if (in != NULL)
		fclose(in);
	if (out != NULL)
		fclose(out);
	free(old);
}

/* Copies whole lines from the file's position on. */
static long
copy_lines(FILE *in, const char *name, FILE *out)
{
	char line[LINE_BYTES], clean[4 * LINE_BYTES];
	long at = ftell(in);
	size_t len;

	while (fgets(line, sizeof(line), in) != NULL) {
		len = strlen(line);
		if (len == 0 || (line[len - 1] != '\n' && len < sizeof(line) - 1))
			break;
		at += (long)len;
		while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
			len--;
		text_printable(clean, sizeof(clean), line, len);
		fprintf(out, "%-8s | %s\n", name, clean);
	}
	return at;
}

long
lab_log_tail(const char *path, const char *name, int lines, FILE *out)
{
	FILE *in = fopen(path, "re");
	long at, size;
	int c, seen = 0;

	if (in == NULL)
		return 0;
	fseek(in, 0, SEEK_END);
	size = ftell(in);
	/* Backwards to the newline before the first line wanted. */
	for (at = size; at > 0; at--) {
		fseek(in, at - 1, SEEK_SET);
		c = fgetc(in);
		if (c == '\n' && at < size && ++seen >= lines)
			break;
	}
	fseek(in, at, SEEK_SET);
	at = copy_lines(in, name, out);
	fclose(in);
	return at;
}

long
lab_log_more(const char *path, const char *name, long offset, FILE *out)
{
	FILE *in = fopen(path, "re");
	struct stat st;

	if (in == NULL)
		return offset;
	if (fstat(fileno(in), &st) == 0 && st.st_size < offset)
		offset = 0;
	fseek(in, offset, SEEK_SET);
	offset = copy_lines(in, name, out);
	fclose(in);
	return offset;
}
