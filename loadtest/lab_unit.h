/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_LAB_UNIT_H
#define LOADTEST_LAB_UNIT_H

#include "loadtest/lab.h"
#include "loadtest/lab_net.h"
#include "loadtest/proc.h"
#include "loadtest/provision.h"

/* A server of the lab as its supervisor has it. */
struct lab_unit {
	struct lab_server *server; /* in the supervisor's lab */
	char *log;		   /* owned */
	struct proc proc;
	bool answers;
	int64_t started_ms;
	int64_t restart_at_ms;	/* -1: not waiting for a restart */
	char why[LAB_TEXT_MAX]; /* it doesn't answer */
};

/* What units are started from. */
struct lab_site {
	struct lab lab;
	struct lab_net net;
	struct asterisk asterisk;
	char mqsd_path[1024];
	struct lab_unit units[LAB_SERVERS_MAX]; /* as lab_server_at() */
	int unit_count;
};

/* Units come up stage by stage, each once all before it answer. */
#define LAB_STAGES 3
int lab_unit_stage(const struct lab_unit *u);

/* "Redis", "Asterisk", ... */
const char *lab_kind_text(enum lab_kind kind);

/* One unit for each server of site->lab, none started. */
void lab_units_make(struct lab_site *site);
void lab_units_free(struct lab_site *site);

/* Starts it with the files, ports and namespace that it always has. */
int lab_unit_start(struct lab_site *site, struct lab_unit *u, struct err *err);

/* Asks a server of the lab once whether it does its work; sets its version, or why (LAB_TEXT_MAX)
 * it doesn't. */
bool lab_server_probe(const struct lab *lab, struct lab_server *s, char *why);

/* Of a server. The caller frees it. */
char *lab_log_path(const struct lab *lab, const char *name);

#endif
