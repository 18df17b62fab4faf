/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/run_cmd.h"

#include <getopt.h>
#include <stdio.h>

#include "lib/mem.h"
#include "loadtest/run_job.h"

static bool
take_option(struct run_job *job, int letter)
{
	switch (letter) {
	case 'l':
		job->lab = optarg;
		return true;
	case 'r':
		job->report = optarg;
		return true;
	case 'd':
		job->dir = optarg;
		return true;
	case 'a':
		job->artifacts = optarg;
		return true;
	case 'm':
		job->own.mqsd_bin = optarg;
		return true;
	case 'e':
		job->own.etc = optarg;
		return true;
	case 'k':
		job->keep = true;
		return true;
	case 'p':
		job->no_preflight = true;
		return true;
	default:
		return run_job_profile_option(job, letter, optarg);
	}
}

static int
parse(int argc, char **argv, struct run_job *job)
{
	static const struct option rows[] = {
		RUN_JOB_PROFILE_OPTIONS,
		{"lab", required_argument, NULL, 'l'},
		{"report", required_argument, NULL, 'r'},
		{"dir", required_argument, NULL, 'd'},
		{"artifacts", required_argument, NULL, 'a'},
		{"mqsd-bin", required_argument, NULL, 'm'},
		{"etc", required_argument, NULL, 'e'},
		{"keep", no_argument, NULL, 'k'},
		{"no-preflight", no_argument, NULL, 'p'},
		{NULL, 0, NULL, 0},
	};
	int letter;

	optind = 1;
	while ((letter = getopt_long(argc, argv, "", rows, NULL)) != -1)
		if (!take_option(job, letter))
			return -1;
	if (argc - optind != 1) {
		fprintf(stderr, "loadtest: run takes the name of one profile, such as smoke\n");
		return -1;
	}
	if (job->artifacts != NULL && job->dir != NULL) {
		fprintf(stderr, "loadtest: --dir and --artifacts both say where the run goes\n");
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
