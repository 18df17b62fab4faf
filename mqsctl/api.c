/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsctl/api.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/client.h"
#include "lib/mem.h"
#include "mqsctl/command.h"
#include "mqsctl/confirm.h"
#include "mqsctl/csv.h"
#include "mqsctl/output.h"
#include "mqsctl/render.h"
#include "mqsctl/shell.h"

#define API_DEADLINE_MS 5000

static char *
build_path(const char *path, va_list ap)
{
	char *out = mem_dup(""), *longer, *value;
	const char *at;

	while ((at = strstr(path, "%s"))) {
		value = client_escape(va_arg(ap, const char *));
		longer = mem_printf("%s%.*s%s", out, (int)(at - path), path, value);
		free(value);
		free(out);
		out = longer;
		path = at + 2;
	}
	longer = mem_printf("%s%s", out, path);
	free(out);
	return longer;
}

char *
api_path(const char *path, ...)
{
	va_list ap;
	char *out;

	va_start(ap, path);
	out = build_path(path, ap);
	va_end(ap);
	return out;
}

int
api_absent(struct shell *shell, bool edit, const struct err *err)
{
	bool reached = client_reached(shell->client);
	char *message, *hint;

	message = mem_printf("%s: %s. Callers keep waiting on their nodes with music and "
			     "conversations go on; calls are not offered until mqsd is back.%s",
			     reached ? "mqsd does not answer" : "no mqsd", err->text,
			     reached && edit ? " Whether the change was made is not known: look "
					       "before trying again."
					     : "");
	if (reached)
		hint = mem_dup("See what it does: systemctl status mqsd; a restart of it loses no "
			       "call and no place in a queue.");
	else if (*shell->where != '/' && strstr(shell->where, "://"))
		hint = mem_dup("Does it run there, does [control] listen in its mqsd.conf say that "
			       "address, and who signed its certificate (--ca)?");
	else if (access(shell->where, F_OK) == 0 && access(shell->where, W_OK) != 0)
		hint = mem_printf(
			"You may not write to %s: use sudo, or join the group that owns it.",
			shell->where);
	else
		hint = mem_printf("Start it: systemctl start mqsd. If it runs (systemctl status "
				  "mqsd), check the socket's path: -s or MQS_SOCKET against "
				  "[control] socket in mqsd.conf.");
	shell_fail(shell, "no_mqsd", message, hint);
	free(message);
	free(hint);
	return SHELL_NO_MQSD;
}

/* The API says why it refused; what goes wrong before that is told in the same way. */
static int
refused(struct shell *shell, const struct client_reply *reply)
{
	const json_t *error = json_object_get(reply->body, "error");
	const char *code = render_string(error, "code");
	char *message;

	if (*render_string(error, "message"))
		message = mem_dup(render_string(error, "message"));
	else
		message = mem_printf("mqsd answered %ld without saying why", reply->status);
	shell_fail(shell, *code ? code : "unknown", message, render_string(error, "hint"));
	free(message);
	return SHELL_REFUSED;
}

/* What came of a request: the body, or what is wrong with it, told. */
static int
take(struct shell *shell, const char *method, struct client_reply *got, json_t **reply)
{
	int rc;

	if (got->status < 200 || got->status > 299) {
		rc = refused(shell, got);
		json_decref(got->body);
		return rc;
	}
	if (!got->body && strcmp(method, "GET") == 0) {
		shell_fail(shell, "bad_reply", "mqsd's reply is not JSON",
			   "Is another program listening on that socket?");
		return SHELL_REFUSED;
	}
	*reply = got->body;
	return SHELL_DONE;
}

static int
ask(struct shell *shell, const char *method, json_t *body, long deadline_ms, json_t **reply,
    const char *path)
{
	struct client_reply got;
	struct err err;

	*reply = NULL;
	if (client_request(shell->client, method, path, body, deadline_ms, &got, &err) != 0)
		return api_absent(shell, strcmp(method, "GET") != 0, &err);
	return take(shell, method, &got, reply);
}

static int
get(struct shell *shell, long deadline_ms, json_t **reply, const char *path, va_list ap)
{
	char *full = build_path(path, ap);
	int rc = ask(shell, "GET", NULL, deadline_ms, reply, full);

	free(full);
	return rc;
}

int
api_get(struct shell *shell, json_t **reply, const char *path, ...)
{
	va_list ap;
	int rc;

	va_start(ap, path);
	rc = get(shell, API_DEADLINE_MS, reply, path, ap);
	va_end(ap);
	return rc;
}

int
api_get_within(struct shell *shell, long deadline_ms, json_t **reply, const char *path, ...)
{
	va_list ap;
	int rc;

	va_start(ap, path);
	rc = get(shell, deadline_ms, reply, path, ap);
	va_end(ap);
	return rc;
}

