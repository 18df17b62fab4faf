/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_AUDIT_H
#define MQSD_AUDIT_H

#include <jansson.h>
#include <stddef.h>

#include "lib/err.h"

struct who;

/*
 * Who did what, and what became of it: a file to which a line of JSON is added for each request
 * that changes something, or that was refused for want of a token or role. Nothing in it is ever
 * changed. When the file cannot be written, the line goes to the log instead, and the edit stands:
 * an operator must be able to act on the very machine whose disk is full.
 */
struct audit;

/* path: [control] audit_log; "": audit.log in state_dir. NULL with err. */
struct audit *audit_open(const char *path, const char *state_dir, struct err *err);
void audit_close(struct audit *audit);

/* By name again, after somebody moved it aside; -1 with err: the old one stays. */
int audit_reopen(struct audit *audit, const char *path, const char *state_dir, struct err *err);

struct audit_entry {
	const struct who *who;
	const char *method, *path; /* as they came */
	const json_t *body;	   /* may be NULL; values of secrets are not written */
	int status;		   /* of HTTP */
	const char *code;	   /* of the error, or NULL */
};
void audit_write(struct audit *audit, const struct audit_entry *entry);

/* The last entries, oldest first, at most `count` and of the last AUDIT_READ_MAX bytes: an array.
 * NULL with err. */
#define AUDIT_READ_MAX (1024 * 1024)
json_t *audit_read(const struct audit *audit, size_t count, struct err *err);

/* The body as it is written: secrets as ***, long texts cut. The caller's. */
json_t *audit_body(const json_t *body);

#endif
