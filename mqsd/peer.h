/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_PEER_H
#define MQSD_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Who is at the other end of a connection, as the kernel tells: the user of a Unix socket
 * (SO_PEERCRED, SO_PEERGROUPS), or the address of a TCP one.
 */
#define PEER_GROUPS_MAX 256 /* of one with more only the first is known, its own */
#define PEER_TEXT	96

struct peer {
	bool local;
	/* local */
	uid_t uid;
	gid_t gid;
	gid_t groups[PEER_GROUPS_MAX];
	size_t group_count;
	/* "uid 1000", or "ADDRESS": whom a bound counts for. Of IPv6 it is the /64, which one
	 * machine has to itself. */
	char source[PEER_TEXT];
	char text[PEER_TEXT]; /* the same with the port, and whole: for people */
};

/* False when the kernel does not tell, the peer being gone. */
bool peer_of(int fd, struct peer *peer);

/* The user's name by /etc/passwd alone (a directory service could keep the loop waiting); "" when
 * it is not there. out holds PEER_TEXT bytes. Returns out. */
char *peer_name(const struct peer *peer, char *out);

bool peer_in_group(const struct peer *peer, gid_t group);

#endif
