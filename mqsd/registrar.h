/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_REGISTRAR_H
#define MQSD_REGISTRAR_H

struct loop;
struct conf;
struct pool;

/*
 * Reads registrations and expiries from the stream that Kamailio writes ("mqs:{pool}:reg": fields
 * ev, aor), in a consumer group, and tells the pool. Each entry is acknowledged when its script has
 * run, so none is lost with an mqsd.
 */
struct registrar;

struct registrar *registrar_new(struct loop *loop, const struct conf *conf, struct pool *pool);
void registrar_start(struct registrar *registrar);
void registrar_stop(struct registrar *registrar); /* reads nothing more */
void registrar_free(struct registrar *registrar);

#endif
