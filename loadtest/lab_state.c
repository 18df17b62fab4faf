/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/lab_state.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loadtest/proc.h"

/* As etc/kamailio/kamailio.cfg has it: the answer to a keep-alive is waited for, and the call ended
 * so much later. */
#define KEEPALIVE_REPLY_S 12
#define KEEPALIVE_END_S	  10
#define SLACK_S		  8

static json_t *
server_json(const struct lab_server *s)
{
	return json_pack("{s:s, s:s, s:i, s:i, s:b, s:b, s:b, s:I, s:s}", "name", s->name, "host",
			 s->host, "pid", (int)s->pid, "restarts", s->restarts, "killed", s->killed,
			 "stopped", s->stopped, "cut", s->cut, "ready_ms", (json_int_t)s->ready_ms,
			 "version", s->version);
}

/* The server's own members, and those of `extra`, which is taken. */
static json_t *
with_server(const struct lab_server *s, json_t *extra)
{
	json_t *server = server_json(s);

	json_object_update(server, extra);
	json_decref(extra);
	return server;
}

static json_t *
redis_json(const struct lab_redis *r)
{
	return with_server(&r->server, json_pack("{s:s}", "address", r->address));
}

static json_t *
redises_json(const struct lab_redis *rows, int count)
{
	json_t *list = json_array();
	int i;

	for (i = 0; i < count; i++)
		json_array_append_new(list, redis_json(&rows[i]));
	return list;
}

static json_t *
nodes_json(const struct lab *lab)
{
	json_t *list = json_array();
	int i;

	for (i = 0; i < lab->node_count; i++) {
		const struct lab_node *n = &lab->nodes[i];

		json_array_append_new(
			list, with_server(&n->server, json_pack("{s:s, s:s, s:s, s:s}", "sip",
								n->sip, "ari", n->ari, "user",
								n->user, "password", n->password)));
	}
	return list;
}

static json_t *
mqsds_json(const struct lab *lab)
{
	json_t *list = json_array();
	int i;

	for (i = 0; i < lab->mqsd_count; i++)
		json_array_append_new(
			list, with_server(&lab->mqsds[i].server,
					  json_pack("{s:s, s:s}", "socket", lab->mqsds[i].socket,
						    "conf", lab->mqsds[i].conf)));
	return list;
}

static json_t *
lab_json(const struct lab *lab)
{
	return json_pack(
		"{s:i, s:I, s:b, s:b, s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "pid",
		(int)lab->pid, "pid_start", (json_int_t)lab->pid_start, "ready", lab->ready,
		"netns", lab->netns, "keepalive_s", lab->keepalive_s, "host", lab->host, "kamailio",
		with_server(&lab->kamailio, json_pack("{s:s, s:s}", "sip", lab->kamailio_sip, "rpc",
						      lab->kamailio_rpc)),
		"redis", redis_json(&lab->redis), "replicas",
		redises_json(lab->replicas, lab->replica_count), "sentinels",
		redises_json(lab->sentinels, lab->sentinel_count), "nodes", nodes_json(lab),
		"mqsds", mqsds_json(lab));
}

int
lab_state_write(const struct lab *lab, struct err *err)
{
	char path[LAB_PATH_MAX + 16], tmp[LAB_PATH_MAX + 16];
	json_t *json = lab_json(lab);
	int fd, ret = -1;

	snprintf(path, sizeof(path), "%s/lab.json", lab->dir);
	snprintf(tmp, sizeof(tmp), "%s/lab.json.new", lab->dir);
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd >= 0 && json_dumpfd(json, fd, JSON_INDENT(1)) == 0 && rename(tmp, path) == 0)
		ret = 0;
	else
		err_set(err, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	json_decref(json);
	return ret;
}

/* A string member into a field; false when it is missing or too long. */
static bool
take_text(json_t *json, const char *key, char *out, size_t size)
{
	const char *text = json_string_value(json_object_get(json, key));

	if (text == NULL || strlen(text) >= size)
		return false;
	memcpy(out, text, strlen(text) + 1);
	return true;
}

#define TAKE(json, key, field) take_text(json, key, field, sizeof(field))

static bool
take_server(json_t *json, enum lab_kind kind, struct lab_server *s)
{
	s->kind = kind;
	s->pid = (pid_t)json_integer_value(json_object_get(json, "pid"));
	s->restarts = (int)json_integer_value(json_object_get(json, "restarts"));
	s->killed = json_is_true(json_object_get(json, "killed"));
	s->stopped = json_is_true(json_object_get(json, "stopped"));
	s->cut = json_is_true(json_object_get(json, "cut"));
	s->ready_ms = json_integer_value(json_object_get(json, "ready_ms"));
	return TAKE(json, "name", s->name) && TAKE(json, "host", s->host) &&
	       TAKE(json, "version", s->version);
}

