/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/desk.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "loadtest/plan.h"

#define REQUEST_MS 5000
#define CLOSE_MS   10000
#define RETRY_MS   200

/* Takes body. Returns the reply's body for a 2xx, else NULL with err; body of an empty 2xx is {}.
 */
static json_t *
ask(struct client *client, const char *method, json_t *body, struct err *err, const char *path)
{
	struct client_reply reply;
	struct err cause;
	const char *said;
	json_t *result = NULL;

	if (client_request(client, method, path, body, REQUEST_MS, &reply, &cause) != 0) {
		err_set(err, "%s %s: %.300s", method, path, cause.text);
	} else if (reply.status / 100 != 2) {
		said = json_string_value(
			json_object_get(json_object_get(reply.body, "error"), "message"));
		err_set(err, "%s %s: %ld %.300s", method, path, reply.status,
			said != NULL ? said : "");
	} else {
		result = reply.body != NULL ? json_incref(reply.body) : json_object();
	}
	json_decref(reply.body);
	json_decref(body);
	return result;
}

__attribute__((format(printf, 5, 6))) static int
tell(struct client *client, const char *method, json_t *body, struct err *err, const char *fmt, ...)
{
	char path[256];
	json_t *result;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	result = ask(client, method, body, err, path);
	json_decref(result);
	return result != NULL ? 0 : -1;
}

/* All or none: one that is there already is somebody else's. */
static int
create_queues(struct client *client, const struct profile *p, struct err *err)
{
	char queue[PLAN_QUEUE_MAX];
	struct err ignored;
	int64_t q;

	for (q = 0; q < p->queues; q++)
		if (tell(client, "POST",
			 json_pack("{s:s, s:I, s:I}", "name", plan_queue_name(p->queue, q, queue),
				   "timeout", (json_int_t)p->ring_s, "wrapuptime",
				   (json_int_t)plan_wrapup_s(p)),
			 err, "/v1/queues") != 0)
			break;
	if (q == p->queues)
		return 0;
	while (q-- > 0)
		tell(client, "DELETE", NULL, &ignored, "/v1/queues/%s",
		     plan_queue_name(p->queue, q, queue));
	return -1;
}

static int
create_agent(struct client *client, const struct profile *p, const char *name, struct err *err)
{
	char queue[PLAN_QUEUE_MAX];
	int64_t q;

	if (tell(client, "POST", json_pack("{s:s, s:s}", "name", name, "login", "register"), err,
		 "/v1/agents") != 0)
		return -1;
	for (q = 0; q < p->queues; q++)
		if (tell(client, "PUT", json_pack("{s:i}", "penalty", 0), err,
			 "/v1/queues/%s/members/%s", plan_queue_name(p->queue, q, queue),
			 name) != 0)
			return -1;
	return 0;
}

int
desk_open(struct client *client, const struct profile *p, bool *opened, struct err *err)
{
	char name[PLAN_NAME_MAX];
	int64_t i;

	if (create_queues(client, p, err) != 0)
		return -1;
	*opened = true;
	for (i = 0; i < p->agents; i++)
		if (create_agent(client, p, plan_agent_name(i, name), err) != 0)
			return -1;
	return 0;
}

int64_t
desk_logged_in(struct client *client, const struct profile *p, struct err *err)
{
	char *path = mem_printf("/v1/queues/%s", p->queue);
	json_t *queue = ask(client, "GET", NULL, err, path), *member;
	const char *state;
	int64_t count = 0;
	size_t i;

	free(path);
	if (queue == NULL)
		return -1;
	json_array_foreach(json_object_get(queue, "member_list"), i, member)
	{
		state = json_string_value(json_object_get(member, "state"));
		count += state != NULL && strcmp(state, "logged_out") != 0;
	}
	json_decref(queue);
	return count;
}

/* state: "" for all. */
static int
each_call(struct client *client, const char *queue, const char *state,
	  void (*found)(void *arg, const char *call), void *arg, struct err *err)
{
	char *path = mem_printf("/v1/calls?queue=%s%s%s", queue, *state ? "&state=" : "", state);
	json_t *calls = ask(client, "GET", NULL, err, path), *call;
	const char *id;
	size_t i;

	free(path);
	if (calls == NULL)
		return -1;
	json_array_foreach(json_object_get(calls, "calls"), i, call)
	{
		id = json_string_value(json_object_get(call, "id"));
		if (id != NULL)
			found(arg, id);
	}
	json_decref(calls);
	return 0;
}

int
desk_waiting(struct client *client, const struct profile *p,
	     void (*found)(void *arg, const char *call), void *arg, struct err *err)
{
	char queue[PLAN_QUEUE_MAX];
	int64_t q;

	for (q = 0; q < p->queues; q++)
		if (each_call(client, plan_queue_name(p->queue, q, queue), "waiting", found, arg,
			      err) != 0)
			return -1;
	return 0;
}

int
desk_hangup(struct client *client, const char *call, struct err *err)
{
	return tell(client, "DELETE", NULL, err, "/v1/calls/%s", call);
}

static void
hangup_left(void *arg, const char *call)
{
	struct err ignored;

	desk_hangup(arg, call, &ignored);
}

/* Calls that an interrupted run left would stay for ever, their SIPp is gone; a queue with calls
 * stays, too. */
static int
empty_queue(struct client *client, const char *queue, struct err *err)
{
	int64_t deadline = clock_mono_ms() + CLOSE_MS;

	while (tell(client, "DELETE", NULL, err, "/v1/queues/%s", queue) != 0) {
		if (client_status(client) != 409 || clock_mono_ms() > deadline)
			return -1;
		each_call(client, queue, "", hangup_left, client, err);
		poll(NULL, 0, RETRY_MS);
	}
	return 0;
}

int
desk_close(struct client *client, const struct profile *p, struct err *err)
{
	char name[PLAN_NAME_MAX], queue[PLAN_QUEUE_MAX];
	int64_t i;

	for (i = 0; i < p->queues; i++)
		if (empty_queue(client, plan_queue_name(p->queue, i, queue), err) != 0)
			return -1;
	for (i = 0; i < p->agents; i++)
		if (tell(client, "DELETE", NULL, err, "/v1/agents/%s", plan_agent_name(i, name)) !=
		    0)
			return -1;
	return 0;
}

char *
desk_version(struct client *client, char *out, size_t size)
{
	struct err ignored;
	json_t *health = ask(client, "GET", NULL, &ignored, "/v1/health");
	const char *version = json_string_value(json_object_get(health, "version"));

	snprintf(out, size, "%s", version != NULL ? version : "");
	json_decref(health);
	return out;
}
