/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_TALLY_H
#define MQSD_TALLY_H

#include <jansson.h>

/*
 * Counts the pool's events as this mqsd's scripts report them: each event is in one reply to one
 * instance, so the sum over all instances is the pool's. Begins at 0 with the process. Pure.
 */
struct tally;

/* So many queues are told apart; what happens in more is counted as that of "(others)". */
#define TALLY_QUEUES_MAX 2000

struct tally *tally_new(void);
void tally_free(struct tally *tally);

void tally_event(struct tally *tally, const json_t *event);

/*
 * {"events": {EVENT: n}, "queues": {QUEUE: {"entered": n, "offers": n, "answered": n,
 * "answer_wait_ms": n, "failed": {REASON: n}, "ended": {REASON: n}}}}; borrowed.
 */
json_t *tally_json(const struct tally *tally);

#endif
