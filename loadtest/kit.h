/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_KIT_H
#define LOADTEST_KIT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"
#include "loadtest/profile.h"
#include "loadtest/witness_sipp.h"

/*
 * The kit of a profile: the files that SIPp reads, and one row for each SIPp process with the exact
 * words that start it. Pure but for kit_write(): the same profile gives the same bytes.
 *
 * Files: caller.xml, late.xml, agent.xml and register.xml, which are the same for all profiles;
 * callers-N.csv and register-N.csv (0600: it has the phones' passwords) for each process,
 * agents.csv for all phones. A process <name>
 * ("callers-1", what is before the last "-" is its role) writes <name>.log, .err and .out.
 *
 * One SIPp holds 10,000 open calls at 100 a second with 2 % of a core; the limits are there so that
 * what one process can't do, or loses when it dies, stays a part of the whole.
 */
#define KIT_CALLS_MAX	  5000 /* open calls of one process */
#define KIT_RATE_MAX	  200  /* new calls per second of one process */
#define KIT_PROCESSES_MAX 4    /* of one role */
#define KIT_ROWS_MAX	  (SIPP_ROLES * KIT_PROCESSES_MAX)
#define KIT_NAME_MAX	  24
#define KIT_PORTS	  5 /* of a process: SIP, control, media and media + 2 */
#define KIT_PORTS_MAX	  ((SIPP_ROLES - 1) * KIT_PROCESSES_MAX * KIT_PORTS)

/* Where the processes speak from, and to whom. */
struct kit_place {
	const char *host;   /* address to speak from */
	const char *target; /* host:port of Kamailio, or of another system under test */
	int first_port;	    /* KIT_PORTS_MAX from there on are theirs at most */
};

struct kit_row {
	enum sipp_role role;
	char name[KIT_NAME_MAX];
	int number;    /* within its role, from 0 */
	int port;      /* SIP's, counted from the place's first */
	double rate;   /* new calls per second; 0: waits for calls */
	int64_t limit; /* open calls */
	int64_t calls; /* made in all, then it ends; 0: no end */
};

#define KIT_PASSWORD "change-me"

struct kit {
	const struct profile *profile; /* must stay */
	struct kit_row rows[KIT_ROWS_MAX];
	int count;
	bool messages;	      /* each process writes all its SIP messages to <name>.msg */
	const char *password; /* of all phones; KIT_PASSWORD when nobody says otherwise */
};

void kit_plan(struct kit *kit, const struct profile *p);

/* The row's process waits for calls, so it never ends by itself. */
bool kit_waits(const struct kit_row *row);

#define KIT_WORDS_MAX 64

/*
 * The words that start the row's SIPp in the kit's directory, NULL behind the last; kit_words_free
 * is due. `shell`: addresses and ports as run.sh's variables, "$HOST", "$TARGET", "$((PORT + n))";
 * nothing in the words needs quotes then, but these.
 */
struct kit_words {
	char *argv[KIT_WORDS_MAX + 1];
	int count;
};
void kit_words(struct kit_words *words, const struct kit *kit, const struct kit_row *row,
	       const struct kit_place *place, bool shell);
void kit_words_free(struct kit_words *words);

/* Takes the files of another kit's directory, all but the callers' rows. */
int kit_copy(const struct kit *kit, const char *from, const char *dir, struct err *err);

/* Writes the files; `scenarios` is the directory of the templates. */
int kit_write(const struct kit *kit, const char *scenarios, const char *dir, struct err *err);

#endif
