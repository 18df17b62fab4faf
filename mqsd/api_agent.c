/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "lib/export.h"
#include "lib/mem.h"
#include "lib/queue_option.h"
#include "lib/text.h"
#include "lib/words.h"
#include "mqsd/api_priv.h"
#include "mqsd/conf.h"

#define REASON_MAX 100

static void
reply_agent(struct api_request *request, json_t *reply)
{
	api_reply(request, 200, view_one(&view_agent, reply));
}

static void
show(struct api_request *request, json_t *reply)
{
	(void)reply;
	api_one(request, &view_agent, request->params[0], reply_agent);
}

void
api_agent_show(struct api_request *request)
{
	show(request, NULL);
}

static void
reply_agents(struct api_request *request, json_t *reply)
{
	(void)reply;
	api_reply_rows(request, json_object(), "agents");
}

void
api_agents(struct api_request *request)
{
	struct list_order order = {.view = &view_agent, .of = "agents"};

	api_list(request, &order, reply_agents);
}

static void
reply_created(struct api_request *request, json_t *reply)
{
	api_undo(request, "agent remove %s", request->params[0]);
	api_reply(request, 201, view_one(&view_agent, reply));
}

static void
created(struct api_request *request, json_t *reply)
{
	(void)reply;
	api_one(request, &view_agent, request->params[0], reply_created);
}

/* An address goes into a dial string and a SIP request line; so nothing that could leave either. */
static int
is_address(const char *s)
{
	return strncmp(s, "sip:", 4) == 0 && s[4] != '\0' && strchr(s + 4, '@') != NULL &&
	       strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
			 "_.-+@:;=[]") == strlen(s);
}

/* Fills an empty address in; false and answered when it is none. */
static bool
settle_address(struct api_request *request, json_t *options)
{
	const char *address = json_string_value(json_object_get(options, "address"));
	char *made;

	if (address != NULL && *address == '\0') {
		made = mem_printf("sip:%s@%s", request->params[0], request->api->conf->sip_domain);
		json_object_set_new(options, "address", json_string(made));
		free(made);
		return true;
	}
	if (address == NULL || is_address(address))
		return true;
	api_error(request, 400, "bad_value", "For example sip:1001@pbx.example.",
		  "address: '%s' is not a SIP address", address);
	return false;
}

void
api_agent_create(struct api_request *request)
{
	const char *name = json_string_value(json_object_get(request->body, "name"));
	json_t *args = json_object();
	size_t i;

	if (name == NULL || !text_is_name(name)) {
		json_decref(args);
		api_error(request, 400, "bad_name",
			  "Names are made of letters, digits, _ . - (up to 64).",
			  "'%s' cannot be the name of an agent", name != NULL ? name : "");
		return;
	}
	request->params[0] = mem_dup(name);
	for (i = 0; i < agent_options.count; i++)
		json_object_set_new(args, agent_options.rows[i].name,
				    json_string(agent_options.rows[i].def));
	if (!api_options(request, &agent_options, "agent", "name", args) ||
	    !settle_address(request, args)) {
		json_decref(args);
		return;
	}
	json_object_set_new(args, "agent", json_string(name));
	api_script(request, "agent_add", args, created);
}

static void
set(struct api_request *request, json_t *reply)
{
	api_undo_options(request, &agent_options, "agent set", json_object_get(reply, "was"));
	if (json_is_true(json_object_get(reply, "logged_in")))
		api_undo(request, "agent logout %s", request->params[0]);
	show(request, NULL);
}

void
api_agent_set(struct api_request *request)
{
	request->result = json_object();
	if (api_options(request, &agent_options, "agent", "v", request->result) &&
	    settle_address(request, request->result))
		api_script(request, "agent_set",
			   json_pack("{s:s, s:O, s:O*}", "agent", request->params[0], "options",
				     request->result, "v", json_object_get(request->body, "v")),
			   set);
}

static void
removed(struct api_request *request, json_t *reply)
{
	char *commands = export_commands(json_object_get(reply, "agent"));

	api_undo(request, "%.*s", (int)strlen(commands) - 1, commands);
	free(commands);
	api_reply(request, 200, json_pack("{s:s}", "removed", request->params[0]));
}

void
api_agent_remove(struct api_request *request)
{
	api_script(request, "agent_remove", json_pack("{s:s}", "agent", request->params[0]),
		   removed);
}

static void
change(struct api_request *request, const char *script,
       void (*then)(struct api_request *request, json_t *reply))
{
	api_script(request, script, json_pack("{s:s}", "agent", request->params[0]), then);
}

static void
logged_in(struct api_request *request, json_t *reply)
{
	if (json_is_true(json_object_get(reply, "changed")))
		api_undo(request, "agent logout %s", request->params[0]);
	show(request, NULL);
}

void
api_agent_login(struct api_request *request)
{
	change(request, "agent_login", logged_in);
}

static void
logged_out(struct api_request *request, json_t *reply)
{
	if (json_is_true(json_object_get(reply, "changed")))
		api_undo(request, "agent login %s", request->params[0]);
	show(request, NULL);
}

void
api_agent_logout(struct api_request *request)
{
	change(request, "agent_logout", logged_out);
}

static void
undo_to_pause(struct api_request *request, const char *reason)
{
	char *word = words_quote(reason);

	api_undo(request, "agent pause %s reason %s", request->params[0], word);
	free(word);
}

static void
unpaused(struct api_request *request, json_t *reply)
{
	const char *before = json_string_value(json_object_get(reply, "before"));

	if (before != NULL)
		undo_to_pause(request, before);
	show(request, NULL);
}

void
api_agent_unpause(struct api_request *request)
{
	change(request, "agent_unpause", unpaused);
}

void
api_agent_wrapup_end(struct api_request *request)
{
	change(request, "agent_wrapup_end", show);
}

void
api_agent_reset(struct api_request *request)
{
	change(request, "agent_reset", show);
}

static void
paused(struct api_request *request, json_t *reply)
{
	const char *before = json_string_value(json_object_get(reply, "before"));
	const char *reason = json_string_value(json_object_get(reply, "reason"));

	if (before == NULL)
		api_undo(request, "agent unpause %s", request->params[0]);
	else if (strcmp(before, reason) != 0)
		undo_to_pause(request, before);
	show(request, NULL);
}

void
api_agent_pause(struct api_request *request)
{
	const char *reason = json_string_value(json_object_get(request->body, "reason"));
	char clean[REASON_MAX + 1];

	text_printable(clean, sizeof(clean), reason ? reason : "", reason ? strlen(reason) : 0);
	api_script(request, "agent_pause",
		   json_pack("{s:s, s:s}", "agent", request->params[0], "reason", clean), paused);
}