/* What may be shown of a body; the caller's. */
static json_t *
masked(const json_t *body)
{
	json_t *shown = body ? json_copy((json_t *)body) : NULL;

	if (json_object_get(shown, "password"))
		json_object_set_new(shown, "password", json_string("***"));
	return shown;
}

/* What api_edit() would have sent. */
static int
dry_run(struct shell *shell, const char *method, const json_t *body, const char *path)
{
	json_t *shown = masked(body), *told;
	char *text = shown ? json_dumps(shown, JSON_COMPACT) : NULL;

	if (shell->touches)
		shell_say(shell, "%s", shell->touches);
	shell_say(shell, "not sent: %s %s%s%s", method, path, text ? " " : "", text ? text : "");
	if (shell->json) {
		told = json_pack("{s:b, s:s, s:s, s:O*, s:s*}", "dry_run", 1, "method", method,
				 "path", path, "body", shown, "touches", shell->touches);
		output_json(shell->out, told);
		json_decref(told);
	}
	free(text);
	json_decref(shown);
	return SHELL_DRY;
}

int
api_edit(struct shell *shell, const char *method, json_t *body, json_t **reply, const char *path,
	 ...)
{
	va_list ap;
	char *full;
	int rc;

	va_start(ap, path);
	full = build_path(path, ap);
	va_end(ap);
	*reply = NULL;
	rc = SHELL_DONE;
	if (command_asks(shell->command) && !shell->touches)
		rc = confirm(shell, "%s", shell->command->help);
	if (rc == SHELL_DONE && shell->now.given[SWITCH_DRY_RUN])
		rc = dry_run(shell, method, body, full);
	else if (rc == SHELL_DONE)
		rc = ask(shell, method, body, API_DEADLINE_MS, reply, full);
	json_decref(body);
	free(full);
	return rc;
}

char *
api_fields(const char *path, const struct column *columns, size_t count)
{
	char *full = mem_printf("%s%cfields=", path, strchr(path, '?') ? '&' : '?');
	char *longer;
	size_t i;

	for (i = 0; i < count; i++) {
		longer = mem_printf("%s%s%s", full, i > 0 ? "," : "", columns[i].key);
		free(full);
		full = longer;
	}
	return full;
}

int
api_long_list(struct shell *shell, const char *path, const char *list, const struct column *columns,
	      size_t count, const char *empty)
{
	char *full = shell->json ? mem_dup(path) : api_fields(path, columns, count);
	int rc = api_list(shell, full, list, columns, count, empty);

	free(full);
	return rc;
}

static void
on_row(void *table, const json_t *row)
{
	table_add(table, row);
}

static int
show_table(struct shell *shell, const char *path, const char *list, struct table *table,
	   const char *empty)
{
	struct client_reply got;
	struct err err;
	json_t *reply = NULL;
	int rc;

	if (client_list(shell->client, path, list, API_DEADLINE_MS, on_row, table, &got, &err) != 0)
		return api_absent(shell, false, &err);
	rc = take(shell, "GET", &got, &reply);
	if (rc == SHELL_DONE && table_rows(table) == 0)
		shell_say(shell, "%s", empty);
	else if (rc == SHELL_DONE)
		table_show(table, shell->out, output_width(shell->out));
	json_decref(reply);
	return rc;
}

int
api_list(struct shell *shell, const char *path, const char *list, const struct column *columns,
	 size_t count, const char *empty)
{
	bool csv = shell->now.given[SWITCH_CSV];
	struct table *table;
	json_t *reply;
	int rc;

	if (!shell->json && !csv) {
		table = table_new(columns, count);
		rc = show_table(shell, path, list, table, empty);
		table_free(table);
		return rc;
	}
	rc = ask(shell, "GET", NULL, API_DEADLINE_MS, &reply, path);
	if (rc != SHELL_DONE)
		return rc;
	if (shell->json)
		output_json(shell->out, reply);
	else
		csv_write(shell->out, shell->round == 0, columns, count,
			  json_object_get(reply, list));
	json_decref(reply);
	return SHELL_DONE;
}

/* A line a command. */
static void
say_undo(struct shell *shell, const char *undo)
{
	size_t len;

	for (; *undo; undo += len + (undo[len] == '\n')) {
		len = strcspn(undo, "\n");
		shell_say(shell, "undo: %.*s", (int)len, undo);
	}
}

void
api_done(struct shell *shell, json_t *reply)
{
	if (shell->json) {
		json_t *shown = reply ? json_incref(reply) : json_object();

		output_json(shell->out, shown);
		json_decref(shown);
	} else {
		say_undo(shell, render_string(reply, "undo"));
	}
	json_decref(reply);
}
