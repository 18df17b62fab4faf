/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_LAB_STATE_H
#define LOADTEST_LAB_STATE_H

#include "loadtest/lab.h"

/* Writes DIR/lab.json atomically; lab_load() reads it. */
int lab_state_write(const struct lab *lab, struct err *err);

#endif
