/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_LAB_H
#define LOADTEST_LAB_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/err.h"
#include "lib/text.h"

/*
 * A lab: Redis, Kamailio, N Asterisk nodes and mqsd, real servers on loopback with ports and a run
 * directory of their own, kept by one supervisor process. Its state is DIR/lab.json, rewritten
 * atomically; everything else that needs a lab reads that file. When the supervisor ends, however
 * it ends, no server outlives it.
 */
#define LAB_NODES_MAX 16
#define LAB_TEXT_MAX  128 /* an address, a URL, a version */
#define LAB_PATH_MAX  128
#define LAB_DIR_MAX   70    /* Unix sockets and mqsd's paths below it must fit */
#define LAB_READY_MS  60000 /* everything must answer within; provisioning Asterisk not counted */
#define LAB_STOP_MS   10000

struct lab_options {
	const char *dir;   /* NULL: a new one under lab_base_dir() */
	int nodes;	   /* 1 to LAB_NODES_MAX */
	const char *mqsd;  /* NULL: mqsd beside the running program */
	bool no_mqsd;	   /* leave mqsd out */
	const char *etc;   /* NULL: etc/ of the source tree or of the installation */
	const char *music; /* music class of waiting callers, "none" for silence; NULL: none */
	int wait_max_s;	   /* MQS_WAIT_MAX of the dialplan; 0: as shipped (600 s) */
	bool keep;	   /* keep DIR (logs, Redis' files) when the lab ends */
};

struct lab_server {
	pid_t pid;	  /* 0: not running now */
	int restarts;	  /* of mqsd; other servers stay down */
	int64_t ready_ms; /* from its start to its first right answer; -1: not yet */
	char version[LAB_TEXT_MAX];
};

struct lab_node {
	struct lab_server server;
	char name[TEXT_NAME_MAX + 1]; /* a1, a2, ... */
	char sip[LAB_TEXT_MAX];	      /* 127.0.0.1:port */
	char ari[LAB_TEXT_MAX];	      /* http://127.0.0.1:port */
	char user[LAB_TEXT_MAX];
	char password[LAB_TEXT_MAX];
};

/* What lab.json says. No pointers: copy it, keep it, nothing to free. */
struct lab {
	char dir[LAB_PATH_MAX];
	pid_t pid; /* the supervisor */
	uint64_t
		pid_start; /* its start time in clock ticks after boot: a pid alone may be reused */
	bool ready;
	char kamailio_sip[LAB_TEXT_MAX]; /* 127.0.0.1:port, UDP and TCP */
	char kamailio_rpc[LAB_TEXT_MAX]; /* http://127.0.0.1:port/RPC */
	struct lab_server kamailio;
	char redis_address[LAB_TEXT_MAX];
	struct lab_server redis;
	bool has_mqsd;
	char mqsd_socket[LAB_PATH_MAX];
	char mqsd_conf[LAB_PATH_MAX];
	struct lab_server mqsd;
	int node_count;
	struct lab_node nodes[LAB_NODES_MAX];
};

/*
 * Brings a lab up under a supervisor of its own (a child process in its own session, which takes
 * all servers down when the calling process ends) and waits until each server answers. Progress
 * and the failing server's log go to stderr. On failure nothing is left running.
 */
int lab_start(const struct lab_options *options, struct lab *lab, struct err *err);

/*
 * Reads DIR/lab.json. Call it again to see new pids: mqsd alone is started again when it dies
 * (after 1 s); a server that died otherwise shows pid 0 and stays down.
 */
int lab_load(const char *dir, struct lab *lab, struct err *err);

/* Whether the supervisor still runs. */
bool lab_alive(const struct lab *lab);

/* Ends the supervisor and with it all servers; returns when they are gone, at most LAB_STOP_MS. */
int lab_stop(const struct lab *lab, struct err *err);

#endif
