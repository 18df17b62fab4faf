/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_STORY_READ_H
#define LOADTEST_STORY_READ_H

#include "loadtest/judge.h"
#include "loadtest/story.h"

/* Everything that a judged run's directory has of one of its calls, in the order of time; the SIP
 * messages too, where they were kept. story_free() is due. */
void story_read(struct story *s, const struct judge *j, const char *dir, size_t caller);

#endif
