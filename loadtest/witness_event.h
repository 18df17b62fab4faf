/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_WITNESS_EVENT_H
#define LOADTEST_WITNESS_EVENT_H

#include <stdint.h>

#include "loadtest/evidence.h"

/*
 * Reads mqsd's events as they were recorded: one a line, stream id TAB event's name TAB JSON.
 * Only what names `queue` counts, and only from e->from_us on: a lab that was there before has
 * more. The checker (or NULL) is given each event. Pure. Returns -1 for a line that is broken or of
 * no use; the evidence is untouched then.
 */
int witness_event_line(struct evidence *e, const char *queue, struct checker *checker,
		       const char *line);

#endif
