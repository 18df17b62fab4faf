/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Long random sequences of all scripts in one small pool. Their events, and after each step a
 * recount of the pool from its records, go to the invariant checker, which must not complain. Seeds
 * are fixed; MQS_WALK_SEED and MQS_WALK_STEPS try others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/checker.h"
#include "lib/event.h"
#include "lib/mem.h"
#include "loadtest/dump.h"
#include "tests/unit/script_harness.h"

#define STEPS	3000
#define CALLS	12 /* callers there can be at a time, each on a channel of its own */
#define HISTORY 40 /* steps shown when one breaks something */

struct walk {
	struct harness *h;
	uint64_t seed;
	char inc[16];
	bool blind;    /* agents are reset, too */
	bool storm;    /* nodes fail, too */
	unsigned lost; /* in a storm: the nodes, one bit each, from which no phone can be reached */
	struct checker *checker;
	json_t *calls; /* views of calls not forgotten, by id */
	json_t *seen;  /* events, by name */
	char *history[HISTORY];
	unsigned step, channels, losses;
};

/* xorshift: the same sequence everywhere. */
static unsigned
roll(struct walk *w, unsigned sides)
{
	w->seed ^= w->seed << 13;
	w->seed ^= w->seed >> 7;
	w->seed ^= w->seed << 17;
	return (unsigned)(w->seed >> 33) % sides;
}

static const char *
pick(struct walk *w, const char *const *names)
{
	unsigned n = 0;

	while (names[n] != NULL)
		n++;
	return names[roll(w, n)];
}

static const char *const agents[] = {"1001", "1002", "1003", "1004", "1005", NULL};
static const char *const queues[] = {"q1", "q2", "q3", NULL};
static const char *const nodes[] = {"a1", "a2", NULL};
static const char *const onoff[] = {"reg", "reg", "unreg", "expired", NULL};
static const char *const logins[] = {"manual", "register", NULL};
static const char *const states[] = {"up", "up", "up", "unreachable", "dead", NULL};
static const char *const failures[] = {"busy",	      "reject", "no_answer", "unreachable",
				       "unreachable", "node",	"node",	     "mqsd",
				       "cancelled",   "gone",	NULL};
static const char *const partings[] = {"hangup", "hangup", "vanished", "node_lost", NULL};
static const char *const sips[] = {"s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", NULL};
static const char *const node_tries[] = {"", "10", "11", "12", NULL};
static const char *const seconds[] = {"0", "0", "3", "8", NULL};

static void
note(struct walk *w, const char *script, const json_t *args, const json_t *reply)
{
	char *text = json_dumps(args, JSON_COMPACT), **slot = &w->history[w->step % HISTORY];

	free(*slot);
	*slot = mem_printf("%u %s %s: %s", w->step, script, text,
			   json_object_get(reply, "refused") != NULL
				   ? json_string_value(json_object_get(reply, "refused"))
				   : "ok");
	free(text);
	w->step++;
}

static void
show_history(struct walk *w)
{
	unsigned i;

	for (i = w->step; i < w->step + HISTORY; i++)
		if (w->history[i % HISTORY] != NULL)
			print_error("%s\n", w->history[i % HISTORY]);
}

static void
violated(void *arg, const struct checker_violation *v)
{
	struct walk *w = arg;

	/* Whom the walk lets forget a call may be found in two. */
	if (w->blind && strcmp(v->rule->id, "one-call") == 0)
		return;
	show_history(w);
	fail_msg("after step %u, event %s: %s: %s", w->step - 1, v->event, v->rule->id, v->text);
}

static void
note_event(struct walk *w, const json_t *event)
{
	char name[64];

	json_object_set_new(w->seen, text_of(w->h, event, "event"), json_true());
	if (json_object_get(event, "circuit") == NULL)
		return;
	snprintf(name, sizeof(name), "%s %s", json_string_value(json_object_get(event, "event")),
		 json_string_value(json_object_get(event, "circuit")));
	json_object_set_new(w->seen, name, json_true());
}

/* The caller owns what the recount says. */
static json_t *
recount(struct harness *h, bool blind)
{
	const char *text = redis_text(h, "EVAL %s 1 %s %s", dump_recount_script, HARNESS_PREFIX,
				      blind ? "blind" : "");
	json_t *json = json_loads(text, 0, NULL);

	assert_non_null(json);
	return json;
}

