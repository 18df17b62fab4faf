/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_DISK_H
#define MQSD_DISK_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"

/*
 * Writes one file again and again, whole each time: to a name beside it, fsync, the old one becomes
 * FILE.1, the new one takes its name. A disk may take seconds for that, so it is done by a thread
 * of its own that does nothing else; the loop only hands texts over and never waits.
 */
struct disk;

struct disk *disk_new(const char *path);

/* Waits for what was handed over, at most 2 s. */
void disk_free(struct disk *disk);

/* Hands a text over (stolen, free()); one that the thread has not begun with is replaced. */
void disk_write(struct disk *disk, char *text, size_t len);

/* Has all that was handed over been dealt with? If the last one failed, err says why: -1. */
bool disk_idle(struct disk *disk);
int disk_result(struct disk *disk, struct err *err);

/* The same at once, in the caller's thread: at the start and in tests. 0, or -1 with err. */
int disk_replace(const char *path, const char *text, size_t len, struct err *err);

/* A whole file (the caller's, free()); NULL with err, also when it is larger than max. */
char *disk_read(const char *path, size_t max, size_t *len, struct err *err);

#endif
