/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_API_H
#define MQSD_API_H

#include <jansson.h>
#include <stddef.h>

#include "lib/err.h"
#include "mqsd/role.h"

/*
 * The control API (design 11): JSON over HTTP. One row per route; what a request may do and say is
 * checked here, what it changes is a script.
 */
struct api;
struct loop;
struct conf;
struct copy;
struct dispatcher;
struct doctor;
struct pool;
struct access;
struct audit;
struct tls_server;
struct httpd_request;

struct api_hooks {
	/* What this mqsd itself knows of a node ({state}), or NULL; owned by the caller. */
	json_t *(*node_info)(void *arg, const char *name);
	/* The API ended a call: its channels are to be hung up by the node's owner. view is
	 * borrowed. */
	void (*call_ended)(void *arg, json_t *view);
	/* It changed one otherwise, and the node's owner may have to act. view is borrowed. */
	void (*call_changed)(void *arg, json_t *view);
	/* What node_figures() says of each node, and kamailio_figures(): {"figures": [],
	 * "kamailio_rpc"}; the caller's. */
	json_t *(*figures)(void *arg);
	/* The instance whose mqsd.conf has that node, or NULL; borrowed. */
	const char *(*node_file)(void *arg, const char *name);
	/* The instances as last seen, owned by the caller; NULL while Redis is away. */
	json_t *(*instances)(void *arg);
	/* Asks one to leave: done() says 1 asked, 0 there is none of that name, -1 no Redis. */
	void (*instance_leave)(void *arg, const char *name, void (*done)(void *arg, int found),
			       void *done_arg);
	struct copy *copy; /* borrowed; so is: */
	struct dispatcher *dispatcher;
	struct doctor *doctor;
	void *arg;
};

/* access, audit and tls are borrowed; tls may be NULL while nothing listens on TCP. */
struct api *api_new(struct loop *loop, const struct conf *conf, struct pool *pool,
		    struct access *access, struct audit *audit, const struct api_hooks *hooks,
		    struct tls_server *tls, struct err *err);
void api_free(struct api *api);

/* For the tests and the manual's check. */
struct api_request;
struct api_route {
	const char *method;
	const char *path; /* "{name}" matches one segment */
	void (*run)(struct api_request *request);
	enum role role; /* that it needs */
	const char *help;
};
extern const struct api_route api_routes[];
extern const size_t api_route_count;

/* A code that a script refuses with, and what it means to a client. */
struct api_refusal {
	const char *code;
	int status;
	const char *hint;
};
extern const struct api_refusal api_refusals[];
extern const size_t api_refusal_count;

#endif
