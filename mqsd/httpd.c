/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/httpd.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "mqsd/loop.h"
#include "mqsd/peer.h"

#define HEADERS_MAX  16384
#define TIMEOUT_S    30
#define REQUESTS_MAX 512 /* under way at once; above it 503 */

struct httpd {
	struct loop *loop;
	struct evhttp *http;
	char *path;
	httpd_handler *handler;
	void *arg;
	TAILQ_HEAD(, httpd_request) requests;
	size_t count, body_max;
};

struct httpd_request {
	TAILQ_ENTRY(httpd_request) entry;
	struct httpd *httpd;
	struct evhttp_request *req;
	struct evkeyvalq query;
	struct event
		*closed; /* evhttp reads nothing while a request is open, so we look for its end */
	char *path;
	struct peer peer;
	void (*gone)(void *arg);
	void *gone_arg;
};

static void
request_free(struct httpd_request *request)
{
	TAILQ_REMOVE(&request->httpd->requests, request, entry);
	request->httpd->count--;
	if (request->closed != NULL)
		event_free(request->closed);
	evhttp_clear_headers(&request->query);
	free(request->path);
	free(request);
}

static void
tell_gone(struct httpd_request *request)
{
	if (request->gone != NULL)
		request->gone(request->gone_arg);
	request_free(request);
}

/* The connection closes under an open request. evhttp frees the request only if it still owns it.
 */
static void
on_connection_closed(struct evhttp_connection *connection, void *arg)
{
	struct httpd_request *request = arg;
	struct evhttp_request *req = request->req;

	evhttp_connection_set_closecb(connection, NULL, NULL);
	tell_gone(request);
	if (evhttp_request_get_connection(req) == NULL)
		evhttp_request_free(req);
}

static void
on_peer_closed(evutil_socket_t fd, short what, void *arg)
{
	struct httpd_request *request = arg;

	(void)fd;
	(void)what;
	evhttp_connection_free(evhttp_request_get_connection(request->req));
}

static void
watch_peer(struct httpd_request *request)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(request->req);
	struct bufferevent *bev = evhttp_connection_get_bufferevent(connection);

	request->closed = event_new(loop_base(request->httpd->loop), bufferevent_getfd(bev),
				    EV_CLOSED, on_peer_closed, request);
	event_add(request->closed, NULL);
	evhttp_connection_set_closecb(connection, on_connection_closed, request);
}

static void
refuse(struct httpd_request *request, int status, const char *code, const char *message,
       const char *hint)
{
	httpd_reply(request, status,
		    json_pack("{s:{s:s, s:s, s:s}}", "error", "code", code, "message", message,
			      "hint", hint));
}

/*
 * Out of descriptors: a pending connection would wake us again at once. It waits for a second
 * instead, in which others may close.
 */
static void
on_resume(evutil_socket_t fd, short what, void *listener)
{
	(void)fd;
	(void)what;
	evconnlistener_enable(listener);
}

static void
on_accept_error(struct evconnlistener *listener, void *arg)
{
	struct timeval second = {1, 0};

	(void)arg;
	log_error("control: no connection can be accepted: %s", strerror(errno));
	evconnlistener_disable(listener);
	event_base_once(evconnlistener_get_base(listener), -1, EV_TIMEOUT, on_resume, listener,
			&second);
}

static bool
is_somebody(struct httpd_request *request)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(request->req);

	return peer_of(bufferevent_getfd(evhttp_connection_get_bufferevent(connection)),
		       &request->peer);
}

