/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/lab_dir.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "loadtest/lab.h"

/* A directory without lab.json may belong to a lab that is about to write it. */
#define FRESH_S 60

int
lab_base_dir(char *out, size_t size, struct err *err)
{
	const char *tmp = getenv("TMPDIR");
	struct stat st;

	if (tmp == NULL || tmp[0] != '/')
		tmp = "/tmp";
	if (snprintf(out, size, "%s/mqs-lab-%u", tmp, (unsigned)geteuid()) >= (int)size)
		return err_set(err, "TMPDIR is too long: %s", tmp);
	if (mkdir(out, 0700) != 0 && errno != EEXIST)
		return err_set(err, "%s: %s", out, strerror(errno));
	if (lstat(out, &st) != 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid() ||
	    (st.st_mode & 077) != 0)
		return err_set(err, "%s is not a private directory of this user", out);
	return 0;
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	remove(path);
	return 0;
}

void
lab_dir_remove(const char *dir)
{
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

enum dir_kind { DIR_EMPTY, DIR_LIVE_LAB, DIR_DEAD_LAB, DIR_OTHER };

static bool
dir_empty(const char *dir)
{
	struct dirent **names;
	int n = scandir(dir, &names, NULL, NULL), i;

	for (i = 0; i < n; i++)
		free(names[i]);
	if (n >= 0)
		free(names);
	return n <= 2;
}

static enum dir_kind
dir_kind(const char *dir)
{
	struct err err;
	struct lab lab;

	if (dir_empty(dir))
		return DIR_EMPTY;
	if (lab_load(dir, &lab, &err) != 0)
		return DIR_OTHER;
	return lab_alive(&lab) ? DIR_LIVE_LAB : DIR_DEAD_LAB;
}

static void
sweep_one(const char *dir, void *arg)
{
	enum dir_kind kind = dir_kind(dir);
	struct stat st;

	(void)arg;
	if (kind == DIR_LIVE_LAB || lstat(dir, &st) != 0 || st.st_uid != geteuid())
		return;
	if (kind == DIR_DEAD_LAB || time(NULL) - st.st_mtime > FRESH_S)
		lab_dir_remove(dir);
}

void
lab_dirs_sweep(void)
{
	lab_dirs_each(sweep_one, NULL);
}

static int
is_lab_name(const struct dirent *d)
{
	return strncmp(d->d_name, "lab-", 4) == 0;
}

void
lab_dirs_each(void (*fn)(const char *dir, void *arg), void *arg)
{
	char base[LAB_PATH_MAX], path[LAB_PATH_MAX + 300];
	struct dirent **names;
	struct err err;
	int n, i;

	if (lab_base_dir(base, sizeof(base), &err) != 0)
		return;
	n = scandir(base, &names, is_lab_name, versionsort);
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", base, names[i]->d_name);
		fn(path, arg);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

static int
make_new(char *out, struct err *err)
{
	char base[LAB_PATH_MAX - 16];
	int i;

	if (lab_base_dir(base, sizeof(base), err) != 0)
		return -1;
	for (i = 1; i < 1000; i++) {
		snprintf(out, LAB_PATH_MAX, "%s/lab-%d", base, i);
		if (mkdir(out, 0700) == 0)
			return 0;
		if (errno != EEXIST)
			break;
	}
	return err_set(err, "%s: %s", out, strerror(errno));
}

static int
make_wanted(const char *wanted, struct err *err)
{
	if (mkdir(wanted, 0700) == 0)
		return 0;
	if (errno != EEXIST)
		return err_set(err, "%s: %s", wanted, strerror(errno));
	switch (dir_kind(wanted)) {
	case DIR_EMPTY:
		break;
	case DIR_DEAD_LAB:
		lab_dir_remove(wanted);
		if (mkdir(wanted, 0700) != 0 && errno != EEXIST)
			return err_set(err, "%s: %s", wanted, strerror(errno));
		break;
	case DIR_LIVE_LAB:
		return err_set(err, "a lab runs in %s already", wanted);
	case DIR_OTHER:
		return err_set(err, "%s holds files that no lab made; name another directory",
			       wanted);
	}
	if (chmod(wanted, 0700) != 0)
		return err_set(err, "%s: %s", wanted, strerror(errno));
	return 0;
}

int
lab_dir_make(const char *wanted, char *out, struct err *err)
{
	char full[PATH_MAX];

	if (wanted == NULL) {
		if (make_new(out, err) != 0)
			return -1;
		wanted = out;
	} else if (make_wanted(wanted, err) != 0) {
		return -1;
	}
	if (realpath(wanted, full) == NULL)
		return err_set(err, "%s: %s", wanted, strerror(errno));
	if (strlen(full) > LAB_DIR_MAX)
		return err_set(err, "%s: a lab's directory may have %d characters at most", full,
			       LAB_DIR_MAX);
	memcpy(out, full, strlen(full) + 1);
	return 0;
}

struct find {
	char dir[LAB_PATH_MAX];
	int count;
};

static void
find_one(const char *dir, void *arg)
{
	struct find *find = arg;

	if (dir_kind(dir) != DIR_LIVE_LAB)
		return;
	if (find->count++ == 0)
		snprintf(find->dir, sizeof(find->dir), "%s", dir);
}

int
lab_dir_find(const char *wanted, char *out, struct err *err)
{
	struct find find = {.count = 0};

	if (wanted == NULL) {
		lab_dirs_each(find_one, &find);
		if (find.count == 0)
			return err_set(err, "no lab runs");
		if (find.count > 1)
			return err_set(err,
				       "%d labs run; name one with --lab (see loadtest lab status)",
				       find.count);
		wanted = find.dir;
	}
	if (strlen(wanted) > LAB_DIR_MAX)
		return err_set(err, "%s: no lab there", wanted);
	snprintf(out, LAB_PATH_MAX, "%s", wanted);
	return 0;
}
