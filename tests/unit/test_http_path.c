/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "mqsd/http_path.h"

static void
checks(void **state)
{
	static const struct {
		const char *path;
		int fine;
	} rows[] = {
		{"/v1/queues", 1},
		{"/v1/queues/", 1},
		{"/", 1},
		{"/metrics", 1},
		{"/v1/agents/a%20b", 1},
		{"/v1/agents/%C3%A4", 1},
		{"/v1/agents/a.b..c", 1},
		{"/v1/agents/...", 1},
		{"", 0},
		{"v1/queues", 0},
		{"*", 0},
		{"//v1/queues", 0},
		{"/v1//queues", 0},
		{"/v1/./queues", 0},
		{"/v1/../v1/queues", 0},
		{"/v1/queues/..", 0},
		{"/v1/%2e%2E/queues", 0},
		{"/v1/.%2e/queues", 0},
		{"/v1/%2equeues", 1},
		{"/v1%2fqueues", 0},
		{"/v1/a%5cb", 0},
		{"/v1/a\\b", 0},
		{"/v1/a%00b", 0},
		{"/v1/a%252fb", 0},
		{"/v1/a%0d%0aX", 0},
		{"/v1/a\x01", 0},
		{"/v1/a\x7f", 0},
		{"/v1/a%", 0},
		{"/v1/a%4", 0},
		{"/v1/a%4/b", 0},
		{"/v1/a%zz", 0},
		{"/v1/a% 1", 0},
		{"/v1/a%+1", 0},
		{"/v1/%c0%af", 0},
		{"/v1/%e0%80%af", 0},
		{"/v1/%ff", 0},
		{"/v1/%c3", 0},
		{"/v1/%ed%a0%80", 0},
	};
	char path[HTTP_PATH_MAX + 2];
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((http_path_check(rows[i].path, &err) == 0) != rows[i].fine)
			fail_msg("'%s' is %s", rows[i].path, rows[i].fine ? err.text : "taken");
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[HTTP_PATH_MAX - 1] = '\0';
	assert_int_equal(http_path_check(path, &err), 0);
	path[HTTP_PATH_MAX - 1] = 'a';
	path[HTTP_PATH_MAX] = '\0';
	assert_int_equal(http_path_check(path, &err), -1);
}

static void
names(void **state)
{
	static const struct {
		const char *segment, *name;
	} rows[] = {
		{"1001", "1001"}, {"a%2db", "a-b"}, {"%61", "a"},    {"a%2fb", NULL},
		{"..", NULL},	  {".", NULL},	    {"%2e.", NULL},  {"a b", NULL},
		{"a%", NULL},	  {"a%4", NULL},    {"a%00b", NULL}, {"", NULL},
		{"...", "..."},	  {"%C3%A4", NULL}, {"a%-1", NULL},  {"a%2Db", "a-b"},
	};
	char *name;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		name = http_path_name(rows[i].segment, strlen(rows[i].segment));
		if (rows[i].name == NULL)
			assert_null(name);
		else
			assert_string_equal(name, rows[i].name);
		free(name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checks),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
