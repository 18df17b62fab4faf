/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "loadtest/sampler.h"

static void
stat_lines(void **state)
{
	struct usage u;

	(void)state;
	assert_true(
		usage_parse("17 (a) (b 3) S 1 17 17 0 -1 4194560 100 0 0 0 250 50 7 3 20 0 1056 0 "
			    "12345 999999 51200 18446744073709551615 0",
			    100, 4096, &u));
	assert_int_equal(u.cpu_us, 3000000);
	assert_int_equal(u.children_us, 100000);
	assert_int_equal(u.threads, 1056);
	assert_int_equal(u.rss, 51200 * 4096);
	assert_false(usage_parse("", 100, 4096, &u));
	assert_false(usage_parse("17 (sipp) S 1 17", 100, 4096, &u));
}

static void
there_and_back(void **state)
{
	struct sample s = {.t = 12.5,
			   .counts = {.up = 3600,
				      .waiting = 1600,
				      .talking = 2000,
				      .arrived = 5000,
				      .answered = 3400,
				      .over = 1400,
				      .completed = 1399,
				      .dropped = 1},
			   .offer = {53, 4.25, 31.5, 44.125},
			   .procs = {{"mqsd-1", 0.25, 100.5, 41000000}, {"a1", 1.5, 7, 204e6}},
			   .proc_count = 2},
		      back;
	char *text = sample_text(&s);

	(void)state;
	assert_true(sample_parse(text, &back));
	assert_float_equal(back.t, 12.5, 1e-9);
	assert_memory_equal(&back.counts, &s.counts, sizeof(s.counts));
	assert_int_equal(back.offer.count, 53);
	assert_float_equal(back.offer.p99, 31.5, 1e-9);
	assert_float_equal(back.offer.max, 44.125, 1e-9);
	assert_int_equal(back.connect.count, 0);
	assert_int_equal(back.proc_count, 2);
	assert_float_equal(sample_proc(&back, "a1")->rss, 204e6, 1);
	assert_float_equal(sample_proc(&back, "mqsd-1")->cpu_s, 100.5, 1e-9);
	assert_null(sample_proc(&back, "a2"));
	assert_null(strchr(text, '\n'));
	assert_false(sample_parse("{\"calls\": 1}", &back));
	assert_false(sample_parse("{\"t\": 1", &back));
	free(text);
}

/* Uses up so much CPU of ours, as the kernel's clock of it has it. */
static void
work(double seconds)
{
	clock_t until = clock() + (clock_t)(seconds * CLOCKS_PER_SEC);

	while (clock() < until)
		;
}

static void
our_own(void **state)
{
	char path[] = "/tmp/mqs-sampler-XXXXXX";
	struct sampler s;
	struct traffic t;
	struct err err;
	double before;

	(void)state;
	close(mkstemp(path));
	traffic_open(&t, &(struct rests){0});
	assert_int_equal(sampler_open(&s, path, 1, &err), 0);
	sampler_begin(&s, &t);
	sampler_self(&s, "we");
	sampler_proc(&s, "nobody", 0);
	assert_int_equal(sampler_end(&s, &err), 0);
	assert_int_equal(s.sample.proc_count, 1);
	/* What was used up before the run is not the run's. */
	before = s.sample.procs[0].cpu_s;
	assert_float_equal(before, 0, 1e-9);
	work(0.1);
	sampler_begin(&s, &t);
	sampler_proc(&s, "we", getpid());
	assert_int_equal(sampler_end(&s, &err), 0);
	assert_true(s.sample.procs[0].cpu_s >= 0.08);
	assert_true(s.sample.procs[0].cpu > 0);
	assert_true(s.sample.procs[0].rss > 100000);
	sampler_close(&s);
	traffic_close(&t);
	assert_int_equal(sampler_open(&s, "/nonexistent/samples", 1, &err), -1);
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stat_lines),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(our_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
