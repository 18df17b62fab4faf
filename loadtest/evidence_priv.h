/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_EVIDENCE_PRIV_H
#define LOADTEST_EVIDENCE_PRIV_H

#include "loadtest/evidence.h"

/* Room for one more record, zeroed, at the end of an array; returns the array. */
void *evidence_room(void *items, size_t count, size_t size);

/* The new record. */
#define EVIDENCE_ADD(e, plural, singular)                                                          \
	((e)->plural = evidence_room((e)->plural, (e)->singular##_count, sizeof(*(e)->plural)),    \
	 &(e)->plural[(e)->singular##_count++])

#endif
