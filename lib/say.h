/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_SAY_H
#define LIB_SAY_H

#include <stddef.h>
#include <stdint.h>

/* Numbers in sentences. Each writes to out and returns it; SAY_MAX bytes are enough. */
#define SAY_MAX 32

/* "3 d 4 h", "1 h 5 min", "12 min", "7 s": the two largest units say enough. */
char *say_age(int64_t ms, char *out);

/* "1,600" */
char *say_count(int64_t n, char *out);

#endif
