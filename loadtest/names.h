/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_NAMES_H
#define LOADTEST_NAMES_H

#include <stddef.h>

/* From a name (Call-ID, call id, agent) to the number of its record: a hash that only grows. */
struct names_slot {
	char *name; /* NULL: free */
	size_t value;
};

struct names {
	struct names_slot *slots;
	size_t cap, count;
};

#define NAMES_NONE ((size_t)-1)

/* NAMES_NONE when the name is not there; so is NULL and "". */
size_t names_find(const struct names *names, const char *name);

/* Sets or replaces; the name is copied. */
void names_set(struct names *names, const char *name, size_t value);

void names_free(struct names *names);

#endif
