/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/client.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/sse_parser.h"
#include "lib/text.h"

#define BUSY_NS		   20000000
#define TICK_MS		   100
#define STREAM_CONNECT_MS  5000
#define STREAM_REFUSAL_MAX (64L * 1024) /* of a reply that is no stream */

struct client {
	char *where;   /* the socket's path, or https://HOST:PORT */
	char *ca_file; /* NULL: whom the system trusts */
	bool tls;
	CURL *curl;
	struct curl_slist *headers;
	char curl_text[CURL_ERROR_SIZE];
	long status;
	bool reached;
};

struct body {
	char *data;
	size_t len, cap, max;
	bool too_long;
	bool headed; /* the reply's head came to its end */
};

struct stream {
	struct client *client;
	struct sse_parser sse;
	struct body refusal;
	enum sse_result result;
	int64_t last_byte; /* monotonic ms */
	client_tick_cb *tick;
	void *arg;
};

static struct client *
new_client(const char *where)
{
	struct client *client = mem_zero(sizeof(*client));

	/* curl counts these calls; client_free gives each back. */
	curl_global_init(CURL_GLOBAL_DEFAULT);
	client->where = mem_dup(where);
	client->curl = curl_easy_init();
	client->headers = curl_slist_append(NULL, "Content-Type: application/json");
	client->headers = curl_slist_append(client->headers, "Expect:");
	return client;
}

struct client *
client_new(const char *socket_path)
{
	return new_client(socket_path);
}

struct client *
client_new_tls(const char *url, const char *ca_file, struct err *err)
{
	struct client *client;
	size_t host = strncmp(url, "https://", 8) == 0 ? strcspn(url + 8, "/?#@ ") : 0;

	if (host == 0 || (url[8 + host] != '\0' && strcmp(url + 8 + host, "/") != 0)) {
		err_set(err, "'%s' is not https://HOST:PORT", url);
		return NULL;
	}
	client = new_client(url);
	client->where[8 + host] = '\0';
	client->tls = true;
	client->ca_file = ca_file != NULL ? mem_dup(ca_file) : NULL;
	return client;
}

int
client_set_token(struct client *client, const char *token, struct err *err)
{
	char *header;

	if (*token == '\0' || token[strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
						  "abcdefghijklmnopqrstuvwxyz0123456789-._~+/=")])
		return err_set(err, "what is given as a token is none");
	header = mem_printf("Authorization: Bearer %s", token);
	client->headers = curl_slist_append(client->headers, header);
	free(header);
	return 0;
}

void
client_free(struct client *client)
{
	if (!client)
		return;
	curl_slist_free_all(client->headers);
	curl_easy_cleanup(client->curl);
	curl_global_cleanup();
	free(client->where);
	free(client->ca_file);
	free(client);
}

long
client_status(const struct client *client)
{
	return client->status;
}

bool
client_reached(const struct client *client)
{
	return client->reached;
}

char *
client_escape(const char *s)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
	static const char hex[] = "0123456789ABCDEF";
	char *out = mem_alloc(3 * strlen(s) + 1), *o = out;

	for (; *s; s++) {
		if (strchr(plain, *s)) {
			*o++ = *s;
			continue;
		}
		*o++ = '%';
		*o++ = hex[(unsigned char)*s >> 4];
		*o++ = hex[*s & 0xf];
	}
	*o = '\0';
	return out;
}

static bool
body_add(struct body *body, const char *bytes, size_t len)
{
	if (len > body->max - body->len) {
		body->too_long = true;
		return false;
	}
	if (body->len + len + 1 > body->cap) {
		body->cap = 2 * (body->len + len + 1);
		body->data = mem_grow(body->data, body->cap, 1);
	}
	memcpy(body->data + body->len, bytes, len);
	body->len += len;
	body->data[body->len] = '\0';
	return true;
}

static size_t
body_write(char *bytes, size_t size, size_t n, void *arg)
{
	return body_add(arg, bytes, size * n) ? size * n : 0;
}

