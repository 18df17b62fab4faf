/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "mqsd/api.h"
#include "mqsd/role.h"

static void
includes(void **state)
{
	(void)state;
	assert_true(roles_have(roles_of(ROLE_ADMIN), ROLE_SUPERVISOR));
	assert_true(roles_have(roles_of(ROLE_ADMIN), ROLE_VIEWER));
	assert_true(roles_have(roles_of(ROLE_SUPERVISOR), ROLE_VIEWER));
	assert_true(roles_have(roles_of(ROLE_INTERCEPT), ROLE_VIEWER));
	assert_false(roles_have(roles_of(ROLE_SUPERVISOR), ROLE_ADMIN));
	assert_false(roles_have(roles_of(ROLE_VIEWER), ROLE_SUPERVISOR));
	assert_false(roles_have(roles_of(ROLE_ADMIN), ROLE_INTERCEPT));
	assert_false(roles_have(roles_of(ROLE_INTERCEPT), ROLE_SUPERVISOR));
	assert_false(roles_have(0, ROLE_VIEWER));
	/* A route without a role would be one that nobody may use, not one for all. */
	assert_false(roles_have(ROLES_ALL, ROLE_NONE));
}

static void
parse(void **state)
{
	static const struct {
		const char *text, *have; /* NULL: refused */
	} rows[] = {
		{"viewer", "viewer"},
		{"supervisor", "supervisor"},
		{"admin", "admin"},
		{"intercept", "intercept"},
		{"admin,intercept", "admin, intercept"},
		{"viewer,admin", "admin"},
		{"admin@sales", "admin"},
		{"admin@other", "none"},
		{"viewer,admin@other", "viewer"},
		{"supervisor@sales,admin@other", "supervisor"},
		{"admin@sale", "none"},
		{"admin@saless", "none"},
		{"", NULL},
		{",", NULL},
		{"admin,", NULL},
		{",admin", NULL},
		{"Admin", NULL},
		{"adminn", NULL},
		{"admi", NULL},
		{"none", NULL},
		{"admin@", NULL},
		{"@sales", NULL},
		{"admin@a b", NULL},
		{"admin@sales@sales", NULL},
	};
	char have[ROLES_TEXT];
	struct err err;
	role_set roles;
	size_t i;
	int bad;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bad = roles_parse(rows[i].text, "sales", &roles, &err);
		if ((bad != 0) != (rows[i].have == NULL))
			fail_msg("'%s': %s", rows[i].text, bad != 0 ? err.text : "taken");
		if (rows[i].have != NULL)
			assert_string_equal(roles_text(roles, have), rows[i].have);
	}
}

/* Whoever only looks changes nothing, and each route has a role. */
static void
routes(void **state)
{
	size_t i;

	(void)state;
	assert_true(api_route_count > 0);
	for (i = 0; i < api_route_count; i++) {
		const struct api_route *route = &api_routes[i];

		if (route->role == ROLE_NONE || route->role > ROLE_INTERCEPT)
			fail_msg("%s %s has no role", route->method, route->path);
		if (route->role == ROLE_VIEWER && strcmp(route->method, "GET") != 0)
			fail_msg("%s %s is open to viewers", route->method, route->path);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(includes),
		cmocka_unit_test(parse),
		cmocka_unit_test(routes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
