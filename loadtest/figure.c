/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/text.h"

/* The names of a path may have dots in them, as those of processes do: the longest that is there
 * counts. */
const json_t *
figure_at(const json_t *report, const char *path)
{
	const json_t *at;
	size_t len = strlen(path);
	char *key;

	if (report == NULL || len == 0)
		return report;
	for (; len > 0; len--) {
		if (path[len] != '\0' && path[len] != '.')
			continue;
		key = mem_dup_len(path, len);
		at = json_object_get(report, key);
		free(key);
		if (at != NULL)
			at = figure_at(at, path + len + (path[len] == '.'));
		if (at != NULL)
			return at;
	}
	return NULL;
}

double
figure(const json_t *report, const char *path)
{
	const json_t *at = figure_at(report, path);

	return json_is_number(at) ? json_number_value(at) : NAN;
}

int64_t
figure_time(const json_t *report, const char *path)
{
	double value = figure(report, path);

	return value > 0 && value < 1e17 ? (int64_t)value : 0;
}

const char *
figure_text(const json_t *report, const char *path)
{
	const char *text = json_string_value(figure_at(report, path));

	return text != NULL ? text : "";
}

json_t *
figure_foreign(const char *text)
{
	char *clean = text != NULL ? text_printable_dup(text) : NULL;
	json_t *json = json_string(clean);

	free(clean);
	return json;
}

char *
figure_print(double value, int decimals, char *out)
{
	char digits[FIGURE_MAX];
	size_t whole, i, n = 0;
	const char *d = digits;

	if (isnan(value) || fabs(value) >= 1e18)
		return strcpy(out, "-");
	snprintf(digits, sizeof(digits), "%.*f", decimals, value);
	if (*d == '-')
		out[n++] = *d++;
	whole = strcspn(d, ".");
	for (i = 0; d[i] != '\0'; i++) {
		if (i > 0 && i < whole && (whole - i) % 3 == 0)
			out[n++] = ',';
		out[n++] = d[i];
	}
	out[n] = '\0';
	return out;
}

char *
figure_lasted(double seconds, char *out)
{
	long s = seconds > 0 ? (long)seconds : 0;

	if (s < 120)
		snprintf(out, FIGURE_MAX, "%ld s", s);
	else if (s < 600)
		snprintf(out, FIGURE_MAX, "%ld min %ld s", s / 60, s % 60);
	else if (s < 7200)
		snprintf(out, FIGURE_MAX, "%ld min", s / 60);
	else
		snprintf(out, FIGURE_MAX, "%ld h %ld min", s / 3600, s % 3600 / 60);
	return out;
}
