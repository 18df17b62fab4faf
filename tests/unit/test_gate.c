/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/log.h"
#include "mqsd/gate.h"
#include "mqsd/loop.h"
#include "mqsd/peer.h"

#define MANY	   20
#define REQUEST_MS 300

struct test {
	struct loop *loop;
	struct gate *gate;
	int64_t connections, per_source;
	int near[MANY], far[MANY]; /* the two ends of each */
};

static void
open_gate(struct test *t, int64_t connections, int64_t per_source, int64_t per_second)
{
	struct gate_bounds bounds = {&t->connections, &t->per_source, per_second, REQUEST_MS};
	int pair[2], i;

	t->connections = connections;
	t->per_source = per_source;
	t->loop = loop_new();
	t->gate = gate_new(t->loop, "test", &bounds);
	for (i = 0; i < MANY; i++) {
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
		t->near[i] = pair[0];
		t->far[i] = pair[1];
	}
}

static void
close_gate(struct test *t)
{
	int i;

	for (i = 0; i < MANY; i++) {
		close(t->near[i]);
		close(t->far[i]);
	}
	gate_free(t->gate);
	loop_free(t->loop);
}

static bool
is_shut(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, 0) == 1;
}

static void
bounded(void **state)
{
	struct peer a = {.source = "10.0.0.1"}, b = {.source = "10.0.0.2"};
	struct peer root = {.local = true, .uid = 0, .source = "uid 0"};
	struct test t;

	(void)state;
	open_gate(&t, 4, 3, 0);
	assert_true(gate_admit(t.gate, t.near[0], &a));
	assert_true(gate_admit(t.gate, t.near[1], &a));
	assert_true(gate_admit(t.gate, t.near[2], &a));
	assert_false(gate_admit(t.gate, t.near[3], &a));
	assert_true(is_shut(t.far[3]));
	assert_false(is_shut(t.far[2]));
	assert_true(gate_admit(t.gate, t.near[4], &b));
	assert_false(gate_admit(t.gate, t.near[5], &b));
	/* Root gets in, and its connections count like others. */
	assert_true(gate_admit(t.gate, t.near[6], &root));
	/* Room is made by those that were closed, whoever has their descriptors now. */
	close(t.near[0]);
	close(t.near[1]);
	t.near[0] = dup(t.far[10]);
	t.near[1] = dup(t.far[11]);
	assert_true(gate_admit(t.gate, t.near[0], &b));
	assert_false(gate_admit(t.gate, t.near[7], &b));
	/* A reload that widens the bounds counts at once. */
	t.connections = 5;
	assert_true(gate_admit(t.gate, t.near[7], &b));
	close_gate(&t);
}

static void
paced(void **state)
{
	struct peer a = {.source = "10.0.0.1"}, b = {.source = "10.0.0.2"};
	struct test t;
	int i;

	(void)state;
	open_gate(&t, 100, 100, 4);
	for (i = 0; i < 8; i++)
		assert_true(gate_admit(t.gate, t.near[i], &a));
	assert_false(gate_admit(t.gate, t.near[8], &a));
	assert_true(is_shut(t.far[8]));
	assert_true(gate_admit(t.gate, t.near[9], &b));
	close_gate(&t);
}

struct wait {
	struct loop *loop;
	struct loop_timer *look;
	int fd;
	int left;
};

static void
on_look(void *arg)
{
	struct wait *w = arg;

	if (is_shut(w->fd) || --w->left == 0)
		loop_stop(w->loop);
	else
		loop_timer_arm(w->look, 50);
}

static bool
is_shut_in_time(struct test *t, int fd)
{
	struct wait w = {.loop = t->loop, .fd = fd, .left = 200};

	w.look = loop_timer_new(t->loop, on_look, &w);
	loop_timer_arm(w.look, 50);
	loop_run(t->loop);
	loop_timer_free(w.look);
	return is_shut(fd);
}

/* Of four connections one brings no request, one is being answered, one has been, one was closed.
 */
static void
timed(void **state)
{
	struct peer a = {.source = "10.0.0.1"};
	struct test t;

	(void)state;
	open_gate(&t, 10, 10, 0);
	assert_true(gate_admit(t.gate, t.near[0], &a));
	assert_true(gate_admit(t.gate, t.near[1], &a));
	assert_true(gate_admit(t.gate, t.near[2], &a));
	assert_true(gate_admit(t.gate, t.near[3], &a));
	gate_requested(t.gate, t.near[1]);
	gate_requested(t.gate, t.near[2]);
	close(t.near[3]);
	t.near[3] = dup(t.far[10]);
	assert_true(is_shut_in_time(&t, t.far[0]));
	assert_false(is_shut(t.far[1]));
	assert_false(is_shut(t.far[2]));
	gate_replied(t.gate, t.near[2]);
	assert_true(is_shut_in_time(&t, t.far[2]));
	assert_false(is_shut(t.far[1]));
	assert_false(is_shut(t.near[3]));
	close_gate(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bounded),
		cmocka_unit_test(paced),
		cmocka_unit_test(timed),
	};

	log_setup(LOG_LEVEL_ERROR, false);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
