/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/ari_http.h"

#include <curl/curl.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "mqsd/arrow.h"
#include "mqsd/loop.h"

#define PENDING_MAX 20000	       /* requests; above it a command is refused, not sent */
#define REPLY_MAX   (64 * 1024 * 1024) /* bytes; GET /channels of a full node is about 1 MB */
/* Below Asterisk's session_keep_alive (etc/asterisk/http.conf), so that we never send on a
 * connection that the node is just closing. */
#define IDLE_S 8L

struct request {
	TAILQ_ENTRY(request) entry;
	struct ari_http *http;
	const char *name;
	CURL *easy;
	struct curl_slist *headers;
	char *url, *body;
	size_t body_len, body_sent;
	char *reply;
	size_t reply_len, reply_size;
	ari_http_cb *cb;
	void *arg;
	struct ari_figures *figures;
	int64_t given;	 /* mono us */
	int64_t expires; /* mono ms; 0: never */
	bool expired;	 /* it did not leave for that */
	char error[CURL_ERROR_SIZE];
};

struct ari_http {
	struct loop *loop;
	const char *instance;
	int64_t connections; /* to each server */
	const char *ca_file; /* NULL: whom the system trusts */
	bool blind;	     /* certificates are not looked at */
	CURLM *multi;
	struct loop_timer *timer, *refuse;
	TAILQ_HEAD(requests, request) requests, refused;
	size_t pending;
};

static void
request_free(struct request *request)
{
	curl_slist_free_all(request->headers);
	if (request->easy != NULL)
		curl_easy_cleanup(request->easy);
	free(request->url);
	free(request->body);
	free(request->reply);
	free(request);
}

static void
count_answer(const struct request *request, long status)
{
	struct ari_figures *figures = request->figures;

	if (figures == NULL)
		return;
	if (status > 0 && status < 500) {
		figures->failing_since = 0;
		delays_add(&figures->delays, clock_mono_us() - request->given);
		return;
	}
	figures->failures++;
	if (figures->failing_since == 0)
		figures->failing_since = clock_mono_ms();
}

static void
finish(struct request *request, long status, const char *why)
{
	json_error_t error;
	json_t *body = NULL;

	TAILQ_REMOVE(&request->http->requests, request, entry);
	request->http->pending--;
	count_answer(request, status);
	if (request->reply_len > 0)
		body = json_loadb(request->reply, request->reply_len, 0, &error);
	arrow_cross(request->http->instance, request->name, ARROW_SENT);
	request->cb(request->arg, status, body, why);
	arrow_cross(request->http->instance, request->name, ARROW_REPLY);
	json_decref(body);
	request_free(request);
}

static void
take_done(struct ari_http *http)
{
	struct request *request;
	CURLMsg *msg;
	CURL *easy;
	CURLcode code;
	long status;
	int left;

	while ((msg = curl_multi_info_read(http->multi, &left)) != NULL) {
		if (msg->msg != CURLMSG_DONE)
			continue;
		easy = msg->easy_handle;
		code = msg->data.result;
		curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&request);
		curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
		curl_multi_remove_handle(http->multi, easy);
		if (code == CURLE_OK)
			finish(request, status, "");
		else if (request->expired)
			finish(request, ARI_HTTP_OURS,
			       "too late: the lease of the node was running out");
		else
			finish(request, code == CURLE_COULDNT_CONNECT ? -1 : 0,
			       *request->error != '\0' ? request->error : curl_easy_strerror(code));
	}
}

static void
on_socket(evutil_socket_t fd, short what, void *arg)
{
	struct ari_http *http = arg;
	int running, mask = 0;

	if (what & EV_READ)
		mask |= CURL_CSELECT_IN;
	if (what & EV_WRITE)
		mask |= CURL_CSELECT_OUT;
	curl_multi_socket_action(http->multi, fd, mask, &running);
	take_done(http);
}

static void
on_timer(void *arg)
{
	struct ari_http *http = arg;
	int running;

	curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	take_done(http);
}

static int
want_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
	struct ari_http *http = arg;
	struct event *event = socket_arg;
	short mask = EV_PERSIST;

	(void)easy;
	if (event != NULL)
		event_free(event);
	if (what == CURL_POLL_REMOVE) {
		curl_multi_assign(http->multi, fd, NULL);
		return 0;
	}
	if (what & CURL_POLL_IN)
		mask |= EV_READ;
	if (what & CURL_POLL_OUT)
		mask |= EV_WRITE;
	event = event_new(loop_base(http->loop), fd, mask, on_socket, http);
	event_add(event, NULL);
	curl_multi_assign(http->multi, fd, event);
	return 0;
}

static int
want_timer(CURLM *multi, long ms, void *arg)
{
	struct ari_http *http = arg;

	(void)multi;
	if (ms < 0)
		loop_timer_stop(http->timer);
	else
		loop_timer_arm(http->timer, ms);
	return 0;
}

static void
on_refuse(void *arg)
{
	struct ari_http *http = arg;
	struct request *request;

	while ((request = TAILQ_FIRST(&http->refused)) != NULL) {
		TAILQ_REMOVE(&http->refused, request, entry);
		count_answer(request, ARI_HTTP_OURS);
		request->cb(request->arg, ARI_HTTP_OURS, NULL,
			    "too many requests are waiting for the nodes");
		request_free(request);
	}
}

