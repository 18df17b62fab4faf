/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_CHAOS_FAULT_H
#define LOADTEST_CHAOS_FAULT_H

#include <stdbool.h>
#include <stddef.h>

#include "loadtest/lab.h"

/* What can be done to a lab, one row a fault. */
struct chaos_fault {
	const char *name;
	enum lab_kind kind;
	const char
		*target;   /* NULL: any server of the kind; "master", "replica": whichever is one */
	const char *other; /* the far end of a cut, "node", "master" or a server; NULL: none */
	const char *begin; /* verb of lab_verb.h, or "flushall" */
	const char *end;   /* NULL: over as it begins */
	int min_ms, max_ms; /* how long it lasts */
	bool netns;	    /* needs a lab of namespaces */
	bool loses;	    /* drops of calls that are on that node are excusable */
	bool passes; /* the server's work passes to another: CHAOS_TAKE_MS from its beginning on */
};

extern const struct chaos_fault chaos_faults[];
extern const size_t chaos_fault_count;

/* NULL: none of that name. */
const struct chaos_fault *chaos_fault_find(const char *name);

/* Whether that lab has what the fault needs. */
bool chaos_fault_fits(const struct chaos_fault *fault, const struct lab_options *lab);

/* Service is to be as before within so long of a fault's end, or, where a server's work passes to
 * another, of its beginning. */
#define CHAOS_STEADY_MS 5000
#define CHAOS_TAKE_MS	12000

#endif
