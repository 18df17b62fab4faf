/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_KIT_SCRIPT_H
#define LOADTEST_KIT_SCRIPT_H

#include "loadtest/kit.h"

/*
 * What makes a kit run without this program: run.sh, a POSIX shell script with the very sipp lines
 * that `loadtest run` executes, and setup.mqsctl, the queues and agents as lines for mqsctl. Pure.
 * The caller frees the texts.
 */
#define KIT_SCRIPT "run.sh"
#define KIT_SETUP  "setup.mqsctl"

/* target: host:port of the system under test, the default of run.sh's variable. */
char *kit_script(const struct kit *kit, const char *target);
char *kit_setup(const struct kit *kit);

#endif
