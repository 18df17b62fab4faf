/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_SECRET_H
#define MQSCTL_SECRET_H

#include <stdbool.h>

struct grammar;

/* Has the line a word that is secret: of the kind <secret>, or of an option that is? A line that is
 * no command may have one behind a word that leads to a secret, misspelled or not. */
bool secret_line(const struct grammar *grammar, const char *line);

#endif
