/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/process.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/log.h"

static void
put(json_t *out, const char *key, double value)
{
	json_object_set_new(out, key, json_real(value));
}

static double
seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void
put_memory(json_t *out)
{
	FILE *f = fopen("/proc/self/statm", "re");
	long pages;

	if (f == NULL)
		return;
	if (fscanf(f, "%*s %ld", &pages) == 1)
		put(out, "resident_bytes", (double)pages * (double)sysconf(_SC_PAGESIZE));
	fclose(f);
}

static void
put_files(json_t *out)
{
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *entry;
	struct rlimit limit;
	int n = 0;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		put(out, "max_fds", (double)limit.rlim_cur);
	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL)
		n += entry->d_name[0] != '.';
	closedir(dir);
	put(out, "open_fds", n - 1); /* the directory's own */
}

void
process_keep_to_itself(void)
{
	struct rlimit none = {0, 0};

	if (prctl(PR_SET_DUMPABLE, 0) != 0 || setrlimit(RLIMIT_CORE, &none) != 0)
		log_warn("a core of this process cannot be ruled out: %s", strerror(errno));
}

json_t *
process_figures(void)
{
	json_t *out = json_object();
	struct rusage used;

	if (getrusage(RUSAGE_SELF, &used) == 0)
		put(out, "cpu_s", seconds(used.ru_utime) + seconds(used.ru_stime));
	put_memory(out);
	put_files(out);
	return out;
}
