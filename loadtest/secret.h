/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_SECRET_H
#define LOADTEST_SECRET_H

#include <stddef.h>

/* A new password of 24 letters and digits, or what fits into `size` bytes with its end. */
#define SECRET_SIZE 25
void secret_draw(char *out, size_t size);

#endif
