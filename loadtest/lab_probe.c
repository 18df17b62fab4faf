/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/lab_probe.h"

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/clock.h"
#include "loadtest/lab.h"
#include "loadtest/lab_ask.h"

static void
set_version(char *version, const char *text)
{
	snprintf(version, LAB_TEXT_MAX, "%.*s", (int)strcspn(text, "+\r\n"), text);
}

/* INFO's reply is a string of a told length, or an error. */
static bool
info_whole(const char *reply, size_t len)
{
	const char *length = strstr(reply, "\n$"), *body;

	if (length == NULL)
		return (reply[0] == '-' || strstr(reply, "\n-") != NULL) && reply[len - 1] == '\n';
	body = strchr(length + 1, '\n');
	return body != NULL && len - (size_t)(body + 1 - reply) >= strtoul(length + 2, NULL, 10);
}

/* All that a Redis or Sentinel says of itself, owned by the caller, or NULL with why. */
static char *
redis_info(const char *address, char *version, char *why)
{
	char *reply = malloc(LAB_ASK_MAX), *v;

	if (reply == NULL ||
	    lab_ask(address, SOCK_STREAM, "PING\r\nINFO\r\n", info_whole, reply, why) < 0) {
		free(reply);
		return NULL;
	}
	v = strstr(reply, "redis_version:");
	if (strncmp(reply, "+PONG", 5) == 0 && v != NULL) {
		set_version(version, v + strlen("redis_version:"));
		return reply;
	}
	set_version(why, reply);
	free(reply);
	return NULL;
}

bool
probe_redis(const char *address, char *version, char *why)
{
	char *info = redis_info(address, version, why);
	bool ok;

	if (info == NULL)
		return false;
	ok = strstr(info, "\nrole:master") != NULL ||
	     strstr(info, "\nmaster_link_status:up") != NULL;
	if (!ok)
		lab_ask_say(why, "not in step with its master");
	free(info);
	return ok;
}

bool
probe_redis_role(const char *address, bool *master, int *replicas)
{
	char version[LAB_TEXT_MAX], why[LAB_TEXT_MAX], *info = redis_info(address, version, why);
	const char *slaves = info != NULL ? strstr(info, "\nconnected_slaves:") : NULL;

	*master = info != NULL && strstr(info, "\nrole:master") != NULL;
	*replicas = slaves != NULL ? atoi(slaves + strlen("\nconnected_slaves:")) : 0;
	free(info);
	return slaves != NULL;
}

static bool
line_whole(const char *reply, size_t len)
{
	return reply[len - 1] == '\n';
}

bool
probe_redis_flush(const char *address)
{
	char *reply = malloc(LAB_ASK_MAX), why[LAB_TEXT_MAX];
	bool ok = reply != NULL &&
		  lab_ask(address, SOCK_STREAM, "FLUSHALL\r\n", line_whole, reply, why) > 0 &&
		  strncmp(reply, "+OK", 3) == 0;

	free(reply);
	return ok;
}

bool
probe_sentinel(const char *address, int replicas, int sentinels, char *version, char *why)
{
	char *info = redis_info(address, version, why), *master, *seen, *others;
	bool ok = false;

	if (info == NULL)
		return false;
	master = strstr(info, "\nmaster0:");
	seen = master != NULL ? strstr(master, ",slaves=") : NULL;
	others = master != NULL ? strstr(master, ",sentinels=") : NULL;
	if (seen != NULL && others != NULL)
		ok = strtol(seen + strlen(",slaves="), NULL, 10) >= replicas &&
		     strtol(others + strlen(",sentinels="), NULL, 10) >= sentinels;
	if (!ok)
		lab_ask_say(why, "has not found the replicas and the other Sentinels");
	free(info);
	return ok;
}

static bool
datagram_whole(const char *reply, size_t len)
{
	return strncmp(reply, "SIP/2.0 ", 8) == 0 && len > 8;
}

static bool
sip_options(const char *address, char *why)
{
	char request[512], *reply = malloc(LAB_ASK_MAX);
	int64_t id = clock_mono_us();
	bool ok = false;

	snprintf(request, sizeof(request),
		 "OPTIONS sip:%s SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bK%lld\r\n"
		 "From: <sip:lab@127.0.0.1>;tag=%lld\r\nTo: <sip:%s>\r\nCall-ID: %lld@lab\r\n"
		 "CSeq: 1 OPTIONS\r\nMax-Forwards: 5\r\nContent-Length: 0\r\n\r\n",
		 address, (long long)id, (long long)id, address, (long long)id);
	if (reply != NULL &&
	    lab_ask(address, SOCK_DGRAM, request, datagram_whole, reply, why) > 0) {
		ok = strncmp(reply, "SIP/2.0 200", 11) == 0;
		if (!ok)
			set_version(why, reply);
	}
	free(reply);
	return ok;
}

