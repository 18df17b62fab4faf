/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_LAB_H
#define LOADTEST_LAB_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/err.h"
#include "lib/text.h"

/*
 * A lab: Redis (with replicas and Sentinels when asked for), Kamailio, N Asterisk nodes and mqsd,
 * real servers on loopback, or each in a network namespace of its own, with ports and a run
 * directory of their own, kept by one supervisor process. Its state is DIR/lab.json, rewritten
 * atomically; everything else that needs a lab reads that file. When the supervisor ends, however
 * it ends, no server outlives it.
 */
#define LAB_NODES_MAX	  16
#define LAB_MQSDS_MAX	  4
#define LAB_REPLICAS_MAX  4
#define LAB_SENTINELS_MAX 5
#define LAB_SERVERS_MAX	  (2 + LAB_REPLICAS_MAX + LAB_SENTINELS_MAX + LAB_NODES_MAX + LAB_MQSDS_MAX)
#define LAB_TEXT_MAX	  128 /* an address, a URL, a version */
#define LAB_PATH_MAX	  128
#define LAB_DIR_MAX	  70	/* Unix sockets and mqsd's paths below it must fit */
#define LAB_READY_MS	  60000 /* everything must answer within; provisioning Asterisk not counted */
#define LAB_STOP_MS	  10000
#define LAB_GROUP	  "mqs" /* what the Sentinels call the master and its replicas */
#define LAB_KEEPALIVE_S	  30	/* MQS_KEEPALIVE_S as shipped */

struct lab_options {
	const char *dir; /* NULL: a new one under lab_base_dir() */
	int nodes;	 /* 1 to LAB_NODES_MAX */
	int mqsds;	 /* 0: leave mqsd out */
	int replicas, sentinels;
	bool netns;	      /* a network namespace for each server */
	const char *mqsd_bin; /* NULL: mqsd beside the running program */
	const char *etc;      /* NULL: etc/ of the source tree or of the installation */
	const char *music;    /* music class of waiting callers, "none" for silence; NULL: none */
	int keepalive_s;      /* MQS_KEEPALIVE_S of Kamailio; 0: as shipped */
	int wait_max_s;	      /* MQS_WAIT_MAX of the dialplan; 0: as shipped (600 s) */
	bool keep;	      /* keep DIR (logs, Redis' files) when the lab ends */
};

enum lab_kind { LAB_REDIS, LAB_SENTINEL, LAB_KAMAILIO, LAB_ASTERISK, LAB_MQSD, LAB_KINDS };

struct lab_server {
	enum lab_kind kind;
	char name[TEXT_NAME_MAX + 1]; /* redis, redis-2, kamailio, a1, mqsd-1, ... */
	char host[LAB_TEXT_MAX];      /* where it listens: 127.0.0.1 but with namespaces */
	pid_t pid;		      /* 0: not running now */
	int restarts;	  /* of mqsd, which alone is started again when it died by itself */
	bool killed;	  /* down on purpose; stays so until it is started */
	bool stopped;	  /* by SIGSTOP */
	bool cut;	  /* its link */
	int64_t ready_ms; /* from its start to its first right answer; -1: not yet */
	char version[LAB_TEXT_MAX];
};

struct lab_node {
	struct lab_server server; /* a1, a2, ... */
	char sip[LAB_TEXT_MAX];	  /* 127.0.0.1:port */
	char ari[LAB_TEXT_MAX];	  /* http://127.0.0.1:port */
	char user[LAB_TEXT_MAX];
	char password[LAB_TEXT_MAX];
};

struct lab_redis {
	struct lab_server server;
	char address[LAB_TEXT_MAX]; /* 127.0.0.1:port */
};

struct lab_mqsd {
	struct lab_server server;
	char socket[LAB_PATH_MAX];
	char conf[LAB_PATH_MAX];
};

/* What lab.json says. No pointers: copy it, keep it, nothing to free. */
struct lab {
	char dir[LAB_PATH_MAX];
	pid_t pid; /* the supervisor */
	uint64_t
		pid_start; /* its start time in clock ticks after boot: a pid alone may be reused */
	bool ready;
	bool netns;
	int keepalive_s;		 /* MQS_KEEPALIVE_S of Kamailio */
	char host[LAB_TEXT_MAX];	 /* whence SIPp and everything else of the lab speaks */
	char kamailio_sip[LAB_TEXT_MAX]; /* 127.0.0.1:port, UDP and TCP */
	char kamailio_rpc[LAB_TEXT_MAX]; /* http://127.0.0.1:port/RPC */
	struct lab_server kamailio;
	struct lab_redis redis; /* the master at first */
	int replica_count, sentinel_count, node_count, mqsd_count;
	struct lab_redis replicas[LAB_REPLICAS_MAX], sentinels[LAB_SENTINELS_MAX];
	struct lab_node nodes[LAB_NODES_MAX];
	struct lab_mqsd mqsds[LAB_MQSDS_MAX];
};

/*
 * Brings a lab up under a supervisor of its own (a child process in its own session, which takes
 * all servers down when the calling process ends) and waits until each server answers. Progress
 * and the failing server's log go to stderr. On failure nothing is left running.
 */
int lab_start(const struct lab_options *options, struct lab *lab, struct err *err);

/*
 * Reads DIR/lab.json. Call it again to see new pids: mqsd alone is started again when it dies by
 * itself (after 1 s); a server that died otherwise shows pid 0 and stays down.
 */
int lab_load(const char *dir, struct lab *lab, struct err *err);

/* A phone that is gone, or whose node is, has been found so and its call ended within; ms. */
int64_t lab_vanished_ms(const struct lab *lab);

/* Whether the supervisor still runs. */
bool lab_alive(const struct lab *lab);

/* Ends the supervisor and with it all servers; returns when they are gone, at most LAB_STOP_MS. */
int lab_stop(const struct lab *lab, struct err *err);

/* The name of the n-th of a kind, from 1; kinds of which there is but one have no number, redis not
 * at first. `out` has TEXT_NAME_MAX + 1 bytes; it is returned. */
char *lab_server_name(enum lab_kind kind, int n, char *out);

/* The servers one after the other, in the order in which they are shown; NULL: no more. */
struct lab_server *lab_server_at(struct lab *lab, int i);

/* By name, "mqsd" being mqsd-1; NULL: none. */
struct lab_server *lab_server_find(struct lab *lab, const char *name);

#endif
