/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_DOCTOR_JUDGE_H
#define MQSD_DOCTOR_JUDGE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct conf;

/*
 * What the doctor makes of what the servers answered: each adds to the findings of finding.h. Pure
 * functions; what is borrowed stays the caller's. `nodes` is the pool's list of nodes (nodes_read),
 * NULL where no pool is known.
 */

/*
 * Kamailio's dispatcher against our nodes: missing, not ours, in another state than it should be.
 * reply: to dispatcher.list, NULL with `why` when there is none.
 */
void judge_dispatcher(json_t *findings, const struct conf *conf, const json_t *nodes,
		      const json_t *reply, const char *why);
/* The same of one node. */
void judge_dispatcher_node(json_t *findings, const char *name, const json_t *nodes,
			   const json_t *reply, const char *why);

/*
 * Agents that are logged in (view_agent) and whose phone has no contact in Kamailio, though their
 * address is in our domain. reply: to ul.dump. Source: Kamailio 5.6, usrloc: result.Domains[].
 * Domain.AoRs[].Info.{AoR, Contacts}.
 */
void judge_registrations(json_t *findings, const struct conf *conf, const json_t *agents,
			 const json_t *reply, const char *why);

/*
 * Ids of channels and bridges of MQS on a node that belong to no call in the pool's records (call
 * views, ended ones too); the caller's. channels, bridges: bodies of the node's lists, asked before
 * the records were read. Calls come and go meanwhile: what two looks show is an orphan.
 */
json_t *orphans_of(const char *app, const json_t *channels, const json_t *bridges,
		   const json_t *records);
void judge_orphans(json_t *findings, const char *about, const json_t *first, const json_t *second);

/* Open files: how many this process may have and has, against what its nodes and clients need. */
void judge_files(json_t *findings, const struct conf *conf, int64_t may, int64_t has);

#endif
