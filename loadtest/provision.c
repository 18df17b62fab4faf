/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/provision.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "loadtest/lab_dir.h"
#include "loadtest/proc.h"

#define GET_MS	 600000 /* for some 70 MB of packages over a slow line */
#define ASK_MS	 5000
#define SUITE	 "forky" /* the oldest release of Debian that has Asterisk 22.10 */
#define PACKAGES "asterisk,asterisk-moh-opsound-wav,asterisk-core-sounds-en-wav"

int
provision_version_ok(const char *version)
{
	int major = 0, minor = 0, patch = 0;

	if (sscanf(version, "%d.%d.%d", &major, &minor, &patch) < 2)
		return 0;
	return major > 22 || (major == 22 && (minor > 10 || (minor == 10 && patch >= 1)));
}

/* "Asterisk 22.10.1+dfsg..." of a program, into a->version. */
static bool
ask_version(struct asterisk *a)
{
	char line[256] = "", name[32], *argv_text;
	FILE *f;

	if (a->loader[0] != '\0')
		argv_text = mem_printf("'%s' --library-path '%s' '%s' -V 2>/dev/null", a->loader,
				       a->libs, a->binary);
	else
		argv_text = mem_printf("timeout %d asterisk -V 2>/dev/null", ASK_MS / 1000);
	f = popen(argv_text, "re");
	free(argv_text);
	if (f == NULL)
		return false;
	if (fgets(line, sizeof(line), f) == NULL)
		line[0] = '\0';
	pclose(f);
	return sscanf(line, "%31s %63[0-9.]", name, a->version) == 2 &&
	       provision_version_ok(a->version);
}

/* The one path that matches, or "". */
static bool
match(const char *root, const char *pattern, char *out)
{
	char *full = mem_printf("%s/%s", root, pattern);
	bool found = false;
	glob_t g;

	if (glob(full, 0, NULL, &g) == 0) {
		found = snprintf(out, PROVISION_PATH_MAX, "%s", g.gl_pathv[0]) < PROVISION_PATH_MAX;
		globfree(&g);
	}
	free(full);
	return found;
}

static bool
open_root(struct asterisk *a, const char *root)
{
	char *slash;

	snprintf(a->root, sizeof(a->root), "%s", root);
	if (!match(root, "usr/lib/*-linux-gnu*/ld-linux*.so.*", a->loader) ||
	    !match(root, "usr/sbin/asterisk", a->binary) ||
	    !match(root, "usr/lib/*-linux-gnu*/asterisk/modules", a->modules) ||
	    !match(root, "usr/share/asterisk", a->data))
		return false;
	memcpy(a->libs, a->loader, sizeof(a->libs));
	slash = strrchr(a->libs, '/');
	if (slash != NULL)
		*slash = '\0';
	return ask_version(a);
}

void
provision_argv(const struct asterisk *a, const char *conf, const char *argv[8])
{
	int n = 0;

	if (a->loader[0] != '\0') {
		argv[n++] = a->loader;
		argv[n++] = "--library-path";
		argv[n++] = a->libs;
		argv[n++] = a->binary;
	} else {
		argv[n++] = "asterisk";
	}
	argv[n++] = "-C";
	argv[n++] = conf;
	argv[n++] = "-f";
	argv[n] = NULL;
}

/* ${MQS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/mqs}, made when missing. */
static int
cache_dir(char *out, size_t size, struct err *err)
{
	const char *mqs = getenv("MQS_CACHE"), *xdg = getenv("XDG_CACHE_HOME"),
		   *home = getenv("HOME");
	struct passwd *pw = getpwuid(geteuid());
	char *p;

	if (home == NULL || home[0] != '/')
		home = pw != NULL ? pw->pw_dir : "/nonexistent";
	if (mqs != NULL && mqs[0] == '/')
		snprintf(out, size, "%s", mqs);
	else if (xdg != NULL && xdg[0] == '/')
		snprintf(out, size, "%s/mqs", xdg);
	else
		snprintf(out, size, "%s/.cache/mqs", home);
	for (p = strchr(out + 1, '/'); p != NULL; p = strchr(p + 1, '/')) {
		*p = '\0';
		mkdir(out, 0755);
		*p = '/';
	}
	if ((mkdir(out, 0755) != 0 && errno != EEXIST) || access(out, W_OK) != 0)
		return err_set(err, "cache directory %s: %s; set MQS_CACHE to another", out,
			       strerror(errno));
	return 0;
}

/* One lab at a time gets Asterisk; the others wait for it here. */
static int
lock_take(const char *cache, struct err *err)
{
	char *path = mem_printf("%s/asterisk-root.lock", cache);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int64_t deadline = clock_mono_ms() + GET_MS;
	bool said = false;

	if (fd < 0)
		err_set(err, "%s: %s", path, strerror(errno));
	while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (!said)
			fputs("Another lab is getting Asterisk; waiting for it\n", stderr);
		said = true;
		if (clock_mono_ms() >= deadline) {
			err_set(err, "%s: another lab has held it for %d s", path, GET_MS / 1000);
			close(fd);
			fd = -1;
			break;
		}
		usleep(200000);
	}
	free(path);
	return fd;
}

static void
remove_stale(const char *cache)
{
	char *pattern = mem_printf("%s/asterisk-root.tmp.*", cache);
	glob_t g;
	size_t i;

	if (glob(pattern, 0, NULL, &g) == 0) {
		for (i = 0; i < g.gl_pathc; i++)
			lab_dir_remove(g.gl_pathv[i]);
		globfree(&g);
	}
	free(pattern);
}

