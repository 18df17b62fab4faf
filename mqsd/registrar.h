/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_REGISTRAR_H
#define MQSD_REGISTRAR_H

struct loop;
struct conf;
struct pool;

/*
 * Follows the stream to which Kamailio writes registrations and expiries ("mqs:{pool}:reg": fields
 * ev, aor), and has the pool look at it when there is something. The pool itself remembers how far
 * it has come, so any number of instances may do so: each entry counts once, in its order, whoever
 * dies.
 */
struct registrar;

struct registrar *registrar_new(struct loop *loop, const struct conf *conf, struct pool *pool);
void registrar_start(struct registrar *registrar);
void registrar_stop(struct registrar *registrar); /* reads nothing more */
void registrar_free(struct registrar *registrar);

#endif
