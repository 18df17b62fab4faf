/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_ROLE_H
#define MQSD_ROLE_H

#include <stdbool.h>

#include "lib/err.h"

/*
 * What somebody may do. Each route of the control API names the one role that it needs; a person or
 * program has a set of them. An admin is a supervisor, too, and each is a viewer; to listen in
 * (intercept) is a right of its own, which only the Unix socket's owner has with all others.
 */
enum role { ROLE_NONE, ROLE_VIEWER, ROLE_SUPERVISOR, ROLE_ADMIN, ROLE_INTERCEPT };

typedef unsigned role_set; /* bit per role; with all that they include */

#define ROLES_ALL                                                                                  \
	(1u << ROLE_VIEWER | 1u << ROLE_SUPERVISOR | 1u << ROLE_ADMIN | 1u << ROLE_INTERCEPT)

const char *role_name(enum role role);
role_set roles_of(enum role role); /* it and what it includes */
bool roles_have(role_set have, enum role needed);

#define ROLES_TEXT 48
/* "admin, intercept": the highest ones; "none". out holds ROLES_TEXT bytes. Returns out. */
char *roles_text(role_set have, char *out);

/*
 * ROLE[@POOL][,...]: what of it is for this pool; a role without a pool is for each. None at all is
 * no error. -1 with err: a word is no role.
 */
int roles_parse(const char *text, const char *pool, role_set *have, struct err *err);

#endif
