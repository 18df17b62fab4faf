/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_CHECKER_HEAP_H
#define LIB_CHECKER_HEAP_H

#include <stddef.h>
#include <stdint.h>

/*
 * The oldest first: a binary heap whose items know their place, so that any of them can leave.
 * Items are the caller's and stay where they are.
 */
struct checker_heap_item {
	int64_t key;	  /* lowest first, */
	const char *name; /* then by name */
	size_t place;	  /* 1-based; 0: in no heap */
};

struct checker_heap {
	struct checker_heap_item **items; /* items[1] is the first */
	size_t count, cap;
};

/* NULL when empty. */
struct checker_heap_item *checker_heap_first(const struct checker_heap *heap);
void checker_heap_add(struct checker_heap *heap, struct checker_heap_item *item);
void checker_heap_remove(struct checker_heap *heap, struct checker_heap_item *item);
void checker_heap_free(struct checker_heap *heap);

/* < 0 when a comes before b. */
int checker_heap_order(const struct checker_heap_item *a, const struct checker_heap_item *b);

#endif
