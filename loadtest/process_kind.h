/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_PROCESS_KIND_H
#define LOADTEST_PROCESS_KIND_H

/* What the processes of a run are, by their names in its samples: "a1" is Asterisk. Pure. */
enum process_kind {
	PROCESS_MQSD,
	PROCESS_REDIS,
	PROCESS_KAMAILIO,
	PROCESS_ASTERISK,
	PROCESS_SIPP,
	PROCESS_LOADTEST,
	PROCESS_KINDS,
};

extern const char *const process_kind_names[PROCESS_KINDS];

enum process_kind process_kind(const char *name);

#endif
