/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <event2/buffer.h>
#include <event2/http.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "mqsd/ari_http.h"
#include "mqsd/conf.h"
#include "mqsd/dispatcher.h"
#include "mqsd/kamailio.h"
#include "mqsd/loop.h"
#include "mqsd/pool.h"
#include "mqsd/redis_server.h"

/* A Kamailio with two nodes in set 1; a2 in set 2, too. No Redis: the pool stays closed. */
struct fake {
	struct loop *loop;
	struct evhttp *server;
	struct redis_server *redis;
	struct pool *pool;
	struct ari_http *http;
	struct kamailio *k;
	struct dispatcher *d;
	struct conf conf;
	struct loop_timer *timer;
	char url[64];
	char states[3][4]; /* FLAGS of a1, a2 in set 1, a2 in set 2 */
	bool broken;	   /* answers 500 */
	int sets;	   /* commands that changed a state */
	enum dispatcher_word word;
	int words;
};

static const struct {
	int set;
	const char *duid;
} dests[] = {{1, "a1"}, {1, "a2"}, {2, "a2"}};

static json_t *
list(const struct fake *fake)
{
	json_t *sets[2] = {json_array(), json_array()};
	size_t i;

	for (i = 0; i < 3; i++)
		json_array_append_new(sets[dests[i].set - 1],
				      json_pack("{s:{s:s, s:s, s:{s:s}}}", "DEST", "URI", "sip:x",
						"FLAGS", fake->states[i], "ATTRS", "DUID",
						dests[i].duid));
	return json_pack("{s:i, s:[{s:{s:i, s:o}}, {s:{s:i, s:o}}]}", "NRSETS", 2, "RECORDS", "SET",
			 "ID", 1, "TARGETS", sets[0], "SET", "ID", 2, "TARGETS", sets[1]);
}

static json_t *
set_state(struct fake *fake, const json_t *params)
{
	const char *state, *duid;
	int set;
	size_t i;

	assert_int_equal(json_unpack((json_t *)params, "[s, i, s]", &state, &set, &duid), 0);
	for (i = 0; i < 3; i++)
		if (dests[i].set == set && strcmp(dests[i].duid, duid) == 0)
			strcpy(fake->states[i], strcmp(state, "d") == 0 ? "DX" : "IP");
	fake->sets++;
	return json_string("Ok. Dispatcher state updated.");
}

static void
on_request(struct evhttp_request *request, void *arg)
{
	struct fake *fake = arg;
	struct evbuffer *in = evhttp_request_get_input_buffer(request), *out = evbuffer_new();
	size_t len = evbuffer_get_length(in);
	json_t *asked = json_loadb((char *)evbuffer_pullup(in, -1), len, 0, NULL), *reply;
	const char *method = json_string_value(json_object_get(asked, "method"));
	char *text;

	assert_non_null(method);
	reply = json_pack("{s:s, s:o, s:i}", "jsonrpc", "2.0", "result",
			  strcmp(method, "dispatcher.list") == 0
				  ? list(fake)
				  : set_state(fake, json_object_get(asked, "params")),
			  "id", 1);
	text = json_dumps(reply, 0);
	evbuffer_add_printf(out, "%s", fake->broken ? "" : text);
	evhttp_send_reply(request, fake->broken ? 500 : 200, "so", out);
	evbuffer_free(out);
	free(text);
	json_decref(reply);
	json_decref(asked);
}

static void
stop(void *arg)
{
	struct fake *fake = arg;

	loop_stop(fake->loop);
}

static void
fake_up(struct fake *fake)
{
	static const struct pool_hooks hooks;
	static const struct dispatcher_hooks own;
	struct redis_access access = {"127.0.0.1:1", "", "", "", "", "master"};
	struct evhttp_bound_socket *socket;
	struct sockaddr_in in;
	socklen_t size = sizeof(in);

	*fake = (struct fake){.states = {"AP", "AP", "AP"},
			      .conf = {.instance = "test",
				       .redis_address = "127.0.0.1:1",
				       .redis_timeout_ms = 1000,
				       .pool = "p",
				       .kamailio_timeout_ms = 5000}};
	log_setup(LOG_LEVEL_ERROR, false);
	fake->loop = loop_new();
	fake->server = evhttp_new(loop_base(fake->loop));
	evhttp_set_gencb(fake->server, on_request, fake);
	socket = evhttp_bind_socket_with_handle(fake->server, "127.0.0.1", 0);
	assert_non_null(socket);
	getsockname(evhttp_bound_socket_get_fd(socket), (struct sockaddr *)&in, &size);
	snprintf(fake->url, sizeof(fake->url), "http://127.0.0.1:%d/RPC", ntohs(in.sin_port));
	fake->conf.kamailio_rpc = fake->url;
	fake->redis = redis_server_new(fake->loop, &access);
	fake->pool = pool_new(fake->loop, &fake->conf, fake->redis, &hooks);
	fake->http = ari_http_new(fake->loop, "test", 2, 1);
	fake->k = kamailio_new(fake->loop, &fake->conf, fake->http);
	fake->d = dispatcher_new(fake->loop, fake->pool, fake->k, &own);
	fake->timer = loop_timer_new(fake->loop, stop, fake);
}

