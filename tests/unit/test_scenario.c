/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loadtest/lab_dir.h"
#include "loadtest/scenario.h"

static const char *const templates[] = {"caller.xml", "late.xml", "agent.xml", "register.xml"};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
fills(void **state)
{
	static const struct {
		const char *in, *out; /* NULL: refused */
	} rows[] = {
		{"", ""},
		{"a: b\n@REPLY@\n[last_To:]", "a: "
					      "b\n[last_Via:]\n[last_Record-Route:]\n[last_From:]"
					      "\n[last_Call-ID:]\n[last_CSeq:]\n[last_To:]"},
		{"a@b [field0]@[local_ip]", "a@b [field0]@[local_ip]"},
		{"@SDP", "@SDP"},
		{"@@", "@@"},
		{"x @NONE@ y", NULL},
	};
	struct err err;
	size_t i;
	char *text;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		text = scenario_fill(rows[i].in, &err);
		if (rows[i].out == NULL) {
			assert_null(text);
			assert_non_null(strstr(err.text, "@NONE@"));
		} else {
			assert_string_equal(text, rows[i].out);
		}
		free(text);
	}
}

__attribute__((format(printf, 1, 2))) static int
run(const char *fmt, ...)
{
	char command[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	return system(command);
}

static void
templates_are_sound(void **state)
{
	char dir[] = "/tmp/mqs-test-XXXXXX", path[64], *text;
	struct err err;
	size_t i;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/agents.csv", dir);
	assert_int_equal(scenario_write_file(path, "SEQUENTIAL\na00001;1;1;0;1;0;0\n", &err), 0);
	for (i = 0; i < COUNT(templates); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, templates[i]);
		if (scenario_write("scenarios", templates[i], path, &err) != 0)
			fail_msg("%s", err.text);
		text = scenario_read_file(path, &err);
		assert_non_null(text);
		assert_null(strstr(text, "@REPLY@"));
		free(text);
		if (run("xmllint --noout %s/%s", dir, templates[i]) != 0)
			fail_msg("%s is not well-formed", templates[i]);
		/* 97: SIPp took it and was ended by -timeout. It ends with 1 or -1 for a scenario
		 * it refuses. */
		if (run("cd %s && sipp 127.0.0.1:9 -sf %s -inf agents.csv -infindex agents.csv 0 "
			"-i 127.0.0.1 -key domain d -key contact c -key expires 1 -m "
			"1 -r 1 "
			"-rp 60000 -timeout 1 -nostdin -skip_rlimit >out "
			"2>&1; "
			"test $? -eq 97",
			dir, templates[i]) != 0)
			fail_msg("SIPp does not take %s", templates[i]);
	}
	lab_dir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills),
		cmocka_unit_test(templates_are_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
