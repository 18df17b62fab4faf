/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_DROP_FILE_H
#define LOADTEST_DROP_FILE_H

#include "loadtest/tracer.h"
#include "loadtest/verdict.h"

/*
 * Copies the SIP messages of dropped calls, the callers' and their agents', out of the ring into
 * DIR/dropped/<Call-ID>.txt, each call once and the first DROP_FILES of them: the next would say
 * the same.
 */
#define DROP_FILES     100
#define DROP_FILE_DIR  "dropped"
#define DROP_FILE_SIZE 262144 /* bytes of a file, at most; what comes later is left out */

void drop_file_write(const char *dir, const struct tracer *t, const struct evidence *e,
		     const struct verdict *v);

/* The file of the call with that Call-ID, there or not: each has its own. The caller frees it. */
char *drop_file_path(const char *dir, const char *sip_id);

#endif