/* curl takes a connection that is closed within the head for a reply without a body. */
static size_t
head_write(char *line, size_t size, size_t n, void *arg)
{
	struct body *body = arg;

	body->headed = size * n == 2 && memcmp(line, "\r\n", 2) == 0;
	return size * n;
}

/*
 * One caller's name in a broken charset must not hide all other calls from the operator: bytes
 * that are not UTF-8 become U+FFFD when the text as it came does not parse.
 */
static struct body
body_clean(const char *data, size_t len)
{
	struct body clean = {.max = 3 * len};
	size_t i = 0, n;

	while (i < len) {
		n = text_utf8_len(data + i, len - i);
		body_add(&clean, n > 0 ? data + i : "\xef\xbf\xbd", n > 0 ? n : 3);
		i += n > 0 ? n : 1;
	}
	return clean;
}

static json_t *
body_parse(const struct body *body)
{
	struct body clean;
	json_t *json;

	if (body->len == 0)
		return NULL;
	json = json_loadb(body->data, body->len, JSON_ALLOW_NUL, NULL);
	if (json)
		return json;
	clean = body_clean(body->data, body->len);
	json = json_loadb(clean.data, clean.len, JSON_ALLOW_NUL, NULL);
	free(clean.data);
	return json;
}

/* Where the next byte is that is no white space, nor the comma between two objects. */
static size_t
skip(const char *data, size_t at, size_t len)
{
	while (at < len && strchr(" \t\r\n,", data[at]) && data[at] != '\0')
		at++;
	return at;
}

/* Hands over the objects up to the list's end; where in data that is, or where one is that does not
 * parse. */
static size_t
each_row(const char *data, size_t len, client_row_cb *row, void *arg)
{
	json_error_t error;
	json_t *object;
	size_t at = skip(data, 0, len);

	while (at < len && data[at] == '{') {
		object = json_loadb(data + at, len - at, JSON_ALLOW_NUL | JSON_DISABLE_EOF_CHECK,
				    &error);
		if (!object)
			break;
		row(arg, object);
		json_decref(object);
		at = skip(data, at + (size_t)error.position, len);
	}
	return at;
}

/* Is it {"LIST":[ and whatever follows, as mqsd writes a list? */
static bool
is_rows(const struct body *body, const char *list, size_t *start)
{
	char *head = mem_printf("{\"%s\":[", list);
	bool is = body->len > strlen(head) && memcmp(body->data, head, strlen(head)) == 0;

	*start = strlen(head);
	free(head);
	return is;
}

/* Hands over its objects. What is left of the reply: an empty object, or NULL when it broke off. */
static json_t *
body_rows(const struct body *body, size_t at, client_row_cb *row, void *arg)
{
	struct body clean;
	bool whole;

	at += each_row(body->data + at, body->len - at, row, arg);
	if (at < body->len && body->data[at] == ']')
		return json_object();
	clean = body_clean(body->data + at, body->len - at);
	at = each_row(clean.data, clean.len, row, arg);
	whole = at < clean.len && clean.data[at] == ']';
	free(clean.data);
	return whole ? json_object() : NULL;
}

static void
use_tls(struct client *client)
{
	curl_easy_setopt(client->curl, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(client->curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (client->ca_file == NULL)
		return;
	curl_easy_setopt(client->curl, CURLOPT_CAINFO, client->ca_file);
	curl_easy_setopt(client->curl, CURLOPT_CAPATH, NULL);
}

static char *
url_of(const struct client *client, const char *path)
{
	return mem_printf("%s%s", client->tls ? client->where : "http://mqsd", path);
}

static void
prepare(struct client *client, const char *method, const char *url)
{
	CURL *curl = client->curl;

	client->status = 0;
	client->reached = true;
	client->curl_text[0] = '\0';
	curl_easy_reset(curl);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, client->curl_text);
	if (client->tls)
		use_tls(client);
	else
		curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, client->where);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, client->headers);
	/* http_proxy of the operator's environment has no say: a token is for mqsd alone. */
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	/* A kept connection may be one to an mqsd that was replaced; curl would then send twice. */
	curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
}

