/* SPDX-License-Identifier: BSD-2-Clause */
/* Who shares a node with us, what the API shows of the instances, and who is deaf. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "mqsd/conf.h"
#include "mqsd/echo.h"
#include "mqsd/instance.h"

static struct conf_node nodes[] = {{.name = (char *)"a1"}, {.name = (char *)"a2"}};
static const struct conf conf = {
	.instance = (char *)"i2", .pool = (char *)"default", .nodes = nodes, .node_count = 2};

#define ABOUT(pool, leaving, known)                                                                \
	"{\"pool\":\"" pool "\",\"version\":\"1\",\"host\":\"h\",\"pid\":7,\"since\":\"99\","      \
	"\"leaving\":" leaving ",\"nodes\":[\"a1\"],\"known\":[" known "]}"

static struct instances *
some(void)
{
	struct instances *is = instances_new(&conf);

	instances_begin(is);
	instances_add(is, "i4", ABOUT("default", "false", "\"a1\",\"a2\""));
	instances_add(is, "i2", ABOUT("default", "false", "\"a1\",\"a2\"")); /* ourselves */
	instances_add(is, "i1", ABOUT("default", "false", "\"a1\""));
	instances_add(is, "i3", ABOUT("default", "true", "\"a1\",\"a2\""));
	instances_add(is, "i5", ABOUT("other", "false", "\"a1\",\"a2\""));
	instances_add(is, "odd", "no JSON");
	instances_add(is, "odder", "{}");
	return is;
}

static void
peers_share_the_node(void **state)
{
	struct instances *is = some();
	const char *names[INSTANCES_MAX];

	(void)state;
	assert_int_equal(instances_peers(is, "a1", names, INSTANCES_MAX), 2);
	assert_string_equal(names[0], "i4");
	assert_string_equal(names[1], "i1");
	assert_int_equal(instances_peers(is, "a2", names, INSTANCES_MAX), 1);
	assert_int_equal(instances_peers(is, "a9", names, INSTANCES_MAX), 0);
	assert_int_equal(instances_peers(is, "a1", names, 1), 1);
	instances_begin(is);
	assert_int_equal(instances_peers(is, "a1", names, INSTANCES_MAX), 0);
	instances_free(is);
}

/* Who is not there any more, and had not said that it leaves. */
static void
missing(void **state)
{
	struct instances *is = some();
	json_t *list = instances_missing(is);

	(void)state;
	assert_int_equal(json_array_size(list), 0);
	json_decref(list);
	instances_begin(is);
	instances_add(is, "i2", ABOUT("default", "false", "\"a1\",\"a2\""));
	instances_add(is, "i1", ABOUT("default", "false", "\"a1\""));
	list = instances_missing(is);
	assert_int_equal(json_array_size(list), 1);
	assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "name")),
			    "i4");
	assert_int_equal(json_array_size(json_object_get(json_array_get(list, 0), "nodes")), 1);
	json_decref(list);
	instances_begin(is);
	instances_add(is, "i4", ABOUT("default", "true", "\"a1\""));
	instances_begin(is);
	list = instances_missing(is);
	assert_int_equal(json_array_size(list), 1); /* i1; i4 has left */
	assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "name")),
			    "i1");
	json_decref(list);
	instances_free(is);
}

static void
shown_by_name(void **state)
{
	struct instances *is = some();
	json_t *list = instances_list(is), *one = instances_show(is, "i2");

	(void)state;
	assert_int_equal(json_array_size(list), 6);
	assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "name")),
			    "i1");
	assert_true(json_is_true(json_object_get(one, "self")));
	assert_int_equal(json_integer_value(json_object_get(one, "since")), 99);
	assert_null(json_object_get(one, "known"));
	assert_null(instances_show(is, "i9"));
	json_decref(list);
	json_decref(one);
	instances_free(is);
}

/* What we say of ourselves is what another understands. */
static void
told_and_understood(void **state)
{
	struct instances *is = instances_new(&conf), *others;
	char *about = instances_about(is, json_pack("[s]", "a2"));
	const char *names[2];
	struct conf theirs = conf;

	(void)state;
	theirs.instance = (char *)"i1";
	others = instances_new(&theirs);
	instances_add(others, "i2", about);
	assert_int_equal(instances_peers(others, "a2", names, 2), 1);
	free(about);
	instances_set_leaving(is);
	about = instances_about(is, json_array());
	instances_add(others, "i2", about);
	assert_int_equal(instances_peers(others, "a2", names, 2), 0);
	free(about);
	instances_free(others);
	instances_free(is);
}

static void
deaf_or_slow(void **state)
{
	(void)state;
	assert_int_equal(echo_judge(100000, 0, 0), ECHO_FINE);
	/* Nothing has come back, neither answer nor event: slow, for a while. */
	assert_int_equal(echo_judge(100000, 99000, 0), ECHO_FINE);
	assert_int_equal(echo_judge(100000, 96001, 0), ECHO_FINE);
	assert_int_equal(echo_judge(100000, 96000, 0), ECHO_SILENT);
	/* The node has answered, however late: its event has a second. */
	assert_int_equal(echo_judge(100000, 90000, 99001), ECHO_FINE);
	assert_int_equal(echo_judge(100000, 98990, 99000), ECHO_DEAF);
}

/* Such a node is not removed by a command, whoever is asked. */
static void
whose_file_has_the_node(void **state)
{
	struct instances *is = some();

	(void)state;
	assert_null(instances_with_file(is, "a1"));
	instances_add(is, "i8", "{\"pool\":\"other\",\"file\":[\"a1\"]}");
	assert_null(instances_with_file(is, "a1"));
	instances_add(is, "i9", "{\"pool\":\"default\",\"file\":[\"a1\"]}");
	assert_string_equal(instances_with_file(is, "a1"), "i9");
	assert_null(instances_with_file(is, "a2"));
	instances_free(is);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(peers_share_the_node),
		cmocka_unit_test(shown_by_name),
		cmocka_unit_test(missing),
		cmocka_unit_test(told_and_understood),
		cmocka_unit_test(deaf_or_slow),
		cmocka_unit_test(whose_file_has_the_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
