/* SPDX-License-Identifier: BSD-2-Clause */
/* A file that is replaced whole, and the one before it kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "mqsd/disk.h"

#define MAX	1000
#define WAIT_MS 10000

static char dir[64], path[96], old[96], fresh[96];

static int
set_up(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/mqs-disk.XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/pool.export", dir);
	snprintf(old, sizeof(old), "%s/pool.export.1", dir);
	snprintf(fresh, sizeof(fresh), "%s/pool.export.tmp", dir);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	unlink(path);
	unlink(old);
	rmdir(fresh);
	unlink(fresh);
	return rmdir(dir);
}

static void
expect(const char *name, const char *text)
{
	struct err err = {""};
	size_t len;
	char *is = disk_read(name, MAX, &len, &err);

	if (is == NULL)
		fail_msg("%s", err.text);
	assert_string_equal(is, text);
	assert_int_equal(len, strlen(text));
	free(is);
}

static void
wait_idle(struct disk *disk)
{
	int64_t give_up = clock_mono_ms() + WAIT_MS;
	struct timespec pause = {0, 5 * 1000 * 1000};

	while (!disk_idle(disk)) {
		assert_true(clock_mono_ms() < give_up);
		nanosleep(&pause, NULL);
	}
}

static void
keeps_the_one_before(void **state)
{
	struct err err;
	size_t len;

	(void)state;
	assert_null(disk_read(path, MAX, &len, &err));
	assert_int_equal(disk_replace(path, "one", 3, &err), 0);
	expect(path, "one");
	assert_int_not_equal(access(old, F_OK), 0);
	assert_int_equal(disk_replace(path, "two!", 4, &err), 0);
	expect(path, "two!");
	expect(old, "one");
	assert_int_equal(disk_replace(path, "three", 5, &err), 0);
	expect(old, "two!");
	assert_int_not_equal(access(fresh, F_OK), 0);
}

static void
the_thread_writes_the_newest(void **state)
{
	struct disk *disk = disk_new(path);
	struct err err;
	char text[16];
	int i;

	(void)state;
	for (i = 0; i < 200; i++) {
		snprintf(text, sizeof(text), "text %d", i);
		disk_write(disk, mem_dup(text), strlen(text));
	}
	wait_idle(disk);
	assert_int_equal(disk_result(disk, &err), 0);
	expect(path, "text 199");
	/* What was handed over last is there after the end, too. */
	disk_write(disk, mem_dup("last"), 4);
	disk_free(disk);
	expect(path, "last");
}

/* A name that can't be written to: said, nothing is lost, and later it works again. */
static void
failure_is_told(void **state)
{
	struct disk *disk = disk_new(path);
	struct err err = {""};

	(void)state;
	disk_write(disk, mem_dup("good"), 4);
	wait_idle(disk);
	assert_int_equal(mkdir(fresh, 0700), 0);
	disk_write(disk, mem_dup("lost"), 4);
	wait_idle(disk);
	assert_int_equal(disk_result(disk, &err), -1);
	assert_non_null(strstr(err.text, fresh));
	expect(path, "good");
	rmdir(fresh);
	disk_write(disk, mem_dup("well"), 4);
	wait_idle(disk);
	assert_int_equal(disk_result(disk, &err), 0);
	expect(path, "well");
	expect(old, "good");
	disk_free(disk);
}

static void
reads_no_more_than_allowed(void **state)
{
	struct err err = {""};
	size_t len;

	(void)state;
	assert_int_equal(disk_replace(path, "12345", 5, &err), 0);
	assert_null(disk_read(path, 4, &len, &err));
	assert_non_null(strstr(err.text, path));
	assert_null(disk_read(dir, MAX, &len, &err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(keeps_the_one_before, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_thread_writes_the_newest, set_up, tear_down),
		cmocka_unit_test_setup_teardown(failure_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(reads_no_more_than_allowed, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
