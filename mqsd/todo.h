/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_TODO_H
#define MQSD_TODO_H

struct node;
struct calls;

/*
 * What other instances have left to the owner of a node: calls of it that their scripts changed (a
 * claim, an end over their API). It stands in Redis until it has been seen here, so a lost ring or
 * reply loses nothing; each look crosses out what the one before has seen.
 */
struct todo;

struct todo *todo_new(struct node *node, struct calls *calls);
void todo_free(struct todo *todo);

/* Looks, once more after the look that is under way. Only while the node is owned. */
void todo_look(struct todo *todo);

/* The node was lost, or the pool closed: what was seen counts for nothing. */
void todo_forget(struct todo *todo);

#endif
