/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/lab_phone.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/mem.h"
#include "loadtest/lab_conf.h"

static int
set_passwords(const char *script, const char *dir, const char *csv, struct err *err)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		if (freopen(csv, "r", stdin) != NULL)
			execl("/bin/sh", "sh", script, "-d", dir, "-a", (char *)NULL);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pid < 0 || status != 0)
		return err_set(err, "%s -d %s -a <%s failed", script, dir, csv);
	return 0;
}

int
lab_phone_passwords(const struct lab *lab, const struct kit *kit, const char *dir, struct err *err)
{
	char etc[PATH_MAX], *script, *phones, *csv;
	int i, rc = 0;

	if (lab_conf_etc(NULL, etc, sizeof(etc), err) != 0)
		return -1;
	script = mem_printf("%s/kamailio/phone-password.sh", etc);
	phones = mem_printf("%s/kamailio", lab->dir);
	for (i = 0; rc == 0 && i < kit->count; i++) {
		if (kit->rows[i].role != SIPP_REGISTER)
			continue;
		csv = mem_printf("%s/%s.csv", dir, kit->rows[i].name);
		rc = set_passwords(script, phones, csv, err);
		free(csv);
	}
	free(script);
	free(phones);
	return rc;
}
