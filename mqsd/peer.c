/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define PASSWD_BYTES 4096

char *
peer_name(const struct peer *peer, char *out)
{
	FILE *in = fopen("/etc/passwd", "re");
	struct passwd entry, *found = NULL;
	char room[PASSWD_BYTES];

	*out = '\0';
	while (in != NULL && *out == '\0' &&
	       fgetpwent_r(in, &entry, room, sizeof(room), &found) == 0)
		if (entry.pw_uid == peer->uid)
			snprintf(out, PEER_TEXT, "%.60s", entry.pw_name);
	if (in != NULL)
		fclose(in);
	return out;
}

static bool
of_unix(int fd, struct peer *peer)
{
	struct ucred cred;
	socklen_t len = sizeof(cred), groups = sizeof(peer->groups);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) != 0)
		return false;
	peer->local = true;
	peer->uid = cred.uid;
	peer->gid = cred.gid;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, peer->groups, &groups) == 0)
		peer->group_count = groups / sizeof(gid_t);
	snprintf(peer->source, sizeof(peer->source), "uid %u", (unsigned)peer->uid);
	snprintf(peer->text, sizeof(peer->text), "uid %u", (unsigned)peer->uid);
	return true;
}

static bool
of_ip(const struct sockaddr_storage *address, struct peer *peer)
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;
	const struct sockaddr_in *four = (const struct sockaddr_in *)address;
	struct in6_addr net;
	char text[INET6_ADDRSTRLEN];

	if (address->ss_family == AF_INET) {
		inet_ntop(AF_INET, &four->sin_addr, text, sizeof(text));
		snprintf(peer->source, sizeof(peer->source), "%s", text);
		snprintf(peer->text, sizeof(peer->text), "%s:%d", text, ntohs(four->sin_port));
		return true;
	}
	if (address->ss_family != AF_INET6)
		return false;
	inet_ntop(AF_INET6, &six->sin6_addr, text, sizeof(text));
	snprintf(peer->text, sizeof(peer->text), "[%s]:%d", text, ntohs(six->sin6_port));
	net = six->sin6_addr;
	if (!IN6_IS_ADDR_V4MAPPED(&net))
		memset(net.s6_addr + 8, 0, 8);
	inet_ntop(AF_INET6, &net, text, sizeof(text));
	snprintf(peer->source, sizeof(peer->source), "%s", text);
	return true;
}

bool
peer_of(int fd, struct peer *peer)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);

	memset(peer, 0, sizeof(*peer));
	if (getpeername(fd, (struct sockaddr *)&address, &len) != 0)
		return false;
	return address.ss_family == AF_UNIX ? of_unix(fd, peer) : of_ip(&address, peer);
}

bool
peer_in_group(const struct peer *peer, gid_t group)
{
	size_t i;

	for (i = 0; i < peer->group_count; i++)
		if (peer->groups[i] == group)
			return true;
	return peer->gid == group;
}
