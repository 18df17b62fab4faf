/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mem.h"
#include "loadtest/lab_conf.h"
#include "loadtest/lab_dir.h"
#include "loadtest/lab_render.h"

static const struct lab_value values[] = {{"port", "12"}, {"dir", "/x y"}, {"kept", NULL}};

static void
lines(void **state)
{
	static const struct {
		const char *line, *want; /* want NULL: refused */
	} rows[] = {
		{"bindport = 8088   ; @port\n", "bindport = 12 ; @port\n"},
		{"astetcdir => /etc ; @dir", "astetcdir => /x y ; @dir"},
		{"a = 1 ; @kept\n", "a = 1 ; @kept\n"},
		{"a = 1 ; plain\n", "a = 1 ; plain\n"},
		{"; @port is no value\n", NULL},
		{"a = 1 ; @unknown\n", NULL},
		{"a = 1 ; @por\n", NULL},
		{"", ""},
	};
	char out[256];
	struct err err;
	size_t i;
	int ret;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ret = lab_render_line(rows[i].line, values, 3, out, sizeof(out), &err);
		assert_int_equal(ret, rows[i].want != NULL ? 0 : -1);
		if (rows[i].want != NULL)
			assert_string_equal(out, rows[i].want);
	}
	assert_int_equal(lab_render_line("bindport = 8088 ; @port\n", values, 3, out, 16, &err),
			 -1);
}

static char *
read_all(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = mem_zero(65536);

	assert_non_null(f);
	assert_true(fread(text, 1, 65535, f) > 0);
	fclose(f);
	return text;
}

/* Compares a shipped file with the lab's: lines may differ only where a mark stands. Returns the
 * marks. */
static int
compare(const char *shipped, const char *lab)
{
	char *a = read_all(shipped), *b = read_all(lab), *pa = a, *pb = b, *la, *lb;
	int marks = 0;

	while ((la = strsep(&pa, "\n")) != NULL) {
		lb = strsep(&pb, "\n");
		assert_non_null(lb);
		if (strstr(la, "; @") == NULL) {
			assert_string_equal(la, lb);
			continue;
		}
		marks++;
		/* The key before the sign and the mark behind the value stay. */
		assert_int_equal(strncmp(la, lb, strcspn(la, "=")), 0);
		assert_string_equal(strstr(la, "; @"), strstr(lb, "; @"));
	}
	assert_null(pb);
	free(a);
	free(b);
	return marks;
}

static void
only_marked_lines_differ(void **state)
{
	struct lab_options options = {.nodes = 2, .mqsds = 2, .wait_max_s = 7, .music = "jazz"};
	struct asterisk asterisk = {.root = "/r", .modules = "/r/m", .data = "/r/d"};
	char dir[] = "/tmp/test_lab_XXXXXX", from[512], to[512], *text;
	struct lab lab = {0};
	struct err err = {""};
	struct dirent *d;
	int marks = 0;
	DIR *etc;

	(void)state;
	assert_non_null(mkdtemp(dir));
	strcpy(lab.dir, dir);
	lab_conf_addresses(&lab, &options, 20000);
	assert_int_equal(lab_conf_write(&lab, &options, "etc", &asterisk, &err), 0);
	etc = opendir("etc/asterisk");
	assert_non_null(etc);
	while ((d = readdir(etc)) != NULL) {
		if (strstr(d->d_name, ".conf") == NULL)
			continue;
		snprintf(from, sizeof(from), "etc/asterisk/%s", d->d_name);
		snprintf(to, sizeof(to), "%s/a2/etc/%s", dir, d->d_name);
		marks += compare(from, to);
	}
	closedir(etc);
	assert_true(marks > 20);
	snprintf(to, sizeof(to), "%s/kamailio/kamailio.cfg", dir);
	assert_int_equal(compare("etc/kamailio/kamailio.cfg", to), 0);
	snprintf(to, sizeof(to), "%s/a2/etc/pjsip.conf", dir);
	text = read_all(to);
	assert_non_null(strstr(text, "bind = 127.0.0.1:20006 ; @sip_bind"));
	free(text);
	snprintf(to, sizeof(to), "%s/a2/etc/extensions.conf", dir);
	text = read_all(to);
	assert_non_null(strstr(text, "MQS_WAIT_MAX = 7 ; @wait_max"));
	assert_non_null(strstr(text, "MQS_MUSIC = jazz ; @music"));
	free(text);
	lab_dir_remove(dir);
	assert_int_equal(access(dir, F_OK), -1);
}

/* A mark that no file has any more is a row to delete. */
static void
every_mark_is_used(void **state)
{
	char path[512], *all = mem_dup(""), *text, *more, mark[64];
	struct dirent *d;
	DIR *etc = opendir("etc/asterisk");
	size_t i;

	(void)state;
	assert_non_null(etc);
	while ((d = readdir(etc)) != NULL) {
		if (strstr(d->d_name, ".conf") == NULL)
			continue;
		snprintf(path, sizeof(path), "etc/asterisk/%s", d->d_name);
		text = read_all(path);
		more = mem_printf("%s%s", all, text);
		free(all);
		free(text);
		all = more;
	}
	closedir(etc);
	for (i = 0; lab_conf_marks[i] != NULL; i++) {
		snprintf(mark, sizeof(mark), "; @%s\n", lab_conf_marks[i]);
		if (strstr(all, mark) == NULL)
			fail_msg("no file has the mark @%s", lab_conf_marks[i]);
	}
	free(all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(only_marked_lines_differ),
		cmocka_unit_test(every_mark_is_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
