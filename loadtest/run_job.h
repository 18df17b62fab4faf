/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_RUN_JOB_H
#define LOADTEST_RUN_JOB_H

#include "loadtest/lab.h"
#include "loadtest/run.h"

/* A run from its command line to its exit status: profile, lab, directory, run, verdict. */
#define RUN_SETS_MAX 64
#define RUN_NOT_MADE 2 /* exit status */

struct run_job {
	const char *profile;
	char *sets[RUN_SETS_MAX]; /* owned: "option=value" */
	int set_count;
	const char *lab;	/* NULL: one of the run's own, as `own` says but for the nodes */
	struct lab_options own; /* its mqsds not 0 */
	const char *report, *dir;
	const char *artifacts; /* where a run that was not a good one is kept; NULL: temporary */
	bool keep;
	bool no_preflight;		       /* try it whatever the machine lacks */
	const struct run_companion *companion; /* or NULL */
	const struct replay *replay;	       /* whose files are taken, or NULL */
};

/* Takes the text; false when there are too many. */
bool run_job_set(struct run_job *job, char *text);

/* The options that change the profile, for getopt_long(), and what each sets: false for another
 * letter. */
#define RUN_JOB_PROFILE_OPTIONS                                                                    \
	{"set", required_argument, NULL, 's'}, {"speed", required_argument, NULL, 'x'},            \
		{"duration", required_argument, NULL, 't'},                                        \
		{"seed", required_argument, NULL, 'S'},                                            \
	{                                                                                          \
		"nodes", required_argument, NULL, 'n'                                              \
	}
bool run_job_profile_option(struct run_job *job, int letter, const char *value);

/* The options that say where and with what a run is made, the same way. */
#define RUN_JOB_OPTIONS                                                                            \
	{"lab", required_argument, NULL, 'l'}, {"report", required_argument, NULL, 'r'},           \
		{"dir", required_argument, NULL, 'd'},                                             \
		{"artifacts", required_argument, NULL, 'a'},                                       \
		{"mqsd-bin", required_argument, NULL, 'm'}, {"etc", required_argument, NULL, 'e'}, \
		{"keep", no_argument, NULL, 'k'},                                                  \
	{                                                                                          \
		"no-preflight", no_argument, NULL, 'p'                                             \
	}
bool run_job_option(struct run_job *job, int letter, char *value);

/* The profile as the sets change it; profile_free() is due on success. */
int run_job_profile(const struct run_job *job, struct profile *p, struct err *err);

/* Does it and tells it on stdout and stderr. Returns the exit status. */
int run_job_do(const struct run_job *job);
/* The same with a profile that is read already. */
int run_job_make(const struct run_job *job, const struct profile *p);
void run_job_free(struct run_job *job);

/* Reaches the verdict on a directory, tells it, and returns the exit status. */
int run_job_judge(const char *dir, const char *report);

#endif
