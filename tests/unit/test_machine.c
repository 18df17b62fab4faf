/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loadtest/machine.h"

/* The talk's load, and a machine that is just large enough for it. */
static const struct machine_load talk = {
	.nodes = 8, .callers = 3600, .legs = 2000, .calls = 240000, .own_lab = true};

static const struct machine large = {
	.open_files = 20000,
	.pid_max = 32768,
	.threads_max = 192729,
	.user_max = -1,
	.group_max = -1,
	.group_now = 200,
	.running = 1200,
	.memory_mb = 24000,
	.disk_mb = 79000,
	.own_ports_from = 32768,
};

static void
fits(void **state)
{
	struct machine_load beyond = talk;
	struct machine unknown;

	(void)state;
	assert_null(machine_lacks(&large, &talk));
	beyond.callers = 10000;
	beyond.legs = 5500;
	assert_null(machine_lacks(&large, &beyond));
	memset(&unknown, 0xff, sizeof(unknown));
	assert_null(machine_lacks(&unknown, &talk));
}

/* A limit at a time is too low; its line names it, and the command that mends it. */
static void
lacks(void **state)
{
	static const struct {
		size_t limit;
		int64_t value;
		const char *text, *fix;
	} rows[] = {
		{offsetof(struct machine, open_files), 1024, "open files of one process: 1024, ",
		 ": ulimit -n 4096   (as root"},
		{offsetof(struct machine, pid_max), 10000, "process ids: 10000, and about 11680 ",
		 ": sysctl -w kernel.pid_max=12288\n"},
		{offsetof(struct machine, threads_max), 10000, "threads: 10000, ",
		 ": sysctl -w kernel.threads-max=12288\n"},
		{offsetof(struct machine, user_max), 4096, "of this user: 4096, ", ": ulimit -u "},
		{offsetof(struct machine, group_max), 4915, "control group: 4915, ", " TasksMax="},
		{offsetof(struct machine, memory_mb), 1500, "memory: 1500 MB, ", "--set callers="},
		{offsetof(struct machine, disk_mb), 900, "room for the run's directory: 900 MB, ",
		 "--dir DIR"},
		{offsetof(struct machine, own_ports_from), 15000,
		 "first port of the kernel's own: 15000, and about 32000 are needed: ",
		 "sysctl -w net.ipv4.ip_local_port_range='32768 60999'\n"},
	};
	struct machine m;
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		m = large;
		*(int64_t *)((char *)&m + rows[i].limit) = rows[i].value;
		text = machine_lacks(&m, &talk);
		assert_non_null(text);
		assert_non_null(strstr(text, rows[i].text));
		assert_non_null(strstr(text, rows[i].fix));
		assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
		free(text);
	}
}

static void
company(void **state)
{
	struct machine_load smoke = {.nodes = 2, .callers = 60, .legs = 20, .own_lab = true};
	struct machine_load wide = talk;
	struct machine m = large;
	char *text;

	(void)state;
	m.labs = 1;
	snprintf(m.lab, sizeof(m.lab), "/tmp/lab");
	assert_null(machine_lacks(&m, &smoke));
	text = machine_lacks(&m, &talk);
	assert_non_null(strstr(text, "loadtest lab down --lab /tmp/lab\n"));
	free(text);
	/* One node can't take what eight can. */
	wide.nodes = 1;
	wide.callers = 10000;
	wide.legs = 5500;
	m = large;
	m.open_files = -1;
	text = machine_lacks(&m, &wide);
	assert_non_null(
		strstr(text, "voice ports of a node: 22000, and 31000 are needed: --nodes 2"));
	free(text);
	/* A lab that is there has what its servers need. */
	wide.own_lab = false;
	assert_null(machine_lacks(&m, &wide));
}

/* "option=value", up to the first NULL. */
static struct machine_load
load_of(const char *name, const char *const *settings)
{
	struct machine_load load;
	struct profile p;
	struct err err;

	assert_int_equal(profile_read(&p, "scenarios", name, &err), 0);
	for (; *settings != NULL; settings++)
		assert_int_equal(profile_set(&p, *settings, &err), 0);
	load = machine_load_of(&p, true);
	profile_free(&p);
	return load;
}

static void
what_profiles_ask_for(void **state)
{
	static const struct {
		const char *name, *settings[4];
		int64_t callers, legs, calls;
	} rows[] = {
		{"talk-2014", {NULL}, 3600, 2000, 240000},
		/* A call rate of 8/s for 300 s; 45 s of patience, half as much more at most; bursts
		   of 20 s. */
		{"rush-hour", {NULL}, 150 + 540 + 160, 150, 2400},
		{"rush-hour", {"patience_s=0", NULL}, 2400, 150, 2400},
		{"rush-hour", {"duration_s=10", NULL}, 160, 150, 160},
		{"smoke", {"calls=5", NULL}, 5, 5, 5},
	};
	struct machine_load load;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		load = load_of(rows[i].name, rows[i].settings);
		assert_int_equal(load.callers, rows[i].callers);
		assert_int_equal(load.legs, rows[i].legs);
		assert_int_equal(load.calls, rows[i].calls);
	}
}

static void
this_one(void **state)
{
	struct machine m;

	(void)state;
	machine_look(&m, "/tmp");
	assert_true(m.open_files > 0 && m.pid_max > 0 && m.running > 0);
	assert_true(m.memory_mb > 0 && m.disk_mb > 0 && m.own_ports_from > 0);
	machine_look(&m, "/nonexistent");
	assert_int_equal(m.disk_mb, -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fits),	    cmocka_unit_test(lacks),
		cmocka_unit_test(company),  cmocka_unit_test(what_profiles_ask_for),
		cmocka_unit_test(this_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
