/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/redis_address.h"

#include <stdio.h>
#include <string.h>

#define REDIS_PORT    6379
#define SENTINEL_PORT 26379
#define FORMS	      "HOST:PORT, unix:/PATH or sentinel:GROUP@HOST:PORT,HOST:PORT,..."

static int
parse_port(const char *text, size_t len, struct err *err)
{
	size_t i;
	int port = 0;

	for (i = 0; i < len && i < 6 && text[i] >= '0' && text[i] <= '9'; i++)
		port = port * 10 + text[i] - '0';
	if (i < len || port < 1 || port > 65535)
		return err_set(err, "port '%.*s' is not a number from 1 to 65535", (int)len, text);
	return port;
}

/* One HOST[:PORT] of len bytes. */
static int
parse_host(const char *text, size_t len, int port, struct redis_host *out, struct err *err)
{
	const char *end = text + len, *host = text, *colon, *close;
	size_t host_len;

	if (len > 0 && *text == '[') {
		close = memchr(text, ']', len);
		if (close == NULL || (close + 1 < end && close[1] != ':'))
			return err_set(err, "'%.*s' has a [ without its ], or no : behind it",
				       (int)len, text);
		host = text + 1;
		host_len = (size_t)(close - host);
		colon = close + 1 < end ? close + 1 : NULL;
	} else {
		colon = memchr(text, ':', len);
		host_len = colon != NULL ? (size_t)(colon - text) : len;
		if (colon != NULL && memchr(colon + 1, ':', (size_t)(end - colon - 1)) != NULL)
			return err_set(err, "'%.*s' has several colons; write [ADDRESS]:PORT",
				       (int)len, text);
	}
	if (host_len == 0 || host_len >= sizeof(out->host) || memchr(host, '[', host_len) != NULL ||
	    memchr(host, ']', host_len) != NULL)
		return err_set(err, "'%.*s' has no host, or a very long one; write %s", (int)len,
			       text, FORMS);
	if ((host_len == 4 && memcmp(host, "unix", 4) == 0) ||
	    (host_len == 8 && memcmp(host, "sentinel", 8) == 0))
		return err_set(err, "a host cannot be called %.*s; write %s", (int)host_len, host,
			       FORMS);
	if (colon != NULL)
		port = parse_port(colon + 1, (size_t)(end - colon - 1), err);
	if (port < 0)
		return -1;
	snprintf(out->host, sizeof(out->host), "%.*s", (int)host_len, host);
	out->port = port;
	return 0;
}

static int
parse_sentinels(const char *text, struct redis_address *address, struct err *err)
{
	const char *at = strchr(text, '@');
	size_t len;

	if (at == NULL || at == text || (size_t)(at - text) >= sizeof(address->group))
		return err_set(err,
			       "'sentinel:%s' has no group; write sentinel:GROUP@HOST:PORT,...",
			       text);
	snprintf(address->group, sizeof(address->group), "%.*s", (int)(at - text), text);
	for (text = at + 1;; text += len + 1) {
		len = strcspn(text, ",");
		if (address->count == REDIS_SENTINELS_MAX)
			return err_set(err, "more than %d Sentinels", REDIS_SENTINELS_MAX);
		if (parse_host(text, len, SENTINEL_PORT, &address->hosts[address->count++], err) !=
		    0)
			return -1;
		if (text[len] == '\0')
			return 0;
	}
}

int
redis_address_parse(const char *text, struct redis_address *address, struct err *err)
{
	memset(address, 0, sizeof(*address));
	if (strpbrk(text, " \t\"'") != NULL)
		return err_set(err, "'%s' has a blank or a quote in it; write %s", text, FORMS);
	if (strncmp(text, "sentinel:", 9) == 0)
		return parse_sentinels(text + 9, address, err);
	address->count = 1;
	if (strncmp(text, "unix:", 5) != 0)
		return parse_host(text, strlen(text), REDIS_PORT, &address->hosts[0], err);
	if (text[5] != '/' || strlen(text + 5) >= sizeof(address->hosts[0].host))
		return err_set(err,
			       "'%s' is not unix: and a path of up to %d bytes that begins with /",
			       text, REDIS_HOST_MAX - 1);
	snprintf(address->hosts[0].host, sizeof(address->hosts[0].host), "%s", text + 5);
	return 0;
}

bool
redis_host_equal(const struct redis_host *a, const struct redis_host *b)
{
	return a->port == b->port && strcmp(a->host, b->host) == 0;
}

char *
redis_host_text(const struct redis_host *host, char *out, size_t size)
{
	if (host->port == 0)
		snprintf(out, size, "unix:%s", host->host);
	else
		snprintf(out, size, strchr(host->host, ':') != NULL ? "[%s]:%d" : "%s:%d",
			 host->host, host->port);
	return out;
}
