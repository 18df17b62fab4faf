/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/lab_state.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loadtest/proc.h"

static json_t *
server_json(const struct lab_server *s)
{
	return json_pack("{s:i, s:i, s:I, s:s}", "pid", (int)s->pid, "restarts", s->restarts,
			 "ready_ms", (json_int_t)s->ready_ms, "version", s->version);
}

/* Adds the server's own members to `extra` and gives that back. */
static json_t *
with_server(json_t *extra, const struct lab_server *s)
{
	json_t *server = server_json(s);

	json_object_update(extra, server);
	json_decref(server);
	return extra;
}

static json_t *
lab_json(const struct lab *lab)
{
	json_t *root, *nodes = json_array();
	int i;

	for (i = 0; i < lab->node_count; i++) {
		const struct lab_node *n = &lab->nodes[i];

		json_array_append_new(
			nodes, with_server(json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", n->name,
						     "sip", n->sip, "ari", n->ari, "user", n->user,
						     "password", n->password),
					   &n->server));
	}
	root = json_pack(
		"{s:i, s:I, s:b, s:o, s:o, s:o}", "pid", (int)lab->pid, "pid_start",
		(json_int_t)lab->pid_start, "ready", lab->ready, "kamailio",
		with_server(
			json_pack("{s:s, s:s}", "sip", lab->kamailio_sip, "rpc", lab->kamailio_rpc),
			&lab->kamailio),
		"redis",
		with_server(json_pack("{s:s}", "address", lab->redis_address), &lab->redis),
		"nodes", nodes);
	if (lab->has_mqsd)
		json_object_set_new(root, "mqsd",
				    with_server(json_pack("{s:s, s:s}", "socket", lab->mqsd_socket,
							  "conf", lab->mqsd_conf),
						&lab->mqsd));
	return root;
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
take_server(json_t *json, struct lab_server *s)
{
	s->pid = (pid_t)json_integer_value(json_object_get(json, "pid"));
	s->restarts = (int)json_integer_value(json_object_get(json, "restarts"));
	s->ready_ms = json_integer_value(json_object_get(json, "ready_ms"));
	return TAKE(json, "version", s->version);
}

static bool
take_node(json_t *json, struct lab_node *n)
{
	return take_server(json, &n->server) && TAKE(json, "name", n->name) &&
	       TAKE(json, "sip", n->sip) && TAKE(json, "ari", n->ari) &&
	       TAKE(json, "user", n->user) && TAKE(json, "password", n->password);
}

static bool
take_lab(json_t *root, struct lab *lab)
{
	json_t *kamailio = json_object_get(root, "kamailio"), *mqsd = json_object_get(root, "mqsd");
	json_t *redis = json_object_get(root, "redis"), *nodes = json_object_get(root, "nodes");
	size_t i;

	lab->pid = (pid_t)json_integer_value(json_object_get(root, "pid"));
	lab->pid_start = (uint64_t)json_integer_value(json_object_get(root, "pid_start"));
	lab->ready = json_is_true(json_object_get(root, "ready"));
	lab->has_mqsd = mqsd != NULL;
	lab->node_count = (int)json_array_size(nodes);
	if (lab->pid <= 1 || lab->node_count > LAB_NODES_MAX)
		return false;
	for (i = 0; i < (size_t)lab->node_count; i++)
		if (!take_node(json_array_get(nodes, i), &lab->nodes[i]))
			return false;
	if (mqsd != NULL &&
	    !(take_server(mqsd, &lab->mqsd) && TAKE(mqsd, "socket", lab->mqsd_socket) &&
	      TAKE(mqsd, "conf", lab->mqsd_conf)))
		return false;
	return take_server(kamailio, &lab->kamailio) && TAKE(kamailio, "sip", lab->kamailio_sip) &&
	       TAKE(kamailio, "rpc", lab->kamailio_rpc) && take_server(redis, &lab->redis) &&
	       TAKE(redis, "address", lab->redis_address);
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

bool
lab_alive(const struct lab *lab)
{
	return lab->pid > 1 && proc_start_time(lab->pid) == lab->pid_start;
}