static void
check(struct walk *w)
{
	struct checker_dump dump = {.redis = recount(w->h, w->blind)};

	checker_look(w->checker, &dump);
	json_decref((json_t *)dump.redis);
}

/* What the node's owner would remember of the calls in a reply. */
static void
remember(struct walk *w, const json_t *reply)
{
	json_t *claims = json_object_get(reply, "claims"), *call = json_object_get(reply, "call");
	size_t i;

	if (call != NULL)
		json_object_set(w->calls, text_of(w->h, call, "id"), call);
	if (json_is_true(json_object_get(reply, "forgotten")))
		json_object_del(w->calls, text_of(w->h, call, "id"));
	json_array_foreach(claims, i, call)
		json_object_set(w->calls, text_of(w->h, call, "id"), call);
	json_array_foreach(json_object_get(reply, "events"), i, call)
	{
		note_event(w, call);
		assert_int_equal(checker_event(w->checker,
					       json_string_value(json_object_get(call, "id")),
					       call),
				 0);
	}
	/* A match that did not end is gone on with in a script of its own. */
	if (json_object_get(reply, "more") == NULL)
		checker_script_ended(w->checker);
}

static bool
refusal_is_fine(const char *code)
{
	static const char *const codes[] = {"agent_exists",   "agent_busy",	"no_such_agent",
					    "no_such_queue",  "no_such_call",	"queue_exists",
					    "queue_busy",     "no_such_member", "not_live",
					    "not_in_wrapup",  "not_waiting",	"not_talking",
					    "agent_not_free", "queue_closed",	"recovering",
					    "leaving",	      "not_yet",	"no_such_node",
					    "node_exists",    "node_in_use",	NULL};
	size_t i;

	for (i = 0; codes[i] != NULL; i++)
		if (strcmp(codes[i], code) == 0)
			return true;
	return false;
}

/* These say once more that something was asked for. */
static bool
is_repeatable(const char *script, const json_t *reply)
{
	return strcmp(script, "due_run") != 0 && strcmp(script, "match") != 0 &&
	       strcmp(script, "pool_open") != 0 && json_object_get(reply, "sent_on") == NULL;
}

/* mqsd did not see the reply, and asks again: nothing changes, refused or not. */
static void
repeat(struct walk *w, const char *script, const json_t *args)
{
	char *before = snapshot(w->h), *after;
	json_t *reply = run_json(w->h, script, args);

	note(w, script, args, reply);
	after = snapshot(w->h);
	if (strcmp(before, after) != 0)
		fail_msg("the second time, too, something changes: %s",
			 w->history[(w->step - 1) % HISTORY]);
	json_decref(reply);
	free(before);
	free(after);
}

/* Now and then another instance asks, one that may be about to stop; it owns no node. */
static void
ask_elsewhere(struct walk *w, const char *script, json_t *args)
{
	if (strncmp(script, "node_", 5) == 0 || strcmp(script, "pool_open") == 0 || roll(w, 3) > 0)
		return;
	json_object_set_new(args, "instance", json_string("i2"));
	/* What is due is run by those that decide. */
	if (roll(w, 4) == 0 && strcmp(script, "due_run") != 0)
		json_object_set_new(args, "drain", json_true());
}

/* Runs one script and whatever mqsd runs because of its reply. Takes args. */
static void
go(struct walk *w, const char *script, json_t *args)
{
	json_t *reply, *more;

	json_object_set_new(args, "inc", json_string(w->inc));
	ask_elsewhere(w, script, args);
	reply = run_json(w->h, script, args);
	note(w, script, args, reply);
	if (json_object_get(reply, "refused") != NULL) {
		if (!refusal_is_fine(text_of(w->h, reply, "refused")))
			fail_msg("%s", w->history[(w->step - 1) % HISTORY]);
		json_decref(args);
		json_decref(reply);
		return;
	}
	remember(w, reply);
	more = json_object_get(reply, "more");
	if (more != NULL)
		go(w, "match", json_pack("{s:O}", "queues", more));
	if (is_repeatable(script, reply) && w->step % 4 == 0)
		repeat(w, script, args);
	json_decref(args);
	json_decref(reply);
}

