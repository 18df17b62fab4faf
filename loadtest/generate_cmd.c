/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/generate_cmd.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/mem.h"
#include "loadtest/kit_script.h"
#include "loadtest/run_job.h"
#include "loadtest/scenario.h"

#define TARGET "127.0.0.1:5060"

struct wish {
	struct run_job job; /* its profile and sets */
	const char *dir, *target;
};

static bool
take_option(struct wish *w, int letter)
{
	if (letter == 'T')
		w->target = optarg;
	else if (!run_job_profile_option(&w->job, letter, optarg))
		return false;
	return true;
}

/* It stands in a shell script. */
static bool
is_address(const char *s)
{
	const char *colon = strrchr(s, ':');

	return colon != NULL && colon != s && colon[1] != '\0' &&
	       strspn(colon + 1, "0123456789") == strlen(colon + 1) &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:") ==
		       strlen(s);
}

static int
parse(int argc, char **argv, struct wish *w, struct err *err)
{
	static const struct option rows[] = {RUN_JOB_PROFILE_OPTIONS,
					     {"target", required_argument, NULL, 'T'},
					     {NULL, 0, NULL, 0}};
	int letter;

	optind = 1;
	while ((letter = getopt_long(argc, argv, "", rows, NULL)) != -1)
		if (!take_option(w, letter))
			return err_set(err, "see 'loadtest --help'");
	if (argc - optind != 2)
		return err_set(err, "generate takes a profile and a directory");
	w->job.profile = argv[optind];
	w->dir = argv[optind + 1];
	if (!is_address(w->target))
		return err_set(err, "--target takes HOST:PORT, not \"%s\"", w->target);
	return 0;
}

static int
write_file(const char *dir, const char *name, char *text, mode_t mode, struct err *err)
{
	char *path = mem_printf("%s/%s", dir, name);
	int rc = scenario_write_file(path, text, err);

	if (rc == 0 && chmod(path, mode) != 0)
		rc = err_set(err, "%s: %s", path, strerror(errno));
	free(path);
	free(text);
	return rc;
}

static int
generate(const struct wish *w, const struct profile *p, struct err *err)
{
	char scenarios[PATH_MAX];
	struct kit kit;

	kit_plan(&kit, p);
	if (scenario_dir(scenarios, sizeof(scenarios), err) == NULL)
		return -1;
	if (mkdir(w->dir, 0755) != 0)
		return err_set(err, "%s: %s; it must be new", w->dir, strerror(errno));
	if (kit_write(&kit, scenarios, w->dir, err) != 0 ||
	    write_file(w->dir, KIT_SETUP, kit_setup(&kit), 0644, err) != 0 ||
	    write_file(w->dir, KIT_SCRIPT, kit_script(&kit, w->target), 0755, err) != 0)
		return -1;
	printf("mqsctl <%s/" KIT_SETUP "\n%s/" KIT_SCRIPT "\n", w->dir, w->dir);
	return 0;
}

int
generate_cmd(int argc, char **argv)
{
	struct wish w = {.target = TARGET};
	struct profile p;
	struct err err;
	int rc = parse(argc, argv, &w, &err);

	if (rc == 0 && run_job_profile(&w.job, &p, &err) == 0) {
		rc = generate(&w, &p, &err);
		profile_free(&p);
	} else {
		rc = -1;
	}
	run_job_free(&w.job);
	if (rc != 0)
		fprintf(stderr, "loadtest: %s\n", err.text);
	return rc == 0 ? 0 : RUN_NOT_MADE;
}
