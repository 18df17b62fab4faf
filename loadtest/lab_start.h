/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_LAB_START_H
#define LOADTEST_LAB_START_H

#include "loadtest/lab.h"

/* As lab_start(); with `detach` the supervisor outlives the calling process. */
int lab_start_supervisor(const struct lab_options *options, bool detach, struct lab *lab,
			 struct err *err);

#endif