/* Any call, or NULL. */
static const json_t *
any_call(struct walk *w)
{
	size_t n = json_object_size(w->calls), at;
	void *iter = json_object_iter(w->calls);

	if (n == 0)
		return NULL;
	for (at = roll(w, (unsigned)n); at > 0; at--)
		iter = json_object_iter_next(w->calls, iter);
	return json_object_iter_value(iter);
}

/* A call that rings or talks, if a few tries find one. */
static const json_t *
any_busy_call(struct walk *w)
{
	const json_t *call = any_call(w);
	int tries;

	for (tries = 0; call != NULL && tries < 6; tries++) {
		if (json_object_get(call, "legs") != NULL ||
		    json_object_get(call, "leg_open") != NULL)
			break;
		call = any_call(w);
	}
	return call;
}

static const char *
leg_of(const json_t *call)
{
	const json_t *leg = json_array_get(json_object_get(call, "legs"), 0);
	const char *id = json_string_value(
		json_object_get(leg != NULL ? leg : call, leg != NULL ? "id" : "leg"));

	return id != NULL ? id : "none";
}

static void
enter(struct walk *w)
{
	char channel[32];

	if (json_object_size(w->calls) >= CALLS)
		return;
	snprintf(channel, sizeof(channel), "c%u", w->channels++);
	go(w, "call_enter",
	   json_pack("{s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:s}", "node", pick(w, nodes), "token",
		     "t", "channel", channel, "queue", pick(w, queues), "priority",
		     (int)roll(w, 3) - 1, "number", "555", "sip", w->storm ? pick(w, sips) : "",
		     "try", w->storm ? pick(w, node_tries) : ""));
}

/* From this node nobody can be rung: what could be an answer or a refusal is its failure. */
static bool
is_lost(const struct walk *w, const json_t *call)
{
	const char *node = json_string_value(json_object_get(call, "node"));

	return (w->lost >> (strcmp(node, "a2") == 0) & 1U) != 0 &&
	       json_object_get(call, "legs") != NULL;
}

static void
of_call(struct walk *w, const char *script, const char *key, const char *value, const char *reason)
{
	const json_t *call = any_busy_call(w);
	const char *chosen = value;
	json_t *args, *joined;

	if (call == NULL)
		return;
	if (chosen == NULL)
		chosen = strcmp(key, "channel") == 0 && reason == NULL
				 ? json_string_value(json_object_get(call, "channel"))
				 : leg_of(call);
	if (strcmp(key, "channel") == 0 && reason == NULL) {
		reason = pick(w, partings);
	} else if (is_lost(w, call) && strcmp(key, "channel") == 0) {
		reason = "node";
	} else if (is_lost(w, call) &&
		   (strcmp(script, "leg_answer") == 0 || strcmp(script, "leg_ring") == 0)) {
		script = "channel_gone";
		key = "channel";
		reason = "node";
	}
	args = json_pack("{s:O, s:s, s:O, s:s, s:s*}", "node", json_object_get(call, "node"),
			 "token", "t", "call", json_object_get(call, "id"), key, chosen, "reason",
			 reason);
	/* No leg answers that mqsd has not dialled. */
	if (strcmp(script, "leg_answer") == 0 || strcmp(script, "leg_ring") == 0)
		go(w, "leg_start", json_deep_copy(args));
	/* Mostly they are joined before one of them leaves. */
	joined = strcmp(script, "leg_answer") == 0 && roll(w, 3) > 0 ? json_deep_copy(args) : NULL;
	go(w, script, args);
	if (joined != NULL)
		go(w, "call_bridged", joined);
}

/* The node shows a leg that Redis has forgotten, bridged or not. */
static void
adopt(struct walk *w)
{
	const char *agent = pick(w, agents);
	const json_t *call = any_call(w);
	char leg[128];

	snprintf(leg, sizeof(leg), "agent:%s", agent);
	if (call == NULL ||
	    (!w->blind && (*hget(w->h, leg, "state") == '\0' || *hget(w->h, leg, "call") != '\0')))
		return;
	snprintf(leg, sizeof(leg), "%s.9%u", text_of(w->h, call, "id"), w->step);
	go(w, "call_adopt",
	   json_pack("{s:O, s:s, s:O, s:s, s:s, s:s, s:i}", "node", json_object_get(call, "node"),
		     "token", "t", "call", json_object_get(call, "id"), "leg", leg, "agent", agent,
		     "bridge", roll(w, 2) == 0 ? "" : leg, "bridged", (int)roll(w, 2)));
}

