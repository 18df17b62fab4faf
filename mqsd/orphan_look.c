/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/orphan_look.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/mem.h"
#include "lib/text.h"
#include "mqsd/ari_command.h"
#include "mqsd/ari_http.h"
#include "mqsd/conf.h"
#include "mqsd/doctor_judge.h"
#include "mqsd/loop.h"
#include "mqsd/pool.h"

#define LIST_MS	 15000 /* deadline of the lists of a full node */
#define AGAIN_MS 1500  /* what comes or goes has done so by then */

struct orphan_look {
	struct ari_http *http;
	struct pool *pool;
	const struct conf *conf;
	struct conf_node node;
	struct ari_http_target target;
	struct loop_timer *again;
	json_t *channels, *bridges, *records;
	json_t *first; /* what the first look suspected */
	json_t *findings;
	orphan_look_cb *cb;
	void *arg;
};

static void
clear(struct orphan_look *look)
{
	json_decref(look->channels);
	json_decref(look->bridges);
	json_decref(look->records);
	look->channels = look->bridges = look->records = NULL;
}

void
orphan_look_free(struct orphan_look *look)
{
	clear(look);
	loop_timer_free(look->again);
	json_decref(look->first);
	json_decref(look->findings);
	free(look);
}

static void
finish(struct orphan_look *look)
{
	look->cb(look->arg);
	orphan_look_free(look);
}

static void
judge(struct orphan_look *look)
{
	json_t *orphans =
		orphans_of(look->conf->ari_app, look->channels, look->bridges, look->records);
	char about[TEXT_NAME_MAX + 8];

	snprintf(about, sizeof(about), "node %s", look->node.name);
	if (look->first == NULL && json_array_size(orphans) > 0) {
		look->first = orphans;
		clear(look);
		loop_timer_arm(look->again, AGAIN_MS);
		return;
	}
	judge_orphans(look->findings, about, look->first, orphans);
	json_decref(orphans);
	finish(look);
}

static void ask_records(struct orphan_look *look, json_t *cursor);

static void
on_records(void *arg, json_t *reply)
{
	struct orphan_look *look = arg;
	json_t *cursor = json_object_get(reply, "cursor");

	if (pool_refusal(reply) != NULL) {
		finish(look);
		return;
	}
	json_array_extend(look->records, json_object_get(reply, "calls"));
	if (cursor != NULL)
		ask_records(look, cursor);
	else
		judge(look);
}

static void
ask_records(struct orphan_look *look, json_t *cursor)
{
	pool_call(look->pool, "node_calls",
		  json_pack("{s:s, s:O*}", "node", look->node.name, "cursor", cursor), on_records,
		  look);
}

static void
on_bridges(void *arg, long status, json_t *body, const char *why)
{
	struct orphan_look *look = arg;

	(void)why;
	if (status != 200) {
		finish(look);
		return;
	}
	look->bridges = json_incref(body);
	look->records = json_array();
	ask_records(look, NULL);
}

static void
list(struct orphan_look *look, enum ari_command command, ari_http_cb *cb)
{
	const struct ari_command_row *row = &ari_command_rows[command];
	char path[64];

	snprintf(path, sizeof(path), "/ari/%s", row->path);
	ari_http_send(look->http, &look->target, row->name, row->method, path, NULL, LIST_MS, 0, cb,
		      look);
}

static void
on_channels(void *arg, long status, json_t *body, const char *why)
{
	struct orphan_look *look = arg;

	(void)why;
	if (status != 200) {
		finish(look);
		return;
	}
	look->channels = json_incref(body);
	list(look, ARI_BRIDGES, on_bridges);
}

static void
begin(void *arg)
{
	list(arg, ARI_CHANNELS, on_channels);
}

struct orphan_look *
orphan_look_start(struct loop *loop, struct ari_http *http, struct pool *pool,
		  const struct conf *conf, const struct conf_node *node, json_t *findings,
		  orphan_look_cb *cb, void *arg)
{
	struct orphan_look *look = mem_zero(sizeof(*look));

	look->http = http;
	look->pool = pool;
	look->conf = conf;
	look->node = *node;
	look->target = (struct ari_http_target){
		.url = node->url, .user = node->user, .password = node->password};
	look->again = loop_timer_new(loop, begin, look);
	look->findings = json_incref(findings);
	look->cb = cb;
	look->arg = arg;
	begin(look);
	return look;
}
