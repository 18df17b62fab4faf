/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_EVENT_LINE_H
#define MQSCTL_EVENT_LINE_H

#include <jansson.h>
#include <stdio.h>

/*
 * An event as people read it: its name and its fields, in the order of its row, then whatever a
 * newer mqsd has added; ends the line. What is foreign is made harmless. skip: a field that goes
 * without saying, or NULL.
 */
void event_line(FILE *out, const char *event, const json_t *fields, const char *skip);

#endif