static void
on_request(struct evhttp_request *req, void *arg)
{
	struct httpd *httpd = arg;
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(req);
	const char *query = evhttp_uri_get_query(uri), *path = evhttp_uri_get_path(uri);
	struct httpd_request *request;

	request = mem_zero(sizeof(*request));
	request->httpd = httpd;
	request->req = req;
	request->path = mem_dup(path != NULL ? path : "");
	TAILQ_INIT(&request->query);
	if (query != NULL)
		evhttp_parse_query_str(query, &request->query);
	TAILQ_INSERT_TAIL(&httpd->requests, request, entry);
	httpd->count++;
	watch_peer(request);
	if (!is_somebody(request))
		refuse(request, 400, "no_peer", "the connection has no other end",
		       "Connect again.");
	else if (httpd->count > REQUESTS_MAX)
		refuse(request, 503, "too_many_requests", "too many requests at once",
		       "Close some event streams, or try again.");
	else if (evbuffer_get_length(evhttp_request_get_input_buffer(req)) > httpd->body_max)
		refuse(request, 413, "too_large", "the body is too large",
		       "Its bound is [control] body_max_bytes.");
	else
		httpd->handler(httpd->arg, request);
}

static int
socket_is_served(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), ok;

	ok = fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0;
	if (fd >= 0)
		close(fd);
	return ok;
}

static struct evconnlistener *
listen_on(struct httpd *httpd, bool for_all, struct err *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct evconnlistener *listener;
	mode_t mask;

	if (strlen(httpd->path) >= sizeof(address.sun_path)) {
		err_set(err, "%s: longer than the %zu bytes that a Unix socket's path may have",
			httpd->path, sizeof(address.sun_path) - 1);
		return NULL;
	}
	memcpy(address.sun_path, httpd->path, strlen(httpd->path) + 1);
	if (socket_is_served(&address)) {
		err_set(err, "%s: another program answers there; stop it or set [control] socket",
			httpd->path);
		return NULL;
	}
	unlink(httpd->path);
	mask = umask(for_all ? 0111 : 0117);
	listener = evconnlistener_new_bind(loop_base(httpd->loop), NULL, NULL,
					   LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 128,
					   (struct sockaddr *)&address, sizeof(address));
	umask(mask);
	if (listener == NULL)
		err_set(err, "%s: %s; does its directory exist and belong to mqsd's user?",
			httpd->path, strerror(errno));
	return listener;
}

struct httpd *
httpd_new(struct loop *loop, const char *socket_path, bool for_all, int64_t body_max,
	  httpd_handler *handler, void *arg, struct err *err)
{
	struct httpd *httpd = mem_zero(sizeof(*httpd));
	struct evconnlistener *listener;

	httpd->loop = loop;
	httpd->path = mem_dup(socket_path);
	httpd->handler = handler;
	httpd->arg = arg;
	TAILQ_INIT(&httpd->requests);
	listener = listen_on(httpd, for_all, err);
	if (listener == NULL) {
		free(httpd->path);
		free(httpd);
		return NULL;
	}
	httpd->http = evhttp_new(loop_base(loop));
	/* Our own bound is told in JSON; evhttp's is for those who go on sending. */
	httpd->body_max = (size_t)body_max;
	evhttp_set_max_body_size(httpd->http, (ev_ssize_t)body_max * 2);
	evhttp_set_max_headers_size(httpd->http, HEADERS_MAX);
	evhttp_set_timeout(httpd->http, TIMEOUT_S);
	evhttp_set_allowed_methods(httpd->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_PUT |
							EVHTTP_REQ_DELETE | EVHTTP_REQ_PATCH);
	evhttp_set_gencb(httpd->http, on_request, httpd);
	evhttp_bind_listener(httpd->http, listener);
	evconnlistener_set_error_cb(listener, on_accept_error);
	return httpd;
}

void
httpd_free(struct httpd *httpd)
{
	struct httpd_request *request, *next;

	for (request = TAILQ_FIRST(&httpd->requests); request != NULL; request = next) {
		next = TAILQ_NEXT(request, entry);
		evhttp_connection_free(evhttp_request_get_connection(request->req));
	}
	evhttp_free(httpd->http);
	unlink(httpd->path);
	free(httpd->path);
	free(httpd);
}

const char *
httpd_method(const struct httpd_request *request)
{
	switch (evhttp_request_get_command(request->req)) {
	case EVHTTP_REQ_GET:
		return "GET";
	case EVHTTP_REQ_POST:
		return "POST";
	case EVHTTP_REQ_PUT:
		return "PUT";
	case EVHTTP_REQ_DELETE:
		return "DELETE";
	case EVHTTP_REQ_PATCH:
		return "PATCH";
	default:
		return "?";
	}
}

