/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/mqsd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "mqsd/access.h"
#include "mqsd/api.h"
#include "mqsd/ari_http.h"
#include "mqsd/audit.h"
#include "mqsd/bell.h"
#include "mqsd/call.h"
#include "mqsd/conf.h"
#include "mqsd/copy.h"
#include "mqsd/dispatcher.h"
#include "mqsd/doctor.h"
#include "mqsd/instance.h"
#include "mqsd/kamailio.h"
#include "mqsd/lease.h"
#include "mqsd/loop.h"
#include "mqsd/node.h"
#include "mqsd/pacer.h"
#include "mqsd/pool.h"
#include "mqsd/redis_server.h"
#include "mqsd/registrar.h"
#include "mqsd/roster.h"
#include "mqsd/share.h"
#include "mqsd/tls.h"

#define SETTLE_MS 5000 /* nodes not known by then are decided without */

struct mqsd {
	struct conf *conf;
	struct loop *loop;
	struct redis_server *redis;
	struct pool *pool;
	struct leases *leases;
	struct ari_http *http;
	struct tls_client *ari_tls;
	struct kamailio *kamailio;
	struct dispatcher *dispatcher;
	struct doctor *doctor;
	struct pacer *pacer;
	struct registrar *registrar;
	struct copy *copy;
	struct access *access;
	struct audit *audit;
	struct tls_server *tls; /* NULL: nothing listens on TCP */
	struct api *api;
	struct node_env env;
	struct roster *roster;
	struct bell *bell;
	struct share *share;
	struct loop_timer *settle, *leave;
	int lock;
	const char *stopping; /* why; NULL: not stopping */
	bool deciding;
	bool restored; /* the pool is open, and has back what we have of it */
};

static struct node *
find_node(struct mqsd *mqsd, const char *name)
{
	return roster_find(mqsd->roster, name);
}

static void
on_claim(void *arg, json_t *view)
{
	struct mqsd *mqsd = arg;
	struct node *node = find_node(mqsd, json_string_value(json_object_get(view, "node")));

	if (node != NULL)
		node_claim(node, view);
}

/* Deciding begins when each of our nodes is known to be up, unreachable or dead, or after
 * SETTLE_MS. */
static void
decide(void *arg)
{
	struct mqsd *mqsd = arg;

	if (mqsd->deciding || mqsd->stopping != NULL || pool_state(mqsd->pool) == POOL_CLOSED)
		return;
	mqsd->deciding = true;
	pool_decide(mqsd->pool);
	registrar_start(mqsd->registrar);
}

static void
on_settled(void *arg)
{
	struct mqsd *mqsd = arg;
	size_t i;

	for (i = 0; i < roster_count(mqsd->roster); i++)
		if (!node_is_settled(roster_at(mqsd->roster, i)))
			return;
	decide(mqsd);
}

static void
on_pool_opened(void *arg, bool recovering)
{
	struct mqsd *mqsd = arg;

	mqsd->deciding = false;
	copy_pool_opened(mqsd->copy, recovering);
}

static void
on_pool_changed(void *arg)
{
	copy_changed(((struct mqsd *)arg)->copy);
}

/* Queues and agents are there; the nodes can tell of their calls. */
static void
on_restored(void *arg, bool recovering)
{
	struct mqsd *mqsd = arg;
	size_t i;

	mqsd->restored = true;
	loop_timer_arm(mqsd->settle, SETTLE_MS);
	for (i = 0; i < roster_count(mqsd->roster); i++)
		node_pool_opened(roster_at(mqsd->roster, i), recovering);
	on_settled(mqsd);
}

static void
on_pool_closed(void *arg, const char *why)
{
	struct mqsd *mqsd = arg;
	size_t i;

	(void)why;
	mqsd->restored = false;
	copy_pool_closed(mqsd->copy);
	for (i = 0; i < roster_count(mqsd->roster); i++)
		node_pool_closed(roster_at(mqsd->roster, i));
	if (mqsd->stopping != NULL)
		share_leave_now(mqsd->share);
}

