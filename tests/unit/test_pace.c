/* SPDX-License-Identifier: BSD-2-Clause */
/* How fast legs are made: against a clock that goes on only where the test says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mqsd/pace.h"

#define MANY 400

static struct pace_turn turns[MANY];

/* So many ask at once at `now`: how many of them may go at once? The others wait, turns[from...].
 */
static int
ask(struct pace *pace, int n, int64_t now)
{
	static int used;
	int i, gone = 0;

	if (n == 0) {
		used = 0;
		memset(turns, 0, sizeof(turns));
		return 0;
	}
	for (i = 0; i < n; i++)
		gone += pace_ask(pace, &turns[used++], now) == PACE_GO;
	return gone;
}

static int
let_go(struct pace_host *host, int64_t now)
{
	int n = 0;

	while (pace_next(host, now) != NULL)
		n++;
	return n;
}

static void
empty(struct pace_host *host)
{
	let_go(host, 1000 * 1000 * 1000);
	pace_host_free(host);
}

static void
a_second_is_saved_up(void **state)
{
	struct pace_host *host = pace_host_new();
	struct pace *pace = pace_new(host, 1000);

	(void)state;
	ask(NULL, 0, 0);
	pace_host_set(host, 1000, 5000);
	pace_set(pace, 20, 5000);
	assert_int_equal(ask(pace, 50, 5000), 20);
	assert_int_equal(pace_waiting(pace), 30);
	assert_int_equal(pace_due_ms(host, 5000), 50);
	assert_null(pace_next(host, 5049));
	assert_ptr_equal(pace_next(host, 5050), &turns[20]); /* first come first served */
	assert_null(pace_next(host, 5050));
	assert_int_equal(let_go(host, 5550), 10);
	/* Nobody overtakes those who wait. */
	assert_int_equal(ask(pace, 1, 5551), 0);
	assert_int_equal(let_go(host, 5600), 1);
	assert_int_equal(let_go(host, 7000), 19);
	assert_int_equal(pace_waiting(pace), 0);
	assert_int_equal(pace_due_ms(host, 7000), -1);
	/* No more than a second of it, however long nobody came. */
	assert_int_equal(ask(pace, 50, 1000 * 1000), 20);
	empty(host);
}

/* Over a long time it is the rate, whenever the timer came round. */
static void
the_rate_is_kept(void **state)
{
	struct pace_host *host = pace_host_new();
	struct pace *pace = pace_new(host, 1000);
	int64_t now, asked = 0, gone = 0;

	(void)state;
	ask(NULL, 0, 0);
	pace_host_set(host, 7, 0);
	pace_set(pace, 0, 0); /* no limit of its own */
	gone += ask(pace, 300, 0);
	for (now = 0; now < 30000;) {
		int64_t ms = pace_due_ms(host, now);

		assert_true(ms > 0 && ms <= 143);
		now += ms;
		gone += let_go(host, now);
		asked++;
	}
	assert_in_range(gone, 7 + 7 * 30 - 1, 7 + 7 * 30 + 1);
	assert_in_range(asked, 7 * 30 - 1, 7 * 30 + 1); /* and the timer came round once for each */
	empty(host);
}

/* The host's pace is for all its nodes: they take turns, and a slow one keeps nobody. */
static void
nodes_take_turns(void **state)
{
	struct pace_host *host = pace_host_new();
	struct pace *a = pace_new(host, 1000), *b = pace_new(host, 1000),
		    *slow = pace_new(host, 10);
	int i;

	(void)state;
	ask(NULL, 0, 0);
	pace_host_set(host, 10, 0);
	pace_set(a, 100, 0);
	pace_set(b, 100, 0);
	pace_set(slow, 1, 0);
	assert_int_equal(ask(slow, 4, 0), 1);
	/* That somebody waits for his own node keeps nobody of another. */
	assert_int_equal(ask(a, 20, 0), 9);
	assert_int_equal(ask(b, 20, 0), 0);
	assert_int_equal(pace_waiting(a), 11);
	assert_int_equal(pace_waiting(b), 20);
	for (i = 1; i <= 10; i++)
		assert_int_equal(let_go(host, i * 100), 1);
	assert_in_range(pace_waiting(a), 6, 7);
	assert_in_range(pace_waiting(b), 15, 16);
	assert_int_equal(pace_waiting(slow), 2);
	empty(host);
}

static void
who_leaves_is_not_waited_for(void **state)
{
	struct pace_host *host = pace_host_new();
	struct pace *pace = pace_new(host, 3);
	struct pace_turn none = {.pace = NULL};

	(void)state;
	ask(NULL, 0, 0);
	pace_host_set(host, 1, 0);
	pace_set(pace, 1, 0);
	pace_leave(&none);
	assert_int_equal(ask(pace, 4, 0), 1);
	/* The bound. */
	assert_int_equal(pace_ask(pace, &none, 0), PACE_FULL);
	assert_null(none.pace);
	pace_leave(&turns[1]);
	pace_leave(&turns[1]);
	assert_ptr_equal(pace_next(host, 1000), &turns[2]);
	pace_leave(&turns[3]);
	assert_int_equal(pace_due_ms(host, 1000), -1);
	assert_null(pace_next(host, 100000));
	/* Whoever left took nothing with it. */
	assert_int_equal(pace_ask(pace, &none, 2000), PACE_GO);
	empty(host);
}

static void
a_changed_rate_holds_at_once(void **state)
{
	struct pace_host *host = pace_host_new();
	struct pace *pace = pace_new(host, 1000);

	(void)state;
	ask(NULL, 0, 0);
	pace_host_set(host, 0, 0);
	pace_set(pace, 1, 0);
	assert_int_equal(ask(pace, 100, 0), 1);
	assert_int_equal(pace_due_ms(host, 0), 1000);
	pace_set(pace, 50, 0);
	assert_int_equal(pace_due_ms(host, 0), 20);
	assert_int_equal(let_go(host, 1000), 50);
	pace_set(pace, 0.5, 1000); /* not even one a second: one is saved up all the same */
	assert_int_equal(pace_due_ms(host, 1000), 2000);
	assert_int_equal(let_go(host, 100000), 1);
	pace_set(pace, 0, 100000);
	assert_int_equal(let_go(host, 100000), 48);
	empty(host);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_second_is_saved_up),
		cmocka_unit_test(the_rate_is_kept),
		cmocka_unit_test(nodes_take_turns),
		cmocka_unit_test(who_leaves_is_not_waited_for),
		cmocka_unit_test(a_changed_rate_holds_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
