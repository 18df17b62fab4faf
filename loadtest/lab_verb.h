/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_LAB_VERB_H
#define LOADTEST_LAB_VERB_H

#include "loadtest/lab_unit.h"

/*
 * What is done to the servers of a lab on purpose: `loadtest lab kill a1` and the like. The
 * supervisor does it, asked over DIR/lab.sock: one packet "VERB SERVER [OTHER]", one in return,
 * empty when it is done, else why not.
 */
#define LAB_VERB_MAX 512 /* bytes of a packet */

/* Listens; the descriptor, or -1 with err. */
int lab_verb_listen(const struct lab *lab, struct err *err);

/* Takes one request from it, if there is one. True when something of the lab has changed. */
bool lab_verb_serve(int fd, struct lab_site *site);

/* Does one request. */
int lab_verb_do(struct lab_site *site, const char *request, struct err *err);

/* Asks the lab's supervisor; returns when it is done. `other` may be NULL. */
int lab_verb_ask(const struct lab *lab, const char *verb, const char *server, const char *other,
		 struct err *err);

#endif
