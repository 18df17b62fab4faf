/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/dump.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "lib/mem.h"
#include "loadtest/ari.h"
#include "loadtest/lab_probe.h"

#include "recount_lua.h"

#define PAGE  1000 /* events read at a time */
#define ENDED 5	   /* state of a dialog that only waits to be forgotten */

const char *const dump_recount_script = recount_lua;

struct dump {
	redisContext *redis;
	char *prefix;
};

static redisContext *
connect_to(const char *address, struct err *err)
{
	struct timeval deadline = {.tv_sec = DUMP_MS / 1000};
	const char *colon = strrchr(address, ':');
	redisContext *redis;
	char *host;

	if (strncmp(address, "unix:", 5) == 0) {
		redis = redisConnectUnixWithTimeout(address + 5, deadline);
	} else {
		host = colon != NULL ? mem_dup_len(address, (size_t)(colon - address))
				     : mem_dup(address);
		redis = redisConnectWithTimeout(host, colon != NULL ? atoi(colon + 1) : 6379,
						deadline);
		free(host);
	}
	if (redis != NULL && redis->err == 0 && redisSetTimeout(redis, deadline) == REDIS_OK)
		return redis;
	err_set(err, "Redis at %s: %s", address,
		redis != NULL && redis->err != 0 ? redis->errstr : "no connection");
	redisFree(redis);
	return NULL;
}

struct dump *
dump_open(const char *address, const char *pool, struct err *err)
{
	redisContext *redis = connect_to(address, err);
	struct dump *dump;

	if (redis == NULL)
		return NULL;
	dump = mem_zero(sizeof(*dump));
	dump->redis = redis;
	dump->prefix = mem_printf("mqs:{%s}:", pool);
	return dump;
}

void
dump_close(struct dump *dump)
{
	if (dump == NULL)
		return;
	redisFree(dump->redis);
	free(dump->prefix);
	free(dump);
}

static bool
is_master(const char *address)
{
	struct err ignored;
	redisContext *redis = connect_to(address, &ignored);
	redisReply *reply = redis != NULL ? redisCommand(redis, "ROLE") : NULL;
	bool yes = reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements > 0 &&
		   strcmp(reply->element[0]->str, "master") == 0;

	freeReplyObject(reply);
	redisFree(redis);
	return yes;
}

/* With Sentinels, what they say: an old master that still runs takes itself for one. */
static bool
ask_sentinel(const char *address, char out[LAB_TEXT_MAX])
{
	struct err ignored;
	redisContext *redis = connect_to(address, &ignored);
	redisReply *reply =
		redis != NULL ? redisCommand(redis, "SENTINEL get-master-addr-by-name " LAB_GROUP)
			      : NULL;
	bool told = reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements == 2;

	if (told)
		snprintf(out, LAB_TEXT_MAX, "%s:%s", reply->element[0]->str,
			 reply->element[1]->str);
	freeReplyObject(reply);
	redisFree(redis);
	return told && is_master(out);
}

static bool
answers(const struct lab_server *server)
{
	return server->pid != 0 && !server->stopped && !server->cut;
}

int
dump_master(const struct lab *lab, char out[LAB_TEXT_MAX], struct err *err)
{
	int i;

	for (i = 0; i < lab->sentinel_count; i++)
		if (answers(&lab->sentinels[i].server) &&
		    ask_sentinel(lab->sentinels[i].address, out))
			return 0;
	for (i = -1; i < lab->replica_count; i++) {
		const struct lab_redis *redis = i < 0 ? &lab->redis : &lab->replicas[i];

		snprintf(out, LAB_TEXT_MAX, "%s", redis->address);
		if (answers(&redis->server) && is_master(out))
			return 0;
	}
	*out = '\0';
	return err_set(err, "no Redis of the lab %s is a master now", lab->dir);
}

static json_t *
broken(const char *why)
{
	return json_pack("{s:[{s:s, s:o}]}", "faults", "rule", "redis-keys", "text",
			 json_sprintf("the pool cannot be recounted: %s", why));
}

