/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_CLOCK_H
#define LIB_CLOCK_H

#include <stdint.h>

/*
 * Monotonic time, for deadlines and ages. It goes on while the machine sleeps: who wakes up finds
 * its leases run out.
 */
int64_t clock_mono_ms(void);
int64_t clock_mono_us(void);

/* Time since the epoch, for stamps that people or other machines read. */
int64_t clock_wall_ms(void);
int64_t clock_wall_us(void);

#endif
