/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_UNIT_VERDICT_SCENE_H
#define TESTS_UNIT_VERDICT_SCENE_H

#include "loadtest/verdict.h"

/* Calls as the witnesses see them, for the tests of the verdict, which change a detail. The
 * evidence begins zeroed. */
#define S 1000000LL
#define T (1000 * S) /* when call 0 comes */

/* "s1"; the caller frees it. */
char *scene_name(const char *stem, int n);

/* Call n at second n: caller s<n>, answered at once; mqsd's c-<n>, on node n1; agent a<n>, leg
 * l<n>, c-<n>.1, rings after 1 s, talks from 2 s to 7 s, the agent hangs up. */
void whole_call(struct evidence *e, int n);

/* Call n of a caller who waits 5 s and hangs up. */
void abandoned_call(struct evidence *e, int n);

/* Node n1 showed it; a node died. */
void seen(struct evidence *e, int64_t at, const char *sip, const char *call, const char *bridge);
void died(struct evidence *e, const char *node, int64_t at);

struct want {
	enum verdict_end end; /* of the first call */
	size_t dropped, disagreements;
	enum verdict_class class;
	const char *text; /* part of the drop's or the first disagreement's; NULL: any */
};
#define COMPLETED(n)	 ((struct want){VERDICT_COMPLETED, 0, (n), 0, NULL})
#define ABANDONED(n)	 ((struct want){VERDICT_ABANDONED, 0, (n), 0, NULL})
#define DROPPED(c, n, t) ((struct want){VERDICT_DROPPED, 1, (n), (c), (t)})

/* The verdict on it is what is wanted; frees the evidence. */
void expect(struct evidence *e, struct want want);
void expect_rules(struct evidence *e, const struct verdict_rules *rules, struct want want);

#endif
