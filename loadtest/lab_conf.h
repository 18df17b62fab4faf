/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_LAB_CONF_H
#define LOADTEST_LAB_CONF_H

#include <stddef.h>

#include "loadtest/lab.h"
#include "loadtest/lab_render.h"
#include "loadtest/provision.h"

/*
 * The files that a lab's servers run with, below DIR: kamailio/ (kamailio.cfg as shipped, its
 * kamailio-local.cfg and dispatcher.list written here), NODE/etc/ (etc/asterisk with the marked
 * values put in), redis.conf and mqsd.conf.
 */

/* etc/ of the source tree that the program was built in, or of the installation. */
int lab_conf_etc(const char *wanted, char *out, size_t size, struct err *err);

/* Gives the lab its addresses: redis, kamailio and nodes on ports after `first`. */
void lab_conf_addresses(struct lab *lab, int nodes, int first);

/* Ports needed, the claim included. */
int lab_conf_port_count(int nodes);

int lab_conf_write(const struct lab *lab, const struct lab_options *options, const char *etc,
		   const struct asterisk *asterisk, struct err *err);

/* The marks of etc/asterisk; a test compares them with the files. */
#define LAB_VALUES_MAX 32
extern const char *const lab_conf_marks[];

#endif
