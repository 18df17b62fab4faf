/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/mem.h"
#include "loadtest/dossier.h"
#include "loadtest/figure.h"
#include "loadtest/report.h"

int
report_write(const json_t *report, const char *path, struct err *err)
{
	char *fresh = mem_printf("%s.new", path);
	int rc = 0;

	if (json_dump_file(report, fresh, JSON_INDENT(2) | JSON_REAL_PRECISION(9)) != 0 ||
	    rename(fresh, path) != 0)
		rc = err_set(err, "%s cannot be written", path);
	free(fresh);
	return rc;
}

static json_t *
check_version(json_t *report, const char *path, struct err *err)
{
	double version = figure(report, "report");

	if (version == REPORT_VERSION)
		return report;
	if (version > 0)
		err_set(err, "%s is a report of version %.0f, and this loadtest reads version %d",
			path, version, REPORT_VERSION);
	else
		err_set(err, "%s is not a report of loadtest", path);
	json_decref(report);
	return NULL;
}

json_t *
report_read(const char *path, struct err *err)
{
	struct stat st;
	char *file = stat(path, &st) == 0 && S_ISDIR(st.st_mode)
			     ? mem_printf("%s/" DOSSIER_REPORT, path)
			     : mem_dup(path);
	json_error_t why;
	json_t *report = NULL;

	/* jansson says no more than that it could not open it. */
	if (stat(file, &st) != 0)
		err_set(err, "%s: %s%s", file, strerror(errno),
			strcmp(file, path) != 0 ? "; 'loadtest judge' makes it" : "");
	else if ((report = json_load_file(file, 0, &why)) == NULL)
		err_set(err, "%s:%d: %s", file, why.line, why.text);
	else
		report = check_version(report, file, err);
	free(file);
	return report;
}
