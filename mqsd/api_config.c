/* SPDX-License-Identifier: BSD-2-Clause */

/* This mqsd's own configuration, and its log. */

#include <string.h>

#include "lib/log.h"
#include "mqsd/api_priv.h"
#include "mqsd/conf.h"

struct showing {
	const struct conf *conf;
	json_t *options;
};

/* Where a value comes from. */
static const char *
origin(const struct conf *conf, const char *section, bool given)
{
	const struct conf_node *node =
		strncmp(section, "node ", 5) == 0 ? conf_node_find(conf, section + 5) : NULL;

	if (node != NULL && node->added)
		return "node add";
	return given ? "file" : "default";
}

static void
add_option(void *arg, const char *section, const struct option *o, const char *value, bool given)
{
	struct showing *showing = arg;

	json_array_append_new(
		showing->options,
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:s*}", "section", section, "option", o->name,
			  "value", value, "from", origin(showing->conf, section, given), "applies",
			  o->reload == OPTION_RESTART ? "restart" : "SIGHUP", "unit", o->unit));
}

void
api_config(struct api_request *request)
{
	const struct conf *conf = request->api->conf;
	struct showing showing = {conf, json_array()};

	conf_each(conf, add_option, &showing);
	api_reply(request, 200,
		  json_pack("{s:s, s:o}", "path", conf->path, "options", showing.options));
}

static void
add_change(void *arg, const struct option *o, const char *is, const char *other)
{
	json_array_append_new(
		arg,
		json_pack("{s:s, s:s, s:s, s:s, s:s}", "section", o != NULL ? o->section : "node",
			  "option", o != NULL ? o->name : "*", "is", is, "file", other, "applies",
			  o == NULL || o->reload == OPTION_RESTART ? "restart" : "SIGHUP"));
}

void
api_config_check(struct api_request *request)
{
	const struct conf *conf = request->api->conf;
	json_t *changes = json_array();
	struct conf *fresh;
	struct err err;

	fresh = conf_load(conf->path, &err);
	if (fresh == NULL) {
		json_decref(changes);
		api_error(request, 409, "bad_config",
			  "mqsd goes on as it is; SIGHUP would change nothing, and a restart fail.",
			  "%s", err.text);
		return;
	}
	conf_compare(conf, fresh, add_change, changes);
	conf_free(fresh);
	api_reply(request, 200, json_pack("{s:s, s:o}", "path", conf->path, "changes", changes));
}

static void
reply_log(struct api_request *request)
{
	api_reply(request, 200,
		  json_pack("{s:s, s:s}", "level", log_level_names[log_level()], "configured",
			    log_level_names[request->api->conf->log_level]));
}

void
api_log(struct api_request *request)
{
	reply_log(request);
}

void
api_log_set(struct api_request *request)
{
	const char *level = json_string_value(json_object_get(request->body, "level"));
	size_t i;

	for (i = 0; level != NULL && log_level_names[i] != NULL; i++) {
		if (strcmp(level, log_level_names[i]) != 0)
			continue;
		if (i != (size_t)log_level())
			api_undo(request, "log level %s", log_level_names[log_level()]);
		log_info("the log's level is %s now, until SIGHUP or a restart", level);
		log_setup((enum log_level)i, true);
		reply_log(request);
		return;
	}
	api_error(request, 400, "bad_value", "One of debug, info, warn, error.",
		  "'%s' is no level of the log", level != NULL ? level : "");
}
