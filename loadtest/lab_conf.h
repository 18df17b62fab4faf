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
 * values put in), redis.conf, sentinel-1.conf and mqsd.conf, and so on.
 */

/* etc/ of the source tree that the program was built in, or of the installation. */
int lab_conf_etc(const char *wanted, char *out, size_t size, struct err *err);

/*
 * Gives the lab its servers' names and addresses, on ports after `first`; `dir` must stand already.
 * With namespaces each server has an address of its own in LAB_NET, which is in no other network.
 */
#define LAB_NET	     "10.0.0."
#define LAB_NET_HOST "%d"
void lab_conf_addresses(struct lab *lab, const struct lab_options *options, int first);

/* Ports needed, the claim included. */
int lab_conf_port_count(const struct lab_options *options);

/* Of "host:port" or a URL that ends so; 0: none. */
int lab_conf_port(const char *address);

int lab_conf_write(const struct lab *lab, const struct lab_options *options, const char *etc,
		   const struct asterisk *asterisk, struct err *err);

/* The marks of etc/asterisk; a test compares them with the files. */
#define LAB_VALUES_MAX 32
extern const char *const lab_conf_marks[];

/* Shared by the files of this noun. */

/* Writes DIR/NAME (0600), makes DIR/NAME (0700, may be there). */
int lab_conf_file(const char *dir, const char *name, struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
int lab_conf_dir(const char *dir, const char *name, struct err *err);

int lab_conf_redis(const struct lab *lab, struct err *err);

/* How mqsd is told where Redis is, and the lines that tell Kamailio. The caller frees it. */
char *lab_conf_redis_address(const struct lab *lab);
char *lab_conf_redis_kamailio(const struct lab *lab);

#endif
