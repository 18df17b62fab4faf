/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_MEM_H
#define LIB_MEM_H

#include <stdarg.h>
#include <stddef.h>

/* Allocators that never return NULL: out of memory ends the process with a sentence. */
void *mem_alloc(size_t size);
void *mem_zero(size_t size);
void *mem_grow(void *p, size_t count, size_t size);
char *mem_dup(const char *s);
char *mem_dup_len(const char *s, size_t len);
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *mem_vprintf(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));

#endif
