/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/client.h"
#include "lib/clock.h"

/* A server of one connection in a child process: what it read goes to a pipe, what it says is
 * fixed. */
struct server {
	char dir[32], path[64];
	pid_t pid;
	int heard;
	struct client *client;
};

struct saying {
	const char *reply;
	size_t more;  /* so many bytes of 'x' after it */
	bool linger;  /* keep the connection until the client goes */
	bool refused; /* nobody listens */
};

static void
child(int fd, int tell, const struct saying *saying)
{
	char request[8192], xs[4096];
	ssize_t n;
	size_t sent;
	int c = accept(fd, NULL, NULL);

	n = read(c, request, sizeof(request));
	if (n > 0 && write(tell, request, (size_t)n) < 0)
		_exit(1);
	close(tell);
	if (saying->reply)
		send(c, saying->reply, strlen(saying->reply), MSG_NOSIGNAL);
	memset(xs, 'x', sizeof(xs));
	for (sent = 0; sent < saying->more; sent += sizeof(xs))
		if (send(c, xs, sizeof(xs), MSG_NOSIGNAL) < 0)
			break;
	while (saying->linger && read(c, request, 1) > 0)
		;
	_exit(0);
}

static struct server
serve(const struct saying *saying)
{
	struct server s = {.dir = "/tmp/mqs-client-XXXXXX"};
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), pipes[2];

	assert_non_null(mkdtemp(s.dir));
	snprintf(s.path, sizeof(s.path), "%s/s", s.dir);
	snprintf(name.sun_path, sizeof(name.sun_path), "%s", s.path);
	assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	assert_int_equal(pipe(pipes), 0);
	if (!saying->refused)
		assert_int_equal(listen(fd, 4), 0);
	s.pid = saying->refused ? 0 : fork();
	if (!saying->refused && s.pid == 0)
		child(fd, pipes[1], saying);
	close(fd);
	close(pipes[1]);
	s.heard = pipes[0];
	s.client = client_new(s.path);
	return s;
}

/* What the server heard; ends it. */
static void
finish(struct server *s, char *heard, size_t size)
{
	size_t len = 0;
	ssize_t n;

	client_free(s->client);
	while (heard && len + 1 < size && (n = read(s->heard, heard + len, size - 1 - len)) > 0)
		len += (size_t)n;
	if (heard)
		heard[len] = '\0';
	close(s->heard);
	if (s->pid > 0) {
		kill(s->pid, SIGTERM);
		waitpid(s->pid, NULL, 0);
	}
	unlink(s->path);
	rmdir(s->dir);
}

#define HEAD(status, length) "HTTP/1.1 " status " x\r\nContent-Length: " length "\r\n\r\n"

static void
asks_and_is_answered(void **state)
{
	struct server s = serve(&(struct saying){.reply = HEAD("201", "8") "{\"a\": 1}"});
	json_t *body = json_pack("{s:s}", "reason", "lunch");
	struct client_reply reply;
	struct err err;
	char heard[8192];

	(void)state;
	assert_int_equal(
		client_request(s.client, "POST", "/v1/agents/1/pause", body, 2000, &reply, &err),
		0);
	assert_int_equal(reply.status, 201);
	assert_int_equal(json_integer_value(json_object_get(reply.body, "a")), 1);
	json_decref(reply.body);
	json_decref(body);
	finish(&s, heard, sizeof(heard));
	assert_ptr_equal(strstr(heard, "POST /v1/agents/1/pause HTTP/1.1\r\n"), heard);
	assert_non_null(strstr(heard, "Content-Type: application/json"));
	assert_non_null(strstr(heard, "\r\n\r\n{\"reason\":\"lunch\"}"));
	assert_null(strstr(heard, "Expect"));
}

static void
says_that_there_is_no_body(void **state)
{
	struct server s = serve(&(struct saying){.reply = HEAD("204", "0")});
	struct client_reply reply;
	struct err err;
	char heard[8192];

	(void)state;
	assert_int_equal(client_request(s.client, "DELETE", "/v1/x", NULL, 2000, &reply, &err), 0);
	assert_int_equal(reply.status, 204);
	assert_null(reply.body);
	finish(&s, heard, sizeof(heard));
	assert_non_null(strstr(heard, "Content-Length: 0\r\n"));
}

static void
refusals_are_replies(void **state)
{
	struct server s = serve(
		&(struct saying){.reply = HEAD("503", "25") "{\"error\":{\"code\":\"down\"}}"});
	struct client_reply reply;
	struct err err;

	(void)state;
	assert_int_equal(client_request(s.client, "GET", "/v1/x", NULL, 2000, &reply, &err), 0);
	assert_int_equal(reply.status, 503);
	assert_int_equal(client_status(s.client), 503);
	assert_non_null(json_object_get(reply.body, "error"));
	json_decref(reply.body);
	finish(&s, NULL, 0);
}

