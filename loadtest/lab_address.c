/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loadtest/lab_conf.h"
#include "loadtest/secret.h"

/* Offsets from the lab's first port; two of each node, then one of each replica and Sentinel. */
enum { PORT_REDIS = 1, PORT_SIP, PORT_RPC, PORT_NODES };

int
lab_conf_port_count(const struct lab_options *options)
{
	return PORT_NODES + 2 * options->nodes + options->replicas + options->sentinels;
}

int
lab_conf_port(const char *address)
{
	const char *colon = strrchr(address, ':');

	return colon != NULL ? (int)strtol(colon + 1, NULL, 10) : 0;
}

/* The n-th of a kind, from 1. */
static void
set_name(struct lab_server *s, enum lab_kind kind, int n)
{
	s->kind = kind;
	lab_server_name(kind, n, s->name);
}

static void
set_names(struct lab *lab)
{
	struct lab_server *s;
	int i;

	set_name(&lab->redis.server, LAB_REDIS, 1);
	for (i = 0; i < lab->replica_count; i++)
		set_name(&lab->replicas[i].server, LAB_REDIS, i + 2);
	for (i = 0; i < lab->sentinel_count; i++)
		set_name(&lab->sentinels[i].server, LAB_SENTINEL, i + 1);
	set_name(&lab->kamailio, LAB_KAMAILIO, 1);
	for (i = 0; i < lab->node_count; i++)
		set_name(&lab->nodes[i].server, LAB_ASTERISK, i + 1);
	for (i = 0; i < lab->mqsd_count; i++)
		set_name(&lab->mqsds[i].server, LAB_MQSD, i + 1);
	for (i = 0; (s = lab_server_at(lab, i)) != NULL; i++) {
		s->ready_ms = -1;
		if (lab->netns)
			snprintf(s->host, sizeof(s->host), LAB_NET LAB_NET_HOST, 10 + i);
		else
			snprintf(s->host, sizeof(s->host), "127.0.0.1");
	}
}

static void
set_redis(struct lab_redis *r, int port)
{
	snprintf(r->address, sizeof(r->address), "%.*s:%d", 64, r->server.host, port);
}

static void
set_node(struct lab_node *n, int port)
{
	snprintf(n->sip, sizeof(n->sip), "%.*s:%d", 64, n->server.host, port);
	snprintf(n->ari, sizeof(n->ari), "http://%.*s:%d", 64, n->server.host, port + 1);
	snprintf(n->user, sizeof(n->user), "mqs");
	secret_draw(n->password, sizeof(n->password));
}

/* The first keeps the names that files had when there was but one. */
static void
set_mqsd(const struct lab *lab, struct lab_mqsd *m, int n)
{
	char stem[TEXT_NAME_MAX + 1] = "mqsd";

	if (n > 0)
		snprintf(stem, sizeof(stem), "mqsd-%d", n + 1);
	snprintf(m->socket, sizeof(m->socket), "%.*s/%.20s.sock", LAB_DIR_MAX, lab->dir, stem);
	snprintf(m->conf, sizeof(m->conf), "%.*s/%.20s.conf", LAB_DIR_MAX, lab->dir, stem);
}

void
lab_conf_addresses(struct lab *lab, const struct lab_options *options, int first)
{
	int i, rest = first + PORT_NODES + 2 * options->nodes;

	lab->netns = options->netns;
	lab->keepalive_s = options->keepalive_s > 0 ? options->keepalive_s : LAB_KEEPALIVE_S;
	lab->node_count = options->nodes;
	lab->mqsd_count = options->mqsds;
	lab->replica_count = options->replicas;
	lab->sentinel_count = options->sentinels;
	if (lab->netns)
		snprintf(lab->host, sizeof(lab->host), LAB_NET LAB_NET_HOST, 1);
	else
		snprintf(lab->host, sizeof(lab->host), "127.0.0.1");
	set_names(lab);
	set_redis(&lab->redis, first + PORT_REDIS);
	snprintf(lab->kamailio_sip, LAB_TEXT_MAX, "%.64s:%d", lab->kamailio.host, first + PORT_SIP);
	snprintf(lab->kamailio_rpc, LAB_TEXT_MAX, "http://%.64s:%d/RPC", lab->kamailio.host,
		 first + PORT_RPC);
	for (i = 0; i < lab->node_count; i++)
		set_node(&lab->nodes[i], first + PORT_NODES + 2 * i);
	for (i = 0; i < lab->replica_count; i++)
		set_redis(&lab->replicas[i], rest++);
	for (i = 0; i < lab->sentinel_count; i++)
		set_redis(&lab->sentinels[i], rest++);
	for (i = 0; i < lab->mqsd_count; i++)
		set_mqsd(lab, &lab->mqsds[i], i);
}
