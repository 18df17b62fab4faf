/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <event2/buffer.h>
#include <event2/http.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "mqsd/ari_http.h"
#include "mqsd/conf.h"
#include "mqsd/kamailio.h"
#include "mqsd/loop.h"

/* As Kamailio 5.6.3 answers dispatcher.list, shortened by what nobody reads. */
#define DEST(flags, duid)                                                                          \
	"{\"DEST\":{\"URI\":\"sip:127.0.0.1:5080\",\"FLAGS\":\"" flags "\",\"PRIORITY\":0,"        \
	"\"ATTRS\":{\"BODY\":\"duid=" duid "\",\"DUID\":\"" duid "\",\"MAXLOAD\":0,"               \
	"\"SOCKET\":null},\"RUNTIME\":{\"DLGLOAD\":0}}}"
#define LIST(targets)                                                                              \
	"{\"jsonrpc\":\"2.0\",\"result\":{\"NRSETS\":1,\"RECORDS\":[{\"SET\":{\"ID\":1,"           \
	"\"TARGETS\":[" targets "]}}]},\"id\":1}"

static void
words(void **state)
{
	static const struct {
		const char *reply;
		enum kamailio_word want;
	} rows[] = {
		{LIST(DEST("AP", "a1")), KAMAILIO_UP},
		{LIST(DEST("AX", "a1")), KAMAILIO_UP},
		{LIST(DEST("IP", "a1")), KAMAILIO_DOWN},
		{LIST(DEST("TP", "a1")), KAMAILIO_SILENT},
		{LIST(DEST("DP", "a1")), KAMAILIO_SILENT},
		{LIST(DEST("AP", "a2") "," DEST("IP", "a1")), KAMAILIO_DOWN},
		{LIST(DEST("IP", "a1") "," DEST("AP", "a1")), KAMAILIO_UP},
		{LIST(DEST("AP", "a1") "," DEST("IP", "a1")), KAMAILIO_UP},
		{LIST(DEST("IP", "a1") "," DEST("DP", "a1")), KAMAILIO_DOWN},
		{LIST(DEST("IP", "a10")), KAMAILIO_SILENT},
		{LIST(""), KAMAILIO_SILENT},
		{"{\"jsonrpc\":\"2.0\",\"error\":{\"code\":500,\"message\":\"Empty list\"},"
		 "\"id\":1}",
		 KAMAILIO_SILENT},
		{"{\"result\":{\"RECORDS\":{\"SET\":1}}}", KAMAILIO_SILENT},
		{"{\"result\":{\"RECORDS\":[1,{\"SET\":{\"TARGETS\":[1,{\"DEST\":[]}]}}]}}",
		 KAMAILIO_SILENT},
		{"{\"result\":{\"RECORDS\":[{\"SET\":{\"TARGETS\":[{\"DEST\":{\"FLAGS\":1,"
		 "\"ATTRS\":{\"DUID\":\"a1\"}}}]}}]}}",
		 KAMAILIO_SILENT},
		{"[]", KAMAILIO_SILENT},
	};
	size_t i;

	(void)state;
	assert_int_equal(kamailio_word_in(NULL, "a1"), KAMAILIO_SILENT);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *reply = json_loads(rows[i].reply, 0, NULL);

		assert_non_null(reply);
		assert_int_equal(kamailio_word_in(reply, "a1"), rows[i].want);
		json_decref(reply);
	}
}

/* A Kamailio of a few prepared answers; "" = 500. The last one is given for ever. */
struct fake {
	struct loop *loop;
	struct evhttp *server;
	struct ari_http *http;
	struct kamailio *k;
	struct conf conf;
	char url[64];
	const char *answers[4];
	size_t asked;
	char paths[512];
	enum kamailio_word word;
	int words;
};

static void
on_request(struct evhttp_request *request, void *arg)
{
	struct fake *fake = arg;
	size_t at = fake->asked++, len = strlen(fake->paths);
	struct evbuffer *out = evbuffer_new();

	while (at > 0 && fake->answers[at < 4 ? at : 3] == NULL)
		at--;
	snprintf(fake->paths + len, sizeof(fake->paths) - len, "%s ",
		 evhttp_request_get_uri(request));
	evbuffer_add_printf(out, "%s", fake->answers[at]);
	evhttp_send_reply(request, *fake->answers[at] != '\0' ? 200 : 500, "so", out);
	evbuffer_free(out);
}