static void
step_call(struct walk *w)
{
	switch (roll(w, 13)) {
	case 0:
	case 1:
	case 2:
		enter(w);
		break;
	case 12:
		of_call(w, "leg_ring", "leg", NULL, NULL);
		break;
	case 3:
	case 4:
		of_call(w, "leg_start", "leg", NULL, NULL);
		break;
	case 5:
	case 6:
		of_call(w, "leg_answer", "leg", NULL, NULL);
		break;
	case 7:
		of_call(w, "call_bridged", "leg", NULL, NULL);
		break;
	case 8:
		of_call(w, "channel_gone", "channel", NULL, NULL);
		break;
	case 9:
	case 10:
		of_call(w, "channel_gone", "channel", NULL, pick(w, failures));
		break;
	case 11:
		if (roll(w, 4) == 0)
			adopt(w);
		break;
	default:
		of_call(w, "call_end", "leg", "", "operator");
	}
}

static void
step_agent(struct walk *w)
{
	static const char *const plain[] = {"agent_login",  "agent_login",	"agent_logout",
					    "agent_pause",  "agent_unpause",	"agent_unpause",
					    "agent_remove", "agent_wrapup_end", NULL};
	static const char *const codes[] = {"login", "login", "pause", "wrapup", NULL};
	const char *agent = pick(w, agents);
	char key[32];

	switch (roll(w, 7)) {
	case 6:
		go(w, "agent_code",
		   json_pack("{s:s, s:o, s:s, s:s}", "agent", agent, "channel",
			     json_sprintf("phone%u", w->step), "what", pick(w, codes), "reason",
			     pick(w, seconds)));
		break;
	case 0:
	case 1:
		go(w, pick(w, plain), json_pack("{s:s}", "agent", agent));
		break;
	case 2:
		go(w, "agent_add",
		   json_pack("{s:s, s:s, s:s, s:s}", "agent", agent, "address", "sip:x@y", "login",
			     pick(w, logins), "wrapuptime", pick(w, seconds)));
		break;
	case 3:
		redis_do(w->h, "XADD %sreg * ev %s aor %s", HARNESS_PREFIX, pick(w, onoff), agent);
		go(w, "registrations", json_object());
		break;
	case 4:
		go(w, "agent_set",
		   json_pack("{s:s, s:{s:s, s:s}}", "agent", agent, "options", "login",
			     pick(w, logins), "wrapuptime", pick(w, seconds)));
		break;
	default:
		snprintf(key, sizeof(key), "agent:%s", agent);
		if (w->blind)
			go(w, "agent_reset",
			   json_pack("{s:s, s:s}", "agent", agent, "v", hget(w->h, key, "v")));
	}
}

/* Of a member, if a few tries find one. */
static void
turn_pause(struct walk *w)
{
	const char *queue, *agent, *membership;
	char key[32];
	int tries = 0;

	do {
		queue = pick(w, queues);
		agent = pick(w, agents);
		snprintf(key, sizeof(key), "memberof:%s", agent);
		membership = hget(w->h, key, queue);
	} while (*membership == '\0' && tries++ < 6);
	go(w, strchr(membership, ' ') != NULL ? "member_unpause" : "member_pause",
	   json_pack("{s:s, s:s, s:s}", "queue", queue, "agent", agent, "reason",
		     pick(w, seconds)));
}

static void
step_queue(struct walk *w)
{
	const char *queue = pick(w, queues), *agent = pick(w, agents);

	switch (roll(w, 10)) {
	case 8:
	case 9:
		turn_pause(w);
		break;
	case 0:
		go(w, "queue_delete", json_pack("{s:s}", "queue", queue));
		break;
	case 1:
	case 2:
		go(w, "queue_create",
		   json_pack("{s:s, s:{s:s, s:s, s:s}}", "queue", queue, "options", "strategy",
			     "longest-idle", "wrapuptime", pick(w, seconds), "autopausemisses",
			     pick(w, seconds)));
		break;
	case 3:
		go(w, "queue_set",
		   json_pack("{s:s, s:{s:s, s:s}}", "queue", queue, "options", "busydelay",
			     pick(w, seconds), "closed", roll(w, 4) == 0 ? "yes" : "no"));
		break;
	case 4:
		go(w, "member_remove", json_pack("{s:s, s:s}", "queue", queue, "agent", agent));
		break;
	default:
		go(w, "member_add",
		   json_pack("{s:s, s:s, s:i}", "queue", queue, "agent", agent, "penalty",
			     (int)roll(w, 3)));
	}
}