static int
set_curl_error(struct client *client, CURLcode code, struct err *err)
{
	long os = 0;

	curl_easy_getinfo(client->curl, CURLINFO_OS_ERRNO, &os);
	client->reached = code != CURLE_COULDNT_CONNECT && code != CURLE_COULDNT_RESOLVE_HOST &&
			  code != CURLE_PEER_FAILED_VERIFICATION &&
			  code != CURLE_SSL_CONNECT_ERROR && code != CURLE_SSL_CACERT_BADFILE;
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		return err_set(err, "%s is not trusted: %s", client->where,
			       client->curl_text[0] ? client->curl_text : curl_easy_strerror(code));
	if (code == CURLE_COULDNT_CONNECT && os != 0)
		return err_set(err, "cannot connect to %s: %s", client->where, strerror((int)os));
	if (code == CURLE_OPERATION_TIMEDOUT)
		return err_set(err, "no answer from %s in time", client->where);
	return err_set(err, "%s: %s", client->where,
		       client->curl_text[0] ? client->curl_text : curl_easy_strerror(code));
}

/* A Unix socket whose backlog is full refuses whoever does not wait, which curl takes for a
 * connection that fails without an error. Nothing has been sent then. */
static CURLcode
perform(struct client *client, int64_t until)
{
	const struct timespec pause = {0, BUSY_NS};
	CURLcode code = curl_easy_perform(client->curl);
	long os = 0;

	while (code == CURLE_COULDNT_CONNECT && clock_mono_ms() < until &&
	       curl_easy_getinfo(client->curl, CURLINFO_OS_ERRNO, &os) == CURLE_OK &&
	       (os == EAGAIN || os == 0)) {
		nanosleep(&pause, NULL);
		code = curl_easy_perform(client->curl);
	}
	return code;
}

static int
fetch(struct client *client, const char *method, const char *path, const json_t *body,
      long deadline_ms, struct body *got, struct err *err)
{
	char *url = url_of(client, path);
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	CURLcode code;
	int rc = 0;

	*got = (struct body){.max = CLIENT_BODY_MAX};
	prepare(client, method, url);
	if (strcmp(method, "GET") != 0)
		curl_easy_setopt(client->curl, CURLOPT_POSTFIELDS, text ? text : "");
	curl_easy_setopt(client->curl, CURLOPT_TIMEOUT_MS, deadline_ms);
	curl_easy_setopt(client->curl, CURLOPT_WRITEFUNCTION, body_write);
	curl_easy_setopt(client->curl, CURLOPT_WRITEDATA, got);
	curl_easy_setopt(client->curl, CURLOPT_HEADERFUNCTION, head_write);
	curl_easy_setopt(client->curl, CURLOPT_HEADERDATA, got);
	code = perform(client, clock_mono_ms() + deadline_ms);
	if (got->too_long)
		rc = err_set(err, "the reply to %s is longer than %ld MiB", path,
			     CLIENT_BODY_MAX / 1024 / 1024);
	else if (code != CURLE_OK)
		rc = set_curl_error(client, code, err);
	else if (!got->headed)
		rc = err_set(err, "%s: the reply broke off in its head", client->where);
	if (rc == 0)
		curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &client->status);
	free(text);
	free(url);
	return rc;
}

int
client_request(struct client *client, const char *method, const char *path, const json_t *body,
	       long deadline_ms, struct client_reply *reply, struct err *err)
{
	struct body got;
	int rc = fetch(client, method, path, body, deadline_ms, &got, err);

	*reply = (struct client_reply){.status = client->status};
	if (rc == 0)
		reply->body = body_parse(&got);
	free(got.data);
	return rc;
}