static bool
take_redis(json_t *json, enum lab_kind kind, struct lab_redis *r)
{
	return take_server(json, kind, &r->server) && TAKE(json, "address", r->address);
}

static bool
take_node(json_t *json, struct lab_node *n)
{
	return take_server(json, LAB_ASTERISK, &n->server) && TAKE(json, "sip", n->sip) &&
	       TAKE(json, "ari", n->ari) && TAKE(json, "user", n->user) &&
	       TAKE(json, "password", n->password);
}

static bool
take_mqsd(json_t *json, struct lab_mqsd *m)
{
	return take_server(json, LAB_MQSD, &m->server) && TAKE(json, "socket", m->socket) &&
	       TAKE(json, "conf", m->conf);
}

/* How many rows a list has; -1 when there are more than `max`. */
static int
count_of(json_t *list, int max)
{
	return json_array_size(list) <= (size_t)max ? (int)json_array_size(list) : -1;
}

static bool
take_lists(json_t *root, struct lab *lab)
{
	json_t *replicas = json_object_get(root, "replicas");
	json_t *sentinels = json_object_get(root, "sentinels");
	json_t *nodes = json_object_get(root, "nodes"), *mqsds = json_object_get(root, "mqsds");
	bool ok = true;
	int i;

	lab->replica_count = count_of(replicas, LAB_REPLICAS_MAX);
	lab->sentinel_count = count_of(sentinels, LAB_SENTINELS_MAX);
	lab->node_count = count_of(nodes, LAB_NODES_MAX);
	lab->mqsd_count = count_of(mqsds, LAB_MQSDS_MAX);
	if (lab->replica_count < 0 || lab->sentinel_count < 0 || lab->node_count < 0 ||
	    lab->mqsd_count < 0)
		return false;
	for (i = 0; i < lab->replica_count; i++)
		ok = ok &&
		     take_redis(json_array_get(replicas, (size_t)i), LAB_REDIS, &lab->replicas[i]);
	for (i = 0; i < lab->sentinel_count; i++)
		ok = ok && take_redis(json_array_get(sentinels, (size_t)i), LAB_SENTINEL,
				      &lab->sentinels[i]);
	for (i = 0; i < lab->node_count; i++)
		ok = ok && take_node(json_array_get(nodes, (size_t)i), &lab->nodes[i]);
	for (i = 0; i < lab->mqsd_count; i++)
		ok = ok && take_mqsd(json_array_get(mqsds, (size_t)i), &lab->mqsds[i]);
	return ok;
}

static bool
take_lab(json_t *root, struct lab *lab)
{
	json_t *kamailio = json_object_get(root, "kamailio");

	lab->pid = (pid_t)json_integer_value(json_object_get(root, "pid"));
	lab->pid_start = (uint64_t)json_integer_value(json_object_get(root, "pid_start"));
	lab->ready = json_is_true(json_object_get(root, "ready"));
	lab->netns = json_is_true(json_object_get(root, "netns"));
	lab->keepalive_s = (int)json_integer_value(json_object_get(root, "keepalive_s"));
	return lab->pid > 1 && TAKE(root, "host", lab->host) && take_lists(root, lab) &&
	       take_server(kamailio, LAB_KAMAILIO, &lab->kamailio) &&
	       TAKE(kamailio, "sip", lab->kamailio_sip) &&
	       TAKE(kamailio, "rpc", lab->kamailio_rpc) &&
	       take_redis(json_object_get(root, "redis"), LAB_REDIS, &lab->redis);
}

int
lab_load(const char *dir, struct lab *lab, struct err *err)
{
	char path[LAB_PATH_MAX + 16];
	json_error_t why;
	json_t *root;
	int ret = 0;

	memset(lab, 0, sizeof(*lab));
	if (strlen(dir) > LAB_DIR_MAX)
		return err_set(err, "%s: no lab there", dir);
	snprintf(lab->dir, sizeof(lab->dir), "%s", dir);
	snprintf(path, sizeof(path), "%s/lab.json", dir);
	root = json_load_file(path, 0, &why);
	if (root == NULL)
		return err_set(err, "%s: %s", path,
			       access(path, R_OK) != 0 ? "no lab there" : why.text);
	if (!take_lab(root, lab))
		ret = err_set(err, "%s: not written by this version of loadtest", path);
	json_decref(root);
	return ret;
}

int64_t
lab_vanished_ms(const struct lab *lab)
{
	return (int64_t)(lab->keepalive_s + KEEPALIVE_REPLY_S + KEEPALIVE_END_S + SLACK_S) * 1000;
}

bool
lab_alive(const struct lab *lab)
{
	return lab->pid > 1 && proc_start_time(lab->pid) == lab->pid_start;
}
