/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "lib/client.h"
#include "lib/mem.h"
#include "mqsctl/api.h"
#include "mqsctl/cmd.h"
#include "mqsctl/event_line.h"
#include "mqsctl/grammar.h"
#include "mqsctl/interrupt.h"
#include "mqsctl/render.h"
#include "mqsctl/shell.h"

/* mqsd pings each 15 s; two missing ones and it is not there any more. */
#define IDLE_MS 35000

struct watch {
	struct shell *shell;
	long long left;	   /* events still to show; -1: no end */
	char *last;	   /* id of the last event shown */
	const char *queue; /* only what concerns it; NULL: all */
	json_t *members;   /* of that queue, as far as is known: name -> true */
};

/* Is it told of the queue, or of one of its members and of no queue? Follows who they are. */
static bool
concerns(struct watch *watch, const json_t *fields)
{
	const char *queue = render_string(fields, "queue"), *agent = render_string(fields, "agent");

	if (!watch->queue)
		return true;
	if (strcmp(queue, watch->queue) != 0)
		return !*queue && json_object_get(watch->members, agent);
	if (strcmp(render_string(fields, "event"), "member_added") == 0)
		json_object_set_new(watch->members, agent, json_true());
	else if (strcmp(render_string(fields, "event"), "member_removed") == 0)
		json_object_del(watch->members, agent);
	return true;
}

static int
on_event(void *arg, const char *id, const char *name, const char *data)
{
	struct watch *watch = arg;
	FILE *out = watch->shell->out;
	json_t *fields = json_loads(data, JSON_ALLOW_NUL, NULL);

	if (!concerns(watch, fields)) {
		json_decref(fields);
		return 0;
	}
	if (watch->shell->json && json_is_object(fields)) {
		if (*id && !json_object_get(fields, "id"))
			json_object_set_new(fields, "id", json_string(id));
		output_json_line(out, fields);
	} else if (!watch->shell->json) {
		char when[64];

		fprintf(out, "%s ",
			render_clock(render_integer(fields, "at"), false, when, sizeof(when)));
		event_line(out, *name ? name : render_string(fields, "event"), fields, NULL);
	}
	/* Somebody reads along, perhaps through a pipe. */
	fflush(out);
	json_decref(fields);
	free(watch->last);
	watch->last = mem_dup(id);
	return watch->left > 0 && --watch->left == 0;
}

static int
on_tick(void *arg)
{
	(void)arg;
	return interrupt_seen();
}

/* Where to go on; not after `count`, which ends as it was meant to. */
static char *
resume_hint(const struct watch *watch)
{
	if (watch->queue)
		return mem_printf("Go on with: queue watch %s", watch->queue);
	if (!watch->last || !*watch->last)
		return mem_dup("Go on with: events");
	return mem_printf("Go on where it ended with: events since %s", watch->last);
}

/* Until it ends, or the person ends it. */
static int
follow(struct shell *shell, const char *path, struct watch *watch)
{
	struct err err;
	char *hint;
	int rc = SHELL_DONE;

	if (client_stream(shell->client, path, IDLE_MS, on_event, on_tick, watch, &err) != 0) {
		hint = resume_hint(watch);
		if (client_status(shell->client) == 200) {
			shell_fail(shell, "stream_ended", err.text, hint);
			rc = SHELL_NO_MQSD;
		} else if (client_status(shell->client) != 0) {
			shell_fail(shell, "refused", err.text, NULL);
			rc = SHELL_REFUSED;
		} else {
			rc = api_absent(shell, false, &err);
		}
		free(hint);
	} else if (watch->left != 0 && !shell->json) {
		hint = resume_hint(watch);
		fputc('\n', shell->out);
		shell_say(shell, "%s", hint);
		free(hint);
	}
	free(watch->last);
	return rc;
}

static struct watch
watch_of(struct shell *shell, const struct match *match)
{
	const char *count = match_value(match, "count");

	return (struct watch){.shell = shell, .left = count ? strtoll(count, NULL, 10) : -1};
}

int
cmd_events(struct shell *shell, const struct match *match)
{
	const char *since = match_value(match, "event");
	struct watch watch = watch_of(shell, match);
	char *path = since ? api_path("/v1/events?since=%s", since) : mem_dup("/v1/events");
	int rc = follow(shell, path, &watch);

	free(path);
	return rc;
}

int
cmd_queue_watch(struct shell *shell, const struct match *match)
{
	struct watch watch = watch_of(shell, match);
	json_t *queue, *member;
	size_t i;
	int rc;

	watch.queue = match_value(match, "queue");
	rc = api_get(shell, &queue, "/v1/queues/%s", watch.queue);
	if (rc != SHELL_DONE)
		return rc;
	watch.members = json_object();
	json_array_foreach(json_object_get(queue, "member_list"), i, member)
		json_object_set_new(watch.members, render_string(member, "agent"), json_true());
	rc = follow(shell, "/v1/events", &watch);
	json_decref(watch.members);
	json_decref(queue);
	return rc;
}
