/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *
checked(void *p)
{
	if (p == NULL) {
		fputs("out of memory\n", stderr);
		abort();
	}
	return p;
}

void *
mem_alloc(size_t size)
{
	return checked(malloc(size > 0 ? size : 1));
}

void *
mem_zero(size_t size)
{
	return checked(calloc(1, size > 0 ? size : 1));
}

void *
mem_grow(void *p, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		return checked(NULL);
	return checked(realloc(p, count * size > 0 ? count * size : 1));
}

char *
mem_dup(const char *s)
{
	return checked(strdup(s));
}

char *
mem_dup_len(const char *s, size_t len)
{
	return checked(strndup(s, len));
}

char *
mem_printf(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = mem_vprintf(fmt, ap);
	va_end(ap);
	return s;
}

char *
mem_vprintf(const char *fmt, va_list ap)
{
	char *s;
	int n = vasprintf(&s, fmt, ap);

	return checked(n < 0 ? NULL : s);
}
