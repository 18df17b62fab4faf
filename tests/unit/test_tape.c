/* SPDX-License-Identifier: BSD-2-Clause */
/* What the recorder of mqsd's events writes when streams break off, repeat and fork. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "loadtest/tape.h"

#define BASE 1795435200000LL

/* A stream: "ms name" each, ms after BASE; sent from `since` on until it is stopped. Returns what
 * was new, names and a blank each. */
static bool
play(struct tape *tape, const char *const *stream, char *out, size_t size)
{
	char id[40], name[32];
	long long ms;
	size_t i;

	for (i = 0; stream[i] != NULL; i++) {
		assert_int_equal(sscanf(stream[i], "%lld %31s", &ms, name), 2);
		if (BASE + ms < tape_since(tape))
			continue;
		snprintf(id, sizeof(id), "%lld-0", BASE + ms);
		switch (tape_take(tape, id, name, stream[i])) {
		case TAPE_NEW:
			snprintf(out + strlen(out), size - strlen(out), "%s ", name);
			break;
		case TAPE_ASK:
			return false;
		case TAPE_HEARD:
			break;
		}
	}
	return true;
}

/* Until it has all that the stream has. */
static void
follow(struct tape *tape, const char *const *stream, char *out, size_t size)
{
	int tries;

	for (tries = 0; tries < 4; tries++)
		if (play(tape, stream, out, size))
			return;
	fail_msg("asks again and again");
}

static void
each_once_over_breaks(void **state)
{
	static const char *const first[] = {"1 a", "2 b", NULL};
	static const char *const all[] = {"1 a", "2 b", "3 instance_started", "4 c", NULL};
	struct tape tape;
	char out[256] = "";

	(void)state;
	tape_init(&tape);
	follow(&tape, first, out, sizeof(out));
	follow(&tape, first, out, sizeof(out));
	follow(&tape, all, out, sizeof(out));
	follow(&tape, all, out, sizeof(out));
	assert_string_equal(out, "a b instance_started c ");
	tape_free(&tape);
}

/* The old master told old1 and old2 while the new one had begun already. The stream's reader is
 * taken over to the new one behind what it has, and hears of an instance that starts. */
static void
what_a_new_master_began_with(void **state)
{
	static const char *const old[] = {"100 a", "110 old1", "150 old2", NULL};
	static const char *const attached[] = {"160 instance_started", "170 d", NULL};
	static const char *const new[] = {"100 a", "120 recovery_started", "121 instance_started",
					  "130 b", "160 instance_started", "170 d",
					  NULL};
	struct tape tape;
	char out[256] = "";

	(void)state;
	tape_init(&tape);
	follow(&tape, old, out, sizeof(out));
	assert_false(play(&tape, attached, out, sizeof(out)));
	follow(&tape, new, out, sizeof(out));
	assert_string_equal(out, "a old1 old2 recovery_started instance_started b "
				 "instance_started d ");
	tape_free(&tape);
}

static void
same_id_another_event(void **state)
{
	struct tape tape;

	(void)state;
	tape_init(&tape);
	assert_int_equal(tape_take(&tape, "5-0", "a", "{1}"), TAPE_NEW);
	assert_int_equal(tape_take(&tape, "5-0", "a", "{1}"), TAPE_HEARD);
	assert_int_equal(tape_take(&tape, "5-0", "a", "{2}"), TAPE_NEW);
	tape_free(&tape);
}

static void
forgets_what_cannot_come_again(void **state)
{
	struct tape tape;
	char id[40];
	int i;

	(void)state;
	tape_init(&tape);
	for (i = 0; i < 200; i++) {
		snprintf(id, sizeof(id), "%lld-0", BASE + 1000LL * i);
		assert_int_equal(tape_take(&tape, id, "a", id), TAPE_NEW);
	}
	assert_int_equal(tape_since(&tape), BASE + 199000 - TAPE_BACK_MS);
	snprintf(id, sizeof(id), "%lld-0", BASE + 140000);
	assert_int_equal(tape_take(&tape, id, "a", id), TAPE_HEARD);
	snprintf(id, sizeof(id), "%lld-0", BASE + 100000);
	assert_int_equal(tape_take(&tape, id, "a", id), TAPE_NEW); /* nobody asks for it */
	tape_free(&tape);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_once_over_breaks),
		cmocka_unit_test(what_a_new_master_began_with),
		cmocka_unit_test(same_id_another_event),
		cmocka_unit_test(forgets_what_cannot_come_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
