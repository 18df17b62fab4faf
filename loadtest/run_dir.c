/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/run_dir.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/mem.h"

#define COPY_BYTES 65536

static int
make_template(char *path, char out[PATH_MAX], struct err *err)
{
	if (mkdtemp(path) == NULL || realpath(path, out) == NULL)
		return err_set(err, "no directory for the run: %s: %s", path, strerror(errno));
	return 0;
}

int
run_dir_make(const char *wanted, const char *below, const char *name, char out[PATH_MAX],
	     struct err *err)
{
	const char *tmp = getenv("TMPDIR");
	char *path;
	int rc;

	if (wanted != NULL) {
		if (mkdir(wanted, 0700) != 0 || realpath(wanted, out) == NULL)
			return err_set(err, "%s: %s", wanted, strerror(errno));
		return 0;
	}
	if (below != NULL && mkdir(below, 0755) != 0 && errno != EEXIST)
		return err_set(err, "%s: %s", below, strerror(errno));
	path = below != NULL
		       ? mem_printf("%s/%s-XXXXXX", below, name)
		       : mem_printf("%s/mqs-run-XXXXXX", tmp != NULL && *tmp == '/' ? tmp : "/tmp");
	rc = make_template(path, out, err);
	free(path);
	return rc;
}

static int
copy(const char *from, const char *to, struct err *err)
{
	FILE *in = fopen(from, "re"), *out = in != NULL ? fopen(to, "we") : NULL;
	char buffer[COPY_BYTES];
	size_t n;
	int rc = out != NULL ? 0 : -1;

	while (rc == 0 && (n = fread(buffer, 1, sizeof(buffer), in)) > 0)
		if (fwrite(buffer, 1, n, out) != n)
			rc = -1;
	if (out != NULL && fclose(out) != 0)
		rc = -1;
	if (rc != 0)
		err_set(err, "%s is not kept as %s: %s", from, to, strerror(errno));
	if (in != NULL)
		fclose(in);
	return rc;
}

static int
copy_all(const char *logs, const char *to, struct err *err)
{
	DIR *dir = opendir(logs);
	struct dirent *entry;
	int rc = 0;

	if (dir == NULL || (mkdir(to, 0700) != 0 && errno != EEXIST))
		rc = err_set(err, "%s is not kept as %s: %s", logs, to, strerror(errno));
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		char *from = mem_printf("%s/%s", logs, entry->d_name);
		char *target = mem_printf("%s/%s", to, entry->d_name);
		struct stat st;

		if (stat(from, &st) == 0 && S_ISREG(st.st_mode))
			rc = copy(from, target, err);
		free(from);
		free(target);
	}
	if (dir != NULL)
		closedir(dir);
	return rc;
}

int
run_dir_take_logs(const char *dir, const char *logs, bool move, struct err *err)
{
	char *to = mem_printf("%s/log", dir);
	int rc = 0;

	/* Another file system takes copies only. */
	if (!move || rename(logs, to) != 0)
		rc = copy_all(logs, to, err);
	free(to);
	return rc;
}
