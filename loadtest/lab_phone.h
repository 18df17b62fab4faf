/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_LAB_PHONE_H
#define LOADTEST_LAB_PHONE_H

#include "loadtest/kit.h"
#include "loadtest/lab.h"

/* Gives the phones of the kit in `dir` (its register-N.csv) their passwords in the lab's Kamailio,
 * as a site does it: by etc/kamailio/phone-password.sh. */
int lab_phone_passwords(const struct lab *lab, const struct kit *kit, const char *dir,
			struct err *err);

#endif
