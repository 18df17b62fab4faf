/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_CHAOS_REPORT_H
#define LOADTEST_CHAOS_REPORT_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "loadtest/verdict.h"

/* What chaos_tell() told, for people: the plan, each fault, and by kind how long it took. */
void chaos_report_print(const json_t *chaos, FILE *out);

/* 0: all faults of the plan were made, and none was late. */
int chaos_report_status(const json_t *chaos);

/* The faults that were made, each until its deadline; the caller frees them. NULL: none. */
struct verdict_fault *chaos_report_faults(const json_t *chaos, size_t *count);

/* "24 of 24 faults made, 0 late"; returns out. */
char *chaos_report_line(const json_t *chaos, char *out, size_t size);

#endif
