/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_BELL_H
#define MQSD_BELL_H

struct loop;
struct conf;
struct redis_server;

/*
 * The doorbell: a connection that follows three channels in Redis. A ring only says where to look;
 * what there is to do stands in Redis and is looked at once a second in any case, so a ring that is
 * lost costs a second and nothing else.
 *   mqs:{pool}:bell      "node NAME": todo:<node> has something for its owner; "reconcile NAME":
 * somebody wants that node compared with its records now; "due": run what is due mqs:bell "lease":
 * leases or instances have changed mqs:bell:<instance>  our own heartbeat: a bell that does not
 * hear it is deaf and connects anew
 */
struct bell;

struct bell_hooks {
	void (*node)(void *arg, const char *name);
	void (*reconcile)(void *arg, const char *name);
	void (*due)(void *arg);
	void (*lease)(void *arg);
	void *arg;
};

/* prefix: of the pool's keys; copied. */
struct bell *bell_new(struct loop *loop, const struct conf *conf, struct redis_server *server,
		      const char *prefix, const struct bell_hooks *hooks);
void bell_start(struct bell *bell);
void bell_free(struct bell *bell);

#endif
