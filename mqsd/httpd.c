/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/httpd.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "mqsd/gate.h"
#include "mqsd/http_path.h"
#include "mqsd/listener.h"
#include "mqsd/loop.h"
#include "mqsd/peer.h"
#include "mqsd/tls.h"

#define HEADERS_MAX  16384
#define TIMEOUT_S    30
#define REQUESTS_MAX 512   /* of a listener under way at once; above it 503 */
#define REQUEST_MS   15000 /* from its connection, or the last reply, to its end */
#define ROUND_MAX    16	   /* connections accepted in one round of the loop */
/* Connections to the Unix socket, of one user other than root too. */
#define LOCAL_MAX      512
#define LOCAL_PER_USER 256
#define FAR_PER_S      50 /* new TLS connections of one source: each costs a signature */

/* One evhttp: the Unix socket's, or that of TLS. They share nothing, so that who fills the one
 * keeps nobody out of the other. */
struct port {
	struct httpd *httpd;
	struct evhttp *http;
	struct gate *gate;
	struct tls_server *tls;		 /* NULL: none; borrowed */
	size_t count;			 /* requests under way */
	struct evconnlistener *listener; /* of http */
	/* Accepted in this round; their descriptors are known once the listener's callback has
	 * returned. */
	struct bufferevent *fresh[ROUND_MAX];
	size_t fresh_count;
	struct event *admit;
};

struct httpd {
	struct loop *loop;
	struct port local, far; /* far.http NULL: it does not listen on TCP */
	char *path;
	httpd_handler *handler;
	void *arg;
	TAILQ_HEAD(, httpd_request) requests;
	size_t body_max;
};

struct httpd_request {
	TAILQ_ENTRY(httpd_request) entry;
	struct port *port;
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
	TAILQ_REMOVE(&request->port->httpd->requests, request, entry);
	request->port->count--;
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

	request->closed = event_new(loop_base(request->port->httpd->loop), bufferevent_getfd(bev),
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

static int
fd_of(const struct httpd_request *request)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(request->req);

	return bufferevent_getfd(evhttp_connection_get_bufferevent(connection));
}

/* What keeps a request from its handler; false when that was answered. */
static bool
is_fit(struct httpd_request *request, const struct evhttp_uri *uri)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(request->req);
	struct err err;

	if (!peer_of(fd_of(request), &request->peer))
		refuse(request, 400, "no_peer", "the connection has no other end",
		       "Connect again.");
	else if (request->port->count > REQUESTS_MAX)
		refuse(request, 503, "too_many_requests", "too many requests at once",
		       "Close some event streams, or try again.");
	else if (evbuffer_get_length(in) > request->port->httpd->body_max)
		refuse(request, 413, "too_large", "the body is too large",
		       "Its bound is [control] body_max_bytes.");
	else if (evhttp_uri_get_host(uri) != NULL || evhttp_uri_get_scheme(uri) != NULL)
		refuse(request, 400, "bad_path", "the request is for another host",
		       "Send a path that begins with one slash.");
	else if (http_path_check(request->path, &err) != 0)
		refuse(request, 400, "bad_path", err.text,
		       "mqs-api(7) lists the paths; a name in one needs no escapes.");
	else
		return true;
	return false;
}

static void
on_request(struct evhttp_request *req, void *arg)
{
	struct port *port = arg;
	struct httpd *httpd = port->httpd;
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(req);
	const char *query = evhttp_uri_get_query(uri), *path = evhttp_uri_get_path(uri);
	struct httpd_request *request;

	request = mem_zero(sizeof(*request));
	request->port = port;
	request->req = req;
	request->path = mem_dup(path != NULL ? path : "");
	TAILQ_INIT(&request->query);
	if (query != NULL)
		evhttp_parse_query_str(query, &request->query);
	TAILQ_INSERT_TAIL(&httpd->requests, request, entry);
	port->count++;
	watch_peer(request);
	gate_requested(port->gate, fd_of(request));
	if (is_fit(request, uri))
		httpd->handler(httpd->arg, request);
}

/* Nothing has been read of the new connections yet. */
static void
on_admit(evutil_socket_t none, short what, void *arg)
{
	struct port *port = arg;
	struct peer peer;
	size_t i;
	int fd;

	(void)none;
	(void)what;
	for (i = 0; i < port->fresh_count; i++) {
		fd = bufferevent_getfd(port->fresh[i]);
		if (peer_of(fd, &peer))
			gate_admit(port->gate, fd, &peer);
		else
			shutdown(fd, SHUT_RDWR);
	}
	if (port->fresh_count == ROUND_MAX)
		evconnlistener_enable(port->listener);
	port->fresh_count = 0;
}

static struct bufferevent *
on_connection(struct event_base *base, void *arg)
{
	struct port *port = arg;
	struct bufferevent *bev;

	if (port->tls != NULL) {
		bev = bufferevent_openssl_socket_new(base, -1, tls_server_session(port->tls),
						     BUFFEREVENT_SSL_ACCEPTING,
						     BEV_OPT_CLOSE_ON_FREE);
		/* Who goes without a farewell is gone all the same. */
		bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
	} else {
		bev = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	}
	port->fresh[port->fresh_count++] = bev;
	event_active(port->admit, EV_TIMEOUT, 0);
	/* libevent accepts while there is one more to accept, and in a flood there always is. */
	if (port->fresh_count == ROUND_MAX)
		evconnlistener_disable(port->listener);
	return bev;
}

