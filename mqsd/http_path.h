/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_HTTP_PATH_H
#define MQSD_HTTP_PATH_H

#include <stddef.h>

#include "lib/err.h"

#define HTTP_PATH_MAX 1024

/*
 * A request's path, as it came: whether it is one that needs no second thought. 0, or -1 with err:
 * too long, no slash in front, two slashes in a row, a "." or ".." segment, control characters, a
 * percent sign without two hex digits, one that hides a slash, a backslash, NUL or a percent sign,
 * or decoded no UTF-8 (RFC 3986, 3.3). Each of them means something else to some program on the
 * way.
 */
int http_path_check(const char *path, struct err *err);

/* A segment, decoded and checked to be a name (text.h), not "." nor ".."; NULL: it is none. The
 * caller frees it. */
char *http_path_name(const char *segment, size_t len);

#endif
