/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/replay_cmd.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "loadtest/call_find.h"
#include "loadtest/dossier.h"
#include "loadtest/judge.h"
#include "loadtest/replay.h"
#include "loadtest/run_job.h"

#define SECONDS	    10
#define SECONDS_MAX 86400

struct wish {
	struct run_job job;
	const char *dir;
	const char *call; /* as call_find() takes it; NULL: the whole run */
	bool around;	  /* and the calls that came within `seconds` of it */
	long seconds;	  /* 0: not given */
};

static int
take_seconds(struct wish *w, const char *text, struct err *err)
{
	char *end;

	w->seconds = strtol(text, &end, 10);
	if (*end != '\0' || w->seconds < 1 || w->seconds > SECONDS_MAX)
		return err_set(err, "--seconds takes 1 to %d, not \"%s\"", SECONDS_MAX, text);
	return 0;
}

static int
take_option(struct wish *w, int letter, struct err *err)
{
	if (letter == 'w')
		return take_seconds(w, optarg, err);
	if (letter != 'c' && letter != 'o')
		return run_job_option(&w->job, letter, optarg)
			       ? 0
			       : err_set(err, "see 'loadtest --help'");
	if (w->call != NULL)
		return err_set(err, "--call and --around both say which calls");
	w->call = optarg;
	w->around = letter == 'o';
	return 0;
}

static int
parse(int argc, char **argv, struct wish *w, struct err *err)
{
	static const struct option rows[] = {RUN_JOB_OPTIONS,
					     {"call", required_argument, NULL, 'c'},
					     {"around", required_argument, NULL, 'o'},
					     {"seconds", required_argument, NULL, 'w'},
					     {NULL, 0, NULL, 0}};
	int letter;

	optind = 1;
	while ((letter = getopt_long(argc, argv, "", rows, NULL)) != -1)
		if (take_option(w, letter, err) != 0)
			return -1;
	if (argc - optind != 1)
		return err_set(err, "replay takes the directory of one run");
	if (w->seconds != 0 && !w->around)
		return err_set(err, "--seconds goes with --around");
	w->dir = argv[optind];
	return 0;
}

static int64_t
around_s(const struct wish *w)
{
	if (!w->around)
		return 0;
	return w->seconds > 0 ? w->seconds : SECONDS;
}

static int
by_time(const void *a, const void *b)
{
	int64_t x = ((const struct replay_call *)a)->at_us,
		y = ((const struct replay_call *)b)->at_us;

	return (x > y) - (x < y);
}

/* The calls that are meant, by time; the caller frees them. */
static struct replay_call *
choose(const struct wish *w, const struct evidence *e, size_t wanted, size_t *count)
{
	int64_t away_us = around_s(w) * 1000000, at = e->callers[wanted].invite, off;
	struct replay_call *calls = mem_alloc(e->caller_count * sizeof(*calls));
	size_t i;

	for (i = 0, *count = 0; i < e->caller_count; i++) {
		off = e->callers[i].invite - at;
		if (i != wanted &&
		    (!w->around || e->callers[i].invite == 0 || off > away_us || off < -away_us))
			continue;
		calls[(*count)++] = (struct replay_call){e->callers[i].invite,
							 evidence_text(e, e->callers[i].number)};
	}
	qsort(calls, *count, sizeof(*calls), by_time);
	return calls;
}

static int64_t
first_login(const struct evidence *e)
{
	int64_t first = INT64_MAX;
	size_t i;

	for (i = 0; i < e->login_count; i++)
		first = e->logins[i].at < first ? e->logins[i].at : first;
	return first;
}

/* Of a run the calls that are meant. */
static int
narrow(const struct wish *w, const struct judge *j, struct replay *r, struct profile *p,
       struct err *err)
{
	size_t wanted = call_find(j, w->call, w->dir), count;
	struct replay_call *calls;
	struct kit kit;
	char *csv;
	int rc;

	if (wanted == NAMES_NONE)
		return err_set(err, "there is nothing to make again");
	csv = replay_read_rows(w->dir, err);
	if (csv == NULL)
		return -1;
	calls = choose(w, &j->evidence, wanted, &count);
	r->call = mem_dup(call_name(j, wanted, CALL_SIP_ID));
	r->around_s = around_s(w);
	r->calls = (int64_t)count;
	replay_narrow(p, calls, count, first_login(&j->evidence));
	kit_plan(&kit, p);
	rc = replay_rows(r, calls, count, csv, &kit, err);
	free(calls);
	free(csv);
	return rc;
}

static int
prepare(const struct wish *w, struct replay *r, struct profile *p, struct err *err)
{
	char *path = mem_printf("%s/" DOSSIER_META, w->dir);
	json_t *meta = json_load_file(path, 0, NULL);
	struct judge j;
	int rc = -1;

	if (meta == NULL)
		err_set(err, "%s: there is no such run", path);
	else
		rc = replay_profile(meta, p, err);
	if (rc == 0 && w->call != NULL) {
		rc = judge_open(&j, w->dir, err);
		if (rc == 0) {
			rc = narrow(w, &j, r, p, err);
			judge_close(&j);
		}
		if (rc != 0)
			profile_free(p);
	}
	if (rc == 0 && json_object_get(meta, "chaos") != NULL)
		fprintf(stderr, "the calls alone: nothing is broken this time\n");
	json_decref(meta);
	free(path);
	return rc;
}

int
replay_cmd(int argc, char **argv)
{
	struct wish w = {.job = {.own.mqsds = 1, .keep = true}};
	struct replay replay = {0};
	struct profile p;
	struct err err;
	int rc = parse(argc, argv, &w, &err);

	replay.from = w.dir;
	if (rc != 0 || prepare(&w, &replay, &p, &err) != 0) {
		fprintf(stderr, "loadtest: %s\n", err.text);
		rc = RUN_NOT_MADE;
	} else {
		fprintf(stderr,
			"%s again: the same schedule; which call meets which agent may differ\n",
			w.dir);
		w.job.replay = &replay;
		rc = run_job_make(&w.job, &p);
		profile_free(&p);
	}
	replay_free(&replay);
	run_job_free(&w.job);
	return rc;
}