json_t *
dump_redis(struct dump *dump, bool blind, struct err *err)
{
	redisReply *reply = redisCommand(dump->redis, "EVAL %s 1 %s %s calls", recount_lua,
					 dump->prefix, blind ? "blind" : "");
	json_t *json = NULL;

	if (reply == NULL) {
		err_set(err, "Redis: %s", dump->redis->errstr);
		return NULL;
	}
	if (reply->type == REDIS_REPLY_STRING)
		json = json_loads(reply->str, 0, NULL);
	if (json == NULL)
		json = broken(reply->type == REDIS_REPLY_ERROR ? reply->str : "no JSON");
	freeReplyObject(reply);
	return json;
}

static void
tell(const redisReply *item, char last[DUMP_ID_MAX], dump_event_cb *event, void *arg)
{
	const redisReply *fields = item->element[1];
	json_t *json;

	snprintf(last, DUMP_ID_MAX, "%s", item->element[0]->str);
	if (fields->elements < 2)
		return;
	json = json_loads(fields->element[1]->str, JSON_ALLOW_NUL, NULL);
	if (json != NULL)
		event(arg, last, json);
	json_decref(json);
}

int
dump_events(struct dump *dump, char last[DUMP_ID_MAX], dump_event_cb *event, void *arg,
	    struct err *err)
{
	redisReply *reply;
	size_t i, n;
	int total = 0;

	do {
		reply = redisCommand(dump->redis, "XRANGE %sevents (%s + COUNT %d", dump->prefix,
				     last, PAGE);
		if (reply == NULL || reply->type != REDIS_REPLY_ARRAY) {
			err_set(err, "Redis: the stream of events: %s",
				reply != NULL ? reply->str : dump->redis->errstr);
			freeReplyObject(reply);
			return -1;
		}
		n = reply->elements;
		for (i = 0; i < n; i++)
			tell(reply->element[i], last, event, arg);
		total += (int)n;
		freeReplyObject(reply);
	} while (n == PAGE);
	return total;
}

json_t *
dump_nodes(const struct lab *lab)
{
	json_t *nodes = json_array(), *channels, *bridges;
	struct err ignored;
	int i;

	for (i = 0; i < lab->node_count; i++) {
		if (!answers(&lab->nodes[i].server))
			continue;
		channels = ari_list(&lab->nodes[i], "channels", &ignored);
		bridges = channels != NULL ? ari_list(&lab->nodes[i], "bridges", &ignored) : NULL;
		if (bridges != NULL)
			json_array_append_new(nodes,
					      json_pack("{s:s, s:O, s:O}", "name",
							lab->nodes[i].server.name, "channels",
							channels, "bridges", bridges));
		json_decref(channels);
		json_decref(bridges);
	}
	return nodes;
}

json_t *
dump_dialogs(const struct lab *lab)
{
	char why[LAB_TEXT_MAX];
	json_t *reply = answers(&lab->kamailio)
				? probe_kamailio_rpc(lab->kamailio_rpc, "dlg.list", why)
				: NULL;
	json_t *result = json_object_get(reply, "result"), *dialogs, *dialog, *id;
	size_t i;

	if (!json_is_array(result)) {
		json_decref(reply);
		return NULL;
	}
	dialogs = json_array();
	json_array_foreach(result, i, dialog)
	{
		id = json_object_get(dialog, "call-id");
		if (id != NULL && json_integer_value(json_object_get(dialog, "state")) != ENDED)
			json_array_append(dialogs, id);
	}
	json_decref(reply);
	return dialogs;
}

int64_t
dump_transactions(const struct lab *lab)
{
	char why[LAB_TEXT_MAX];
	json_t *reply = answers(&lab->kamailio)
				? probe_kamailio_rpc(lab->kamailio_rpc, "tm.stats", why)
				: NULL;
	json_t *result = json_object_get(reply, "result");
	int64_t all = json_integer_value(json_object_get(result, "current"));
	int64_t finished = json_integer_value(json_object_get(result, "waiting"));

	json_decref(reply);
	return all > finished ? all - finished : 0;
}
