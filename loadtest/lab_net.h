/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_LAB_NET_H
#define LOADTEST_LAB_NET_H

#include "loadtest/lab.h"

/*
 * Network namespaces of a lab. The supervisor's own holds a bridge; each server has one of its own,
 * joined to the bridge by a veth pair. None has a name or a way out of the lab, so all of it goes
 * with the last process in it. Neighbours are fixed by hand: a cut link is silence and nothing
 * else, no carrier lost, no "host unreachable".
 */
struct lab_net {
	int fds[LAB_SERVERS_MAX]; /* as lab_server_at(); -1: none */
};

void lab_net_init(struct lab_net *net);

/* Whether this user may make network namespaces here; err says what it takes. */
int lab_net_possible(struct err *err);

/*
 * Moves the calling process, which must have one thread, into the lab's namespace (as a normal user
 * into a user namespace of its own first), and makes the servers'.
 */
int lab_net_open(struct lab_net *net, struct lab *lab, struct err *err);
void lab_net_close(struct lab_net *net);

/*
 * Cuts or mends the link of server `a`, or with b >= 0 only the way between the two. From within
 * the lab's namespace.
 */
int lab_net_link(const struct lab_net *net, struct lab *lab, int a, int b, bool cut,
		 struct err *err);

/* Moves the calling process, one thread, to where the lab's servers can be reached: nothing to do
 * without namespaces. With pid: to where that server is. */
int lab_net_enter(const struct lab *lab, pid_t pid, struct err *err);

/* What ip(8) is told, pure; the caller frees it. Namespaces are the descriptors of process `pid`.
 */
char *lab_net_text_bridge(struct lab *lab, pid_t pid, const int *fds);
char *lab_net_text_server(struct lab *lab, int i);
/* For the lab's namespace (b < 0), or for a's: the way to b. */
char *lab_net_text_link(struct lab *lab, int a, int b, bool cut);

#endif
