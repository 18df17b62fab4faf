/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/names.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

#define FIRST_CAP 64

/* FNV-1a. */
static uint64_t
hash(const char *s)
{
	uint64_t h = 14695981039346656037u;

	while (*s != '\0')
		h = (h ^ (unsigned char)*s++) * 1099511628211u;
	return h;
}

static struct names_slot *
slot_of(const struct names *names, const char *name)
{
	size_t i = hash(name) & (names->cap - 1);

	while (names->slots[i].name != NULL && strcmp(names->slots[i].name, name) != 0)
		i = (i + 1) & (names->cap - 1);
	return &names->slots[i];
}

size_t
names_find(const struct names *names, const char *name)
{
	const struct names_slot *slot;

	if (names->cap == 0 || name == NULL || *name == '\0')
		return NAMES_NONE;
	slot = slot_of(names, name);
	return slot->name != NULL ? slot->value : NAMES_NONE;
}

static void
grow(struct names *names)
{
	struct names old = *names;
	size_t i;

	names->cap = old.cap != 0 ? 2 * old.cap : FIRST_CAP;
	names->slots = mem_zero(names->cap * sizeof(*names->slots));
	for (i = 0; i < old.cap; i++)
		if (old.slots[i].name != NULL)
			*slot_of(names, old.slots[i].name) = old.slots[i];
	free(old.slots);
}

void
names_set(struct names *names, const char *name, size_t value)
{
	struct names_slot *slot;

	if (2 * (names->count + 1) > names->cap)
		grow(names);
	slot = slot_of(names, name);
	if (slot->name == NULL) {
		slot->name = mem_dup(name);
		names->count++;
	}
	slot->value = value;
}

void
names_free(struct names *names)
{
	size_t i;

	for (i = 0; i < names->cap; i++)
		free(names->slots[i].name);
	free(names->slots);
	*names = (struct names){0};
}