static void
assert_no_reply(const struct saying *saying, long deadline_ms, const char *why, bool reached)
{
	struct server s = serve(saying);
	struct client_reply reply;
	struct err err;
	int64_t before = clock_mono_ms();

	assert_int_equal(client_request(s.client, "GET", "/v1/x", NULL, deadline_ms, &reply, &err),
			 -1);
	assert_true(clock_mono_ms() - before < deadline_ms + 1000);
	assert_int_equal(reply.status, 0);
	assert_null(reply.body);
	assert_int_equal(client_reached(s.client), reached);
	if (!strstr(err.text, why))
		fail_msg("\"%s\" does not say \"%s\"", err.text, why);
	finish(&s, NULL, 0);
}

static void
nobody_there(void **state)
{
	struct client *client = client_new("/tmp/mqs-client-none/s");
	struct client_reply reply;
	struct err err;

	(void)state;
	assert_no_reply(&(struct saying){.refused = true}, 2000, "Connection refused", false);
	assert_int_equal(client_request(client, "GET", "/v1/x", NULL, 2000, &reply, &err), -1);
	assert_non_null(strstr(err.text, "No such file"));
	assert_false(client_reached(client));
	client_free(client);
}

static void
deadlines_hold(void **state)
{
	(void)state;
	assert_no_reply(&(struct saying){.linger = true}, 100, "in time", true);
	assert_no_reply(&(struct saying){.reply = HEAD("200", "10") "{", .linger = true}, 100,
			"in time", true);
}

static void
half_replies_are_none(void **state)
{
	(void)state;
	assert_no_reply(&(struct saying){.reply = NULL}, 2000, "", true);
	assert_no_reply(&(struct saying){.reply = "HTTP/1.1 200 OK\r\nContent-"}, 2000, "broke off",
			true);
	assert_no_reply(&(struct saying){.reply = HEAD("200", "10") "{\"a\""}, 2000, "", true);
}

static void
not_json_is_no_body(void **state)
{
	struct server s = serve(&(struct saying){.reply = HEAD("200", "6") "<html>"});
	struct client_reply reply;
	struct err err;

	(void)state;
	assert_int_equal(client_request(s.client, "GET", "/v1/x", NULL, 2000, &reply, &err), 0);
	assert_int_equal(reply.status, 200);
	assert_null(reply.body);
	finish(&s, NULL, 0);
}

static void
broken_utf8_hides_nothing(void **state)
{
	struct server s = serve(&(struct saying){
		.reply = HEAD("200", "21") "{\"a\":\"x\xff\xc3(\",\"b\":\"\xc3\xbc\"}"});
	struct client_reply reply;
	struct err err;

	(void)state;
	assert_int_equal(client_request(s.client, "GET", "/v1/x", NULL, 2000, &reply, &err), 0);
	assert_string_equal(json_string_value(json_object_get(reply.body, "a")),
			    "x\xef\xbf\xbd\xef\xbf\xbd(");
	assert_string_equal(json_string_value(json_object_get(reply.body, "b")), "\xc3\xbc");
	json_decref(reply.body);
	finish(&s, NULL, 0);
}

struct seen {
	char names[64];
};

static void
on_row(void *arg, const json_t *row)
{
	struct seen *seen = arg;
	size_t len = strlen(seen->names);
	const char *name = json_string_value(json_object_get(row, "name"));

	snprintf(seen->names + len, sizeof(seen->names) - len, "%s;", name ? name : "?");
}

static void
lists_are_handed_over_row_by_row(void **state)
{
	static const struct {
		const char *body, *names;
		bool whole;
	} rows[] = {
		{"{\"a\":[{\"name\":\"x\"},{\"name\":\"y]}\"}]}\n", "x;y]};", true},
		{"{\"a\":[{\"name\":\"x\"},\n {\"name\":\"y\"} ]}", "x;y;", true},
		{"{\"a\":[]}", "", true},
		{"{\"more\":true,\"a\":[{\"name\":\"x\"}]}", "x;", true},
		{"{\"b\":1}", "", true},
		{"{\"a\":[{\"name\":\"x\"},{\"name\":\"\xff\"},{\"name\":\"z\"}]}",
		 "x;\xef\xbf\xbd;z;", true},
		{"{\"a\":[{\"name\":\"x\"},{\"name\":", "x;", false},
		{"{\"a\":[{\"name\":\"x\"},7]}", "x;", false},
		{"<html>", "", false},
	};
	struct client_reply reply;
	struct err err;
	char said[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct saying saying = {.reply = said};
		struct seen seen = {""};
		struct server s;

		snprintf(said, sizeof(said), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s",
			 strlen(rows[i].body), rows[i].body);
		s = serve(&saying);
		assert_int_equal(
			client_list(s.client, "/v1/a", "a", 2000, on_row, &seen, &reply, &err), 0);
		assert_int_equal(reply.status, 200);
		assert_string_equal(seen.names, rows[i].names);
		assert_int_equal(reply.body != NULL, rows[i].whole);
		json_decref(reply.body);
		finish(&s, NULL, 0);
	}
}