/* One that is added at run time, and that nobody owns. */
static void
step_added(struct walk *w)
{
	switch (roll(w, 3)) {
	case 0:
		go(w, "node_add",
		   json_pack("{s:s, s:s, s:s, s:s}", "node", "a3", "url", "u", "password", "p",
			     "sip", "sip:x"));
		break;
	case 1:
		go(w, "node_drain", json_pack("{s:s}", "node", "a3"));
		break;
	default:
		go(w, "node_remove", json_pack("{s:s}", "node", "a3"));
	}
}

/* As mqsd does it: the state, and then the calls of the node. */
static void
step_node(struct walk *w)
{
	const char *node = pick(w, nodes), *state = pick(w, states);

	if (roll(w, 20) == 0)
		go(w, "node_own",
		   json_pack("{s:s, s:s, s:s}", "node", node, "token", "t", "instance", "i1"));
	if (roll(w, 3) == 0)
		step_added(w);
	if (roll(w, 3) == 0)
		go(w, roll(w, 2) == 0 ? "node_drain" : "node_undrain",
		   json_pack("{s:s}", "node", node));
	go(w, "node_state",
	   json_pack("{s:s, s:s, s:s, s:s}", "node", node, "token", "t", "state", state, "reason",
		     "walk"));
	go(w, "node_todo", json_pack("{s:s, s:s}", "node", node, "token", "t"));
	go(w, "node_hold",
	   json_pack("{s:s, s:s, s:b, s:s}", "node", node, "token", "t", "hold",
		     strcmp(state, "up") != 0, "reason", state));
}

static void
open_again(struct walk *w)
{
	snprintf(w->inc, sizeof(w->inc), "run%u", w->step);
	go(w, "pool_open",
	   json_pack("{s:s, s:s, s:[{s:s, s:s}, {s:s, s:s}]}", "instance", "i1", "version", "1",
		     "nodes", "name", "a1", "url", "u", "name", "a2", "url", "u"));
}

/* All that a copy on disk holds; the caller's. */
static json_t *
read_copy(struct walk *w)
{
	json_t *objects = json_array(), *args = json_pack("{s:s, s:s}", "inc", w->inc, "since", "");
	json_t *reply, *cursor;

	do {
		reply = run_json(w->h, "export_read", args);
		json_array_extend(objects, json_object_get(reply, "items"));
		cursor = json_object_get(reply, "cursor");
		if (cursor != NULL)
			json_object_set(args, "since", cursor);
		json_decref(reply);
	} while (cursor != NULL);
	json_decref(args);
	return objects;
}

/* Redis loses everything; an mqsd brings back what it has a copy of. */
static void
lose_all(struct walk *w)
{
	json_t *objects = read_copy(w);
	char *now = mem_dup(hget(w->h, "meta", "now")), *born = mem_dup(hget(w->h, "meta", "born"));
	json_int_t version = atoll(hget(w->h, "meta", "config"));

	harness_clear(w->h);
	json_object_clear(w->calls);
	open_again(w);
	redis_do(w->h, "HSET %smeta now %s", HARNESS_PREFIX, now);
	go(w, "restore_open",
	   json_pack("{s:s, s:I, s:s}", "instance", "i1", "version", version, "born", born));
	go(w, "restore", json_pack("{s:s, s:o}", "born", born, "objects", objects));
	go(w, "restore_done",
	   json_pack("{s:s, s:I, s:i}", "instance", "i1", "version", version, "restored", 8));
	free(now);
	free(born);
}

/* Redis comes back as another. Nothing is claimed until the walk has come to each node's state. */
static void
step_recovery(struct walk *w)
{
	size_t i;

	if (*hget(w->h, "meta", "born") != '\0' && w->losses++ % 2 == 0)
		lose_all(w);
	else
		open_again(w);
	for (i = 0; nodes[i] != NULL; i++)
		go(w, "node_own",
		   json_pack("{s:s, s:s, s:s}", "node", nodes[i], "token", "t", "instance", "i1"));
}