const char *
httpd_path(const struct httpd_request *request)
{
	return request->path;
}

const struct peer *
httpd_peer(const struct httpd_request *request)
{
	return &request->peer;
}

const char *
httpd_header(const struct httpd_request *request, const char *name)
{
	return evhttp_find_header(evhttp_request_get_input_headers(request->req), name);
}

const char *
httpd_query(const struct httpd_request *request, const char *name)
{
	return evhttp_find_header(&request->query, name);
}

json_t *
httpd_body(const struct httpd_request *request, struct err *err)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(request->req);
	size_t len = evbuffer_get_length(in);
	json_error_t error;
	json_t *body;

	if (len == 0)
		return json_object();
	body = json_loadb((const char *)evbuffer_pullup(in, -1), len, JSON_REJECT_DUPLICATES,
			  &error);
	if (!json_is_object(body)) {
		err_set(err, "the body is not a JSON object%s%s", body == NULL ? ": " : "",
			body == NULL ? error.text : "");
		json_decref(body);
		return NULL;
	}
	return body;
}

void
httpd_on_gone(struct httpd_request *request, void (*gone)(void *arg), void *arg)
{
	request->gone = gone;
	request->gone_arg = arg;
}

static void
send_reply(struct httpd_request *request, int status, const char *type, struct evbuffer *out)
{
	struct evhttp_request *req = request->req;

	evhttp_add_header(evhttp_request_get_output_headers(req), "Content-Type", type);
	evhttp_connection_set_closecb(evhttp_request_get_connection(req), NULL, NULL);
	request_free(request);
	evhttp_send_reply(req, status, NULL, out);
	evbuffer_free(out);
}

void
httpd_reply_header(struct httpd_request *request, const char *name, const char *value)
{
	evhttp_add_header(evhttp_request_get_output_headers(request->req), name, value);
}

void
httpd_reply(struct httpd_request *request, int status, json_t *body)
{
	struct evbuffer *out = evbuffer_new();
	char *text = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;

	if (text != NULL)
		evbuffer_add_printf(out, "%s\n", text);
	free(text);
	json_decref(body);
	send_reply(request, status, "application/json", out);
}

void
httpd_reply_text(struct httpd_request *request, const char *type, const char *text)
{
	struct evbuffer *out = evbuffer_new();

	evbuffer_add(out, text, strlen(text));
	send_reply(request, HTTP_OK, type, out);
}

void
httpd_stream_start(struct httpd_request *request, const char *content_type)
{
	struct bufferevent *bev =
		evhttp_connection_get_bufferevent(evhttp_request_get_connection(request->req));
	struct timeval write_limit = {TIMEOUT_S, 0};

	evhttp_add_header(evhttp_request_get_output_headers(request->req), "Content-Type",
			  content_type);
	evhttp_send_reply_start(request->req, HTTP_OK, NULL);
	/* evhttp reads on without a bound and would time an idle reader out. */
	bufferevent_setwatermark(bev, EV_READ, 0, 4096);
	bufferevent_set_timeouts(bev, NULL, &write_limit);
}

int
httpd_stream_write(struct httpd_request *request, const char *data, size_t len, int64_t max_pending)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(request->req);
	struct bufferevent *bev = evhttp_connection_get_bufferevent(connection);
	struct evbuffer *chunk;

	if ((int64_t)(evbuffer_get_length(bufferevent_get_output(bev)) + len) > max_pending) {
		log_warn("control: a reader of events is more than %lld bytes behind; cut off",
			 (long long)max_pending);
		evhttp_connection_free(connection);
		return -1;
	}
	chunk = evbuffer_new();
	evbuffer_add(chunk, data, len);
	evhttp_send_reply_chunk(request->req, chunk);
	evbuffer_free(chunk);
	return 0;
}