static void
fake_down(struct fake *fake)
{
	loop_timer_free(fake->timer);
	pool_free(fake->pool);
	ari_http_free(fake->http);
	dispatcher_free(fake->d);
	kamailio_free(fake->k);
	redis_server_free(fake->redis);
	evhttp_free(fake->server);
	loop_free(fake->loop);
}

static void
on_word(void *arg, enum dispatcher_word word)
{
	struct fake *fake = arg;

	fake->word = word;
	fake->words++;
	loop_stop(fake->loop);
}

static enum dispatcher_word
tell(struct fake *fake, const char *node, bool drain)
{
	fake->words = 0;
	dispatcher_tell(fake->d, node, drain, on_word, fake);
	assert_int_equal(fake->words, 0);
	loop_run(fake->loop);
	assert_int_equal(fake->words, 1);
	return fake->word;
}

static void
pass(struct fake *fake, int64_t ms)
{
	loop_timer_arm(fake->timer, ms);
	loop_run(fake->loop);
}

static void
states_are(const struct fake *fake, const char *a, const char *b, const char *c)
{
	assert_string_equal(fake->states[0], a);
	assert_string_equal(fake->states[1], b);
	assert_string_equal(fake->states[2], c);
}

/* In every set that has it, and no other node; what is so already is not set again. */
static void
a_node_is_taken_out_and_in(void **state)
{
	struct fake fake;

	(void)state;
	fake_up(&fake);
	assert_int_equal(tell(&fake, "a2", true), DISPATCHER_TOLD);
	states_are(&fake, "AP", "DX", "DX");
	assert_true(dispatcher_is_draining(fake.d, "a2"));
	assert_int_equal(tell(&fake, "a2", true), DISPATCHER_TOLD);
	assert_int_equal(fake.sets, 2);
	assert_int_equal(tell(&fake, "a2", false), DISPATCHER_TOLD);
	states_are(&fake, "AP", "IP", "IP");
	assert_false(dispatcher_is_draining(fake.d, "a2"));
	/* Not a second time: it would be without callers until the next probe. */
	strcpy(fake.states[1], "AP");
	assert_int_equal(tell(&fake, "a2", false), DISPATCHER_TOLD);
	assert_string_equal(fake.states[1], "AP");
	fake_down(&fake);
}

static void
who_can_not_be_told(void **state)
{
	static const struct dispatcher_hooks own;
	struct fake fake;

	(void)state;
	fake_up(&fake);
	assert_int_equal(tell(&fake, "a3", true), DISPATCHER_MISSING);
	fake.broken = true;
	assert_int_equal(tell(&fake, "a1", true), DISPATCHER_SILENT);
	assert_true(dispatcher_is_draining(fake.d, "a1"));
	kamailio_free(fake.k);
	dispatcher_free(fake.d);
	fake.conf.kamailio_rpc = "";
	fake.k = kamailio_new(fake.loop, &fake.conf, fake.http);
	fake.d = dispatcher_new(fake.loop, fake.pool, fake.k, &own);
	assert_int_equal(tell(&fake, "a1", true), DISPATCHER_OFF);
	fake_down(&fake);
}

/* A new Kamailio knows nothing of it; Redis is away all the time. */
static void
what_kamailio_forgets_is_said_again(void **state)
{
	struct fake fake;

	(void)state;
	fake_up(&fake);
	dispatcher_start(fake.d);
	tell(&fake, "a1", true);
	states_are(&fake, "DX", "AP", "AP");
	strcpy(fake.states[0], "IP");
	/* Disabled by hand: nobody's wish here, and left alone. */
	strcpy(fake.states[2], "DX");
	pass(&fake, 1200);
	states_are(&fake, "DX", "AP", "DX");
	assert_int_equal(fake.sets, 2);
	fake_down(&fake);
}

static void
what_kamailio_did_not_hear_is_said_again(void **state)
{
	struct fake fake;

	(void)state;
	fake_up(&fake);
	tell(&fake, "a1", true);
	fake.broken = true;
	assert_int_equal(tell(&fake, "a1", false), DISPATCHER_SILENT);
	dispatcher_start(fake.d);
	pass(&fake, 700);
	assert_int_equal(fake.sets, 1);
	states_are(&fake, "DX", "AP", "AP");
	fake.broken = false;
	pass(&fake, 1200);
	states_are(&fake, "IP", "AP", "AP");
	fake_down(&fake);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_node_is_taken_out_and_in),
		cmocka_unit_test(who_can_not_be_told),
		cmocka_unit_test(what_kamailio_forgets_is_said_again),
		cmocka_unit_test(what_kamailio_did_not_hear_is_said_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
