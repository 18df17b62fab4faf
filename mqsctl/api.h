/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_API_H
#define MQSCTL_API_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct column;
struct err;
struct shell;

/*
 * One request to mqsd on behalf of a command. The path's %s are escaped, and nothing but %s is
 * allowed. Anything but a 2xx has been told to the person when this returns. *reply is the
 * caller's; it may be NULL on success only when mqsd sent no body.
 */
int api_get(struct shell *shell, json_t **reply, const char *path, ...)
	__attribute__((format(printf, 3, 4), warn_unused_result));

/* The same, where mqsd itself has to ask others. */
int api_get_within(struct shell *shell, long deadline_ms, json_t **reply, const char *path, ...)
	__attribute__((format(printf, 4, 5), warn_unused_result));

/*
 * The same for a method that changes something; body is stolen and may be NULL. With --dry-run it
 * says what it would send and returns SHELL_DRY, which a command hands on like a failure.
 */
int api_edit(struct shell *shell, const char *method, json_t *body, json_t **reply,
	     const char *path, ...) __attribute__((format(printf, 5, 6), warn_unused_result));

/* Escapes the %s of a path; the caller frees it. */
char *api_path(const char *path, ...) __attribute__((format(printf, 1, 2)));

/* What to tell when nobody answered, or somebody took the request and did not answer it; returns
 * SHELL_NO_MQSD. */
int api_absent(struct shell *shell, bool edit, const struct err *err);

/* Gets a list and shows it: as a table, as the API's JSON, as CSV, or the sentence when it is
 * empty. For a row with COMMAND_TABLE. */
int api_list(struct shell *shell, const char *path, const char *list, const struct column *columns,
	     size_t count, const char *empty);

/* The same; a table asks for no more than its columns show, the hidden ones among them. */
int api_long_list(struct shell *shell, const char *path, const char *list,
		  const struct column *columns, size_t count, const char *empty);

/* The path of a long list with the members that the columns show. The caller's. */
char *api_fields(const char *path, const struct column *columns, size_t count);

/* After an edit: the command that undoes it, if the reply has one, or the reply as JSON where asked
 * for (an empty object for none). Frees the reply. */
void api_done(struct shell *shell, json_t *reply);

#endif
