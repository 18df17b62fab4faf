/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_PRESENCE_H
#define MQSCTL_PRESENCE_H

#include <stdbool.h>
#include <stdint.h>

struct shell;

/* mqsd as the shell sees it from prompt to prompt. Begins zeroed. */
struct presence {
	char state[32]; /* for the prompt */
	bool there;
	int64_t pid; /* of the mqsd that answered last; 0: none has */
};

/* Asks, with a deadline that a person does not feel, and says when mqsd has gone, is back, or is
 * another process than before. */
void presence_ask(struct presence *presence, struct shell *shell);

#endif
