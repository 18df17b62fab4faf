/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_DOCTOR_ALONE_H
#define MQSD_DOCTOR_ALONE_H

/*
 * mqsd -d: what can be found out from a configuration file where no mqsd runs: Redis, the nodes,
 * Kamailio, this user's limits; not what stands in the pool. It takes no lease, follows no events
 * and changes nothing. Prints {findings, errors, warnings, ok} as one line of JSON. Returns the
 * exit status: 1 where there is an error.
 */
int doctor_alone(const char *path);

#endif
