/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_OPTION_ARGS_H
#define MQSCTL_OPTION_ARGS_H

#include <jansson.h>

#include "lib/option.h"

struct match;

/* Options of queues and agents between words, the API's JSON and sentences. */

/* Adds what was matched as "<kind> <value>" pairs: numbers as numbers, all else as text. */
void option_args_json(const struct match *match, const char *kind, const struct option_table *table,
		      json_t *object);

/* " strategy longest-idle timeout 20": the rows as object has them, as a command takes it; the
 * caller frees it. */
char *option_args_words(const struct option_table *table, const json_t *object);

/* One value as a command takes it; the caller frees it. */
char *option_args_value(const json_t *object, const char *name);

#endif
