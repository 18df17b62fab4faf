/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_MEASURE_H
#define LOADTEST_MEASURE_H

#include "loadtest/evidence.h"
#include "loadtest/hist.h"
#include "loadtest/rest.h"

/*
 * Figures of a run, from the SIPps' records (and mqsd's call_bridged for `connect`). Pure.
 *
 * offer: from the moment when agent and caller were both ready to the INVITE at the agent's phone.
 * An agent is ready when registered, and after its last call when its queue lets it have another
 * (loadtest/rest.h); a caller when its 200 OK came, and again when an earlier leg of
 * its call had ended. connect: from the agent's 200 OK to call_bridged.
 */
struct measure {
	struct hist offer, connect;
	int64_t first_us, last_us; /* the first caller's INVITE, the last one's end; 0: none */
	size_t registered;	   /* agents whose registration was confirmed */
	size_t peak_calls, peak_waiting, peak_talking;
};

void measure_take(struct measure *m, const struct evidence *e, const struct rests *rests);
void measure_free(struct measure *m);

#endif