static void
step_time(struct walk *w)
{
	unsigned i;

	redis_do(w->h, "HSET %smeta now %.0f", HARNESS_PREFIX,
		 atof(hget(w->h, "meta", "now")) + roll(w, 4000));
	for (i = 0; i < 3; i++) /* 16 a run; there are 17 things that can be due */
		go(w, "due_run", json_object());
}

/* An agent is let go; mostly its leg goes, too. */
static void
transfer(struct walk *w)
{
	const json_t *call = any_call(w);
	json_t *args;
	int tries;

	for (tries = 0; call != NULL && tries < 12 && json_object_get(call, "bridged") == NULL;
	     tries++)
		call = any_call(w);
	if (call == NULL)
		return;
	args = json_pack("{s:O, s:s, s:O, s:s, s:s}", "node", json_object_get(call, "node"),
			 "token", "t", "call", json_object_get(call, "id"), "channel", leg_of(call),
			 "reason", "gone");
	go(w, "call_transfer",
	   json_pack("{s:O, s:s}", "call", json_object_get(call, "id"), "queue", pick(w, queues)));
	if (roll(w, 4) > 0)
		go(w, "channel_gone", args);
	else
		json_decref(args);
}

/* What an operator does by hand. */
static void
step_hand(struct walk *w)
{
	const json_t *call = any_call(w), *id = json_object_get(call, "id");

	if (call == NULL)
		return;
	switch (roll(w, 6)) {
	case 0:
		go(w, "call_priority",
		   json_pack("{s:O, s:i}", "call", id, "priority", (int)roll(w, 3) - 1));
		break;
	case 1:
		go(w, "call_requeue",
		   json_pack("{s:O, s:s}", "call", id, "queue", pick(w, queues)));
		break;
	case 2:
	case 3:
		go(w, "call_offer", json_pack("{s:O, s:s}", "call", id, "agent", pick(w, agents)));
		break;
	default:
		transfer(w);
	}
}

