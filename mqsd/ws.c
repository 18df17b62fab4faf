/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/ws.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wslay/wslay.h>

#include "lib/mem.h"
#include "mqsd/loop.h"
#include "mqsd/tls.h"

#define CONNECT_S   3
#define HEADER_MAX  16384
#define MESSAGE_MAX (16 * 1024 * 1024)
#define OUTPUT_MAX  (1024 * 1024) /* pongs and closes only; above it the connection is given up */
/* An idle node still answers our pings; silence for so long is death of the connection. */
#define PING_MS	   3000
#define SILENCE_MS 10000

enum ws_state { WS_IDLE, WS_CONNECTING, WS_UPGRADING, WS_UP, WS_BROKEN };

struct ws {
	struct loop *loop;
	struct ws_hooks hooks;
	struct bufferevent *bev;
	struct wslay_event_context *wslay;
	struct loop_timer *ping, *fail;
	enum ws_state state;
	enum ws_down how;
	bool heard;    /* anything, since the last ping */
	int silence;   /* pings without a sign of life */
	char *request; /* the upgrade, until it is sent */
	char key[32];
	char why[200];
};

void
ws_accept(const char *key, char *out)
{
	unsigned char digest[SHA_DIGEST_LENGTH];
	char text[128];

	snprintf(text, sizeof(text), "%.60s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
	SHA1((const unsigned char *)text, strlen(text), digest);
	EVP_EncodeBlock((unsigned char *)out, digest, sizeof(digest));
}

static void
clear(struct ws *ws)
{
	if (ws->wslay != NULL)
		wslay_event_context_free(ws->wslay);
	if (ws->bev != NULL)
		bufferevent_free(ws->bev);
	ws->wslay = NULL;
	ws->bev = NULL;
	free(ws->request);
	ws->request = NULL;
	loop_timer_stop(ws->ping);
	loop_timer_stop(ws->fail);
	ws->state = WS_IDLE;
}

/* Told from a timer: neither wslay nor the bufferevent may be freed inside their own callbacks. */
static void
on_fail(void *arg)
{
	struct ws *ws = arg;

	clear(ws);
	ws->hooks.down(ws->hooks.arg, ws->how, ws->why);
}

static void
fail(struct ws *ws, enum ws_down how, const char *why)
{
	if (ws->state == WS_BROKEN || ws->state == WS_IDLE)
		return;
	ws->state = WS_BROKEN;
	ws->how = how;
	snprintf(ws->why, sizeof(ws->why), "%s", why);
	if (ws->bev != NULL)
		bufferevent_disable(ws->bev, EV_READ);
	loop_timer_arm(ws->fail, 0);
}

static ssize_t
recv_bytes(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, int flags, void *arg)
{
	struct ws *ws = arg;
	size_t n = bufferevent_read(ws->bev, buf, len);

	(void)flags;
	if (n > 0)
		return (ssize_t)n;
	wslay_event_set_error(ctx, WSLAY_ERR_WOULDBLOCK);
	return -1;
}

static ssize_t
send_bytes(wslay_event_context_ptr ctx, const uint8_t *data, size_t len, int flags, void *arg)
{
	struct ws *ws = arg;

	(void)flags;
	if (evbuffer_get_length(bufferevent_get_output(ws->bev)) > OUTPUT_MAX) {
		wslay_event_set_error(ctx, WSLAY_ERR_CALLBACK_FAILURE);
		return -1;
	}
	bufferevent_write(ws->bev, data, len);
	return (ssize_t)len;
}

static int
make_mask(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, void *arg)
{
	(void)ctx;
	(void)arg;
	return RAND_bytes(buf, (int)len) == 1 ? 0 : -1;
}

static void
on_message(wslay_event_context_ptr ctx, const struct wslay_event_on_msg_recv_arg *msg, void *arg)
{
	struct ws *ws = arg;

	(void)ctx;
	if (msg->opcode == WSLAY_TEXT_FRAME && ws->state == WS_UP)
		ws->hooks.message(ws->hooks.arg, (const char *)msg->msg, msg->msg_length);
	else if (msg->opcode == WSLAY_CONNECTION_CLOSE)
		fail(ws, WS_LOST, "the node closed the event socket");
}

static void
pump(struct ws *ws)
{
	if (ws->state != WS_UP)
		return;
	ws->heard = true;
	if (wslay_event_recv(ws->wslay) != 0 || wslay_event_send(ws->wslay) != 0)
		fail(ws, WS_LOST, "broken frames on the event socket");
}

static void
on_ping(void *arg)
{
	struct ws *ws = arg;
	struct wslay_event_msg msg = {WSLAY_PING, (const uint8_t *)"mqs", 3};

	ws->silence = ws->heard ? 0 : ws->silence + 1;
	ws->heard = false;
	if (ws->silence * PING_MS >= SILENCE_MS) {
		fail(ws, WS_LOST, "no sign of life on the event socket");
		return;
	}
	wslay_event_queue_msg(ws->wslay, &msg);
	wslay_event_send(ws->wslay);
	loop_timer_arm(ws->ping, PING_MS);
}

static void
begin_frames(struct ws *ws)
{
	static const struct wslay_event_callbacks callbacks = {
		recv_bytes, send_bytes, make_mask, NULL, NULL, NULL, on_message};

	if (wslay_event_context_client_init(&ws->wslay, &callbacks, ws) != 0) {
		fail(ws, WS_LOST, "wslay: no memory");
		return;
	}
	wslay_event_config_set_max_recv_msg_length(ws->wslay, MESSAGE_MAX);
	bufferevent_set_timeouts(ws->bev, NULL, NULL);
	ws->state = WS_UP;
	ws->silence = 0;
	loop_timer_arm(ws->ping, PING_MS);
	ws->hooks.up(ws->hooks.arg);
	pump(ws);
}

/* One header line's value when its name is `name`, else NULL. */
static const char *
header_value(const char *line, const char *name)
{
	size_t len = strlen(name);

	if (strncasecmp(line, name, len) != 0 || line[len] != ':')
		return NULL;
	line += len + 1;
	return line + strspn(line, " \t");
}

static void
read_upgrade(struct ws *ws)
{
	struct evbuffer *in = bufferevent_get_input(ws->bev);
	struct evbuffer_ptr end = evbuffer_search(in, "\r\n\r\n", 4, NULL);
	char want[32], *line, why[200];
	bool accepted = false, first = true;
	int status = 0;

	if (end.pos < 0) {
		if (evbuffer_get_length(in) > HEADER_MAX)
			fail(ws, WS_DENIED, "an endless answer to the upgrade");
		return;
	}
	ws_accept(ws->key, want);
	while ((line = evbuffer_readln(in, NULL, EVBUFFER_EOL_CRLF)) != NULL && *line != '\0') {
		const char *value = header_value(line, "Sec-WebSocket-Accept");

		if (first)
			sscanf(line, "HTTP/1.1 %d", &status);
		first = false;
		if (value != NULL && strcmp(value, want) == 0)
			accepted = true;
		free(line);
	}
	free(line);
	if (status == 101 && accepted) {
		begin_frames(ws);
		return;
	}
	snprintf(why, sizeof(why), "the upgrade was answered with HTTP %d%s", status,
		 status == 401	 ? ": wrong ARI user or password"
		 : status == 404 ? ": no ARI there (http.conf, ari.conf)"
		 : status == 101 ? " but a wrong Sec-WebSocket-Accept"
				 : "");
	fail(ws, WS_DENIED, why);
}

static void
on_read(struct bufferevent *bev, void *arg)
{
	struct ws *ws = arg;

	(void)bev;
	if (ws->state == WS_UPGRADING)
		read_upgrade(ws);
	else
		pump(ws);
}

/* A handshake that failed for what was said in it; a refused connection has no such reason. */
static bool
is_tls_failure(struct bufferevent *bev, char *why, size_t size)
{
	SSL *ssl = bufferevent_openssl_get_ssl(bev);
	unsigned long code = ssl != NULL ? bufferevent_get_openssl_error(bev) : 0;
	const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;
	long verified = ssl != NULL ? SSL_get_verify_result(ssl) : X509_V_OK;

	if (reason == NULL)
		return false;
	snprintf(why, size, "TLS: %s%s%s", reason, verified != X509_V_OK ? ": " : "",
		 verified != X509_V_OK ? X509_verify_cert_error_string(verified) : "");
	return true;
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct ws *ws = arg;
	int error = EVUTIL_SOCKET_ERROR(), one = 1;
	char why[200];

	if (what & BEV_EVENT_CONNECTED) {
		setsockopt(bufferevent_getfd(bev), IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		ws->state = WS_UPGRADING;
		bufferevent_write(bev, ws->request, strlen(ws->request));
	} else if (what & BEV_EVENT_TIMEOUT) {
		fail(ws, WS_LOST, "no answer in time");
	} else if (ws->state == WS_CONNECTING && is_tls_failure(bev, why, sizeof(why))) {
		fail(ws, WS_DENIED, why);
	} else if (ws->state == WS_CONNECTING && (what & BEV_EVENT_ERROR)) {
		fail(ws, error == ECONNREFUSED ? WS_REFUSED : WS_LOST, strerror(error));
	} else if (what & BEV_EVENT_ERROR) {
		fail(ws, WS_LOST, error != 0 ? strerror(error) : "connection error");
	} else {
		fail(ws, WS_LOST, "the connection was closed");
	}
}

struct ws *
ws_new(struct loop *loop, const struct ws_hooks *hooks)
{
	struct ws *ws = mem_zero(sizeof(*ws));

	ws->loop = loop;
	ws->hooks = *hooks;
	ws->ping = loop_timer_new(loop, on_ping, ws);
	ws->fail = loop_timer_new(loop, on_fail, ws);
	return ws;
}

void
ws_free(struct ws *ws)
{
	clear(ws);
	loop_timer_free(ws->ping);
	loop_timer_free(ws->fail);
	free(ws);
}

static char *
base64(const char *text)
{
	size_t len = strlen(text);
	char *out = mem_alloc(4 * ((len + 2) / 3) + 1);

	EVP_EncodeBlock((unsigned char *)out, (const unsigned char *)text, (int)len);
	return out;
}

static struct bufferevent *
new_bufferevent(struct ws *ws, struct tls_client *tls, const char *host)
{
	int flags = BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS;
	struct bufferevent *bev;
	struct ssl_st *ssl;

	if (tls == NULL)
		return bufferevent_socket_new(loop_base(ws->loop), -1, flags);
	ssl = tls_client_session(tls, host);
	if (ssl == NULL)
		return NULL;
	bev = bufferevent_openssl_socket_new(loop_base(ws->loop), -1, ssl,
					     BUFFEREVENT_SSL_CONNECTING, flags);
	if (bev != NULL)
		bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
	return bev;
}

void
ws_connect(struct ws *ws, struct tls_client *tls, const char *host, int port, const char *path,
	   const char *user, const char *password)
{
	struct timeval limit = {CONNECT_S, 0};
	unsigned char nonce[16];
	char *pair, *auth;

	clear(ws);
	RAND_bytes(nonce, sizeof(nonce));
	EVP_EncodeBlock((unsigned char *)ws->key, nonce, sizeof(nonce));
	pair = mem_printf("%s:%s", user, password);
	auth = base64(pair);
	ws->request = mem_printf("GET %s HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\n"
				 "Connection: Upgrade\r\nSec-WebSocket-Key: %s\r\n"
				 "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ari\r\n"
				 "Authorization: Basic %s\r\n\r\n",
				 path, host, port, ws->key, auth);
	free(pair);
	free(auth);
	ws->state = WS_CONNECTING;
	ws->bev = new_bufferevent(ws, tls, host);
	if (ws->bev == NULL) {
		fail(ws, WS_LOST, "OpenSSL makes no session");
		return;
	}
	bufferevent_setcb(ws->bev, on_read, NULL, on_event, ws);
	bufferevent_set_timeouts(ws->bev, &limit, &limit);
	bufferevent_enable(ws->bev, EV_READ | EV_WRITE);
	if (bufferevent_socket_connect_hostname(ws->bev, NULL, AF_UNSPEC, host, port) != 0)
		fail(ws, WS_LOST, "the address cannot be resolved");
}

void
ws_close(struct ws *ws)
{
	clear(ws);
}

void
ws_drop(struct ws *ws, const char *why)
{
	fail(ws, WS_LOST, why);
}

bool
ws_is_up(const struct ws *ws)
{
	return ws->state == WS_UP;
}