static json_t *
on_pool_nodes(void *arg)
{
	const struct mqsd *mqsd = arg;
	json_t *nodes = json_array();
	size_t i;

	for (i = 0; i < mqsd->conf->node_count; i++) {
		const struct conf_node *node = &mqsd->conf->nodes[i];
		const json_t *added = roster_added(mqsd->roster, node->name);
		json_t *row = added != NULL ? json_copy((json_t *)added)
					    : json_pack("{s:s, s:s}", "name", node->name, "url",
							node->url);

		json_object_set_new(
			row, "drain",
			json_boolean(dispatcher_is_draining(mqsd->dispatcher, node->name)));
		if (added != NULL)
			json_object_set_new(row, "added", json_true());
		json_array_append_new(nodes, row);
	}
	return nodes;
}

/* Who is leaving takes no node any more. */
static void
on_added(void *arg, const json_t *added)
{
	struct mqsd *mqsd = arg;

	if (mqsd->restored && mqsd->stopping == NULL)
		roster_follow(mqsd->roster, added);
}

static const char *
on_node_file(void *arg, const char *name)
{
	struct mqsd *mqsd = arg;
	const struct instances *instances = leases_instances(mqsd->leases);

	return instances != NULL ? instances_with_file(instances, name) : NULL;
}

static json_t *
on_node_info(void *arg, const char *name)
{
	struct node *node = find_node(arg, name);

	if (node == NULL)
		return NULL;
	return json_pack("{s:s}", "state", node_state_name(node_state(node)));
}

static json_t *
on_figures(void *arg)
{
	struct mqsd *mqsd = arg;
	const struct instances *instances = leases_instances(mqsd->leases);
	json_t *nodes = json_array();
	size_t i;

	for (i = 0; i < roster_count(mqsd->roster); i++)
		json_array_append_new(nodes, node_figures(roster_at(mqsd->roster, i)));
	return json_pack("{s:o, s:o*, s:o*}", "figures", nodes, "kamailio_rpc",
			 kamailio_figures(mqsd->kamailio), "missing",
			 instances != NULL ? instances_missing(instances) : NULL);
}

static void
on_call_ended(void *arg, json_t *view)
{
	struct node *node = find_node(arg, json_string_value(json_object_get(view, "node")));

	if (node != NULL)
		node_call_ended(node, view);
}

static json_t *
on_instances(void *arg)
{
	struct mqsd *mqsd = arg;
	const struct instances *instances = leases_instances(mqsd->leases);

	return instances != NULL ? instances_list(instances) : NULL;
}

static void
on_instance_leave(void *arg, const char *name, void (*done)(void *arg, int found), void *done_arg)
{
	struct mqsd *mqsd = arg;

	leases_ask_to_leave(mqsd->leases, name, done, done_arg);
}

static void
stop_now(void *arg)
{
	struct mqsd *mqsd = arg;

	loop_stop(mqsd->loop);
}

static void
on_left(void *arg, json_t *reply)
{
	struct mqsd *mqsd = arg;

	(void)reply;
	leases_gone(mqsd->leases, stop_now, mqsd);
}

static void
on_all_given(void *arg)
{
	struct mqsd *mqsd = arg;

	loop_timer_arm(mqsd->leave, mqsd->conf->redis_timeout_ms);
	pool_call(mqsd->pool, "pool_leave", json_pack("{s:s}", "reason", mqsd->stopping), on_left,
		  mqsd);
}

/* No call is touched: callers wait on, conversations go on, offers go on under another instance or
 * are seen to their end. */
static void
stop(struct mqsd *mqsd, const char *why)
{
	size_t i;

	log_info("stopping (%s): no new offers; the nodes go to others", why);
	mqsd->stopping = why;
	pool_set_draining(mqsd->pool);
	registrar_stop(mqsd->registrar);
	for (i = 0; i < roster_count(mqsd->roster); i++)
		node_take_back(roster_at(mqsd->roster, i));
	share_leave(mqsd->share, on_all_given, mqsd);
	if (pool_state(mqsd->pool) == POOL_CLOSED)
		share_leave_now(mqsd->share);
}

static void
on_terminate(void *arg)
{
	struct mqsd *mqsd = arg;

	if (mqsd->stopping != NULL) {
		log_warn("told to stop a second time; not waiting for the offers under way");
		share_leave_now(mqsd->share);
		return;
	}
	stop(mqsd, "SIGTERM");
}

static void
on_asked_to_leave(void *arg)
{
	struct mqsd *mqsd = arg;

	if (mqsd->stopping == NULL)
		stop(mqsd, "leave");
}

static void
on_bell_node(void *arg, const char *name)
{
	struct node *node = find_node(arg, name);

	if (node != NULL)
		node_look(node);
}

