/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "lib/text.h"
#include "mqsd/api_priv.h"
#include "mqsd/conf.h"
#include "mqsd/dispatcher.h"

static void
on_told(void *arg, enum dispatcher_word word)
{
	struct api_request *request = arg;

	json_object_set_new(request->result, "kamailio", json_string(dispatcher_words[word]));
	api_reply(request, 200, json_incref(request->result));
}

/* The wish is in the pool; now Kamailio is told. What was wished before has no undo. */
static void
tell(struct api_request *request, json_t *reply, bool drain)
{
	const char *name = request->params[0];
	bool already = json_is_true(json_object_get(reply, "already"));

	request->result = json_incref(json_object_get(reply, "node"));
	json_object_set_new(request->result, "already", json_boolean(already));
	if (!already)
		api_undo(request, "node %s %s", drain ? "undrain" : "drain", name);
	dispatcher_tell(request->api->hooks.dispatcher, name, drain, on_told, request);
}

static void
drained(struct api_request *request, json_t *reply)
{
	tell(request, reply, true);
}

static void
undrained(struct api_request *request, json_t *reply)
{
	tell(request, reply, false);
}

void
api_node_drain(struct api_request *request)
{
	api_script(request, "node_drain", json_pack("{s:s}", "node", request->params[0]), drained);
}

void
api_node_undrain(struct api_request *request)
{
	api_script(request, "node_undrain", json_pack("{s:s}", "node", request->params[0]),
		   undrained);
}

#define VALUE_MAX 200

/* A member of the body, "" when it is not there; NULL and answered when it can't be used. */
static const char *
word_of(struct api_request *request, const char *key)
{
	const json_t *value = json_object_get(request->body, key);
	const char *text = json_string_value(value), *c;

	if (value == NULL)
		return "";
	for (c = text; c != NULL && *c > ' ' && *c != 0x7f && *c != '"' && *c != '\\'; c++)
		;
	if (c != NULL && *c == '\0' && c - text <= VALUE_MAX)
		return text;
	api_error(request, 400, "bad_value", "Text without spaces and quotes, up to 200 bytes.",
		  "%s is no such value", key);
	return NULL;
}

static bool
has_strange_keys(struct api_request *request)
{
	static const char *const keys[] = {"name", "url", "sip", "user", "password"};
	const char *key;
	json_t *value;
	size_t i;

	json_object_foreach(request->body, key, value)
	{
		for (i = 0; i < sizeof(keys) / sizeof(keys[0]) && strcmp(keys[i], key) != 0; i++)
			;
		if (i < sizeof(keys) / sizeof(keys[0]))
			continue;
		api_error(request, 400, "no_such_option",
			  "There are name, url, sip, user and password.", "a node has no '%s'",
			  key);
		return true;
	}
	return false;
}

/* The host of the url, at the port of SIP. */
static json_t *
sip_of(const char *url, const char *sip)
{
	const char *host = strstr(url, "://") + 3;

	if (*sip != '\0')
		return json_string(sip);
	return json_sprintf("sip:%.*s", (int)strcspn(host, ":/"), host);
}

static void
added(struct api_request *request, json_t *reply)
{
	const char *name = json_string_value(json_object_get(request->result, "name"));
	const char *sip = json_string_value(json_object_get(request->result, "sip"));

	(void)reply;
	dispatcher_look(request->api->hooks.dispatcher);
	json_object_set_new(request->result, "line", json_sprintf("1 %s 9 0 duid=%s", sip, name));
	api_undo(request, "node drain %s", name);
	api_undo(request, "node remove %s", name);
	api_reply(request, 200, json_incref(request->result));
}

/* Answered, unless the addresses are such. */
static bool
is_no_address(struct api_request *request, const char *url, const char *sip)
{
	bool bad_url = !conf_is_node_url(url);

	if (!bad_url && (*sip == '\0' || strncmp(sip, "sip:", 4) == 0))
		return false;
	api_error(request, 400, "bad_value",
		  "url is that of ARI, http[s]://HOST:PORT; sip the one that callers are sent to, "
		  "sip:HOST:PORT.",
		  "%s '%s' is no such address", bad_url ? "url" : "sip", bad_url ? url : sip);
	return true;
}

void
api_node_add(struct api_request *request)
{
	const char *name, *url, *sip, *user, *password;

	if (has_strange_keys(request) || (name = word_of(request, "name")) == NULL ||
	    (url = word_of(request, "url")) == NULL || (sip = word_of(request, "sip")) == NULL ||
	    (user = word_of(request, "user")) == NULL ||
	    (password = word_of(request, "password")) == NULL)
		return;
	if (!text_is_name(name)) {
		api_error(request, 400, "bad_name",
			  "Names are made of letters, digits, _ . - (up to 64).", "'%s' is no name",
			  name);
		return;
	}
	if (is_no_address(request, url, sip))
		return;
	request->result =
		json_pack("{s:s, s:s, s:o}", "name", name, "url", url, "sip", sip_of(url, sip));
	api_script(request, "node_add",
		   json_pack("{s:s, s:s, s:s, s:s, s:O}", "node", name, "url", url, "user", user,
			     "password", password, "sip", json_object_get(request->result, "sip")),
		   added);
}

static void
removed(struct api_request *request, json_t *reply)
{
	json_t *node = json_object_get(reply, "node");
	const char *sip = json_string_value(json_object_get(node, "sip"));

	dispatcher_look(request->api->hooks.dispatcher);
	/* With a password of its own only who knows that can add it again. */
	if (sip != NULL && !json_is_true(json_object_get(node, "secret")))
		api_undo(request, "node add %s %s sip %s", request->params[0],
			 json_string_value(json_object_get(node, "url")), sip);
	json_object_del(node, "secret");
	api_reply(request, 200, json_incref(node));
}

void
api_node_remove(struct api_request *request)
{
	const char *name = request->params[0];
	const char *file = request->api->hooks.node_file(request->api->hooks.arg, name);
	const struct conf_node *node = conf_node_find(request->api->conf, name);

	if (node != NULL && !node->added)
		file = request->api->conf->instance;
	if (file == NULL)
		api_script(request, "node_remove", json_pack("{s:s}", "node", name), removed);
	else
		api_error(request, 409, "node_in_file",
			  "Drain it, take its section out of the file and restart that mqsd; then "
			  "remove it here.",
			  "node %s is not removed by a command: mqsd.conf of %s has [node %s]",
			  name, file, name);
}

static void
asked(struct api_request *request, json_t *reply)
{
	api_reply(request, 200, json_pack("{s:O}", "nodes", json_object_get(reply, "items")));
}

void
api_reconcile(struct api_request *request)
{
	api_script(request, "node_ask", json_pack("{s:s*}", "node", request->params[0]), asked);
}
