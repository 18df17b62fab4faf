/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loadtest/lab_conf.h"
#include "loadtest/lab_dir.h"
#include "loadtest/lab_port.h"
#include "loadtest/lab_state.h"
#include "loadtest/proc.h"
#include "loadtest/provision.h"

static void
written_and_read_again(void **state)
{
	char dir[] = "/tmp/test_lab_XXXXXX";
	struct lab lab = {.ready = true}, again;
	struct lab_options options = {
		.nodes = 3, .mqsds = 2, .replicas = 2, .sentinels = 3, .netns = true};
	struct err err = {""};

	(void)state;
	assert_non_null(mkdtemp(dir));
	strcpy(lab.dir, dir);
	lab.pid = getpid();
	lab.pid_start = proc_start_time(lab.pid);
	lab_conf_addresses(&lab, &options, 20000);
	lab.mqsds[1].server.pid = 77;
	lab.mqsds[1].server.restarts = 2;
	strcpy(lab.nodes[2].server.version, "22.10.1");
	assert_int_equal(lab_state_write(&lab, &err), 0);
	assert_int_equal(lab_load(dir, &again, &err), 0);
	assert_memory_equal(&lab, &again, sizeof(lab));
	assert_true(lab_alive(&again));
	assert_int_equal(lab_vanished_ms(&again), 60000);
	again.keepalive_s = 300;
	assert_int_equal(lab_vanished_ms(&again), 330000);
	/* The same pid in another life. */
	again.pid_start++;
	assert_false(lab_alive(&again));
	lab_dir_remove(dir);
	assert_int_equal(lab_load(dir, &again, &err), -1);
}

static void
broken_files(void **state)
{
	static const char *const texts[] = {"", "{", "[]", "{\"pid\": 1}", "{\"pid\": 100}"};
	char dir[] = "/tmp/test_lab_XXXXXX", path[64];
	struct err err;
	struct lab lab;
	size_t i;
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/lab.json", dir);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		f = fopen(path, "w");
		assert_non_null(f);
		fputs(texts[i], f);
		fclose(f);
		assert_int_equal(lab_load(dir, &lab, &err), -1);
	}
	lab_dir_remove(dir);
}

static void
directories(void **state)
{
	char base[] = "/tmp/test_lab_XXXXXX", path[64], made[LAB_PATH_MAX], one[LAB_PATH_MAX];
	struct lab lab = {0};
	struct err err = {""};
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(base));
	setenv("TMPDIR", base, 1);
	assert_int_equal(lab_dir_make(NULL, one, &err), 0);
	assert_int_equal(stat(one, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	/* Somebody's files are not swept away. */
	snprintf(path, sizeof(path), "%s/other", base);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/other/file", base);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	*strrchr(path, '/') = '\0';
	assert_int_equal(lab_dir_make(path, made, &err), -1);
	/* A dead lab's directory goes, a fresh one without lab.json stays. */
	assert_int_equal(lab_dir_make(NULL, made, &err), 0);
	strcpy(lab.dir, made);
	lab.pid = getpid();
	lab.pid_start = 1;
	assert_int_equal(lab_state_write(&lab, &err), 0);
	lab_dirs_sweep();
	assert_int_equal(access(made, F_OK), -1);
	assert_int_equal(access(one, F_OK), 0);
	/* A live one stays. */
	strcpy(lab.dir, one);
	lab.pid_start = proc_start_time(lab.pid);
	assert_int_equal(lab_state_write(&lab, &err), 0);
	lab_dirs_sweep();
	assert_int_equal(access(one, F_OK), 0);
	assert_int_equal(lab_dir_find(NULL, made, &err), 0);
	assert_string_equal(made, one);
	assert_int_equal(lab_dir_make(one, made, &err), -1);
	/* Not ours alone: refused. */
	snprintf(path, sizeof(path), "%s/mqs-lab-%u", base, (unsigned)geteuid());
	assert_int_equal(chmod(path, 0755), 0);
	assert_int_equal(lab_base_dir(made, sizeof(made), &err), -1);
	unsetenv("TMPDIR");
	lab_dir_remove(base);
}

static void
ports(void **state)
{
	struct lab_options most = {.nodes = LAB_NODES_MAX,
				   .replicas = LAB_REPLICAS_MAX,
				   .sentinels = LAB_SENTINELS_MAX};
	struct lab_ports a, b;
	struct err err;

	(void)state;
	assert_int_equal(lab_ports_claim(&a, 10, &err), 0);
	assert_int_equal(lab_ports_claim(&b, LAB_PORT_BLOCK, &err), 0);
	assert_int_not_equal(a.first, b.first);
	assert_in_range(a.first, LAB_PORT_LOW, LAB_PORT_HIGH - LAB_PORT_BLOCK);
	assert_true(lab_conf_port_count(&most) <= LAB_PORT_BLOCK);
	lab_ports_release(&a);
	lab_ports_release(&b);
}

static void
versions(void **state)
{
	static const struct {
		const char *text;
		int ok;
	} rows[] = {{"22.10.1", 1}, {"22.10.0", 0}, {"22.9.0", 0}, {"22.11.0", 1},
		    {"23.0", 1},    {"20.19.0", 0}, {"", 0},	   {"x", 0}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(provision_version_ok(rows[i].text), rows[i].ok);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(written_and_read_again),
		cmocka_unit_test(broken_files),
		cmocka_unit_test(directories),
		cmocka_unit_test(ports),
		cmocka_unit_test(versions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
