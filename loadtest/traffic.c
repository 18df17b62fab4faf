/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/traffic.h"

#include <string.h>

#include "loadtest/traffic_party.h"

#define LEAVE_US 5000000 /* whose agent has gone, and who still is there then, waits again */

void
traffic_open(struct traffic *t, const struct rests *rests)
{
	*t = (struct traffic){.rests = *rests};
	TAILQ_INIT(&t->ended);
	TAILQ_INIT(&t->asking);
	TAILQ_INIT(&t->over);
	TAILQ_INIT(&t->leaving);
	TAILQ_INIT(&t->told);
}

void
traffic_close(struct traffic *t)
{
	while (t->by_sip != NULL)
		traffic_forget(t, t->by_sip);
	traffic_forget_agents(t);
	traffic_untell(t);
	hist_free(&t->offer);
	hist_free(&t->connect);
}

static void
end(struct traffic *t, struct traffic_party *p, int64_t at)
{
	if (p->end != 0)
		return;
	p->end = at;
	TAILQ_INSERT_TAIL(&t->ended, p, ended_entry);
}

/* One side's end is seen before the other's: neither a caller whose agent has just hung up waits,
 * nor has an agent whose caller has just gone taken one who waits. */
static void
count_waiting(struct traffic *t)
{
	struct traffic_counts *n = &t->counts;
	int64_t waiting = n->up - t->leaving_count - (n->talking - t->alone);

	n->waiting = waiting > 0 ? waiting : 0;
}

static void
leaves(struct traffic *t, struct traffic_party *caller, int64_t at)
{
	if (!caller->up || caller->end != 0 || caller->legs > 0 || caller->leaving)
		return;
	caller->leaving = true;
	caller->left = at;
	TAILQ_INSERT_TAIL(&t->leaving, caller, leaving_entry);
	t->leaving_count++;
}

static void
stays(struct traffic *t, struct traffic_party *caller)
{
	if (!caller->leaving)
		return;
	caller->leaving = false;
	TAILQ_REMOVE(&t->leaving, caller, leaving_entry);
	t->leaving_count--;
}

static void
caller_over(struct traffic *t, struct traffic_party *p, int64_t at, bool sent_away)
{
	if (p->end != 0)
		return;
	stays(t, p);
	t->counts.up -= p->up;
	t->counts.over++;
	t->alone += p->legs;
	p->sent_away = sent_away && !t->draining;
	p->over = true;
	TAILQ_INSERT_TAIL(&t->over, p, over_entry);
	end(t, p, at);
}

static void
caller_line(struct traffic *t, const struct witness_line *line)
{
	struct traffic_party *p = traffic_party(t, line->sip_id, true);

	if (strcmp(line->step, "invite") == 0 && p->invite == 0) {
		p->invite = line->at;
		t->counts.arrived++;
	} else if (strcmp(line->step, "ok") == 0 && p->ok == 0 && p->end == 0) {
		p->ok = p->ready = line->at;
		p->up = true;
		t->counts.up++;
	} else if (strcmp(line->step, "bye_in") == 0 || strcmp(line->step, "bye_ok") == 0) {
		caller_over(t, p, line->at, strcmp(line->step, "bye_in") == 0);
	}
}

static void
leg_invited(struct traffic *t, struct traffic_party *p, const struct witness_line *line)
{
	p->invite = p->went.invite = line->at;
	p->agent = traffic_agent(t, line->who);
	p->ready = p->agent->ready;
	p->agent->ready = 0;
	p->agent->last = p;
	traffic_name_leg(t, p, line->leg);
}

void
traffic_connected(struct traffic *t, const struct traffic_party *leg)
{
	if (leg->ok != 0 && leg->bridged != 0)
		hist_add(&t->connect, leg->bridged > leg->ok ? leg->bridged - leg->ok : 0);
}

/* What the leg's conversation makes of its caller, as soon as both are known. */
static void
link_caller(struct traffic *t, struct traffic_party *leg, struct traffic_party *caller)
{
	if (!leg->talked || leg->linked)
		return;
	leg->linked = true;
	caller->talked = true;
	if (leg->end != 0) {
		leaves(t, caller, leg->end);
		return;
	}
	stays(t, caller);
	caller->legs++;
	t->alone += caller->end != 0;
}

static void
unlink_caller(struct traffic *t, struct traffic_party *leg, struct traffic_party *caller,
	      int64_t at)
{
	if (!leg->linked)
		return;
	caller->legs--;
	t->alone -= caller->end != 0;
	leaves(t, caller, at);
}

/* Until it is called again what is known of its last leg may become more. */
void
traffic_rests(struct traffic *t, struct traffic_party *leg, int64_t end)
{
	leg->went.end = end;
	leg->went.talked = leg->talked;
	leg->went.bridged = leg->bridged != 0;
	if (leg->agent != NULL && leg->agent->last == leg)
		leg->agent->ready = rest_until(&t->rests, &leg->went);
}

static void
leg_over(struct traffic *t, struct traffic_party *p, int64_t at)
{
	struct traffic_party *caller = traffic_find_caller(t, p->call);

	if (p->end != 0)
		return;
	t->counts.talking -= p->up;
	if (caller != NULL) {
		caller->ready = at;
		unlink_caller(t, p, caller, at);
	}
	traffic_rests(t, p, at);
	end(t, p, at);
}

