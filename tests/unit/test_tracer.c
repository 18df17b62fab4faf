/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "loadtest/tracer.h"
#include "loadtest/tracer_plan.h"

static void
call_ids(void **state)
{
	static const struct {
		const char *text, *id;
	} rows[] = {
		{"BYE sip:a SIP/2.0\r\nCall-ID: 1-7@h\r\n\r\n", "1-7@h"},
		{"BYE sip:a SIP/2.0\r\ncall-id:1-7@h\r\n", "1-7@h"},
		{"BYE sip:a SIP/2.0\r\nVia: x\r\ni:  1-7@h", "1-7@h"},
		{"BYE sip:a SIP/2.0\r\nX-Call-ID: 1-7@h\r\n", NULL},
		{"BYE sip:a SIP/2.0\r\nCall-ID:\r\n", NULL},
		{"", NULL},
		{"\nCall-ID:", NULL},
	};
	char out[TRACER_ID_MAX];
	const char *id;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		id = tracer_call_id(rows[i].text, strlen(rows[i].text), out);
		if (rows[i].id == NULL)
			assert_null(id);
		else
			assert_string_equal(id, rows[i].id);
	}
}

struct found {
	int port;
	int messages, others;
};

static void
take(void *arg, const struct tracer_message *m)
{
	struct found *f = arg;
	char to[24];

	snprintf(to, sizeof(to), "127.0.0.1:%d", f->port);
	if (strcmp(m->to, to) != 0)
		return;
	if (m->len == 12 && memcmp(m->text, "OPTIONS sip:", 12) == 0)
		f->messages++;
	else
		f->others++;
}

/* What is sent to a port of ours is seen once, though loopback shows it twice; no RTP is. */
static void
loopback(void **state)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	struct timespec pause = {.tv_nsec = 50000000};
	socklen_t len = sizeof(sin);
	struct found found = {0};
	struct tracer tracer;
	struct err err;
	int fd, i;

	(void)state;
	if (tracer_open(&tracer, 8, &err) != 0) {
		print_message("%s\n", err.text);
		skip();
	}
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	found.port = ntohs(sin.sin_port);
	assert_int_equal(sendto(fd, "\x80\x00 rtp", 6, 0, (struct sockaddr *)&sin, len), 6);
	assert_int_equal(sendto(fd, "OPTIONS sip:", 12, 0, (struct sockaddr *)&sin, len), 12);
	/* The kernel hands a block over when it is a second old. */
	for (i = 0; i < 200 && found.messages == 0; i++) {
		nanosleep(&pause, NULL);
		tracer_step(&tracer);
		found.others = 0;
		tracer_each(&tracer, take, &found);
	}
	assert_int_equal(found.messages, 1);
	assert_int_equal(found.others, 0);
	close(fd);
	tracer_close(&tracer);
}

/* How long the ring of the shipped profiles is, by what was measured of calls. */
static void
lengths(void **state)
{
	struct profile p;

	(void)state;
	/* Without much traffic a block is closed each second. */
	assert_float_equal(tracer_holds_s(128, 10), 111, 0.1);
	assert_float_equal(tracer_holds_s(128, 2 << 20), 55.5, 0.1);
	assert_float_equal(tracer_holds_s(1, 10), 0, 0);
	assert_float_equal(tracer_holds_s(0, 10), 0, 0);
	profile_init(&p, "talk");
	p.callers = 3600;
	p.calls = 240000;
	p.call_rate = 90;
	p.agents = 2000;
	p.talk_s = 300;
	p.answer_delay_ms = 2000;
	p.speed = 8;
	assert_float_equal(tracer_plan_rate(&p), 1.23e6, 5e4);
	assert_true(tracer_plan_seconds(&p) > TRACER_PLAN_NEED_S);
	assert_true(tracer_plan_mb(&p) < 128);
	p.callers = 10000;
	p.agents = 5500;
	p.speed = 5;
	assert_true(tracer_plan_seconds(&p) < TRACER_PLAN_NEED_S);
	p.trace_mb = tracer_plan_mb(&p);
	assert_true(p.trace_mb > 128);
	assert_true(tracer_plan_seconds(&p) >= TRACER_PLAN_NEED_S);
	p.trace_mb = 0;
	assert_float_equal(tracer_plan_seconds(&p), 0, 0);
	profile_free(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(call_ids),
		cmocka_unit_test(loopback),
		cmocka_unit_test(lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
