/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_CALL_PRIV_H
#define MQSD_CALL_PRIV_H

/* Shared by call.c (the mirror), call_found.c (reconcile), call_event.c (what comes in), call_job.c
 * (scripts), call_command.c (ARI) and call_resume.c (ARI, back to waiting). */

#include <sys/queue.h>
#include <uthash.h>

#include "lib/call_note.h"
#include "mqsd/call.h"

#define CALL_LEGS_MAX 16
#define CALL_ID_MAX   80
#define CALL_JOBS_MAX 64 /* jobs of one call; above it the call is left to the next reconcile */

enum call_state { CALL_ENTERING, CALL_WAITING, CALL_HELD, CALL_RINGING, CALL_TALKING, CALL_ENDED };

enum job_kind {
	JOB_ENTER,
	JOB_LEG_START,
	JOB_LEG_RING,
	JOB_LEG_ANSWER,
	JOB_BRIDGED,
	JOB_ADOPT,
	JOB_GONE
};

struct job {
	STAILQ_ENTRY(job) entry;
	enum job_kind kind;
	char channel[160];
	char reason[24];
	int sip_status;
	bool unseen;   /* of JOB_GONE: as in channel_gone.lua */
	json_t *found; /* of JOB_ADOPT: agent, bridge, bridged; owned */
	bool tried;    /* its script may have run, though no answer came */
};

struct turn;

struct leg {
	char id[CALL_ID_MAX];
	char agent[72];
	char address[256];
	bool made;    /* by this process, or waiting to be: its StasisStart is ours */
	bool heard;   /* its phone rang, or sent 183 */
	bool excused; /* hung up because we may not go on: neither the node's fault nor the agent's
		       */
	int64_t at;   /* mono ms of create, then of dial */
	bool dialled;
	struct turn *turn; /* waits for the node's pace; owned. NULL: waits no more */
};

struct call {
	UT_hash_handle by_id, by_channel;
	TAILQ_ENTRY(call) entry; /* in calls->active while anything but waiting */
	struct calls *calls;
	char id[CALL_ID_MAX]; /* "" until Redis has named it */
	char *channel;
	enum call_state state;
	long long v;

	/* what the channel said when it came; owned */
	char *queue, *number, *name, *sip, *entered, *try;
	char saved[CALL_NOTE_MAX]; /* MQS_CALL, as the channel has it; "" when not known */
	struct call_note note;	   /* what it should say */

	char offer[CALL_ID_MAX];
	struct leg *legs;      /* owned, NULL when there are none; a new record moves them */
	size_t leg_count;      /* <= CALL_LEGS_MAX */
	char leg[CALL_ID_MAX]; /* the one that won */
	char agent[72];
	char bridge[CALL_ID_MAX];
	int timeout_s;
	bool open, leg_open; /* channels not seen gone */
	const char *parting; /* why the caller goes, as Kamailio says it; NULL: by a hang-up */
	bool doubt;	     /* Redis wants to hear of a ringing phone */
	bool transfer;	     /* the agent is let go; the caller waits when its leg is gone */

	STAILQ_HEAD(, job) jobs;
	size_t job_count;
	bool running;	/* a script is under way */
	bool stalled;	/* the pool was closed; calls_retry() goes on */
	bool stale;	/* Redis may have forgotten it: no record was read since */
	bool forgotten; /* no record any more */
	bool left;	/* forgotten because the node is another's */
	bool active;	/* is in calls->active */
	bool awaited;	/* counts in calls->awaited until its jobs are done */
	int commands;	/* under way */

	/* joining caller and leg */
	int joining; /* replies awaited before addChannel */
	bool caller_in, leg_in, bridged;
	bool met;      /* both were in the bridge at a time */
	bool resumed;  /* after a bridge that came to nothing: the caller waits as before */
	bool tuning;   /* ... will soon */
	int64_t born;  /* mono ms */
	int64_t since; /* mono ms of the last step that expects an event */
};

struct calls {
	struct node *node;
	struct call *by_id, *by_channel;
	TAILQ_HEAD(, call) active;
	size_t looks;	   /* of reconciles that are not over, cancelled ones too */
	json_t *seen_gone; /* channels that left meanwhile; NULL: no look */
	size_t awaited;	   /* calls that calls_when_done() waits for */
	void (*idle)(void *arg);
	void *idle_arg;
};

/* call.c */
struct call *call_find(struct calls *calls, const char *id);
struct call *call_find_channel(struct calls *calls, const char *channel);
struct call *call_find_leg(struct calls *calls,
			   const char *leg); /* by the call's part of the leg id */
struct leg *call_leg(struct call *call, const char *id);
void call_name(struct call *call, const char *id);
void call_reap(struct call *call); /* frees it when nothing is left to be done */
void call_set_active(struct call *call);
void call_done(struct call *call); /* no job is left */

/* call_record.c */
void call_apply(struct call *call, const json_t *view);

/* call_job.c */
void call_add_job(struct call *call, enum job_kind kind, const char *channel, const char *reason,
		  int sip_status);
/* The channel was lost with its node; unseen as in channel_gone.lua. */
void call_lose(struct call *call, const char *channel, bool unseen);
/* found (stolen): what call_adopt.lua wants to know of the leg. */
void call_adopt(struct call *call, const char *leg, json_t *found);
void call_run_jobs(struct call *call);
void call_drop_jobs(struct call *call); /* but the one that is running */

/* call_pace.c */
void call_make_legs(struct call *call);
void call_unpace(struct leg *leg);
bool call_take_back(struct call *call,
		    struct leg *leg); /* true: the leg waited, and is taken back */
bool call_is_paced(const struct call *call);

/* call_resume.c */
/* Takes the caller of a call that waits out of the bridge, and starts the music again that joining
 * had stopped. */
void call_resume(struct call *call, const char *bridge);
/* As above, when a bridge in the record says that it is needed and nothing hinders. */
void call_resume_waiting(struct call *call);

/* call_command.c */
void call_create(struct call *call, struct leg *leg);
void call_dial(struct call *call, struct leg *leg);
void call_join(struct call *call);
void call_stop_music(struct call *call);
void call_hang_up_open(struct call *call);
void call_release_other(struct call *call, const char *gone);
/* Hangs up the leg of an agent whom an operator lets go; nothing when there is none. */
void call_let_go(struct call *call);
void call_hang_up(struct call *call, const char *channel, const char *reason);
void call_delete_bridge(struct call *call, const char *bridge);
void call_save_on_channel(struct call *call);
void call_send_on(struct call *call);
void call_ask(struct call *call, const char *channel, const char *reason_if_gone);
/* As call_ask(); a leg that is there without having answered is hung up. */
void call_end_leg(struct call *call, const char *leg, const char *reason);

#endif
