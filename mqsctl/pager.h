/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_PAGER_H
#define MQSCTL_PAGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Rows that the text takes on the terminal behind out, which must be one. */
size_t pager_rows(FILE *out, const char *text);

/* Rows of that terminal; 0 when that is not known. */
size_t pager_height(FILE *out);

/*
 * Shows the text, all of it or, when it is taller than the terminal, through $PAGER (less -FRX;
 * empty or cat: none).
 */
void pager_show(FILE *out, const char *text, size_t len);

#endif
