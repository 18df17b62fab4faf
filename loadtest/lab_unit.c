/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/lab_unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "loadtest/lab_probe.h"

static int
unit_run(struct lab_site *site, struct lab_unit *u, const char *const *argv, struct err *err)
{
	struct proc_spec spec = {.argv = (char *const *)argv, .dir = site->lab.dir, .log = u->log};
	struct err why;

	if (u->server->kind != LAB_ASTERISK)
		spec.nice = PROC_NICE_FIRST;
	if (site->lab.netns)
		spec.netns = &site->net.fds[u - site->units];
	u->answers = false;
	u->restart_at_ms = -1;
	u->started_ms = clock_mono_ms();
	if (proc_start(&u->proc, &spec, &why) != 0)
		return err_set(err, "%s: %s", u->server->name, why.text);
	u->server->pid = u->proc.pid;
	return 0;
}

static int
start_redis(struct lab_site *site, struct lab_unit *u, struct err *err)
{
	char *conf = mem_printf("%s/%s.conf", site->lab.dir, u->server->name);
	const char *argv[] = {"redis-server", conf,
			      u->server->kind == LAB_SENTINEL ? "--sentinel" : NULL, NULL};
	int ret = unit_run(site, u, argv, err);

	free(conf);
	return ret;
}

/* -DD: stays our child; -E: logs to stderr; -m: shared memory for thousands of ringing legs (MB).
 */
static int
start_kamailio(struct lab_site *site, struct lab_unit *u, struct err *err)
{
	char *dir = mem_printf("%s/kamailio", site->lab.dir),
	     *conf = mem_printf("%s/kamailio.cfg", dir);
	const char *argv[] = {"kamailio", "-f",	 conf, "-DD", "-E", "-m", "256",
			      "-M",	  "128", "-Y", dir,   "-w", dir,  NULL};
	int ret = unit_run(site, u, argv, err);

	free(conf);
	free(dir);
	return ret;
}

static int
start_node(struct lab_site *site, struct lab_unit *u, struct err *err)
{
	char *conf = mem_printf("%s/%s/etc/asterisk.conf", site->lab.dir, u->server->name);
	const char *argv[8];
	int ret;

	provision_argv(&site->asterisk, conf, argv);
	ret = unit_run(site, u, argv, err);
	free(conf);
	return ret;
}

static const struct lab_mqsd *
mqsd_of(const struct lab *lab, const struct lab_server *s)
{
	int i = 0;

	while (&lab->mqsds[i].server != s)
		i++;
	return &lab->mqsds[i];
}

static int
start_mqsd(struct lab_site *site, struct lab_unit *u, struct err *err)
{
	const char *argv[] = {site->mqsd_path, "-c", mqsd_of(&site->lab, u->server)->conf, "-f",
			      NULL};

	return unit_run(site, u, argv, err);
}

static const struct lab_redis *
redis_of(const struct lab *lab, const struct lab_server *s)
{
	int i;

	for (i = 0; i < lab->replica_count; i++)
		if (&lab->replicas[i].server == s)
			return &lab->replicas[i];
	for (i = 0; i < lab->sentinel_count; i++)
		if (&lab->sentinels[i].server == s)
			return &lab->sentinels[i];
	return &lab->redis;
}

static bool
ask_redis(const struct lab *lab, struct lab_server *s, char *why)
{
	return probe_redis(redis_of(lab, s)->address, s->version, why);
}

static bool
ask_sentinel(const struct lab *lab, struct lab_server *s, char *why)
{
	return probe_sentinel(redis_of(lab, s)->address, lab->replica_count, lab->sentinel_count,
			      s->version, why);
}

static bool
ask_kamailio(const struct lab *lab, struct lab_server *s, char *why)
{
	return probe_kamailio(lab->kamailio_sip, lab->kamailio_rpc, lab->node_count, s->version,
			      why);
}

static bool
ask_node(const struct lab *lab, struct lab_server *s, char *why)
{
	const struct lab_node *n = lab->nodes;

	while (&n->server != s)
		n++;
	return probe_asterisk(n->ari, n->user, n->password, s->version, why);
}

/* Several share the nodes evenly, so that each has at least so many. */
static bool
ask_mqsd(const struct lab *lab, struct lab_server *s, char *why)
{
	return probe_mqsd(mqsd_of(lab, s)->socket, lab->node_count / lab->mqsd_count, s->version,
			  why);
}

/* A Sentinel must find the replicas with their master, mqsd whatever it speaks with. */
static const struct kind {
	const char *text;
	int stage;
	int (*start)(struct lab_site *site, struct lab_unit *u, struct err *err);
	bool (*ask)(const struct lab *lab, struct lab_server *s, char *why);
} kinds[LAB_KINDS] = {
	[LAB_REDIS] = {"Redis", 0, start_redis, ask_redis},
	[LAB_SENTINEL] = {"Sentinel", 1, start_redis, ask_sentinel},
	[LAB_KAMAILIO] = {"Kamailio", 0, start_kamailio, ask_kamailio},
	[LAB_ASTERISK] = {"Asterisk", 0, start_node, ask_node},
	[LAB_MQSD] = {"mqsd", 2, start_mqsd, ask_mqsd},
};

int
lab_unit_stage(const struct lab_unit *u)
{
	return kinds[u->server->kind].stage;
}

const char *
lab_kind_text(enum lab_kind kind)
{
	return kinds[kind].text;
}

char *
lab_log_path(const struct lab *lab, const char *name)
{
	return mem_printf("%s/log/%s.log", lab->dir, strcmp(name, "mqsd-1") == 0 ? "mqsd" : name);
}

void
lab_units_make(struct lab_site *site)
{
	struct lab_server *server;
	struct lab_unit *u;

	for (site->unit_count = 0; (server = lab_server_at(&site->lab, site->unit_count)) != NULL;
	     site->unit_count++) {
		u = &site->units[site->unit_count];
		*u = (struct lab_unit){.server = server,
				       .log = lab_log_path(&site->lab, server->name),
				       .proc.fd = -1,
				       .restart_at_ms = -1};
	}
}

void
lab_units_free(struct lab_site *site)
{
	while (site->unit_count > 0)
		free(site->units[--site->unit_count].log);
}

int
lab_unit_start(struct lab_site *site, struct lab_unit *u, struct err *err)
{
	return kinds[u->server->kind].start(site, u, err);
}

bool
lab_server_probe(const struct lab *lab, struct lab_server *s, char *why)
{
	return kinds[s->kind].ask(lab, s, why);
}
