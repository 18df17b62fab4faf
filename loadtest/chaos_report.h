/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_CHAOS_REPORT_H
#define LOADTEST_CHAOS_REPORT_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

/* What chaos_tell() told, for people: the plan, each fault, and by kind how long it took. */
void chaos_report_print(const json_t *chaos, FILE *out);

/* 0: all faults of the plan were made, and none was late. */
int chaos_report_status(const json_t *chaos);

/*
 * How long the longest fault kept the service away: a hang-up meanwhile reaches the other side only
 * when mqsd reconciles. 0 when chaos is NULL.
 */
int64_t chaos_report_longest_ms(const json_t *chaos);

/* "24 of 24 faults made, 0 late"; returns out. */
char *chaos_report_line(const json_t *chaos, char *out, size_t size);

#endif