static void
fake_up(struct fake *fake, const char *a, const char *b, const char *c)
{
	struct evhttp_bound_socket *socket;
	struct sockaddr_in in;
	socklen_t size = sizeof(in);

	*fake = (struct fake){.answers = {a, b, c}};
	log_setup(LOG_LEVEL_ERROR, false);
	fake->loop = loop_new();
	fake->server = evhttp_new(loop_base(fake->loop));
	evhttp_set_gencb(fake->server, on_request, fake);
	socket = evhttp_bind_socket_with_handle(fake->server, "127.0.0.1", 0);
	assert_non_null(socket);
	getsockname(evhttp_bound_socket_get_fd(socket), (struct sockaddr *)&in, &size);
	snprintf(fake->url, sizeof(fake->url), "http://127.0.0.1:%d/RPC", ntohs(in.sin_port));
	fake->conf.kamailio_rpc = fake->url;
	fake->conf.kamailio_timeout_ms = 5000;
	fake->http = ari_http_new(fake->loop, "test", 2, 1);
	fake->k = kamailio_new(fake->loop, &fake->conf, fake->http);
}

static void
fake_down(struct fake *fake)
{
	ari_http_free(fake->http);
	kamailio_free(fake->k);
	evhttp_free(fake->server);
	loop_free(fake->loop);
}

static void
on_word(void *arg, enum kamailio_word word)
{
	struct fake *fake = arg;

	fake->word = word;
	fake->words++;
	loop_stop(fake->loop);
}

static void
asked(const char *a, const char *b, enum kamailio_word want, size_t times)
{
	struct fake fake;

	fake_up(&fake, a, b, NULL);
	kamailio_ask(fake.k, "a1", on_word, &fake);
	assert_int_equal(fake.words, 0);
	loop_run(fake.loop);
	assert_int_equal(fake.words, 1);
	assert_int_equal(fake.word, want);
	assert_int_equal(fake.asked, times);
	fake_down(&fake);
}

static void
one_answer_is_enough(void **state)
{
	(void)state;
	asked(LIST(DEST("AP", "a1")), NULL, KAMAILIO_UP, 1);
	asked(LIST(DEST("AP", "a2")), NULL, KAMAILIO_SILENT, 1);
	asked("", NULL, KAMAILIO_SILENT, 1);
}

/* Kamailio has just started: all nodes are down until they have answered a probe. */
static void
down_for_a_moment_is_not_down(void **state)
{
	(void)state;
	asked(LIST(DEST("IP", "a1")), LIST(DEST("AP", "a1")), KAMAILIO_UP, 2);
}

static void
down_is_said_for_some_time(void **state)
{
	(void)state;
	asked(LIST(DEST("IP", "a1")), NULL, KAMAILIO_DOWN, 1 + KAMAILIO_DOWN_MS / 1000);
}

static void
nobody_is_there(void **state)
{
	struct fake fake;

	(void)state;
	fake_up(&fake, "", NULL, NULL);
	evhttp_free(fake.server);
	fake.server = evhttp_new(loop_base(fake.loop));
	kamailio_ask(fake.k, "a1", on_word, &fake);
	loop_run(fake.loop);
	assert_int_equal(fake.word, KAMAILIO_SILENT);
	fake_down(&fake);
}

static void
not_configured(void **state)
{
	struct fake fake;

	(void)state;
	fake_up(&fake, "", NULL, NULL);
	kamailio_free(fake.k);
	fake.conf.kamailio_rpc = "";
	fake.k = kamailio_new(fake.loop, &fake.conf, fake.http);
	kamailio_ask(fake.k, "a1", on_word, &fake);
	kamailio_end_calls(fake.k, "a1", 0, "test");
	loop_run(fake.loop);
	assert_int_equal(fake.word, KAMAILIO_SILENT);
	assert_int_equal(fake.asked, 0);
	fake_down(&fake);
}

static void
stop(void *arg)
{
	struct fake *fake = arg;

	loop_stop(fake->loop);
}

/* Sent again until it is confirmed, then no more; its age grows. */
static void
ends_until_confirmed(void **state)
{
	struct loop_timer *timer;
	struct fake fake;
	long long age[2];

	(void)state;
	fake_up(&fake, "", "{\"ended\":2,\"cancelled\":1}", NULL);
	timer = loop_timer_new(fake.loop, stop, &fake);
	kamailio_end_calls(fake.k, "a1", 500, "test");
	kamailio_end_calls(fake.k, "a1", 60000, "test");
	loop_timer_arm(timer, 2400);
	loop_run(fake.loop);
	assert_int_equal(fake.asked, 2);
	assert_int_equal(sscanf(fake.paths,
				"/mqs/end-node?duid=a1&age=%lld /mqs/end-node?duid=a1&age=%lld ",
				&age[0], &age[1]),
			 2);
	assert_in_range(age[0], 500, 59999);
	assert_true(age[1] - age[0] >= 990);
	loop_timer_free(timer);
	fake_down(&fake);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(one_answer_is_enough),
		cmocka_unit_test(down_for_a_moment_is_not_down),
		cmocka_unit_test(down_is_said_for_some_time),
		cmocka_unit_test(nobody_is_there),
		cmocka_unit_test(not_configured),
		cmocka_unit_test(ends_until_confirmed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
