/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_TOKEN_H
#define MQSD_TOKEN_H

#include <stddef.h>

#include "lib/err.h"
#include "lib/text.h"
#include "mqsd/role.h"

/*
 * The tokens that open the control API: a file of lines "NAME ROLES SHA256", blank ones and those
 * that begin with # apart. ROLES as in role.h; the last word is the hash of the token's text, in
 * hex. A token is made of 256 random bits, so that a plain hash says nothing about it.
 */
#define TOKEN_HASH	32
#define TOKEN_ROLES_MAX 200
#define TOKEN_TEXT	64 /* of a token of ours, with its NUL */
#define TOKENS_MAX	1024

struct token {
	char name[TEXT_NAME_MAX + 1];
	char role_text[TOKEN_ROLES_MAX + 1];
	role_set roles; /* in the pool that the file was read for */
	unsigned char hash[TOKEN_HASH];
};

/* One line without its end. 1: a token; 0: nothing is in it; -1 with err. */
int token_line(const char *line, const char *pool, struct token *token, struct err *err);

struct tokens;

/* The whole file; NULL with err ("FILE:LINE: sentence"), also when others than its owner may read
 * it, or it belongs to neither us nor root. */
struct tokens *tokens_load(const char *path, const char *pool, struct err *err);
void tokens_free(struct tokens *tokens);
size_t tokens_count(const struct tokens *tokens);

/* The row of a token as it was sent, or NULL. Takes as long for each token as for none. */
const struct token *tokens_find(const struct tokens *tokens, const char *text);

/*
 * Makes a token and appends its line to the file, which is made (0600) when there is none; text
 * gets the token, TOKEN_TEXT bytes, which is kept nowhere.
 */
int token_new(const char *path, const char *name, const char *role_text, char *text,
	      struct err *err);

#endif