static void
on_bell_reconcile(void *arg, const char *name)
{
	struct node *node = find_node(arg, name);

	if (node != NULL)
		node_look_now(node);
}

static void
on_bell_due(void *arg)
{
	struct mqsd *mqsd = arg;

	pool_due(mqsd->pool);
}

static void
on_bell_lease(void *arg)
{
	struct mqsd *mqsd = arg;

	leases_look(mqsd->leases);
}

static void
say_later(void *arg, const char *section, const char *name)
{
	(void)arg;
	log_warn("[%s] %s has changed in the file; it is taken over at the next restart", section,
		 name);
}

static void
on_hangup(void *arg)
{
	struct mqsd *mqsd = arg;
	struct err err;
	struct conf *fresh = conf_load(mqsd->conf->path, &err);

	if (fresh == NULL) {
		log_error("configuration not reloaded, the old one stays: %s", err.text);
		return;
	}
	conf_reload(mqsd->conf, fresh, say_later, NULL);
	conf_free(fresh);
	log_setup((enum log_level)mqsd->conf->log_level, true);
	if (mqsd->tls != NULL &&
	    tls_server_reload(mqsd->tls, mqsd->conf->tls_cert, mqsd->conf->tls_key, &err) != 0)
		log_error("certificate not reloaded, the old one stays: %s", err.text);
	if (audit_reopen(mqsd->audit, mqsd->conf->audit_log, mqsd->conf->state_dir, &err) != 0)
		log_error("%s; the one that is open goes on", err.text);
	if (access_reload(mqsd->access, &err) != 0)
		log_error("tokens and groups not reloaded, the old ones stay: %s", err.text);
	log_info("configuration reloaded from %s", mqsd->conf->path);
}

/* Shows that no other mqsd runs under this name here, so that leases left under it are a dead
 * one's. */
static void
take_lock(struct mqsd *mqsd)
{
	char *path = mem_printf("%s/mqsd.lock", mqsd->conf->state_dir);

	if (mkdir(mqsd->conf->state_dir, 0750) != 0 && errno != EEXIST)
		fatal("state_dir %s: %s; create it and give it to the user that runs mqsd",
		      mqsd->conf->state_dir, strerror(errno));
	mqsd->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (mqsd->lock < 0)
		fatal("%s: %s; give the directory to the user that runs mqsd", path,
		      strerror(errno));
	if (flock(mqsd->lock, LOCK_EX | LOCK_NB) != 0)
		fatal("%s is locked: another mqsd runs with this state_dir; give each its own "
		      "[mqsd] instance and state_dir",
		      path);
	free(path);
}

