/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/doctor_alone.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "mqsd/ari_http.h"
#include "mqsd/conf.h"
#include "mqsd/doctor.h"
#include "mqsd/finding.h"
#include "mqsd/inspect.h"
#include "mqsd/kamailio.h"
#include "mqsd/loop.h"
#include "mqsd/redis.h"
#include "mqsd/redis_server.h"
#include "mqsd/script.h"

struct alone {
	struct conf *conf;
	struct loop *loop;
	struct redis_server *server;
	struct redis *redis;
	struct inspect *inspect;
	struct ari_http *http;
	struct kamailio *k;
	struct doctor *doctor;
	struct loop_timer *late;
	json_t *findings;
	bool inspecting;
	int open; /* Redis, and the rest */
};

static void
part_done(struct alone *alone)
{
	if (--alone->open == 0)
		loop_stop(alone->loop);
}

static void
on_inspected(void *arg, bool fit)
{
	struct alone *alone = arg;

	(void)fit;
	loop_timer_stop(alone->late);
	doctor_redis(alone->findings, alone->server, alone->inspect);
	part_done(alone);
}

static void
on_up(void *arg)
{
	struct alone *alone = arg;

	if (!alone->inspecting)
		inspect_start(alone->inspect);
	alone->inspecting = true;
}

static void
on_down(void *arg, const char *why)
{
	(void)arg;
	(void)why;
}

/* Nobody there, or not let in: what was met says which. */
static void
on_late(void *arg)
{
	struct alone *alone = arg;
	size_t before = json_array_size(alone->findings);

	if (alone->inspecting)
		return;
	alone->inspecting = true;
	doctor_redis(alone->findings, alone->server, alone->inspect);
	if (finding_count(alone->findings, FINDING_ERROR) == 0) {
		while (json_array_size(alone->findings) > before)
			json_array_remove(alone->findings, before);
		finding_add(alone->findings, "redis", FINDING_ERROR,
			    "Start it, or look at [redis] address in mqsd.conf.",
			    "nobody answers at %s", redis_server_name(alone->server));
	}
	part_done(alone);
}

static void
on_looked(void *arg, json_t *findings)
{
	struct alone *alone = arg;

	json_array_extend(alone->findings, findings);
	part_done(alone);
}

static void
look(struct alone *alone)
{
	const struct conf *conf = alone->conf;
	struct redis_access access = {conf->redis_address,	     conf->redis_user,
				      conf->redis_password,	     conf->redis_sentinel_user,
				      conf->redis_sentinel_password, "master"};
	struct redis_hooks hooks = {on_up, on_down, alone};
	char *prefix = mem_printf("mqs:{%s}:", conf->pool);

	alone->loop = loop_new();
	alone->server = redis_server_new(alone->loop, &access);
	alone->redis = redis_new(alone->loop, alone->server, &hooks);
	alone->inspect = inspect_new(conf, alone->redis, alone->server, script_find("rehearse"),
				     prefix, on_inspected, alone);
	alone->http = ari_http_new(alone->loop, conf->instance, conf->ari_connections,
				   conf->node_count + 1);
	ari_http_trust(alone->http, conf->ari_ca_file, conf->ari_verify);
	alone->k = kamailio_new(alone->loop, conf, alone->http);
	alone->doctor = doctor_new(alone->loop, conf, alone->http, alone->k, NULL);
	alone->late = loop_timer_new(alone->loop, on_late, alone);
	alone->open = 2;
	loop_timer_arm(alone->late, conf->redis_timeout_ms);
	redis_start(alone->redis);
	doctor_look(alone->doctor, NULL, NULL, NULL, on_looked, alone);
	loop_run(alone->loop);
	redis_free(alone->redis);
	inspect_free(alone->inspect);
	ari_http_free(alone->http);
	doctor_free(alone->doctor);
	kamailio_free(alone->k);
	redis_server_free(alone->server);
	loop_timer_free(alone->late);
	loop_free(alone->loop);
	free(prefix);
}

int
doctor_alone(const char *path)
{
	struct alone alone = {.findings = json_array()};
	struct err err;
	json_t *reply;
	int status;

	/* What is found is told once, at the end. */
	log_setup(LOG_LEVEL_ERROR, false);
	alone.conf = conf_load(path, &err);
	if (alone.conf != NULL)
		look(&alone);
	else
		finding_add(alone.findings, "mqsd.conf", FINDING_ERROR,
			    "man mqsd.conf describes it; mqsd -n checks it.", "%s", err.text);
	reply = finding_reply(alone.findings);
	json_dumpf(reply, stdout, JSON_COMPACT);
	putchar('\n');
	status = finding_count(alone.findings, FINDING_ERROR) > 0 ? 1 : 0;
	json_decref(reply);
	json_decref(alone.findings);
	if (alone.conf != NULL)
		conf_free(alone.conf);
	return status;
}
