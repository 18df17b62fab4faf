/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_ACCESS_H
#define MQSD_ACCESS_H

#include <stdbool.h>

#include "lib/err.h"
#include "lib/text.h"
#include "mqsd/peer.h"
#include "mqsd/role.h"

struct conf;

/*
 * Who may do what: a token if one is shown, else the user at the other end of the Unix socket. Of
 * such a user root and the one that runs mqsd may do everything; with none of [control]
 * admin_group, supervisor_group and viewer_group set so may each whom the socket's mode lets in,
 * with any of them set only members may do what their group says.
 */
struct access;

/* NULL with err: a group or the file of tokens is not as it must be. */
struct access *access_new(const struct conf *conf, struct err *err);
void access_free(struct access *access);

/* Groups and tokens again; -1 with err: those of before stay. */
int access_reload(struct access *access, struct err *err);

/* Users are told apart by groups, so that the socket's mode need not. */
bool access_has_groups(const struct conf *conf);

struct who {
	char name[TEXT_NAME_MAX + 1]; /* of the token; "" for a user */
	const struct peer *peer;      /* borrowed */
	role_set roles;
};

enum access_verdict {
	ACCESS_KNOWN,
	ACCESS_NO_TOKEN,  /* and the peer has no user that we could know it by */
	ACCESS_BAD_TOKEN, /* or something else than a token */
	ACCESS_LIMITED,	  /* the same, and too often; told once a period in the log */
};

/*
 * authorization: the header's value, or NULL; wait_s is set with ACCESS_LIMITED. A right token is
 * taken however many wrong ones came from the same place before: 256 random bits are not guessed,
 * and nobody can lock another one out.
 */
enum access_verdict access_ask(struct access *access, const struct peer *peer,
			       const char *authorization, struct who *who, int *wait_s);

#endif