json_t *
probe_kamailio_rpc(const char *url, const char *method, char *why)
{
	char request[512], body[128];
	const char *address = url + strlen("http://");

	snprintf(body, sizeof(body), "{\"jsonrpc\":\"2.0\",\"method\":\"%s\",\"id\":1}", method);
	snprintf(request, sizeof(request),
		 "POST /RPC HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
		 "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
		 strlen(body), body);
	return lab_ask_http(address, request, why);
}

/* Dispatcher targets whose flags begin with A (active), anywhere in the answer. */
static int
count_active(json_t *json)
{
	json_t *value;
	const char *key;
	size_t i;
	int n = 0;

	if (json_is_array(json))
		json_array_foreach(json, i, value) n += count_active(value);
	if (json_is_object(json))
		json_object_foreach(json, key, value)
		{
			if (strcmp(key, "FLAGS") == 0 && json_is_string(value))
				n += json_string_value(value)[0] == 'A';
			else
				n += count_active(value);
		}
	return n;
}

bool
probe_kamailio(const char *sip, const char *url, int nodes, char *version, char *why)
{
	json_t *list, *core;
	const char *text;
	int active;

	if (!sip_options(sip, why))
		return false;
	list = probe_kamailio_rpc(url, "dispatcher.list", why);
	if (list == NULL)
		return false;
	active = count_active(list);
	json_decref(list);
	if (active < nodes) {
		snprintf(why, LAB_TEXT_MAX, "%d of %d nodes answer its probes", active, nodes);
		return false;
	}
	core = probe_kamailio_rpc(url, "core.version", why);
	text = json_string_value(json_object_get(core, "result"));
	if (text != NULL) {
		/* "kamailio 5.6.3 (x86_64/linux) " */
		text += strcspn(text, " ");
		snprintf(version, LAB_TEXT_MAX, "%.*s", (int)strcspn(text + (*text == ' '), " "),
			 text + (*text == ' '));
	}
	json_decref(core);
	return true;
}

bool
probe_asterisk(const char *url, const char *user, const char *password, char *version, char *why)
{
	char request[512];
	const char *text;
	json_t *info;

	snprintf(request, sizeof(request),
		 "GET /ari/asterisk/info?api_key=%s:%s HTTP/1.1\r\nHost: localhost\r\n"
		 "Connection: close\r\n\r\n",
		 user, password);
	info = lab_ask_http(url + strlen("http://"), request, why);
	text = json_string_value(json_object_get(json_object_get(info, "system"), "version"));
	if (text != NULL)
		set_version(version, text);
	json_decref(info);
	return info != NULL;
}

/* A member of a member, "" when it isn't there. */
static const char *
text_in(const json_t *json, const char *object, const char *key)
{
	const char *text = json_string_value(json_object_get(json_object_get(json, object), key));

	return text != NULL ? text : "";
}

json_t *
probe_mqsd_list(const char *socket, char *why)
{
	json_t *reply = lab_ask_http(
		socket, "GET /v1/nodes HTTP/1.1\r\nHost: mqsd\r\nConnection: close\r\n\r\n", why);
	json_t *list = json_incref(json_object_get(reply, "nodes"));

	if (reply != NULL && list == NULL)
		lab_ask_say(why, "it does not list the nodes");
	json_decref(reply);
	return list;
}

bool
probe_mqsd_nodes(const char *socket, int *up, char *version, char *why)
{
	json_t *health = lab_ask_http(
		socket, "GET /v1/health HTTP/1.1\r\nHost: mqsd\r\nConnection: close\r\n\r\n", why);
	const char *text = json_string_value(json_object_get(health, "version"));
	bool ok = false;

	*up = (int)json_integer_value(json_object_get(json_object_get(health, "nodes"), "up"));
	if (text != NULL)
		set_version(version, text);
	if (health == NULL)
		return false;
	if (strcmp(text_in(health, "redis", "state"), "up") != 0)
		lab_ask_say(why, "it has no Redis");
	else if (strcmp(text_in(health, "pool", "state"), "ready") != 0)
		snprintf(why, LAB_TEXT_MAX, "its pool is %.64s", text_in(health, "pool", "state"));
	else
		ok = true;
	json_decref(health);
	return ok;
}

bool
probe_mqsd(const char *socket, int nodes, char *version, char *why)
{
	int up;

	if (!probe_mqsd_nodes(socket, &up, version, why))
		return false;
	if (up < nodes)
		snprintf(why, LAB_TEXT_MAX, "%d of %d nodes up", up, nodes);
	return up >= nodes;
}
