/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_API_PRIV_H
#define MQSD_API_PRIV_H

/* Shared by api.c and the files of its handlers. */

#include <sys/queue.h>

#include "lib/option.h"
#include "mqsd/access.h"
#include "mqsd/api.h"
#include "mqsd/httpd.h"
#include "mqsd/list.h"
#include "mqsd/pool.h"

#define API_PARAMS_MAX 2

struct api {
	const struct conf *conf;
	struct pool *pool;
	struct access *access; /* borrowed */
	struct audit *audit;   /* borrowed */
	struct httpd *httpd;
	struct sse *sse;
	struct lists *lists;
	struct api_hooks hooks;
	int64_t started;      /* mono ms */
	int64_t started_wall; /* ms since the epoch */
	TAILQ_HEAD(, api_request) requests;
};

/* A request under way: freed by its reply, or with the script's answer when its client has gone. */
struct api_request {
	TAILQ_ENTRY(api_request) entry;
	struct api *api;
	struct httpd_request *http; /* NULL once the client has gone */
	const struct api_route *route;
	const char *method;
	char *path; /* as it came */
	struct peer peer;
	struct who who;
	char *params[API_PARAMS_MAX]; /* decoded path segments, checked to be names (or ids) */
	json_t *body;
	/* what the handler is at */
	json_t *items, *args, *result;
	const char *script, *key;
	size_t step;
	void (*then)(struct api_request *request, json_t *reply);
	struct list_waiter *waiter; /* a list is under way */
	struct list_rows *rows;
	char *undo; /* see api_undo() */
	size_t undo_len, undo_cap;
	bool undo_lost; /* it was longer than can be told */
};

void api_reply(struct api_request *request, int status, json_t *body); /* ends the request */
void api_reply_text(struct api_request *request, const char *type, const char *text); /* the same */
/* The same, a JSON object with the rows of api_list() as the array `key` behind its members; body
 * is stolen. */
void api_reply_rows(struct api_request *request, json_t *body, const char *key);
void api_error(struct api_request *request, int status, const char *code, const char *hint,
	       const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/*
 * Adds a command to those that reverse the edit: a success is then answered with "undo", the
 * commands of mqsctl in the order to run them in, a line each. An edit that changed nothing, or
 * that nothing reverses, has none.
 */
void api_undo(struct api_request *request, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* "WHAT NAME OPTION VALUE" for each {option: value} that was, WHAT being "queue set" and NAME the
 * route's first parameter. */
void api_undo_options(struct api_request *request, const struct option_table *rows,
		      const char *what, const json_t *was);

/* Answers with what a script refused (its code has one row: status and hint). */
void api_refused(struct api_request *request, const json_t *reply);

/* Runs a script; a refusal is answered at once, else `then` gets the reply. args is stolen. */
void api_script(struct api_request *request, const char *script, json_t *args,
		void (*then)(struct api_request *request, json_t *reply));

/* Gathers all pages of a reading script and replies {key: [...]}; or calls `then` with
 * request->items set. */
void api_collect(struct api_request *request, const char *script, json_t *args, const char *key,
		 void (*then)(struct api_request *request, json_t *reply));

/* Collects a long list and calls `then` with request->rows set. wanted: 0: the keys that the query
 * `fields` names. at_once is filled in. A refusal is answered. */
void api_list(struct api_request *request, struct list_order *order,
	      void (*then)(struct api_request *request, json_t *reply));

/* The rows as an array; the caller's. Slow: for lists that are asked for rarely. */
json_t *api_rows_json(const struct api_request *request);

/* One object of such a list: view_one() of the reply. */
void api_one(struct api_request *request, const struct view *view, const char *name,
	     void (*then)(struct api_request *request, json_t *reply));

/* Replies {key: [...]}, with "more": true when the list was longer than its bound. */
void api_reply_items(struct api_request *request, json_t *reply);

/*
 * Checks the members of a JSON object against option rows (section = the rows' section). Canonical
 * values go to `out`; false and answered when one is unknown or out of range. `skip`: a member that
 * is no option.
 */
bool api_options(struct api_request *request, const struct option_table *rows, const char *section,
		 const char *skip, json_t *out);

/* Is it somebody, and who? False when that was answered. */
bool api_is_known(struct api_request *request);

/* Writes it down, if it was an edit or was refused to who asked: each request ends here. */
void api_note(struct api_request *request, int status, const json_t *reply);

/* Runs the request's route, if who asks has the role for it. */
void api_run(struct api_request *request);

/* Rest of the table: one function a route. */
void api_health(struct api_request *request);
void api_status(struct api_request *request);
void api_nodes(struct api_request *request);
void api_node_add(struct api_request *request);
void api_node_remove(struct api_request *request);
void api_node_drain(struct api_request *request);
void api_node_undrain(struct api_request *request);
void api_node_check(struct api_request *request);
void api_doctor(struct api_request *request);
void api_reconcile(struct api_request *request);
void api_instances(struct api_request *request);
void api_instance_leave(struct api_request *request);
void api_export(struct api_request *request);
void api_queues(struct api_request *request);
void api_queue_create(struct api_request *request);
void api_queue_show(struct api_request *request);
void api_queue_set(struct api_request *request);
void api_queue_close(struct api_request *request);
void api_queue_open(struct api_request *request);
void api_queue_delete(struct api_request *request);
void api_member_add(struct api_request *request);
void api_member_set(struct api_request *request);
void api_member_pause(struct api_request *request);
void api_member_unpause(struct api_request *request);
void api_member_remove(struct api_request *request);
void api_agents(struct api_request *request);
void api_agent_create(struct api_request *request);
void api_agent_show(struct api_request *request);
void api_agent_set(struct api_request *request);
void api_agent_remove(struct api_request *request);
void api_agent_login(struct api_request *request);
void api_agent_logout(struct api_request *request);
void api_agent_pause(struct api_request *request);
void api_agent_unpause(struct api_request *request);
void api_agent_wrapup_end(struct api_request *request);
void api_agent_reset(struct api_request *request);
void api_calls(struct api_request *request);
void api_call_show(struct api_request *request);
void api_call_trace(struct api_request *request);
void api_call_priority(struct api_request *request);
void api_call_move(struct api_request *request);
void api_call_offer(struct api_request *request);
void api_call_transfer(struct api_request *request);
void api_call_hangup(struct api_request *request);
void api_config(struct api_request *request);
void api_config_check(struct api_request *request);
void api_log(struct api_request *request);
void api_log_set(struct api_request *request);
void api_events(struct api_request *request);
void api_audit(struct api_request *request);
void api_metrics(struct api_request *request);

#endif