int
client_list(struct client *client, const char *path, const char *list, long deadline_ms,
	    client_row_cb *row, void *arg, struct client_reply *reply, struct err *err)
{
	struct body got;
	json_t *object;
	size_t i, start;
	int rc = fetch(client, "GET", path, NULL, deadline_ms, &got, err);

	*reply = (struct client_reply){.status = client->status};
	if (rc == 0 && client->status == 200 && is_rows(&got, list, &start)) {
		reply->body = body_rows(&got, start, row, arg);
	} else if (rc == 0) {
		reply->body = body_parse(&got);
		json_array_foreach(json_object_get(reply->body, list), i, object) row(arg, object);
	}
	free(got.data);
	return rc;
}

static size_t
stream_write(char *bytes, size_t size, size_t n, void *arg)
{
	struct stream *stream = arg;
	long status = 0;

	stream->last_byte = clock_mono_ms();
	curl_easy_getinfo(stream->client->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200)
		return body_add(&stream->refusal, bytes, size * n) ? size * n : 0;
	stream->result = sse_parser_feed(&stream->sse, bytes, size * n);
	return stream->result == SSE_MORE ? size * n : 0;
}

/* Runs until the transfer ends, the reader has enough or nothing came for idle_ms. */
static int
stream_run(struct stream *stream, CURLM *multi, long idle_ms, bool *stopped, struct err *err)
{
	struct client *client = stream->client;
	int running = 1, left;
	CURLMsg *msg;

	while (running) {
		if (curl_multi_perform(multi, &running) != CURLM_OK)
			return err_set(err, "%s: libcurl gave up", client->where);
		if (!running)
			break;
		if (stream->tick && stream->tick(stream->arg)) {
			*stopped = true;
			return 0;
		}
		if (clock_mono_ms() - stream->last_byte > idle_ms)
			return err_set(err, "nothing came from %s for %ld s", client->where,
				       idle_ms / 1000);
		curl_multi_poll(multi, NULL, 0, TICK_MS, NULL);
	}
	msg = curl_multi_info_read(multi, &left);
	if (msg && msg->data.result != CURLE_OK && stream->result == SSE_MORE)
		return set_curl_error(client, msg->data.result, err);
	return 0;
}

/* What the end of the transfer meant. */
static int
stream_verdict(struct stream *stream, struct err *err)
{
	struct client *client = stream->client;
	json_t *json;
	const char *text;

	if (stream->result == SSE_STOPPED)
		return 0;
	if (stream->result == SSE_TOO_LONG)
		return err_set(err, "an event is longer than %ld KiB", SSE_EVENT_MAX / 1024);
	if (client->status == 200)
		return err_set(err, "mqsd ended the stream");
	json = body_parse(&stream->refusal);
	text = json_string_value(json_object_get(json_object_get(json, "error"), "message"));
	err_set(err, "%s", text ? text : "mqsd refused the stream without saying why");
	json_decref(json);
	return -1;
}

int
client_stream(struct client *client, const char *path, long idle_ms, client_event_cb *event,
	      client_tick_cb *tick, void *arg, struct err *err)
{
	char *url = url_of(client, path);
	struct stream stream = {.client = client,
				.refusal.max = STREAM_REFUSAL_MAX,
				.last_byte = clock_mono_ms(),
				.tick = tick,
				.arg = arg};
	CURLM *multi = curl_multi_init();
	bool stopped = false;
	int rc;

	sse_parser_init(&stream.sse, event, arg);
	prepare(client, "GET", url);
	curl_easy_setopt(client->curl, CURLOPT_CONNECTTIMEOUT_MS, (long)STREAM_CONNECT_MS);
	curl_easy_setopt(client->curl, CURLOPT_WRITEFUNCTION, stream_write);
	curl_easy_setopt(client->curl, CURLOPT_WRITEDATA, &stream);
	curl_multi_add_handle(multi, client->curl);
	rc = stream_run(&stream, multi, idle_ms, &stopped, err);
	curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &client->status);
	if (rc == 0 && !stopped)
		rc = stream_verdict(&stream, err);
	curl_multi_remove_handle(multi, client->curl);
	curl_multi_cleanup(multi);
	free(stream.refusal.data);
	sse_parser_clear(&stream.sse);
	free(url);
	return rc;
}
