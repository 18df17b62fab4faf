/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/log.h"
#include "mqsd/access.h"
#include "mqsd/audit.h"

static char dir[64], path[96], aside[96];
static const struct peer far_peer = {.source = "10.0.0.1", .text = "10.0.0.1:5"};
static const struct peer near_peer = {.local = true, .uid = 0, .source = "uid 0", .text = "uid 0"};

static void
note(struct audit *audit, int status, json_t *body)
{
	struct who who = {.name = "wall", .peer = &far_peer, .roles = roles_of(ROLE_SUPERVISOR)};
	struct audit_entry entry = {.who = &who,
				    .method = "POST",
				    .path = "/v1/x\n\x1b[2J",
				    .body = body,
				    .status = status,
				    .code = status < 300 ? NULL : "forbidden"};

	audit_write(audit, &entry);
	json_decref(body);
}

static const char *
text(const json_t *list, size_t i, const char *key)
{
	const char *value = json_string_value(json_object_get(json_array_get(list, i), key));

	return value != NULL ? value : "";
}

static void
written(void **state)
{
	struct who root = {.peer = &near_peer, .roles = ROLES_ALL};
	struct audit_entry entry = {
		.who = &root, .method = "DELETE", .path = "/v1/y", .status = 200};
	struct audit *audit;
	struct stat st;
	struct err err;
	json_t *list;

	(void)state;
	audit = audit_open("", dir, &err);
	assert_non_null(audit);
	note(audit, 403,
	     json_pack("{s:s, s:s, s:i}", "name", "q", "password", "swordfish", "n", 3));
	audit_write(audit, &entry);
	list = audit_read(audit, 10, &err);
	assert_int_equal(json_array_size(list), 2);
	assert_string_equal(text(list, 0, "by"), "token");
	assert_string_equal(text(list, 0, "name"), "wall");
	assert_string_equal(text(list, 0, "from"), "10.0.0.1:5");
	assert_string_equal(text(list, 0, "role"), "supervisor");
	assert_string_equal(text(list, 0, "code"), "forbidden");
	assert_string_equal(text(list, 0, "path"), "/v1/x\\x0a\\x1b[2J");
	assert_string_equal(text(list, 1, "by"), "user");
	assert_string_equal(text(list, 1, "name"), "root");
	assert_string_equal(json_string_value(json_object_get(
				    json_object_get(json_array_get(list, 0), "body"), "password")),
			    "***");
	json_decref(list);
	list = audit_read(audit, 1, &err);
	assert_int_equal(json_array_size(list), 1);
	assert_string_equal(text(list, 0, "method"), "DELETE");
	json_decref(list);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	audit_close(audit);
}

/* What was there stays, and what is moved aside is not followed after a reload. */
static void
added(void **state)
{
	struct audit *audit;
	struct stat before, after;
	struct err err;
	json_t *list;

	(void)state;
	assert_int_equal(stat(path, &before), 0);
	audit = audit_open("", dir, &err);
	note(audit, 200, NULL);
	assert_int_equal(stat(path, &after), 0);
	assert_true(after.st_size > before.st_size);
	assert_int_equal(rename(path, aside), 0);
	note(audit, 200, NULL);
	assert_int_equal(stat(aside, &before), 0);
	assert_true(before.st_size > after.st_size);
	assert_int_equal(audit_reopen(audit, "", dir, &err), 0);
	note(audit, 200, NULL);
	list = audit_read(audit, 100, &err);
	assert_int_equal(json_array_size(list), 1);
	json_decref(list);
	assert_int_equal(audit_reopen(audit, "/nowhere/audit", dir, &err), -1);
	note(audit, 200, NULL);
	list = audit_read(audit, 100, &err);
	assert_int_equal(json_array_size(list), 2);
	json_decref(list);
	assert_int_equal(audit_reopen(audit, "/dev/null", dir, &err), -1);
	audit_close(audit);
	assert_null(audit_open("/nowhere/audit", dir, &err));
	assert_non_null(strstr(err.text, "audit_log /nowhere/audit"));
}

/* More than is read at once, and a line that a full disk cut. */
static void
long_ones(void **state)
{
	struct audit *audit;
	struct err err;
	json_t *list;
	FILE *out;
	int i;

	(void)state;
	audit = audit_open("", dir, &err);
	for (i = 0; i < 12000; i++)
		note(audit, 200, NULL);
	out = fopen(path, "a");
	fputs("{\"time\": \"cu\n", out);
	fclose(out);
	note(audit, 201, NULL);
	list = audit_read(audit, 1000, &err);
	assert_int_equal(json_array_size(list), 999);
	json_decref(list);
	list = audit_read(audit, 1000000, &err);
	assert_true(json_array_size(list) > 1000 && json_array_size(list) < 12000);
	json_decref(list);
	audit_close(audit);
}

static void
bodies(void **state)
{
	char longer[4000];
	json_t *body, *out;
	int i;

	(void)state;
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	body = json_pack("{s:s, s:s, s:[i], s:s, s:b}", "a", longer, "API_Token", "t", "list", 1,
			 "Secret", "s", "yes", 1);
	for (i = 0; i < 100; i++)
		json_object_set_new(body, &longer[sizeof(longer) - 2 - i], json_integer(i));
	out = audit_body(body);
	assert_true(json_object_size(out) <= 32);
	assert_true(strlen(json_string_value(json_object_get(out, "a"))) < 200);
	assert_string_equal(json_string_value(json_object_get(out, "API_Token")), "***");
	assert_string_equal(json_string_value(json_object_get(out, "Secret")), "***");
	assert_true(json_is_true(json_object_get(out, "yes")));
	json_decref(out);
	json_decref(body);
}

static int
set_up(void **state)
{
	(void)state;
	log_setup(LOG_LEVEL_ERROR, false);
	strcpy(dir, "/tmp/test_audit.XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/audit.log", dir);
	snprintf(aside, sizeof(aside), "%s/audit.log.1", dir);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	unlink(path);
	unlink(aside);
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(written),
		cmocka_unit_test(added),
		cmocka_unit_test(long_ones),
		cmocka_unit_test(bodies),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