static void
leg_talks(struct traffic *t, struct traffic_party *p)
{
	struct traffic_party *caller = traffic_find_caller(t, p->call);

	p->up = p->talked = true;
	t->counts.talking++;
	t->counts.answered++;
	if (caller != NULL)
		link_caller(t, p, caller);
}

/* Notes how; false: it goes on. */
static bool
ends(struct traffic_party *p, const struct witness_line *line)
{
	bool first = p->end == 0, left = strcmp(line->step, "bye_out") == 0;
	bool cancelled = strcmp(line->step, "cancel") == 0;
	bool refused = strcmp(line->step, "refused") == 0;

	p->went.left |= first && left;
	p->went.cancelled |= first && cancelled;
	p->went.refused |= first && refused;
	p->went.busy |= first && refused && witness_sipp_busy(line);
	return left || cancelled || refused || strcmp(line->step, "bye_in") == 0;
}

static void
leg_line(struct traffic *t, const struct witness_line *line)
{
	struct traffic_party *p = traffic_party(t, line->sip_id, false);

	if (strcmp(line->step, "invite") == 0 && p->invite == 0) {
		leg_invited(t, p, line);
	} else if (strcmp(line->step, "ok") == 0 && p->ok == 0) {
		p->ok = line->at;
		traffic_connected(t, p);
	} else if (strcmp(line->step, "ack") == 0 && !p->talked && p->end == 0) {
		leg_talks(t, p);
	} else if (ends(p, line)) {
		leg_over(t, p, line->at);
	} else if (strcmp(line->step, "bye_ok") == 0 && p->end != 0) {
		/* Nobody can offer to the agent before its BYE is answered. */
		traffic_rests(t, p, line->at);
	}
}

void
traffic_sipp(struct traffic *t, enum sipp_role role, const char *text)
{
	struct witness_line line;

	if (witness_sipp_split(text, &line) != 0)
		return;
	if (line.at > t->now)
		t->now = line.at;
	if (role == SIPP_CALLERS)
		caller_line(t, &line);
	else if (role == SIPP_AGENTS)
		leg_line(t, &line);
	else if (strcmp(line.step, "registered") == 0 &&
		 traffic_agent(t, line.who)->registered == 0)
		traffic_agent(t, line.who)->registered = line.at;
	count_waiting(t);
}

void
traffic_failed(struct traffic *t, const char *sip_id)
{
	struct traffic_party *p = traffic_find(t, sip_id);

	if (p != NULL && p->is_caller)
		caller_over(t, p, t->now, true);
	else if (p != NULL)
		leg_over(t, p, t->now);
	count_waiting(t);
}

/* Takes the offer once its caller is known; false: it is not yet. */
static bool
answered_for(struct traffic *t, struct traffic_party *leg)
{
	struct traffic_party *caller = traffic_find_caller(t, leg->call);
	int64_t agent = leg->ready != 0 ? leg->ready : leg->agent->registered, from;

	if (caller == NULL)
		return false;
	link_caller(t, leg, caller);
	/* A caller who is ready again since this very leg's end was so before, too: unknown when.
	 */
	if (agent == 0 || caller->ready == 0 || (leg->end != 0 && caller->ready == leg->end))
		return true;
	from = agent > caller->ready ? agent : caller->ready;
	hist_add(&t->offer, leg->invite > from ? leg->invite - from : 0);
	return true;
}

/* The agent's word of a conversation may be read after the caller's of its end. */
static bool
counted(struct traffic *t, const struct traffic_party *p)
{
	if (p->talked)
		t->counts.completed++;
	else if (p->call == NULL && !TAILQ_EMPTY(&t->asking) && t->now - p->end < TRAFFIC_ASK_US)
		return false;
	else
		t->counts.dropped += p->sent_away;
	return true;
}

static void
settle_asking(struct traffic *t)
{
	struct traffic_party *p, *next;

	for (p = TAILQ_FIRST(&t->asking); p != NULL; p = next) {
		next = TAILQ_NEXT(p, asking_entry);
		if (!answered_for(t, p) && t->now - p->invite < TRAFFIC_ASK_US)
			continue;
		TAILQ_REMOVE(&t->asking, p, asking_entry);
		p->asks = false;
	}
}

void
traffic_settle(struct traffic *t)
{
	struct traffic_party *p, *next;

	traffic_retell(t);
	settle_asking(t);
	for (p = TAILQ_FIRST(&t->over); p != NULL; p = next) {
		next = TAILQ_NEXT(p, over_entry);
		if (!counted(t, p))
			continue;
		TAILQ_REMOVE(&t->over, p, over_entry);
		p->over = false;
	}
	while ((p = TAILQ_FIRST(&t->leaving)) != NULL && t->now - p->left >= LEAVE_US)
		stays(t, p);
	while ((p = TAILQ_FIRST(&t->ended)) != NULL &&
	       p->end < t->now - (int64_t)TRAFFIC_KEEP_MS * 1000) {
		/* An agent whom nobody has told still. */
		t->alone -= p->is_caller ? p->legs : 0;
		traffic_forget(t, p);
	}
	count_waiting(t);
}

void
traffic_interval(struct traffic *t)
{
	hist_free(&t->offer);
	hist_free(&t->connect);
}
