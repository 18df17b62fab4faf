/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>

#include "lib/option.h"
#include "lib/text.h"

/* As compiled into Debian's libinih; longer lines would be read as two. */
#define LINE_MAX_BYTES 199
#define SEEN_MAX       1024

struct reading {
	const struct option_file *file;
	FILE *in;
	int line;
	void *base; /* the current section's struct; NULL before the first */
	char section[128];
	const struct option *seen[SEEN_MAX]; /* options given in the current section */
	size_t seen_count;
	struct err *err;
	bool failed;
};

static void
fail(struct reading *r, const struct err *why)
{
	if (r->failed)
		return;
	r->failed = true;
	err_set(r->err, "%s:%d: %.400s", r->file->path, r->line, why->text);
}

static void
begin_section(struct reading *r, const char *line)
{
	const char *end = strchr(line, ']'), *rest;
	struct err why;
	size_t len;

	if (end == NULL || end == line + 1 ||
	    (len = (size_t)(end - line - 1)) >= sizeof(r->section)) {
		err_set(&why, "a section is written [name]");
		fail(r, &why);
		return;
	}
	for (rest = end + 1; isspace((unsigned char)*rest); rest++)
		;
	if (*rest != '\0' && *rest != ';' && *rest != '#') {
		err_set(&why, "only a comment may follow a [section]; options stand on lines of "
			      "their own");
		fail(r, &why);
		return;
	}
	memcpy(r->section, line + 1, len);
	r->section[len] = '\0';
	r->seen_count = 0;
	r->base = r->file->section(r->file->arg, r->section, &why);
	if (r->base == NULL)
		fail(r, &why);
}

/* As fgets(), but a NUL can't hide what follows it. */
static size_t
get_line(struct reading *r, char *out, size_t size, bool *nul)
{
	size_t len = 0;
	int c = 0;

	*nul = false;
	while (c != '\n' && len + 1 < size && (c = getc(r->in)) != EOF) {
		out[len++] = (char)c;
		*nul = *nul || c == '\0';
	}
	out[len] = '\0';
	return len;
}

/* Indents are only for the eye; inih would take an indented line for the value of the one above.
 * A byte order mark goes too: a section may stand right behind it. */
static void
strip_left(struct reading *r, char *line)
{
	const char *p = line;

	if (r->line == 1 && strncmp(p, "\xef\xbb\xbf", 3) == 0)
		p += 3;
	while (isspace((unsigned char)*p))
		p++;
	memmove(line, p, strlen(p) + 1);
}

/* inih neither reports line numbers nor repeated sections, so both are watched here, line by line.
 */
static char *
read_line(char *out, int size, void *stream)
{
	struct reading *r = stream;
	struct err why;
	size_t len;
	bool nul;

	if (r->failed || (len = get_line(r, out, (size_t)size, &nul)) == 0)
		return NULL;
	r->line++;
	if (nul || (len >= LINE_MAX_BYTES && out[len - 1] != '\n')) {
		if (nul)
			err_set(&why, "a NUL byte; this is no text");
		else
			err_set(&why, "line is longer than %d bytes", LINE_MAX_BYTES - 1);
		fail(r, &why);
		return NULL;
	}
	strip_left(r, out);
	if (*out == '[')
		begin_section(r, out);
	return out;
}

/* What option_text() gives must read the same again, written "name = value": where it follows a
 * space a semicolon begins a comment. */
static int
check_printed(const char *name, const char *value, struct err *why)
{
	if (*value == ';')
		return err_set(why, "%s: a value cannot begin with ';', which begins a comment",
			       name);
	if (strlen(name) + strlen(" = ") + strlen(value) >= LINE_MAX_BYTES)
		return err_set(why, "%s: line is longer than %d bytes, written '%s = value'", name,
			       LINE_MAX_BYTES - 1, name);
	return 0;
}

static void
store(struct reading *r, const char *name, const char *value, struct err *why)
{
	const struct option *o = option_find(r->file->table, r->section, name);
	const char *near;
	size_t i;

	if (o == NULL) {
		near = option_nearest(r->file->table, r->section, name);
		err_set(why, "unknown option '%.64s' in [%s]%s%s%s", name, r->section,
			near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
		return fail(r, why);
	}
	for (i = 0; i < r->seen_count; i++) {
		if (r->seen[i] != o)
			continue;
		err_set(why, "option '%s' is given twice in [%s]", name, r->section);
		return fail(r, why);
	}
	if (r->seen_count < SEEN_MAX)
		r->seen[r->seen_count++] = o;
	if (check_printed(name, value, why) != 0 || option_set(o, r->base, value, why) != 0)
		fail(r, why);
	else if (r->file->given != NULL)
		r->file->given(r->file->arg, o, r->base);
}

static int
on_option(void *arg, const char *section, const char *name, const char *value)
{
	struct reading *r = arg;
	struct err why;

	(void)section;
	if (r->failed)
		return 0;
	if (r->base == NULL) {
		err_set(&why, "'%.64s' stands before the first [section]", name);
		fail(r, &why);
		return 0;
	}
	store(r, name, value, &why);
	return !r->failed;
}

int
option_read(const struct option_file *file, struct err *err)
{
	struct reading r = {.file = file, .err = err};
	struct err why;
	int bad;

	r.in = fopen(file->path, "re");
	if (r.in == NULL)
		return err_set(err, "%s: %s", file->path, strerror(errno));
	bad = ini_parse_stream(read_line, &r, on_option, &r);
	if (bad > 0 && !r.failed) {
		r.line = bad;
		err_set(&why, "neither [section], option = value nor a comment");
		fail(&r, &why);
	}
	if (ferror(r.in) && !r.failed) {
		err_set(&why, "cannot be read");
		fail(&r, &why);
	}
	fclose(r.in);
	return r.failed ? -1 : 0;
}