static void
step_read(struct walk *w)
{
	static const char *const reads[] = {"nodes_read", "queues_read", "status_read", NULL};
	char *before = snapshot(w->h), *after;

	go(w, pick(w, reads), json_object());
	go(w, "node_calls", json_pack("{s:s}", "node", pick(w, nodes)));
	go(w, "names_read", json_pack("{s:s}", "of", "calls"));
	go(w, "names_read", json_pack("{s:s, s:s}", "of", "members", "queue", pick(w, queues)));
	after = snapshot(w->h);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void
step(struct walk *w)
{
	unsigned kind = roll(w, 106);

	if (kind >= 100)
		step_hand(w);
	else if (kind < 55)
		step_call(w);
	else if (kind < 70)
		step_agent(w);
	else if (kind < 82)
		step_queue(w);
	else if (kind < 86)
		step_node(w);
	else if (kind < 96)
		step_time(w);
	else if (kind < 97)
		w->lost = w->storm ? roll(w, 4) : 0;
	else if (kind < 98)
		step_read(w);
	else if (kind < 99 && roll(w, 3) == 0)
		step_recovery(w);
	else
		go(w, "match", json_pack("{s:b}", "all", 1));
	check(w);
}

/* Every channel goes: nothing is left of any call, and no agent has one. */
static void
all_leave(struct walk *w)
{
	const json_t *call;
	unsigned i;

	w->lost = 0;
	for (i = 0; i < 20 * CALLS && (call = any_call(w)) != NULL; i++) {
		of_call(w, "channel_gone", "channel", NULL, NULL);
		of_call(w, "channel_gone", "channel", NULL, "gone");
		check(w);
	}
	assert_int_equal(json_object_size(w->calls), 0);
	assert_string_equal(redis_text(w->h, "EVAL %s 0",
				       "return #redis.call('KEYS', 'mqs:{t}:call:*') + "
				       "#redis.call('KEYS', 'mqs:{t}:chan:*') .. ''"),
			    "0");
}

/* A walk that never came to an event shows nothing about it. */
static bool
should_be_seen(const struct walk *w, const char *event)
{
	if (strncmp(event, "circuit_", 8) == 0 || w->storm)
		return w->storm && strncmp(event, "circuit_", 8) == 0;
	return strcmp(event, "instance_stopped") != 0 && strcmp(event, "events_behind") != 0 &&
	       (w->blind || strcmp(event, "agent_reset") != 0);
}

/* What the scene's scripts said, before the walk took its first step. */
static void
hear_scene(struct walk *w)
{
	static const char script[] =
		"local t = {} "
		"for _, e in ipairs(redis.call('XRANGE', KEYS[1], '-', '+')) do "
		"t[#t + 1] = e[1] .. '\\t\\t' .. e[2][2] end "
		"return table.concat(t, '\\n')";
	char *text = mem_dup(redis_text(w->h, "EVAL %s 1 mqs:{t}:events", script));
	char *line, *rest;

	for (line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
		assert_int_equal(checker_line(w->checker, line), 0);
	checker_script_ended(w->checker);
	free(text);
}

static void
check_seen(struct walk *w)
{
	size_t i;

	for (i = 0; i < event_row_count; i++)
		if (json_object_get(w->seen, event_rows[i].name) == NULL &&
		    should_be_seen(w, event_rows[i].name))
			fail_msg("no %s in the whole walk", event_rows[i].name);
	if (w->storm && (json_object_get(w->seen, "circuit_opened node") == NULL ||
			 json_object_get(w->seen, "circuit_opened kamailio") == NULL))
		fail_msg("not both kinds of circuit opened in the whole walk");
}

static void
walk(struct harness *h, uint64_t seed, bool blind, bool storm)
{
	const char *steps = getenv("MQS_WALK_STEPS"), *other = getenv("MQS_WALK_SEED");
	struct walk w = {.h = h,
			 .blind = blind,
			 .storm = storm,
			 .inc = HARNESS_INC,
			 .calls = json_object(),
			 .seen = json_object()};
	struct checker_options options = {
		.idle_ms = 4000, .late_ms = 4000, .violated = violated, .arg = &w};
	unsigned i, n = steps != NULL ? (unsigned)atoi(steps) : storm ? 3 * STEPS : STEPS;

	w.checker = checker_new(&options);
	w.seed = other != NULL ? strtoull(other, NULL, 10) : seed;
	scene_pool(h);
	/* Far ahead of the clock on the wall: time passes only where the walk says so. */
	advance(h, 86400 * 1000);
	for (i = 0; i < 3; i++)
		scene_queue(h, queues[i]);
	for (i = 0; i < 5; i++)
		scene_agent(h, agents[i], queues[i % 2], false);
	check(&w);
	hear_scene(&w);
	for (i = 0; i < n; i++)
		step(&w);
	if (n >= STEPS && other == NULL) /* a shorter or another walk may miss some */
		check_seen(&w);
	all_leave(&w);
	for (i = 0; i < HISTORY; i++)
		free(w.history[i]);
	json_decref(w.calls);
	json_decref(w.seen);
	checker_free(w.checker);
}

static void
records_and_indices_agree(void **state)
{
	walk(*state, 20260707, false, false);
}

static void
and_when_agents_are_reset(void **state)
{
	walk(*state, 4712, true, false);
}

static void
and_when_nodes_fail(void **state)
{
	walk(*state, 815, false, true);
}

/* An ended record whose channels are gone, which nobody forgot. */
static const char calls_broken[] =
	"for _, key in ipairs(redis.call('KEYS', 'mqs:{t}:call:*')) do "
	"redis.call('HDEL', key, 'open', 'legs') redis.call('HSET', key, 'state', 'ended') end";

/* The recount finds what is wrong: it would be no use if it did not. */
static void
recount_finds_faults(void **state)
{
	static const struct fault {
		const char *rule, *command;
	} breaks[] = {
		{"redis-counters", "HINCRBY mqs:{t}:count q:q:waiting 1"},
		{"redis-counters", "HSET mqs:{t}:count q:gone:held 1"},
		{"redis-indices", "DEL mqs:{t}:live:q"},
		{"redis-indices", "ZADD mqs:{t}:wait:q 5 nobody"},
		{"redis-indices", "ZADD mqs:{t}:idle:q 5 1001"},
		{"redis-agents", "HDEL mqs:{t}:agent:1001 call"},
		{"redis-indices", "DEL mqs:{t}:offers:a1"},
		{"redis-keys", "SET mqs:{t}:chan:a1:left x"},
		{"redis-indices", "DEL mqs:{t}:on:a1"},
		{"redis-indices", "ZADD mqs:{t}:due 5 agent:1001"},
		{"redis-indices", "DEL mqs:{t}:members:q"},
		{"redis-agents", "HSET mqs:{t}:agent:1001 state talking"},
		{"redis-circuits", "HSET mqs:{t}:circuits a1.state shut a1.since 5"},
		{"redis-circuits", "HSET mqs:{t}:circuits *.state probe *.since 5"},
		{"redis-circuits", "HSET mqs:{t}:circuits a1.wake -"},
		{"redis-circuits", "ZADD mqs:{t}:heldq:a1 0 q"},
		{"redis-keys", "ZADD mqs:{t}:hold:q:a1 5 nobody"},
		{"redis-indices", "ZADD mqs:{t}:due 5 circuit:a1"},
		{"redis-work", "ZADD mqs:{t}:idle:q 5 1001"},
		{"redis-calls", "EVAL %s 0"},
		{NULL, NULL},
	};
	struct harness *h = *state;
	json_t *faults, *fault;
	size_t i, k;

	for (i = 0; breaks[i].rule != NULL; i++) {
		scene_pool(h);
		scene_queue(h, "q");
		scene_agent(h, "1001", "q", false);
		scene_call(h, "c1", "q", 2000);
		scene_call(h, "c2", "q", 1000);
		faults = recount(h, false);
		assert_null(json_object_get(faults, "faults"));
		json_decref(faults);
		if (strcmp(breaks[i].rule, "redis-calls") == 0)
			redis_do(h, breaks[i].command, calls_broken);
		else
			redis_do(h, breaks[i].command);
		faults = recount(h, false);
		json_array_foreach(json_object_get(faults, "faults"), k, fault)
		{
			if (strcmp(text_of(h, fault, "rule"), breaks[i].rule) == 0)
				break;
		}
		if (k == json_array_size(json_object_get(faults, "faults")))
			fail_msg("%s does not find: %s", breaks[i].rule, breaks[i].command);
		json_decref(faults);
	}
}

static size_t
fault_count(struct harness *h)
{
	json_t *faults = recount(h, false);
	size_t n = json_array_size(json_object_get(faults, "faults"));

	json_decref(faults);
	return n;
}

/* A backoff ends without an event, and only events set the pool's clock. */
static void
a_backoff_that_just_ended(void **state)
{
	struct harness *h = *state;
	double ended;

	scene_pool(h);
	scene_queue(h, "q");
	scene_agent(h, "1001", "q", false);
	ended = atof(hget(h, "meta", "now")) - 1000;
	redis_do(h, "HSET %smeta now %.0f", HARNESS_PREFIX, ended - 1000);
	redis_do(h, "HSET %sagent:1001 backoff %.0f", HARNESS_PREFIX, ended);
	assert_int_equal(fault_count(h), 0); /* what was due was done, */
	redis_do(h, "ZADD %sdue %.0f agent:1001", HARNESS_PREFIX, ended);
	redis_do(h, "ZREM %sidle:q 1001", HARNESS_PREFIX);
	assert_int_equal(fault_count(h), 0); /* or is to be */
	redis_do(h, "HSET %smeta now %.0f", HARNESS_PREFIX, ended + 1);
	assert_int_equal(fault_count(h), 2);
	redis_do(h, "HSET %sagent:1001 backoff %.0f", HARNESS_PREFIX, ended + 60000);
	redis_do(h, "ZADD %sdue %.0f agent:1001", HARNESS_PREFIX, ended + 60000);
	assert_int_equal(fault_count(h), 0);
	redis_do(h, "ZREM %sdue agent:1001", HARNESS_PREFIX);
	assert_int_equal(fault_count(h), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recount_finds_faults),
		cmocka_unit_test(a_backoff_that_just_ended),
		cmocka_unit_test(records_and_indices_agree),
		cmocka_unit_test(and_when_agents_are_reset),
		cmocka_unit_test(and_when_nodes_fail),
	};

	return cmocka_run_group_tests(tests, harness_setup, harness_teardown);
}
