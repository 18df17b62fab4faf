/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/option.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/mem.h"
#include "lib/text.h"

/* "node *" in a row stands for every "node NAME" in a file. */
static bool
section_matches(const char *row, const char *section)
{
	size_t len = strlen(row);

	if (row[len - 1] == '*')
		return strncmp(row, section, len - 1) == 0 && section[len - 1] != '\0';
	return strcmp(row, section) == 0;
}

const struct option *
option_find(const struct option_table *t, const char *section, const char *name)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		if (section_matches(t->rows[i].section, section) &&
		    strcmp(t->rows[i].name, name) == 0)
			return &t->rows[i];
	return NULL;
}

/* The rows of one section, seen as an array of names. */
struct section_names {
	const struct option *rows[256];
	size_t count;
};

static const char *
section_name(const void *table, size_t i)
{
	return ((const struct section_names *)table)->rows[i]->name;
}

const char *
option_nearest(const struct option_table *t, const char *section, const char *name)
{
	struct section_names names = {.count = 0};
	size_t i;

	for (i = 0; i < t->count && names.count < 256; i++)
		if (section_matches(t->rows[i].section, section))
			names.rows[names.count++] = &t->rows[i];
	return text_nearest(name, section_name, &names, names.count);
}

static const char *const bool_names[] = {"no", "yes", "false", "true", "off", "on", "0", "1", NULL};

static int
set_int(const struct option *o, void *field, const char *text, struct err *err)
{
	char *end, range[256];
	long long v;

	errno = 0;
	v = strtoll(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || v < o->min || v > o->max)
		return err_set(err, "%s: '%.100s' is not valid: %s", o->name, text,
			       option_range(o, range, sizeof(range)));
	*(int64_t *)field = v;
	return 0;
}

static int
set_real(const struct option *o, void *field, const char *text, struct err *err)
{
	char *end, range[256];
	double v;

	errno = 0;
	v = strtod(text, &end);
	if (errno != 0 || end == text || *end != '\0' || !isfinite(v) || v < (double)o->min ||
	    v > (double)o->max)
		return err_set(err, "%s: '%.100s' is not valid: %s", o->name, text,
			       option_range(o, range, sizeof(range)));
	*(double *)field = v;
	return 0;
}

static int
word_index(const char *const *words, const char *text)
{
	int i;

	for (i = 0; words[i] != NULL; i++)
		if (strcasecmp(words[i], text) == 0)
			return i;
	return -1;
}

static int
set_string(const struct option *o, char **field, const char *text, struct err *err)
{
	size_t len = strlen(text);

	if ((int64_t)len < o->min || (int64_t)len > o->max)
		return err_set(err, "%s: %zu characters; %" PRId64 " to %" PRId64 " are allowed",
			       o->name, len, o->min, o->max);
	free(*field);
	*field = mem_dup(text);
	return 0;
}

int
option_set(const struct option *o, void *base, const char *text, struct err *err)
{
	void *field = (char *)base + o->offset;
	char range[256];
	int i;

	switch (o->type) {
	case OPTION_INT:
		return set_int(o, field, text, err);
	case OPTION_REAL:
		return set_real(o, field, text, err);
	case OPTION_STRING:
		return set_string(o, field, text, err);
	case OPTION_BOOL:
	case OPTION_ENUM:
		i = word_index(o->type == OPTION_BOOL ? bool_names : o->values, text);
		if (i < 0)
			return err_set(err, "%s: '%.100s' is not valid: %s", o->name, text,
				       option_range(o, range, sizeof(range)));
		if (o->type == OPTION_BOOL)
			*(bool *)field = i % 2 == 1;
		else
			*(int *)field = i;
		return 0;
	}
	return err_set(err, "%s: unknown type", o->name);
}

char *
option_text(const struct option *o, const void *base, char *out, size_t size)
{
	const void *field = (const char *)base + o->offset;
	const char *s;

	switch (o->type) {
	case OPTION_INT:
		snprintf(out, size, "%" PRId64, *(const int64_t *)field);
		break;
	case OPTION_REAL:
		snprintf(out, size, "%.15g", *(const double *)field);
		break;
	case OPTION_BOOL:
		snprintf(out, size, "%s", *(const bool *)field ? "yes" : "no");
		break;
	case OPTION_ENUM:
		snprintf(out, size, "%s", o->values[*(const int *)field]);
		break;
	case OPTION_STRING:
		s = *(char *const *)field;
		if (o->secret && s != NULL && *s != '\0')
			s = "***";
		snprintf(out, size, "%s", s != NULL ? s : "");
		break;
	}
	return out;
}

void
option_defaults(const struct option_table *t, const char *section, void *base)
{
	struct err err;
	size_t i;

	for (i = 0; i < t->count; i++) {
		const struct option *o = &t->rows[i];

		if (!section_matches(o->section, section) || o->def == NULL)
			continue;
		if (option_set(o, base, o->def, &err) != 0) {
			fprintf(stderr, "default of %s: %s\n", o->name, err.text);
			abort();
		}
	}
}

void
option_free(const struct option_table *t, const char *section, void *base)
{
	size_t i;

	for (i = 0; i < t->count; i++) {
		const struct option *o = &t->rows[i];
		char **field = (char **)((char *)base + o->offset);

		if (o->type != OPTION_STRING || !section_matches(o->section, section))
			continue;
		free(*field);
		*field = NULL;
	}
}

char *
option_range(const struct option *o, char *out, size_t size)
{
	size_t i, n;

	switch (o->type) {
	case OPTION_INT:
	case OPTION_REAL:
		snprintf(out, size, "%s%s%" PRId64 " to %" PRId64, o->unit ? o->unit : "",
			 o->unit ? ", " : "", o->min, o->max);
		break;
	case OPTION_BOOL:
		snprintf(out, size, "yes or no");
		break;
	case OPTION_STRING:
		snprintf(out, size, "text, %" PRId64 " to %" PRId64 " characters", o->min, o->max);
		break;
	case OPTION_ENUM:
		n = (size_t)snprintf(out, size, "one of:");
		for (i = 0; o->values[i] != NULL && n < size; i++)
			n += (size_t)snprintf(out + n, size - n, " %s", o->values[i]);
		break;
	}
	return out;
}
