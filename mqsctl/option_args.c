/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsctl/option_args.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/words.h"
#include "mqsctl/grammar.h"

void
option_args_json(const struct match *match, const char *kind, const struct option_table *table,
		 json_t *object)
{
	const struct option *o;
	const char *name, *value;
	size_t i;

	for (i = 0; (name = match_value_at(match, kind, i)); i++) {
		value = match_value_at(match, "value", i);
		o = option_find(table, table->rows[0].section, name);
		json_object_set_new(object, name,
				    o && o->type == OPTION_INT
					    ? json_integer(strtoll(value, NULL, 10))
					    : json_string(value));
	}
}

static char *
plain_value(const json_t *value)
{
	if (json_is_integer(value))
		return mem_printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
	if (json_is_real(value))
		return mem_printf("%g", json_real_value(value));
	if (json_is_boolean(value))
		return mem_dup(json_is_true(value) ? "yes" : "no");
	return mem_dup(json_is_string(value) ? json_string_value(value) : "");
}

char *
option_args_value(const json_t *object, const char *name)
{
	char *plain = plain_value(json_object_get(object, name));
	char *quoted = words_quote(plain);

	free(plain);
	return quoted;
}

char *
option_args_words(const struct option_table *table, const json_t *object)
{
	char *text = mem_dup(""), *longer, *plain, *quoted;
	const struct option *o;
	size_t i;

	for (i = 0; i < table->count; i++) {
		o = &table->rows[i];
		if (!json_object_get(object, o->name))
			continue;
		plain = plain_value(json_object_get(object, o->name));
		quoted = words_quote(plain);
		longer = mem_printf("%s %s %s", text, o->name, quoted);
		free(quoted);
		free(plain);
		free(text);
		text = longer;
	}
	return text;
}
