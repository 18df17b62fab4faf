/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "loadtest/lab.h"
#include "loadtest/lab_dir.h"
#include "loadtest/machine.h"

#define MB 1000000

/* The first number in a file, after `mark` if that isn't NULL; -1: there is none, or "max". */
static int64_t
number_in(const char *path, const char *mark)
{
	FILE *in = fopen(path, "re");
	char line[512];
	const char *p;
	int64_t n = -1;

	while (in != NULL && fgets(line, sizeof(line), in) != NULL) {
		p = mark != NULL ? strstr(line, mark) : line;
		if (p == NULL)
			continue;
		p += mark != NULL ? strlen(mark) : 0;
		if (sscanf(p, "%" SCNd64, &n) != 1)
			n = -1;
		break;
	}
	if (in != NULL)
		fclose(in);
	return n;
}

static int64_t
limit(__rlimit_resource_t what)
{
	struct rlimit l;

	return getrlimit(what, &l) == 0 && l.rlim_cur != RLIM_INFINITY ? (int64_t)l.rlim_cur : -1;
}

/* A file of our control group, of version 2 or of version 1's "pids". */
static int64_t
group_number(const char *name)
{
	FILE *in = fopen("/proc/self/cgroup", "re");
	char line[PATH_MAX], path[PATH_MAX + 64];
	int64_t n = -1;

	while (n < 0 && in != NULL && fgets(line, sizeof(line), in) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "0::", 3) == 0)
			snprintf(path, sizeof(path), "/sys/fs/cgroup%s/%s", line + 3, name);
		else if (strstr(line, ":pids:") != NULL)
			snprintf(path, sizeof(path), "/sys/fs/cgroup/pids%s/%s",
				 strstr(line, ":pids:") + strlen(":pids:"), name);
		else
			continue;
		n = number_in(path, NULL);
	}
	if (in != NULL)
		fclose(in);
	return n;
}

static void
see_lab(const char *dir, void *arg)
{
	struct machine *m = arg;
	struct err ignored;
	struct lab lab;

	if (lab_load(dir, &lab, &ignored) != 0 || !lab_alive(&lab))
		return;
	m->labs++;
	snprintf(m->lab, sizeof(m->lab), "%s", lab.dir);
}

void
machine_look(struct machine *m, const char *dir)
{
	struct statvfs fs;
	int64_t kb = number_in("/proc/meminfo", "MemAvailable:");

	*m = (struct machine){
		.open_files = limit(RLIMIT_NOFILE),
		.pid_max = number_in("/proc/sys/kernel/pid_max", NULL),
		.threads_max = number_in("/proc/sys/kernel/threads-max", NULL),
		/* Root may have any number. */
		.user_max = geteuid() != 0 ? limit(RLIMIT_NPROC) : -1,
		.group_max = group_number("pids.max"),
		.group_now = group_number("pids.current"),
		.running = number_in("/proc/loadavg", "/"),
		.memory_mb = kb >= 0 ? kb * 1024 / MB : -1,
		.disk_mb = -1,
		.own_ports_from = number_in("/proc/sys/net/ipv4/ip_local_port_range", NULL),
	};
	if (statvfs(dir, &fs) == 0)
		m->disk_mb = (int64_t)((double)fs.f_bavail * (double)fs.f_frsize / MB);
	lab_dirs_each(see_lab, m);
}
