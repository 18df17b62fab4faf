/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_QUEUE_OPTION_H
#define LIB_QUEUE_OPTION_H

#include "lib/option.h"

/* What `queue set` and `agent set` can change; stored in Redis as text, so the rows have no offset.
 */
extern const struct option_table queue_options;
extern const struct option_table agent_options;

/* Checks a value without storing it; canonical text goes to out (size >= 256). */
int queue_option_check(const struct option *o, const char *text, char *out, size_t size,
		       struct err *err);

#endif