static void
a_refused_list_has_no_rows(void **state)
{
	struct server s = serve(&(struct saying){
		.reply = HEAD("404", "31") "{\"error\":{\"code\":\"no_such_a\"}} "});
	struct client_reply reply;
	struct seen seen = {""};
	struct err err;

	(void)state;
	assert_int_equal(client_list(s.client, "/v1/a", "a", 2000, on_row, &seen, &reply, &err), 0);
	assert_int_equal(reply.status, 404);
	assert_non_null(json_object_get(reply.body, "error"));
	assert_string_equal(seen.names, "");
	json_decref(reply.body);
	finish(&s, NULL, 0);
}

static void
huge_replies_are_cut(void **state)
{
	(void)state;
	assert_no_reply(&(struct saying){.reply = "HTTP/1.1 200 OK\r\n\r\n",
					 .more = CLIENT_BODY_MAX + 4096},
			30000, "longer than 64 MiB", true);
}

/* --- streams ------------------------------------------------------------------------------- */

#define STREAM "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"

struct listener {
	int heard, enough, ticks, patience;
	char last[64];
};

static int
on_event(void *arg, const char *id, const char *name, const char *data)
{
	struct listener *l = arg;

	snprintf(l->last, sizeof(l->last), "%s %s %s", id, name, data);
	return ++l->heard == l->enough;
}

static int
on_tick(void *arg)
{
	struct listener *l = arg;

	return ++l->ticks > l->patience;
}

static void
streams_until_enough(void **state)
{
	struct server s = serve(&(struct saying){
		.reply = STREAM "id: 1\nevent: e\ndata: {}\n\nid: 2\nevent: f\ndata: []\n\n",
		.linger = true});
	struct listener l = {.enough = 2};
	struct err err;

	(void)state;
	assert_int_equal(client_stream(s.client, "/v1/events", 5000, on_event, NULL, &l, &err), 0);
	assert_int_equal(l.heard, 2);
	assert_string_equal(l.last, "2 f []");
	finish(&s, NULL, 0);
}

static void
streams_until_the_tick_says_so(void **state)
{
	struct server s = serve(
		&(struct saying){.reply = STREAM "id: 1\nevent: e\ndata: {}\n\n", .linger = true});
	struct listener l = {.patience = 3};
	struct err err;
	int64_t before = clock_mono_ms();

	(void)state;
	assert_int_equal(client_stream(s.client, "/v1/events", 60000, on_event, on_tick, &l, &err),
			 0);
	assert_true(clock_mono_ms() - before < 5000);
	finish(&s, NULL, 0);
}

static void
assert_stream_fails(const struct saying *saying, long idle_ms, const char *why, long status)
{
	struct server s = serve(saying);
	struct listener l = {.enough = 100};
	struct err err;

	assert_int_equal(client_stream(s.client, "/v1/events", idle_ms, on_event, NULL, &l, &err),
			 -1);
	assert_int_equal(client_status(s.client), status);
	if (!strstr(err.text, why))
		fail_msg("\"%s\" does not say \"%s\"", err.text, why);
	finish(&s, NULL, 0);
}

static void
streams_fail_in_words(void **state)
{
	(void)state;
	assert_stream_fails(&(struct saying){.reply = STREAM "data: 1\n\n"}, 5000,
			    "ended the stream", 200);
	assert_stream_fails(&(struct saying){.reply = STREAM ": ping\n", .linger = true}, 200,
			    "nothing came", 200);
	assert_stream_fails(&(struct saying){.linger = true}, 200, "nothing came", 0);
	assert_stream_fails(&(struct saying){.refused = true}, 5000, "Connection refused", 0);
	assert_stream_fails(&(struct saying){.reply = STREAM, .more = 2 * 1024 * 1024}, 5000,
			    "longer than", 200);
	assert_stream_fails(
		&(struct saying){.reply =
					 HEAD("400", "30") "{\"error\":{\"message\":\"bad id\"}} "},
		5000, "bad id", 400);
	assert_stream_fails(&(struct saying){.reply = HEAD("500", "0")}, 5000, "without saying why",
			    500);
}

static void
escapes(void **state)
{
	char *s = client_escape("+49 30/a?b&c=\xc3\xbc%~");

	(void)state;
	assert_string_equal(s, "%2B49%2030%2Fa%3Fb%26c%3D%C3%BC%25~");
	free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_and_is_answered),
		cmocka_unit_test(says_that_there_is_no_body),
		cmocka_unit_test(refusals_are_replies),
		cmocka_unit_test(nobody_there),
		cmocka_unit_test(deadlines_hold),
		cmocka_unit_test(half_replies_are_none),
		cmocka_unit_test(not_json_is_no_body),
		cmocka_unit_test(broken_utf8_hides_nothing),
		cmocka_unit_test(lists_are_handed_over_row_by_row),
		cmocka_unit_test(a_refused_list_has_no_rows),
		cmocka_unit_test(huge_replies_are_cut),
		cmocka_unit_test(streams_until_enough),
		cmocka_unit_test(streams_until_the_tick_says_so),
		cmocka_unit_test(streams_fail_in_words),
		cmocka_unit_test(escapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
