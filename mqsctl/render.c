/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsctl/render.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int64_t
render_integer(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (json_is_string(value))
		return strtoll(json_string_value(value), NULL, 10);
	return json_is_real(value) ? (int64_t)json_real_value(value) : json_integer_value(value);
}

const char *
render_string(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

char *
render_json(const json_t *value, char *out, size_t size)
{
	if (json_is_string(value) && json_string_length(value) > 0)
		output_printable(out, size, json_string_value(value), json_string_length(value));
	else if (json_is_integer(value))
		snprintf(out, size, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_real(value))
		snprintf(out, size, "%g", json_real_value(value));
	else if (json_is_boolean(value))
		snprintf(out, size, "%s", json_is_true(value) ? "yes" : "no");
	else
		snprintf(out, size, "-");
	return out;
}

char *
render_ms(int64_t ms, char *out, size_t size)
{
	int64_t s = ms > 0 ? ms / 1000 : 0;

	if (s >= 3600)
		snprintf(out, size, "%" PRId64 ":%02d:%02d", s / 3600, (int)(s / 60 % 60),
			 (int)(s % 60));
	else
		snprintf(out, size, "%" PRId64 ":%02d", s / 60, (int)(s % 60));
	return out;
}

char *
render_clock(int64_t epoch_ms, bool date, char *out, size_t size)
{
	time_t s = (time_t)(epoch_ms / 1000);
	struct tm tm;
	size_t len;

	localtime_r(&s, &tm);
	len = strftime(out, size, date ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S", &tm);
	snprintf(out + len, size - len, ".%03d", (int)(epoch_ms % 1000));
	return out;
}

void
render_text(const json_t *object, const char *key, char *out, size_t size)
{
	render_json(json_object_get(object, key), out, size);
}

static bool
is_missing(const json_t *object, const char *key, char *out, size_t size)
{
	const json_t *value = json_object_get(object, key);

	if (value && !json_is_null(value))
		return false;
	snprintf(out, size, "-");
	return true;
}

void
render_duration(const json_t *object, const char *key, char *out, size_t size)
{
	if (!is_missing(object, key, out, size))
		render_ms(render_integer(object, key), out, size);
}

void
render_some(const json_t *object, const char *key, char *out, size_t size)
{
	if (render_integer(object, key) > 0)
		render_duration(object, key, out, size);
	else
		snprintf(out, size, "-");
}

void
render_agent_state(const json_t *agent, const char *key, char *out, size_t size)
{
	char reason[128];
	size_t len;

	render_text(agent, key, out, size);
	render_text(agent, "pause_reason", reason, sizeof(reason));
	len = strlen(out);
	if (json_is_true(json_object_get(agent, "paused"))) {
		snprintf(out + len, size - len, ", paused");
		len = strlen(out);
		if (*render_string(agent, "pause_reason"))
			snprintf(out + len, size - len, " (%s)", reason);
	}
	len = strlen(out);
	if (json_is_true(json_object_get(agent, "unreachable")))
		snprintf(out + len, size - len, ", unreachable");
}

void
render_seconds(const json_t *object, const char *key, char *out, size_t size)
{
	if (!is_missing(object, key, out, size))
		snprintf(out, size, "%" PRId64 " s", render_integer(object, key));
}

void
render_time(const json_t *object, const char *key, char *out, size_t size)
{
	if (!is_missing(object, key, out, size))
		render_clock(render_integer(object, key), true, out, size);
}

void
render_list(const json_t *object, const char *key, char *out, size_t size)
{
	char item[OUTPUT_CELL_MAX];
	const json_t *value;
	size_t i, len = 0;

	snprintf(out, size, "-");
	json_array_foreach(json_object_get(object, key), i, value)
	{
		if (len < size)
			len += (size_t)snprintf(out + len, size - len, "%s%s", i ? ", " : "",
						render_json(value, item, sizeof(item)));
	}
}