/*
 * The packages are only unpacked: nothing of them is configured or run, so chrootless mode serves a
 * normal user without sub-ids, user namespaces or fakeroot.
 */
static int
unpack(const char *to, struct err *err)
{
	char *mode = mem_printf("--mode=%s", geteuid() == 0 ? "root" : "chrootless");
	char *argv[] = {"mmdebstrap",
			mode,
			"--variant=extract",
			"--aptopt=Acquire::Check-Valid-Until \"false\"",
			"--aptopt=APT::Install-Recommends \"false\"",
			"--include=" PACKAGES,
			SUITE,
			(char *)to,
			NULL};
	struct proc_spec spec = {.argv = argv, .dir = "/"};
	char text[64];
	struct proc p;
	int ret = -1;

	if (proc_start(&p, &spec, err) != 0) {
		err_set(err, "mmdebstrap does not start; run 'make deps' or 'apt-get install "
			     "mmdebstrap', or install Asterisk 22.10.1 or later into PATH");
	} else {
		if (!proc_wait(&p, GET_MS)) {
			proc_stop(&p);
			proc_wait(&p, 2 * PROC_GRACE_MS);
			err_set(err, "mmdebstrap took more than %d s", GET_MS / 1000);
		} else if (p.status != 0) {
			err_set(err,
				"mmdebstrap: %s; its messages are above. It needs a Debian mirror"
				" with %s; or install Asterisk 22.10.1 or later into PATH",
				proc_status_text(p.status, text, sizeof(text)), SUITE);
		} else {
			ret = 0;
		}
	}
	free(mode);
	return ret;
}

static int
record_version(const struct asterisk *a, struct err *err)
{
	char *path = mem_printf("%s/mqs-version", a->root);
	FILE *f = fopen(path, "we");
	int ret = 0;

	if (f == NULL || fprintf(f, "%s\n", a->version) < 0 || fclose(f) != 0)
		ret = err_set(err, "%s: %s", path, strerror(errno));
	free(path);
	return ret;
}

static int
get(struct asterisk *a, const char *cache, const char *root, struct err *err)
{
	char *tmp = mem_printf("%s/asterisk-root.tmp.%ld", cache, (long)getpid());
	int64_t start = clock_mono_ms();
	int ret = -1;

	remove_stale(cache);
	lab_dir_remove(root);
	fprintf(stderr, "No Asterisk 22.10.1 or later here; getting it once into %s (300 MB)\n",
		root);
	if (unpack(tmp, err) != 0)
		goto out;
	if (!open_root(a, tmp)) {
		err_set(err, "the Asterisk got from %s does not run or is too old (%s)", SUITE,
			a->version);
		goto out;
	}
	if (record_version(a, err) != 0)
		goto out;
	if (rename(tmp, root) != 0) {
		err_set(err, "%s: %s", root, strerror(errno));
		goto out;
	}
	fprintf(stderr, "Got Asterisk %s in %lld s\n", a->version,
		(long long)((clock_mono_ms() - start) / 1000));
	ret = open_root(a, root) ? 0 : err_set(err, "%s does not run", root);
out:
	if (ret != 0)
		lab_dir_remove(tmp);
	free(tmp);
	return ret;
}

int
provision_asterisk(struct asterisk *a, struct err *err)
{
	char cache[PROVISION_PATH_MAX], *root;
	int lock, ret = 0;

	memset(a, 0, sizeof(*a));
	if (ask_version(a))
		return 0;
	if (cache_dir(cache, sizeof(cache), err) != 0)
		return -1;
	root = mem_printf("%s/asterisk-root", cache);
	if (!open_root(a, root)) {
		lock = lock_take(cache, err);
		if (lock < 0)
			ret = -1;
		else if (!open_root(a, root))
			ret = get(a, cache, root, err);
		if (lock >= 0)
			close(lock);
	}
	free(root);
	return ret;
}

void
provision_path(void)
{
	const char *path = getenv("PATH");
	char *more = mem_printf("%s:/usr/local/sbin:/usr/sbin:/sbin",
				path != NULL ? path : "/usr/local/bin:/usr/bin:/bin");

	setenv("PATH", more, 1);
	free(more);
}

/* What must be there before anything is started, and the Debian package that brings it. */
static const struct {
	const char *path; /* a pattern */
	const char *package;
} needed[] = {
	{"usr/bin/redis-server", "redis-server"},
	{"usr/sbin/kamailio", "kamailio"},
	{"usr/lib/*/kamailio/modules/ndb_redis.so", "kamailio-redis-modules"},
	{"usr/lib/*/kamailio/modules/db_sqlite.so", "kamailio-sqlite-modules"},
	{"usr/bin/sqlite3", "sqlite3"},
};

int
provision_check(struct err *err)
{
	char path[PROVISION_PATH_MAX], missing[256] = "";
	size_t i;

	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!match("", needed[i].path, path))
			snprintf(missing + strlen(missing), sizeof(missing) - strlen(missing),
				 " %s", needed[i].package);
	if (missing[0] != '\0')
		return err_set(err,
			       "the lab needs packages that are not installed; run 'make deps' or"
			       " 'apt-get install%s'",
			       missing);
	return 0;
}
