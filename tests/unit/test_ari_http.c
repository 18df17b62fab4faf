/* SPDX-License-Identifier: BSD-2-Clause */
/* A command that waited too long for a connection does not leave; one in time does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <event2/http.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/clock.h"
#include "mqsd/ari_http.h"
#include "mqsd/loop.h"

#define SLOW_MS 300 /* that the node keeps its only connection busy */

/* A node with one command at a time: /slow is answered late, all else at once. */
struct scene {
	struct loop *loop;
	struct evhttp *server;
	struct evhttp_request *slow;
	struct loop_timer *answer, *give_up;
	struct ari_http *http;
	struct ari_http_target target;
	struct ari_figures figures;
	char url[64];
	unsigned open, served;
	long status[3];
};

static void
on_answer(void *arg)
{
	struct scene *s = arg;

	evhttp_send_reply(s->slow, 200, "OK", NULL);
	s->slow = NULL;
}

static void
on_request(struct evhttp_request *request, void *arg)
{
	struct scene *s = arg;

	s->served++;
	if (strcmp(evhttp_request_get_uri(request), "/ari/slow") != 0) {
		evhttp_send_reply(request, 204, "No Content", NULL);
		return;
	}
	s->slow = request;
	loop_timer_arm(s->answer, SLOW_MS);
}

static void
on_give_up(void *arg)
{
	(void)arg;
	fail_msg("no answers");
}

static void
build(struct scene *s)
{
	struct evhttp_bound_socket *bound;
	struct sockaddr_in name;
	socklen_t len = sizeof(name);

	memset(s, 0, sizeof(*s));
	s->loop = loop_new();
	s->server = evhttp_new(loop_base(s->loop));
	evhttp_set_gencb(s->server, on_request, s);
	bound = evhttp_bind_socket_with_handle(s->server, "127.0.0.1", 0);
	assert_non_null(bound);
	assert_int_equal(
		getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&name, &len), 0);
	snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%d", ntohs(name.sin_port));
	s->target = (struct ari_http_target){s->url, "u", "p", &s->figures};
	s->answer = loop_timer_new(s->loop, on_answer, s);
	s->give_up = loop_timer_new(s->loop, on_give_up, s);
	loop_timer_arm(s->give_up, 20000);
	s->http = ari_http_new(s->loop, "i1", 1, 1);
}

static void
tear_down(struct scene *s)
{
	ari_http_free(s->http);
	evhttp_free(s->server);
	loop_timer_free(s->answer);
	loop_timer_free(s->give_up);
	loop_free(s->loop);
}

static void
took(struct scene *s, unsigned i, long status)
{
	s->status[i] = status;
	if (--s->open == 0)
		loop_stop(s->loop);
}

static void
on_first(void *arg, long status, json_t *body, const char *why)
{
	(void)body;
	(void)why;
	took(arg, 0, status);
}

static void
on_second(void *arg, long status, json_t *body, const char *why)
{
	(void)body;
	if (status == -1)
		assert_non_null(strstr(why, "too late"));
	took(arg, 1, status);
}

static void
on_third(void *arg, long status, json_t *body, const char *why)
{
	(void)body;
	(void)why;
	took(arg, 2, status);
}

/* The connection is busy: behind it wait a command that expires meanwhile and one that does not. */
static void
late_in_the_queue(void **state)
{
	struct scene s;

	(void)state;
	build(&s);
	s.open = 3;
	ari_http_send(s.http, &s.target, "slow", "GET", "/ari/slow", NULL, 10000, 0, on_first, &s);
	ari_http_send(s.http, &s.target, "late", "POST", "/ari/late", NULL, 10000,
		      clock_mono_ms() + SLOW_MS / 6, on_second, &s);
	ari_http_send(s.http, &s.target, "good", "POST", "/ari/good", NULL, 10000,
		      clock_mono_ms() + 15000, on_third, &s);
	loop_run(s.loop);
	assert_int_equal(s.status[0], 200);
	assert_int_equal(s.status[1], ARI_HTTP_OURS);
	assert_int_equal(s.status[2], 204);
	assert_int_equal(s.served, 2);
	assert_int_equal(s.figures.failures, 1);
	assert_int_equal(s.figures.failing_since, 0);
	assert_true(s.figures.delays.sum_us >= SLOW_MS * 1000);
	tear_down(&s);
}

/* The process was held still between the decision and the sending. */
static void
late_from_the_start(void **state)
{
	struct scene s;

	(void)state;
	build(&s);
	s.open = 1;
	ari_http_send(s.http, &s.target, "late", "POST", "/ari/late", NULL, 10000,
		      clock_mono_ms() - 1, on_second, &s);
	loop_run(s.loop);
	assert_int_equal(s.status[1], ARI_HTTP_OURS);
	assert_int_equal(s.served, 0);
	assert_int_equal(s.figures.failures, 1);
	assert_true(s.figures.failing_since > 0);
	tear_down(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(late_in_the_queue),
		cmocka_unit_test(late_from_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