static void
open_port(struct httpd *httpd, struct port *port, const char *name, struct evconnlistener *listener,
	  const struct gate_bounds *bounds)
{
	port->httpd = httpd;
	port->listener = listener;
	port->admit = event_new(loop_base(httpd->loop), -1, 0, on_admit, port);
	port->gate = gate_new(httpd->loop, name, bounds);
	port->http = evhttp_new(loop_base(httpd->loop));
	/* Our own bound is told in JSON; evhttp's is for those who go on sending. */
	evhttp_set_max_body_size(port->http, (ev_ssize_t)httpd->body_max * 2);
	evhttp_set_max_headers_size(port->http, HEADERS_MAX);
	evhttp_set_timeout(port->http, TIMEOUT_S);
	evhttp_set_allowed_methods(port->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_PUT |
						       EVHTTP_REQ_DELETE | EVHTTP_REQ_PATCH);
	evhttp_set_bevcb(port->http, on_connection, port);
	evhttp_set_gencb(port->http, on_request, port);
	evhttp_bind_listener(port->http, listener);
	listener_mind(listener);
}

struct httpd *
httpd_new(struct loop *loop, const struct httpd_setup *setup, struct err *err)
{
	static const int64_t local_max = LOCAL_MAX, local_per_user = LOCAL_PER_USER;
	const struct gate_bounds local = {&local_max, &local_per_user, 0, REQUEST_MS};
	const struct gate_bounds far = {setup->connections_max, setup->source_connections_max,
					FAR_PER_S, REQUEST_MS};
	struct httpd *httpd = mem_zero(sizeof(*httpd));
	struct evconnlistener *listener, *tcp = NULL;

	listener = listener_unix(loop, setup->socket_path, setup->socket_for_all, err);
	if (listener != NULL && *setup->listen != '\0')
		tcp = listener_tcp(loop, setup->listen, err);
	if (listener == NULL || (*setup->listen != '\0' && tcp == NULL)) {
		if (listener != NULL)
			evconnlistener_free(listener);
		free(httpd);
		return NULL;
	}
	httpd->loop = loop;
	httpd->path = mem_dup(setup->socket_path);
	httpd->handler = setup->handler;
	httpd->arg = setup->arg;
	httpd->body_max = (size_t)setup->body_max;
	TAILQ_INIT(&httpd->requests);
	open_port(httpd, &httpd->local, "the Unix socket", listener, &local);
	httpd->far.tls = setup->tls;
	if (tcp != NULL)
		open_port(httpd, &httpd->far, "TCP", tcp, &far);
	return httpd;
}

static void
close_port(struct port *port)
{
	if (port->http == NULL)
		return;
	event_free(port->admit);
	evhttp_free(port->http);
	gate_free(port->gate);
}

void
httpd_free(struct httpd *httpd)
{
	struct httpd_request *request, *next;

	for (request = TAILQ_FIRST(&httpd->requests); request != NULL; request = next) {
		next = TAILQ_NEXT(request, entry);
		evhttp_connection_free(evhttp_request_get_connection(request->req));
	}
	close_port(&httpd->local);
	close_port(&httpd->far);
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

#define WRITE_MAX                                                                                  \
	131072 /* bytes of a reply at once; libevent would take 16 KiB and look around             \
		*/

static void
send_reply(struct httpd_request *request, int status, const char *type, struct evbuffer *out)
{
	struct evhttp_request *req = request->req;
	struct evhttp_connection *connection = evhttp_request_get_connection(req);

	evhttp_add_header(evhttp_request_get_output_headers(req), "Content-Type", type);
	gate_replied(request->port->gate, fd_of(request));
	evhttp_connection_set_closecb(connection, NULL, NULL);
	bufferevent_set_max_single_write(evhttp_connection_get_bufferevent(connection), WRITE_MAX);
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

struct lent {
	void (*release)(void *arg);
	void *arg;
};

static void
give_back(const void *text, size_t len, void *arg)
{
	struct lent *lent = arg;

	(void)text;
	(void)len;
	lent->release(lent->arg);
	free(lent);
}

void
httpd_reply_list(struct httpd_request *request, json_t *body, const char *key, const char *text,
		 size_t len, void (*release)(void *arg), void *arg)
{
	struct evbuffer *out = evbuffer_new();
	struct lent *lent = mem_alloc(sizeof(*lent));
	char *head = json_dumps(body, JSON_COMPACT);

	*lent = (struct lent){release, arg};
	evbuffer_add_printf(out, "%.*s%s\"%s\":[", (int)strlen(head) - 1, head,
			    json_object_size(body) > 0 ? "," : "", key);
	if (len == 0 || evbuffer_add_reference(out, text, len, give_back, lent) != 0)
		give_back(text, len, lent);
	evbuffer_add(out, "]}\n", 3);
	free(head);
	json_decref(body);
	send_reply(request, HTTP_OK, "application/json", out);
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
