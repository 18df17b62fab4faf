/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/role.h"

#include <stdio.h>
#include <string.h>

#include "lib/text.h"

static const struct {
	const char *name;
	role_set includes;
} rows[] = {
	[ROLE_NONE] = {"none", 0},
	[ROLE_VIEWER] = {"viewer", 1u << ROLE_VIEWER},
	[ROLE_SUPERVISOR] = {"supervisor", 1u << ROLE_SUPERVISOR | 1u << ROLE_VIEWER},
	[ROLE_ADMIN] = {"admin", 1u << ROLE_ADMIN | 1u << ROLE_SUPERVISOR | 1u << ROLE_VIEWER},
	[ROLE_INTERCEPT] = {"intercept", 1u << ROLE_INTERCEPT | 1u << ROLE_VIEWER},
};

const char *
role_name(enum role role)
{
	return rows[role].name;
}

role_set
roles_of(enum role role)
{
	return rows[role].includes;
}

bool
roles_have(role_set have, enum role needed)
{
	return (have & 1u << needed) != 0;
}

char *
roles_text(role_set have, char *out)
{
	enum role highest = roles_have(have, ROLE_ADMIN)	? ROLE_ADMIN
			    : roles_have(have, ROLE_SUPERVISOR) ? ROLE_SUPERVISOR
			    : roles_have(have, ROLE_INTERCEPT)	? ROLE_NONE
			    : roles_have(have, ROLE_VIEWER)	? ROLE_VIEWER
								: ROLE_NONE;

	snprintf(out, ROLES_TEXT, "%s%s%s",
		 highest != ROLE_NONE || have == 0 ? role_name(highest) : "",
		 highest != ROLE_NONE && roles_have(have, ROLE_INTERCEPT) ? ", " : "",
		 roles_have(have, ROLE_INTERCEPT) ? role_name(ROLE_INTERCEPT) : "");
	return out;
}

static enum role
find(const char *word, size_t len)
{
	enum role role;

	for (role = ROLE_VIEWER; role <= ROLE_INTERCEPT; role++)
		if (strlen(rows[role].name) == len && memcmp(rows[role].name, word, len) == 0)
			return role;
	return ROLE_NONE;
}

int
roles_parse(const char *text, const char *pool, role_set *have, struct err *err)
{
	size_t len, word, at;
	char name[TEXT_NAME_MAX + 1];
	enum role role;

	*have = 0;
	for (;; text += len + 1) {
		len = strcspn(text, ",");
		word = strcspn(text, "@,");
		role = find(text, word);
		if (role == ROLE_NONE)
			return err_set(err,
				       "'%.*s' is no role; there are viewer, supervisor, admin and "
				       "intercept",
				       (int)(word < 80 ? word : 80), text);
		at = word < len ? word + 1 : len;
		snprintf(name, sizeof(name), "%.*s", (int)(len - at < 80 ? len - at : 80),
			 text + at);
		if (word < len && (len - at > TEXT_NAME_MAX || !text_is_name(name)))
			return err_set(err, "'%.80s' names no pool behind the @", text);
		if (word == len || strcmp(name, pool) == 0)
			*have |= roles_of(role);
		if (text[len] == '\0')
			return 0;
	}
}
