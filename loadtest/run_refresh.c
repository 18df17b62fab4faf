/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Phones register anew before their registrations expire, spread in time, for as long as the run
 * lasts. Logs of these passes are refresh-N.*: when an agent came to work is what register-N.log
 * says.
 */

#include <stdio.h>

#include "lib/clock.h"
#include "loadtest/run.h"

/* A registration is as old as two thirds of its life when its turn comes, and the turns take a
 * sixth of it. */
static int64_t
due_ms(const struct profile *p)
{
	return p->expires_s * 1000 * 2 / 3;
}

static int
start(struct run *r, int i, struct err *err)
{
	const struct kit_place place = {.host = r->lab.host,
					.target = r->lab.kamailio_sip,
					.first_port = r->ports.first + 1};
	struct kit_row row = r->kit.rows[i];
	struct kit_words words;
	int rc;

	snprintf(row.name, sizeof(row.name), "refresh-%d", row.number + 1);
	row.rate = (double)row.calls * 6 / (double)r->profile->expires_s;
	kit_words(&words, &r->kit, &row, &place, false);
	rc = sipp_start(&r->sipps[i].sipp, words.argv, r->dir, row.name, err);
	kit_words_free(&words);
	return rc;
}

/* Its exit status says whether each phone was answered with 200. */
static int
look_at(struct run *r, int i, struct err *err)
{
	struct proc *proc = &r->sipps[i].sipp.proc;

	if (r->kit.rows[i].role != SIPP_REGISTER || !r->sipps[i].started)
		return 0;
	proc_update(proc);
	if (r->refreshed_ms != r->registered_ms && proc->ended && proc->status != 0)
		return err_set(err, "not all phones could register anew: see %s/refresh-%d.err",
			       r->dir, r->kit.rows[i].number + 1);
	return 0;
}

int
run_refresh(struct run *r, struct err *err)
{
	int64_t now = clock_mono_ms();
	int i;

	if (r->registered_ms == 0 || now - r->refreshed_ms < due_ms(r->profile))
		return 0;
	for (i = 0; i < r->kit.count; i++)
		if (look_at(r, i, err) != 0)
			return -1;
	r->refreshed_ms = now;
	for (i = 0; i < r->kit.count; i++)
		if (r->kit.rows[i].role == SIPP_REGISTER && start(r, i, err) != 0)
			return -1;
	return 0;
}
