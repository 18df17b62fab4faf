/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/run_cmd.h"

#include <getopt.h>
#include <stdio.h>

#include "lib/mem.h"
#include "loadtest/run_job.h"

static int
parse(int argc, char **argv, struct run_job *job)
{
	static const struct option rows[] = {
		RUN_JOB_PROFILE_OPTIONS,
		RUN_JOB_OPTIONS,
		{NULL, 0, NULL, 0},
	};
	int letter;

	optind = 1;
	while ((letter = getopt_long(argc, argv, "", rows, NULL)) != -1)
		if (!run_job_option(job, letter, optarg))
			return -1;
	if (argc - optind != 1) {
		fprintf(stderr, "loadtest: run takes the name of one profile, such as smoke\n");
		return -1;
	}
	job->profile = argv[optind];
	return 0;
}

int
run_cmd_run(int argc, char **argv)
{
	struct run_job job = {.own.mqsds = 1};

	int rc = parse(argc, argv, &job) == 0 ? run_job_do(&job) : RUN_NOT_MADE;

	run_job_free(&job);
	return rc;
}

int
run_cmd_judge(int argc, char **argv)
{
	static const struct option rows[] = {{"report", required_argument, NULL, 'r'},
					     {NULL, 0, NULL, 0}};
	const char *report = NULL;
	int letter;

	optind = 1;
	while ((letter = getopt_long(argc, argv, "", rows, NULL)) != -1) {
		if (letter != 'r')
			return RUN_NOT_MADE;
		report = optarg;
	}
	if (argc - optind != 1) {
		fprintf(stderr, "loadtest: judge takes the directory of one run\n");
		return RUN_NOT_MADE;
	}
	return run_job_judge(argv[optind], report);
}
