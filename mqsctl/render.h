/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_RENDER_H
#define MQSCTL_RENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqsctl/output.h"

/* How values of the API look to a person; see output_render. */
output_render render_text;	  /* strings made printable, numbers, yes and no */
output_render render_duration;	  /* ms: 0:07, 12:30, 1:02:03 */
output_render render_some;	  /* the same, but "-" for 0, where that is the rule */
output_render render_seconds;	  /* s: "15 s" */
output_render render_time;	  /* ms since the epoch, local: 2026-11-23 12:00:01.123 */
output_render render_list;	  /* array of strings: "sales, support" */
output_render render_agent_state; /* with what lies over it: "idle, paused (lunch)" */

/* The same from values at hand, a time with or without its date. Each returns out. */
char *render_json(const json_t *value, char *out, size_t size);
char *render_ms(int64_t ms, char *out, size_t size);
char *render_clock(int64_t epoch_ms, bool date, char *out, size_t size);

/* An integer whether it came as a number or as digits; 0 when missing. */
int64_t render_integer(const json_t *object, const char *key);

/* A string as it came, "" when missing; borrowed from object. */
const char *render_string(const json_t *object, const char *key);

#endif
