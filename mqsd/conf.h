/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_CONF_H
#define MQSD_CONF_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/err.h"
#include "lib/option.h"

#define CONF_OPTIONS_MAX 64 /* rows in conf.c */

/* What mqsd.conf says; one row an option in conf.c. Strings are owned by the struct. */
struct conf_node {
	char *name;
	char *url; /* http://host:port of the node's ARI */
	char *user;
	char *password;
	bool added;		      /* at run time (`node add`); not of the file */
	bool given[CONF_OPTIONS_MAX]; /* by row: it stands in the file */
};

struct conf {
	char *path;
	/* [mqsd] */
	char *instance;
	char *state_dir;
	int log_level;
	bool core_dumps;
	/* [control] */
	char *socket;
	char *admin_group, *supervisor_group, *viewer_group;
	char *token_file;
	char *listen, *tls_cert, *tls_key;
	char *audit_log;
	int64_t connections_max, source_connections_max;
	int64_t sse_max_bytes;
	int64_t body_max_bytes;
	/* [redis] */
	char *redis_address;
	char *redis_user;
	char *redis_password;
	char *redis_sentinel_user;
	char *redis_sentinel_password;
	int64_t redis_timeout_ms;
	/* [pool] */
	char *pool;
	int64_t stream_max;
	/* [ari] */
	char *ari_app;
	char *ari_endpoint;
	char *ari_user;
	char *ari_password;
	char *ari_ca_file;
	bool ari_verify;
	int64_t ari_timeout_ms;
	int64_t ari_connections;
	int64_t originates_per_s, host_originates_per_s;
	int64_t lease_ms;
	int64_t reconcile_ms;
	/* [sip] */
	char *sip_domain;
	/* [kamailio] */
	char *kamailio_rpc;
	int64_t kamailio_timeout_ms;
	/* [codes] */
	char *code_login, *code_pause, *code_wrapup; /* "": there is none */
	char *code_reasons[10];			     /* by digit; "": there is none */

	struct conf_node *nodes; /* may be moved by conf_node_add() and conf_node_remove() */
	size_t node_count;
	struct conf_node *removed; /* their strings last as long as conf: requests may use them */
	size_t removed_count;
	bool given[CONF_OPTIONS_MAX];
};

extern const struct option_table conf_options;

/* Reads and checks a file; NULL with err ("file:line: sentence"). */
struct conf *conf_load(const char *path, struct err *err);
void conf_free(struct conf *conf);

#define CONF_NODES_MAX 256

/* NULL: there is none of that name. Good until a node is added or removed. */
const struct conf_node *conf_node_find(const struct conf *conf, const char *name);

/* A node that is not in the file. user and password "" are those of [ari]. -1 with err. */
int conf_node_add(struct conf *conf, const struct conf_node *node, struct err *err);
void conf_node_remove(struct conf *conf, const char *name);

/* http://HOST:PORT or https://HOST:PORT? */
bool conf_is_node_url(const char *url);

/* Each option, in the order of the rows, then each node's: its section as in a file, its value as
 * text (secrets as ***), and whether it stands in the file or is the default. */
void conf_each(const struct conf *conf,
	       void (*each)(void *arg, const char *section, const struct option *o,
			    const char *value, bool given),
	       void *arg);

/* Each option whose value differs in two, with both as text; the nodes are one, "node" "*" with
 * o NULL and no values. */
void conf_compare(const struct conf *conf, const struct conf *other,
		  void (*differs)(void *arg, const struct option *o, const char *is,
				  const char *other),
		  void *arg);

/* Prints it so that it can be read again; secrets as ***. */
void conf_print(const struct conf *conf, FILE *out);

/*
 * Takes over the OPTION_LIVE values of `fresh`; each changed OPTION_RESTART value is named through
 * `later`, because it waits for a restart.
 */
void conf_reload(struct conf *conf, struct conf *fresh,
		 void (*later)(void *arg, const char *section, const char *name), void *arg);

#endif