struct ari_http *
ari_http_new(struct loop *loop, const char *instance, int64_t connections, size_t hosts)
{
	struct ari_http *http = mem_zero(sizeof(*http));

	curl_global_init(CURL_GLOBAL_DEFAULT);
	http->loop = loop;
	http->instance = instance;
	http->multi = curl_multi_init();
	http->timer = loop_timer_new(loop, on_timer, http);
	http->refuse = loop_timer_new(loop, on_refuse, http);
	TAILQ_INIT(&http->requests);
	TAILQ_INIT(&http->refused);
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, want_timer);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
	curl_multi_setopt(http->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)connections);
	http->connections = connections;
	ari_http_set_hosts(http, hosts);
	return http;
}

void
ari_http_set_hosts(struct ari_http *http, size_t hosts)
{
	/* curl's own bound grows with the requests under way: with few of them it would close what
	 * the next one needs. */
	curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)http->connections * (long)hosts);
}

void
ari_http_trust(struct ari_http *http, const char *ca_file, bool verify)
{
	http->ca_file = *ca_file != '\0' ? ca_file : NULL;
	http->blind = !verify;
}

void
ari_http_free(struct ari_http *http)
{
	struct request *request;

	while ((request = TAILQ_FIRST(&http->requests)) != NULL) {
		TAILQ_REMOVE(&http->requests, request, entry);
		curl_multi_remove_handle(http->multi, request->easy);
		request_free(request);
	}
	while ((request = TAILQ_FIRST(&http->refused)) != NULL) {
		TAILQ_REMOVE(&http->refused, request, entry);
		request_free(request);
	}
	curl_multi_cleanup(http->multi);
	loop_timer_free(http->timer);
	loop_timer_free(http->refuse);
	curl_global_cleanup();
	free(http);
}

static size_t
on_reply_bytes(char *data, size_t size, size_t count, void *arg)
{
	struct request *request = arg;
	size_t n = size * count, need = request->reply_len + n;

	if (need > REPLY_MAX)
		return 0;
	if (need > request->reply_size) {
		request->reply_size = need * 2;
		request->reply = mem_grow(request->reply, request->reply_size, 1);
	}
	memcpy(request->reply + request->reply_len, data, n);
	request->reply_len += n;
	return n;
}

/* Bodies go through a reader that cannot rewind: so curl can't send a command a second time by
 * itself. */
static size_t
on_body_wanted(char *out, size_t size, size_t count, void *arg)
{
	struct request *request = arg;
	size_t n = request->body_len - request->body_sent;

	if (n > size * count)
		n = size * count;
	memcpy(out, request->body + request->body_sent, n);
	request->body_sent += n;
	return n;
}

/* curl calls this with the connection made, just before the request goes out on it. */
static int
before_sending(void *arg, char *ip, char *local_ip, int port, int local_port)
{
	struct request *request = arg;

	(void)ip;
	(void)local_ip;
	(void)port;
	(void)local_port;
	request->expired = request->expires != 0 && clock_mono_ms() >= request->expires;
	return request->expired ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static void
set_up_tls(CURL *easy, const struct ari_http *http)
{
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (http->ca_file != NULL) {
		curl_easy_setopt(easy, CURLOPT_CAINFO, http->ca_file);
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
	if (http->blind) {
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
}

static void
set_up(struct request *request, const struct ari_http_target *target, const char *method,
       int64_t deadline_ms)
{
	CURL *easy = request->easy;

	curl_easy_setopt(easy, CURLOPT_URL, request->url);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, request);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, request->error);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
	set_up_tls(easy, request->http);
	if (target->user != NULL) {
		curl_easy_setopt(easy, CURLOPT_USERNAME, target->user);
		curl_easy_setopt(easy, CURLOPT_PASSWORD, target->password);
		curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
	}
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)deadline_ms);
	curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, IDLE_S);
	curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_reply_bytes);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, request);
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_sending);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, request);
	if (request->body == NULL)
		return;
	request->headers = curl_slist_append(request->headers, "Content-Type: application/json");
	request->headers = curl_slist_append(request->headers, "Expect:");
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, request->headers);
	curl_easy_setopt(easy, CURLOPT_POST, 1L);
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)request->body_len);
	curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_body_wanted);
	curl_easy_setopt(easy, CURLOPT_READDATA, request);
}

void
ari_http_send(struct ari_http *http, const struct ari_http_target *target, const char *name,
	      const char *method, const char *path, json_t *body, int64_t deadline_ms,
	      int64_t expires, ari_http_cb *cb, void *arg)
{
	struct request *request = mem_zero(sizeof(*request));

	arrow_cross(http->instance, name, ARROW_BEFORE);
	request->http = http;
	request->name = name;
	request->cb = cb;
	request->arg = arg;
	request->expires = expires;
	request->figures = target->figures;
	request->given = clock_mono_us();
	request->url = mem_printf("%s%s", target->url, path);
	if (body == NULL && strcmp(method, "POST") == 0)
		body = json_object();
	if (body != NULL) {
		request->body = json_dumps(body, JSON_COMPACT);
		request->body_len = strlen(request->body);
		json_decref(body);
	}
	if (http->pending >= PENDING_MAX) {
		TAILQ_INSERT_TAIL(&http->refused, request, entry);
		loop_timer_arm(http->refuse, 0);
		return;
	}
	request->easy = curl_easy_init();
	if (request->easy == NULL)
		fatal("libcurl: no handle");
	set_up(request, target, method, deadline_ms);
	TAILQ_INSERT_TAIL(&http->requests, request, entry);
	http->pending++;
	curl_multi_add_handle(http->multi, request->easy);
}

json_t *
ari_figures_json(const struct ari_figures *figures)
{
	return json_pack("{s:o, s:I, s:I}", "delays", delays_json(&figures->delays), "failures",
			 (json_int_t)figures->failures, "failing_ms",
			 (json_int_t)(figures->failing_since != 0
					      ? clock_mono_ms() - figures->failing_since
					      : 0));
}
