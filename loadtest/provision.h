/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_PROVISION_H
#define LOADTEST_PROVISION_H

#include "lib/err.h"

/*
 * Asterisk for the lab: the system's own when it is new enough, else one unpacked from Debian's
 * packages into a cache directory, once, and run through its own dynamic loader (no chroot, no
 * rights).
 */
#define PROVISION_PATH_MAX 512

struct asterisk {
	char version[64];	       /* "22.10.1" */
	char root[PROVISION_PATH_MAX]; /* "": the system's */
	char loader[PROVISION_PATH_MAX];
	char libs[PROVISION_PATH_MAX];
	char binary[PROVISION_PATH_MAX];
	char modules[PROVISION_PATH_MAX];
	char data[PROVISION_PATH_MAX];
};

/* Finds or gets it; says on stderr what it does when that takes time. */
int provision_asterisk(struct asterisk *a, struct err *err);

/* Fills argv (8 entries) with the command that runs Asterisk in the foreground with that
 * configuration. */
void provision_argv(const struct asterisk *a, const char *conf, const char *argv[8]);

/* Checks that the other servers' programs are there; err names the missing and how to get them. */
int provision_check(struct err *err);

/* Servers live in sbin directories, which a normal user's PATH lacks. */
void provision_path(void);

/* "22.10.1+dfsg": at least 22.10.1, the first release without the deadlocks that ARI loads run
 * into. */
int provision_version_ok(const char *version);

#endif