static void
make_parts(struct mqsd *mqsd)
{
	struct conf *conf = mqsd->conf;
	struct pool_hooks pool_hooks = {on_claim,	 on_pool_opened, on_pool_closed,
					on_pool_changed, on_pool_nodes,	 mqsd};
	struct copy_hooks copy_hooks = {on_restored, mqsd};
	struct api_hooks api_hooks = {.node_info = on_node_info,
				      .figures = on_figures,
				      .call_ended = on_call_ended,
				      .call_changed = on_claim,
				      .node_file = on_node_file,
				      .instances = on_instances,
				      .instance_leave = on_instance_leave,
				      .arg = mqsd};
	struct redis_access access = {conf->redis_address,	     conf->redis_user,
				      conf->redis_password,	     conf->redis_sentinel_user,
				      conf->redis_sentinel_password, "master"};
	struct dispatcher_hooks dispatcher_hooks = {on_added, mqsd};
	struct leases_hooks leases_hooks = {on_asked_to_leave, mqsd};
	struct bell_hooks bell_hooks = {on_bell_node, on_bell_reconcile, on_bell_due, on_bell_lease,
					mqsd};
	struct err err;

	mqsd->loop = loop_new();
	mqsd->redis = redis_server_new(mqsd->loop, &access);
	mqsd->pool = pool_new(mqsd->loop, conf, mqsd->redis, &pool_hooks);
	mqsd->copy = copy_new(mqsd->loop, conf, mqsd->pool, &copy_hooks);
	mqsd->leases = leases_new(mqsd->loop, conf, mqsd->redis, &leases_hooks);
	mqsd->bell = bell_new(mqsd->loop, conf, mqsd->redis, pool_prefix(mqsd->pool), &bell_hooks);
	mqsd->http = ari_http_new(mqsd->loop, conf->instance, conf->ari_connections,
				  conf->node_count + 1);
	ari_http_trust(mqsd->http, conf->ari_ca_file, conf->ari_verify);
	mqsd->ari_tls = tls_client_new(conf->ari_ca_file, conf->ari_verify, &err);
	if (mqsd->ari_tls == NULL)
		fatal("[ari] ca_file: %s", err.text);
	mqsd->kamailio = kamailio_new(mqsd->loop, conf, mqsd->http);
	mqsd->dispatcher =
		dispatcher_new(mqsd->loop, mqsd->pool, mqsd->kamailio, &dispatcher_hooks);
	mqsd->doctor = doctor_new(mqsd->loop, conf, mqsd->http, mqsd->kamailio, mqsd->pool);
	mqsd->registrar = registrar_new(mqsd->loop, conf, mqsd->pool);
	mqsd->settle = loop_timer_new(mqsd->loop, decide, mqsd);
	mqsd->leave = loop_timer_new(mqsd->loop, stop_now, mqsd);
	mqsd->pacer = pacer_new(mqsd->loop, conf, calls_go);
	mqsd->env = (struct node_env){mqsd->loop, conf,		 mqsd->pool,	 mqsd->leases,
				      mqsd->http, mqsd->ari_tls, mqsd->kamailio, mqsd->pacer,
				      on_settled, mqsd};
	mqsd->share = share_new(mqsd->loop, mqsd->leases);
	mqsd->roster = roster_new(&mqsd->env, conf, mqsd->share);
	api_hooks.copy = mqsd->copy;
	api_hooks.dispatcher = mqsd->dispatcher;
	api_hooks.doctor = mqsd->doctor;
	mqsd->audit = audit_open(conf->audit_log, conf->state_dir, &err);
	if (mqsd->audit == NULL)
		fatal("%s", err.text);
	mqsd->access = access_new(conf, &err);
	if (mqsd->access == NULL)
		fatal("%s", err.text);
	if (*conf->listen != '\0' &&
	    (mqsd->tls = tls_server_new(conf->tls_cert, conf->tls_key, &err)) == NULL)
		fatal("[control] tls_cert, tls_key: %s", err.text);
	mqsd->api = api_new(mqsd->loop, conf, mqsd->pool, mqsd->access, mqsd->audit, &api_hooks,
			    mqsd->tls, &err);
	if (mqsd->api == NULL)
		fatal("control socket: %s", err.text);
}

static void
free_parts(struct mqsd *mqsd)
{
	pool_free(mqsd->pool); /* first: its last callbacks still find everybody */
	copy_free(mqsd->copy);
	api_free(mqsd->api);
	access_free(mqsd->access);
	audit_close(mqsd->audit);
	tls_server_free(mqsd->tls);
	tls_client_free(mqsd->ari_tls);
	registrar_free(mqsd->registrar);
	ari_http_free(mqsd->http);
	kamailio_free(mqsd->kamailio);
	doctor_free(mqsd->doctor);
	dispatcher_free(mqsd->dispatcher);
	roster_free(mqsd->roster);
	pacer_free(mqsd->pacer);
	share_free(mqsd->share);
	bell_free(mqsd->bell);
	leases_free(mqsd->leases);
	redis_server_free(mqsd->redis);
	loop_timer_free(mqsd->settle);
	loop_timer_free(mqsd->leave);
	loop_free(mqsd->loop);
}

int
mqsd_run(struct conf *conf)
{
	struct mqsd mqsd = {.conf = conf, .lock = -1};

	take_lock(&mqsd);
	make_parts(&mqsd);
	loop_signal(mqsd.loop, SIGTERM, on_terminate, &mqsd);
	loop_signal(mqsd.loop, SIGINT, on_terminate, &mqsd);
	loop_signal(mqsd.loop, SIGHUP, on_hangup, &mqsd);
	log_info("mqsd %s, instance %s, pool %s, %zu nodes", MQS_VERSION, conf->instance,
		 conf->pool, conf->node_count);
	pool_start(mqsd.pool);
	leases_start(mqsd.leases);
	bell_start(mqsd.bell);
	share_start(mqsd.share);
	dispatcher_start(mqsd.dispatcher);
	loop_run(mqsd.loop);
	log_info("stopped");
	free_parts(&mqsd);
	close(mqsd.lock);
	return 0;
}
