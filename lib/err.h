/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_ERR_H
#define LIB_ERR_H

/*
 * A sentence for a person, handed back by functions that can fail.
 * The caller owns the struct; on success it is left untouched.
 */
struct err {
	char text[512];
};

/* Writes the sentence and returns -1, so that `return err_set(...)` reads well. */
int err_set(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
