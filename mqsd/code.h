/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_CODE_H
#define MQSD_CODE_H

struct conf;
struct node;

/*
 * Feature codes: numbers that an agent's phone calls to log the agent in or out, and so on. Which
 * ones there are, [codes] in mqsd.conf says; whose phone it is, Kamailio, by its password.
 */

/* What a dialled code stands for: `what` as agent_code.lua takes it, NULL when it is no code;
 * reason: of a pause, "" for none. Borrowed from the configuration. */
struct code {
	const char *what, *reason;
};
struct code code_find(const struct conf *conf, const char *dialled);

/* The phone of that agent has called the code and waits on the channel, in our application. Does
 * what it asks for and sends the channel on to the prompt that says what came of it. Twice for one
 * channel is no harm. Strings may be NULL. */
void code_called(struct node *node, const char *channel, const char *agent, const char *dialled);

#endif
