/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_CALL_FIND_H
#define LOADTEST_CALL_FIND_H

#include <stddef.h>

#include "loadtest/judge.h"

/* Calls of a judged run by the names that they go by. */
enum call_name { CALL_ID, CALL_SIP_ID, CALL_NUMBER, CALL_NAMES };

/* Of the caller with that number in the evidence; borrowed. NULL: mqsd gave it no id. */
const char *call_name(const struct judge *j, size_t caller, enum call_name which);

/*
 * The caller whose call is meant: by one of its names, the id or Call-ID of one of its legs, or the
 * beginning of one of these that fits no other call. NAMES_NONE, said why on stderr, when it is not
 * the name of one call; `dir` is the run's, for that sentence.
 */
size_t call_find(const struct judge *j, const char *wanted, const char *dir);

#endif
