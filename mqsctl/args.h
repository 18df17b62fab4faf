/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_ARGS_H
#define MQSCTL_ARGS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"
#include "lib/option.h"

struct candidates;
struct client;
struct match;

/*
 * The kinds of placeholder. check() turns a word into its canonical value (the caller frees it) or
 * says what is wrong with it; match holds the arguments before it. known() lists values; the client
 * is for those that live in mqsd and is asked with a short deadline, since a person waits at TAB.
 */
struct arg_kind {
	const char *name;
	const char *help;
	char *(*check)(const struct match *match, const char *word, struct err *err);
	void (*known)(const struct match *match, struct client *client, struct candidates *out);
};

const struct arg_kind *arg_kind_find(const char *name, size_t len);

/* Help of a placeholder where it stands: a value's is that of its option. Returns out. */
const char *arg_help(const struct arg_kind *kind, const struct match *match, char *out,
		     size_t size);

/* Must a word of this kind, or the nth argument, be kept out of the history? */
bool arg_kind_is_secret(const struct arg_kind *kind);
bool arg_is_secret(const struct match *match, size_t nth);

/* The row of the option that was bound last, or NULL; its table goes with the kind's name. */
const struct option *arg_option(const struct match *match);

#endif
