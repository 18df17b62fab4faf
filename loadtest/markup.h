/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_MARKUP_H
#define LOADTEST_MARKUP_H

#include <stdio.h>

/* Text as HTML and XML have it, in attributes, too; what XML has no way to say becomes "?". */
void markup_text(FILE *out, const char *text);

#endif
