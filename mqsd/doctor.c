/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/doctor.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/resource.h>

#include "lib/mem.h"
#include "mqsd/conf.h"
#include "mqsd/doctor_judge.h"
#include "mqsd/finding.h"
#include "mqsd/inspect.h"
#include "mqsd/kamailio.h"
#include "mqsd/node_check.h"
#include "mqsd/orphan_look.h"
#include "mqsd/redis_error.h"
#include "mqsd/redis_server.h"

/* One node of a look. */
struct patient {
	struct checkup *checkup;
	json_t *findings;
	struct node_check *check;    /* NULL: done */
	struct orphan_look *orphans; /* NULL: done, or not looked at */
};

struct checkup {
	TAILQ_ENTRY(checkup) entry;
	struct doctor *d;
	const char *node; /* one of conf's; NULL: all */
	json_t *nodes, *agents;
	json_t *own, *kamailio;
	struct patient *patients;
	size_t patient_count, open;
	doctor_cb *cb;
	void *arg;
};

struct doctor {
	struct loop *loop;
	const struct conf *conf;
	struct ari_http *http;
	struct kamailio *k;
	struct pool *pool;
	TAILQ_HEAD(, checkup) checkups;
};

static void
checkup_free(struct checkup *c)
{
	size_t i;

	TAILQ_REMOVE(&c->d->checkups, c, entry);
	for (i = 0; i < c->patient_count; i++) {
		if (c->patients[i].check != NULL)
			node_check_free(c->patients[i].check);
		if (c->patients[i].orphans != NULL)
			orphan_look_free(c->patients[i].orphans);
		json_decref(c->patients[i].findings);
	}
	free(c->patients);
	json_decref(c->nodes);
	json_decref(c->agents);
	json_decref(c->own);
	json_decref(c->kamailio);
	free(c);
}

static void
part_done(struct checkup *c)
{
	json_t *all = c->own;
	size_t i;

	if (--c->open > 0)
		return;
	for (i = 0; i < c->patient_count; i++)
		json_array_extend(all, c->patients[i].findings);
	json_array_extend(all, c->kamailio);
	c->cb(c->arg, all);
	checkup_free(c);
}

static void
on_checked(void *arg)
{
	struct patient *patient = arg;

	patient->check = NULL;
	part_done(patient->checkup);
}

static void
on_orphans(void *arg)
{
	struct patient *patient = arg;

	patient->orphans = NULL;
	part_done(patient->checkup);
}

static void
on_dispatcher(void *arg, const json_t *reply, const char *why)
{
	struct checkup *c = arg;

	if (c->node != NULL)
		judge_dispatcher_node(c->kamailio, c->node, c->nodes, reply, why);
	else
		judge_dispatcher(c->kamailio, c->d->conf, c->nodes, reply, why);
	part_done(c);
}

static void
on_registrations(void *arg, const json_t *reply, const char *why)
{
	struct checkup *c = arg;

	judge_registrations(c->kamailio, c->d->conf, c->agents, reply, why);
	part_done(c);
}

static void
look_at_kamailio(struct checkup *c)
{
	if (!kamailio_is_there(c->d->k)) {
		finding_add(c->kamailio, "kamailio", FINDING_WARNING,
			    "Set [kamailio] rpc in mqsd.conf: without it no drain reaches it, and "
			    "no silent node is found dead.",
			    "mqsd.conf names none, so it is not looked at");
		return;
	}
	c->open++;
	kamailio_rpc(c->d->k, "kamailio_list", "dispatcher.list", NULL, on_dispatcher, c);
	if (c->agents == NULL)
		return;
	c->open++;
	kamailio_rpc(c->d->k, "kamailio_contacts", "ul.dump", NULL, on_registrations, c);
}

static void
look_at_node(struct checkup *c, const struct conf_node *node)
{
	struct patient *patient = &c->patients[c->patient_count++];
	struct doctor *d = c->d;

	patient->checkup = c;
	patient->findings = json_array();
	c->open++;
	patient->check =
		node_check_start(d->http, d->conf, node, patient->findings, on_checked, patient);
	if (c->node != NULL || c->nodes == NULL)
		return;
	c->open++;
	patient->orphans = orphan_look_start(d->loop, d->http, d->pool, d->conf, node,
					     patient->findings, on_orphans, patient);
}

static void
look_at_files(json_t *findings, const struct conf *conf)
{
	DIR *dir = opendir("/proc/self/fd");
	struct rlimit limit;
	int64_t has = 0;

	while (dir != NULL && readdir(dir) != NULL)
		has++;
	if (dir != NULL)
		closedir(dir);
	/* Without ".", ".." and the directory itself. */
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		judge_files(findings, conf, (int64_t)limit.rlim_cur, has > 3 ? has - 3 : 0);
}

void
doctor_look(struct doctor *d, const char *node, json_t *nodes, json_t *agents, doctor_cb *cb,
	    void *arg)
{
	struct checkup *c = mem_zero(sizeof(*c));
	size_t i;

	c->d = d;
	c->nodes = json_incref(nodes);
	c->agents = json_incref(agents);
	c->own = json_array();
	c->kamailio = json_array();
	c->patients = mem_zero(d->conf->node_count * sizeof(*c->patients));
	c->cb = cb;
	c->arg = arg;
	TAILQ_INSERT_TAIL(&d->checkups, c, entry);
	if (node == NULL)
		look_at_files(c->own, d->conf);
	/* At least one node is asked, so the end comes later. */
	for (i = 0; i < d->conf->node_count; i++) {
		if (node != NULL && strcmp(node, d->conf->nodes[i].name) != 0)
			continue;
		if (node != NULL)
			c->node = d->conf->nodes[i].name;
		look_at_node(c, &d->conf->nodes[i]);
	}
	look_at_kamailio(c);
}

void
doctor_redis(json_t *findings, const struct redis_server *server, const struct inspect *inspect)
{
	const struct preflight_finding *found;
	size_t i, count, told = json_array_size(findings);
	char text[400];

	for (i = 0; i < redis_error_count; i++)
		if (redis_server_lasts_ms(server, &redis_errors[i]) >= 0)
			finding_add(
				findings, "redis", FINDING_ERROR, redis_errors[i].hint, "%s",
				redis_server_tell(server, &redis_errors[i], text, sizeof(text)));
	found = inspect_findings(inspect, &count);
	for (i = 0; i < count; i++)
		finding_add(findings, "redis",
			    found[i].check->severity == PREFLIGHT_WARNING ? FINDING_WARNING
									  : FINDING_ERROR,
			    found[i].check->hint, "%s: %s", redis_server_name(server),
			    found[i].text);
	if (json_array_size(findings) == told)
		finding_add(findings, "redis", FINDING_OK, NULL,
			    "%s is there, and its version and settings fit",
			    redis_server_name(server));
}

struct doctor *
doctor_new(struct loop *loop, const struct conf *conf, struct ari_http *http,
	   struct kamailio *kamailio, struct pool *pool)
{
	struct doctor *d = mem_zero(sizeof(*d));

	d->loop = loop;
	d->conf = conf;
	d->http = http;
	d->k = kamailio;
	d->pool = pool;
	TAILQ_INIT(&d->checkups);
	return d;
}

void
doctor_free(struct doctor *d)
{
	while (!TAILQ_EMPTY(&d->checkups))
		checkup_free(TAILQ_FIRST(&d->checkups));
	free(d);
}
