/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/dispatcher.h"

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/text.h"
#include "mqsd/dispatcher_list.h"
#include "mqsd/kamailio.h"
#include "mqsd/loop.h"
#include "mqsd/pool.h"

#define HOLD_MS	 500  /* between two looks at Kamailio while a node is draining */
#define WATCH_MS 1000 /* between two at the pool */
#define SET	 1    /* of kamailio.cfg: all nodes are in it */
#define FLAGS	 9    /* inactive until it has answered a probe, which it always gets */
#define OUT	 "d"
#define IN	 "ip" /* until it has answered a probe */

const char *const dispatcher_words[DISPATCHER_WORDS] = {"told", "missing", "silent", "off"};

/* One node's state is to be set: first the list says in which sets it is. */
struct errand {
	TAILQ_ENTRY(errand) entry;
	struct dispatcher *d;
	char node[TEXT_NAME_MAX + 1];
	bool drain;
	size_t open; /* replies that are waited for */
	enum dispatcher_word word;
	struct loop_timer *later;
	dispatcher_cb *cb;
	void *arg;
};

struct dispatcher {
	struct loop *loop;
	struct pool *pool;
	struct kamailio *kamailio;
	struct dispatcher_hooks hooks;
	struct loop_timer *tick;
	json_t *added;	  /* name -> sip: address, as Redis said last */
	json_t *removed;  /* name -> true: was added; taken out of the list where it still is */
	json_t *draining; /* name -> true, as Redis said last */
	json_t *missing, *left; /* of these, while a list is looked through */
	json_t *ended; /* name -> true: was draining; taken in again where it still is out */
	bool watching, holding;
	int64_t watched; /* ticks since the pool was asked */
	TAILQ_HEAD(, errand) errands;
};

bool
dispatcher_is_draining(const struct dispatcher *d, const char *node)
{
	return json_object_get(d->draining, node) != NULL;
}

static void
on_set(void *arg, const json_t *reply, const char *why)
{
	(void)arg;
	if (reply == NULL)
		log_warn("Kamailio does not change a node's state: %s", why);
}

static void
set_state(struct dispatcher *d, const struct dispatcher_dest *dest, bool drain,
	  kamailio_reply_cb *cb, void *arg)
{
	kamailio_rpc(d->kamailio, "kamailio_set_state", "dispatcher.set_duid_state",
		     json_pack("[s, I, s]", drain ? OUT : IN, dest->set, dest->duid), cb, arg);
}

/* Kamailio refuses a second change of its list within some seconds: it is tried again. */
static void
on_changed(void *arg, const json_t *reply, const char *why)
{
	(void)arg;
	if (reply == NULL)
		log_debug("Kamailio does not change its list of nodes: %s", why);
}

static void
hold_dest(void *arg, const struct dispatcher_dest *dest)
{
	struct dispatcher *d = arg;
	bool out = dispatcher_dest_is_disabled(dest);

	json_object_del(d->missing, dest->duid);
	if (json_object_get(d->removed, dest->duid) != NULL) {
		json_object_set_new(d->left, dest->duid, json_true());
		kamailio_rpc(d->kamailio, "kamailio_remove", "dispatcher.remove",
			     json_pack("[I, s]", dest->set, dest->uri), on_changed, d);
		return;
	}
	if (dispatcher_is_draining(d, dest->duid) && !out) {
		log_info("node %s is draining, and Kamailio had it at %s: taken out again",
			 dest->duid, dest->flags);
		set_state(d, dest, true, on_set, d);
	} else if (json_object_get(d->ended, dest->duid) != NULL && out) {
		log_info("node %s is not draining any more: Kamailio takes it in again",
			 dest->duid);
		set_state(d, dest, false, on_set, d);
	}
}

static void
on_hold(void *arg, const json_t *reply, const char *why)
{
	struct dispatcher *d = arg;
	const char *name;
	json_t *sip;

	(void)why;
	d->holding = false;
	if (reply == NULL)
		return;
	d->missing = json_copy(d->added);
	d->left = json_object();
	dispatcher_list_each(reply, hold_dest, d);
	json_object_clear(d->ended);
	json_object_foreach(d->missing, name, sip) kamailio_rpc(
		d->kamailio, "kamailio_add", "dispatcher.add",
		json_pack("[i, O, i, i, o]", SET, sip, FLAGS, 0, json_sprintf("duid=%s", name)),
		on_changed, d);
	json_decref(d->missing);
	json_decref(d->removed);
	d->removed = d->left;
	d->missing = d->left = NULL;
}

static bool
has_work(const struct dispatcher *d)
{
	return json_object_size(d->draining) > 0 || json_object_size(d->ended) > 0 ||
	       json_object_size(d->added) > 0 || json_object_size(d->removed) > 0;
}

static void
hold(struct dispatcher *d)
{
	if (d->holding || !has_work(d) || !kamailio_is_there(d->kamailio))
		return;
	d->holding = true;
	kamailio_rpc(d->kamailio, "kamailio_list", "dispatcher.list", NULL, on_hold, d);
}

