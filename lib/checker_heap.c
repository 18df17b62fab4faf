/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/checker_heap.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

int
checker_heap_order(const struct checker_heap_item *a, const struct checker_heap_item *b)
{
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return strcmp(a->name, b->name);
}

static void
put(struct checker_heap *heap, size_t place, struct checker_heap_item *item)
{
	heap->items[place] = item;
	item->place = place;
}

static void
rise(struct checker_heap *heap, struct checker_heap_item *item)
{
	size_t place = item->place;

	while (place > 1 && checker_heap_order(item, heap->items[place / 2]) < 0) {
		put(heap, place, heap->items[place / 2]);
		place /= 2;
	}
	put(heap, place, item);
}

static void
sink(struct checker_heap *heap, struct checker_heap_item *item)
{
	size_t place = item->place, child;

	while ((child = 2 * place) <= heap->count) {
		if (child < heap->count &&
		    checker_heap_order(heap->items[child + 1], heap->items[child]) < 0)
			child++;
		if (checker_heap_order(item, heap->items[child]) <= 0)
			break;
		put(heap, place, heap->items[child]);
		place = child;
	}
	put(heap, place, item);
}

struct checker_heap_item *
checker_heap_first(const struct checker_heap *heap)
{
	return heap->count > 0 ? heap->items[1] : NULL;
}

void
checker_heap_add(struct checker_heap *heap, struct checker_heap_item *item)
{
	if (heap->count + 2 > heap->cap) {
		heap->cap = heap->cap > 0 ? 2 * heap->cap : 16;
		heap->items = mem_grow(heap->items, heap->cap, sizeof(struct checker_heap_item *));
	}
	put(heap, ++heap->count, item);
	rise(heap, item);
}

void
checker_heap_remove(struct checker_heap *heap, struct checker_heap_item *item)
{
	struct checker_heap_item *last = heap->items[heap->count--];

	if (last != item) {
		put(heap, item->place, last);
		rise(heap, last);
		sink(heap, last);
	}
	item->place = 0;
}

void
checker_heap_free(struct checker_heap *heap)
{
	free(heap->items);
	*heap = (struct checker_heap){0};
}
