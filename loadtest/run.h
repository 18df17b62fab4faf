/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_RUN_H
#define LOADTEST_RUN_H

#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/client.h"
#include "loadtest/check.h"
#include "loadtest/display.h"
#include "loadtest/evidence.h"
#include "loadtest/follow.h"
#include "loadtest/kit.h"
#include "loadtest/lab.h"
#include "loadtest/lab_port.h"
#include "loadtest/node_watch.h"
#include "loadtest/profile.h"
#include "loadtest/recorder.h"
#include "loadtest/replay.h"
#include "loadtest/sampler.h"
#include "loadtest/secret.h"
#include "loadtest/sipp.h"
#include "loadtest/tracer.h"
#include "loadtest/traffic.h"
#include "loadtest/witness_errors.h"

/*
 * One run of a profile against a lab that is up: from the queue's creation to the last witness'
 * word. What it leaves is the directory `dir`; the verdict is reached from there.
 */
struct run;

/* Who comes along and does something to the lab meanwhile. */
struct run_companion {
	/* Called with each look, once the first call is made, until the last call is over. */
	int (*step)(void *arg, struct run *r, struct err *err);
	/* What to put into run.json, by that name; the caller owns it. */
	const char *name;
	json_t *(*tell)(void *arg);
	void *arg;
};

/* One SIPp of the kit. */
struct run_sipp {
	struct sipp sipp;
	bool started;
	struct follow log;
	struct witness_errors errors;
};

/* Whether SIPp makes calls as fast as it was told to: while there is room for some, or, where each
 * has its time, by the last one's. */
struct run_pace {
	double rate;
	int64_t open, last_ms; /* at once; since the first call, 0: calls have no times */
	int64_t looked_ms;     /* mono */
	int64_t since_ms;      /* mono: each look since then saw room */
	int64_t made;	       /* calls, by then */
};

struct run {
	const struct run_companion *companion; /* or NULL */
	const struct replay *replay;	       /* whose files are taken, or NULL */
	const struct profile *profile;
	const char *scenarios; /* directory of the templates */
	const char *dir;       /* the run's directory, exists */
	struct lab lab;
	bool lab_stays;		       /* take the registrations back at the end */
	volatile sig_atomic_t *signal; /* set by a signal's number: end at once */

	struct client *client;
	struct recorder recorder;
	struct lab_ports ports;
	struct kit kit;
	char password[SECRET_SIZE];	     /* of its phones, drawn for this run */
	struct run_sipp sipps[KIT_ROWS_MAX]; /* of the kit's rows */
	struct follow events;
	size_t failures_seen; /* of live.failures: counted in traffic */
	struct check check;
	int64_t check_ms;     /* mono: when servers are looked at again */
	struct evidence live; /* as far as the witnesses have got */
	bool dead[LAB_NODES_MAX];
	struct node_watch watches[LAB_NODES_MAX];
	int look_next; /* node */
	struct tracer tracer;
	int64_t registered_ms, refreshed_ms; /* mono: when the phones began to; 0: not yet */
	bool all_over;
	pid_t checkpoint;      /* who writes the verdict so far; 0: nobody */
	int64_t checkpoint_ms; /* mono: when that began */
	bool node_clean;       /* no node listed a channel or a bridge at the last look */
	struct traffic traffic;
	struct sampler sampler;
	struct display display;
	int64_t from_us, first_call_ms, last_call_ms, looked_ms, lab_ms; /* mono but from_us */
	int64_t logged_in;
	struct run_pace pace;
	int64_t calls;	   /* to be made in all; INT64_MAX: not known yet */
	int64_t enough_ms; /* mono: when run_enough() was called */
	int64_t full_ms;   /* mono: the callers are all there */
	bool registered;   /* phones are, or may be */
	bool opened;	   /* queue and agents of ours are in mqsd */
};

/* Returns 0 when the run was made; -1 with err when not. Everything it started is ended either way.
 */
int run_make(struct run *r, struct err *err);

/* Shared by the files of this noun. */

/* Writes run.json; complete: the run was made to its end. */
int run_meta_write(const struct run *r, bool complete, struct err *err);
/* What its companion has to tell now, in the run.json that is there. */
int run_meta_tell(const struct run *r, struct err *err);

/* One look at everything that moves, and a short sleep. -1 with err when the run can't go on. */
int run_step(struct run *r, struct err *err);

/* No more calls are to be made than there are; those that wait to be made are. */
void run_enough(struct run *r);

/* The calls that were made end, those that only wait as the profile says; then agents, events and
 * nodes get their time to agree. */
int run_drain(struct run *r, struct err *err);
int run_settle(struct run *r, struct err *err);

/* Reads the nodes' lists into nodes.log, one after the other; only the next one, when it is its
 * turn, so that each has one in node_poll_ms; or takes what was read for another purpose. */
void run_look(struct run *r);
void run_look_next(struct run *r);
void run_look_take(struct run *r, const json_t *nodes);

/* Registers the phones anew when it is time. */
int run_refresh(struct run *r, struct err *err);

/* Now and then, the verdict so far: the run's report.json, should the run be killed. */
void run_checkpoint(struct run *r);
/* The calls are over: the messages of dropped ones are kept before the ring is gone. */
void run_checkpoint_last(struct run *r);
void run_checkpoint_close(struct run *r);

/* The invariants: what events show comes with them, the rest with looks, as often as is fit. */
void run_check_open(struct run *r);
void run_check_close(struct run *r);
void run_check_look(struct run *r);
/* Every call is over and told: nothing may be left. */
void run_check_end(struct run *r);

/* What it shows and writes down of itself. */
int run_watch_open(struct run *r, struct err *err);
void run_watch_close(struct run *r);

/* Takes a sample when it is time. */
int run_sample(struct run *r, struct err *err);

/* Where the run is, for people; `always` even when it was shown a moment ago. */
void run_show(struct run *r, bool always);

#endif