/* What is not listed any more was removed. */
static void
take_added(struct dispatcher *d, const json_t *list)
{
	json_t *now = json_object(), *item;
	const char *name;
	size_t i;

	json_array_foreach((json_t *)list, i, item)
	{
		name = json_string_value(json_object_get(item, "name"));
		json_object_set(now, name, json_object_get(item, "sip"));
		json_object_del(d->removed, name);
	}
	json_object_foreach(d->added, name, item)
	{
		if (json_object_get(now, name) == NULL)
			json_object_set_new(d->removed, name, json_true());
	}
	json_decref(d->added);
	d->added = now;
	d->hooks.added(d->hooks.arg, list);
}

static void
on_watched(void *arg, json_t *reply)
{
	struct dispatcher *d = arg;
	json_t *item, *was = d->draining;
	const char *name;
	size_t i;

	d->watching = false;
	if (pool_refusal(reply) != NULL)
		return;
	take_added(d, json_object_get(reply, "added"));
	d->draining = json_object();
	json_array_foreach(json_object_get(reply, "draining"), i, item)
	{
		json_object_set_new(d->draining, json_string_value(item), json_true());
		json_object_del(d->ended, json_string_value(item));
	}
	json_object_foreach(was, name, item)
	{
		if (!dispatcher_is_draining(d, name))
			json_object_set_new(d->ended, name, json_true());
	}
	json_decref(was);
}

void
dispatcher_look(struct dispatcher *d)
{
	if (d->watching || pool_state(d->pool) == POOL_CLOSED)
		return;
	d->watched = 0;
	d->watching = true;
	pool_call(d->pool, "nodes_watch", json_object(), on_watched, d);
}

static void
on_tick(void *arg)
{
	struct dispatcher *d = arg;

	loop_timer_arm(d->tick, HOLD_MS);
	hold(d);
	if (++d->watched >= WATCH_MS / HOLD_MS)
		dispatcher_look(d);
}

static void
errand_free(struct errand *errand)
{
	TAILQ_REMOVE(&errand->d->errands, errand, entry);
	loop_timer_free(errand->later);
	free(errand);
}

static void
errand_done(void *arg)
{
	struct errand *errand = arg;

	/* What was not heard is said again. */
	if (!errand->drain && errand->word == DISPATCHER_SILENT)
		json_object_set_new(errand->d->ended, errand->node, json_true());
	errand->cb(errand->arg, errand->word);
	errand_free(errand);
}

static void
on_errand_set(void *arg, const json_t *reply, const char *why)
{
	struct errand *errand = arg;

	on_set(errand->d, reply, why);
	if (reply == NULL)
		errand->word = DISPATCHER_SILENT;
	if (--errand->open == 0)
		errand_done(errand);
}

static void
errand_dest(void *arg, const struct dispatcher_dest *dest)
{
	struct errand *errand = arg;

	if (strcmp(dest->duid, errand->node) != 0)
		return;
	errand->word = DISPATCHER_TOLD;
	if (dispatcher_dest_is_disabled(dest) == errand->drain)
		return;
	errand->open++;
	set_state(errand->d, dest, errand->drain, on_errand_set, errand);
}

static void
on_errand_list(void *arg, const json_t *reply, const char *why)
{
	struct errand *errand = arg;

	(void)why;
	errand->word = reply != NULL ? DISPATCHER_MISSING : DISPATCHER_SILENT;
	if (reply != NULL)
		dispatcher_list_each(reply, errand_dest, errand);
	if (errand->open == 0)
		errand_done(errand);
}

void
dispatcher_tell(struct dispatcher *d, const char *node, bool drain, dispatcher_cb *cb, void *arg)
{
	struct errand *errand = mem_zero(sizeof(*errand));

	errand->d = d;
	snprintf(errand->node, sizeof(errand->node), "%s", node);
	errand->drain = drain;
	errand->cb = cb;
	errand->arg = arg;
	errand->later = loop_timer_new(d->loop, errand_done, errand);
	TAILQ_INSERT_TAIL(&d->errands, errand, entry);
	if (drain)
		json_object_set_new(d->draining, node, json_true());
	else
		json_object_del(d->draining, node);
	if (!kamailio_is_there(d->kamailio)) {
		errand->word = DISPATCHER_OFF;
		loop_timer_arm(errand->later, 0);
		return;
	}
	kamailio_rpc(d->kamailio, "kamailio_list", "dispatcher.list", NULL, on_errand_list, errand);
}

struct dispatcher *
dispatcher_new(struct loop *loop, struct pool *pool, struct kamailio *kamailio,
	       const struct dispatcher_hooks *hooks)
{
	struct dispatcher *d = mem_zero(sizeof(*d));

	d->loop = loop;
	d->pool = pool;
	d->kamailio = kamailio;
	d->hooks = *hooks;
	d->added = json_object();
	d->removed = json_object();
	d->draining = json_object();
	d->ended = json_object();
	d->tick = loop_timer_new(loop, on_tick, d);
	TAILQ_INIT(&d->errands);
	return d;
}

void
dispatcher_start(struct dispatcher *d)
{
	loop_timer_arm(d->tick, HOLD_MS);
}

void
dispatcher_free(struct dispatcher *d)
{
	while (!TAILQ_EMPTY(&d->errands))
		errand_free(TAILQ_FIRST(&d->errands));
	loop_timer_free(d->tick);
	json_decref(d->added);
	json_decref(d->removed);
	json_decref(d->draining);
	json_decref(d->ended);
	free(d);
}
