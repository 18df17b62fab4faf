/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What must hold for every script, whatever it does: under another incarnation it refuses with
 * `recover`, and a key of another type than MQS keeps there is refused with `wrong_type`; in both
 * cases nothing in Redis changes. Run twice, it does once what it does. There is a row for every
 * script, or this test fails.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/mem.h"
#include "mqsd/script.h"
#include "tests/unit/script_harness.h"

#define CALL "1700000000000000-0000001"

/* Each scene goes on from the one before it. Ids are the same each time. */
enum scene {
	EMPTY,
	POOL,
	DRAINED,
	QUEUE,
	WAITING,
	RINGING,
	DIALLED,
	TALKING,
	BRIDGED,
	LET_GO,
	WRAPUP,
	DRAINING,
	LEFT,
	LOST
};

static void
build(struct harness *h, enum scene scene)
{
	harness_clear(h);
	if (scene >= POOL) {
		scene_pool(h);
		/* The call is younger than the last recovery, so that its ids are counted from 1.
		 */
		redis_do(h, "HSET %smeta recovering_since 1", HARNESS_PREFIX);
	}
	if (scene == DRAINED) {
		run_ok(h, "node_drain", "{s:s}", "node", "a1");
		run_ok(h, "node_add", "{s:s, s:s, s:s}", "node", "a8", "url", "u", "sip", "sip:x");
	}
	if (scene >= QUEUE) {
		scene_queue(h, "q");
		scene_queue(h, "q2");
		scene_agent(h, "1001", "q", false);
		scene_agent(h, "1002", "q", true);
		scene_agent(h, "1003", NULL, false);
		run_ok(h, "agent_pause", "{s:s}", "agent", "1001");
		redis_do(h, "XADD %sreg 5-1 ev reg aor 1001", HARNESS_PREFIX);
		redis_do(h, "XADD %sreg 5-2 ev unreg aor 1001", HARNESS_PREFIX);
	}
	if (scene == LOST) { /* Redis was restarted */
		run_ok(h, "pool_open", "{s:s, s:s, s:[]}", "instance", "i1", "version", "1",
		       "nodes");
		redis_do(h, "HSET %smeta inc %s state recovering born 1", HARNESS_PREFIX,
			 HARNESS_INC);
		return;
	}
	if (scene >= WAITING)
		run_ok(h, "call_enter", "{s:s, s:s, s:s, s:s, s:I}", "node", "a1", "token", "t",
		       "channel", "c1", "queue", "q", "entered", (json_int_t)1700000000000);
	if (scene >= RINGING)
		run_ok(h, "agent_unpause", "{s:s}", "agent", "1001");
	if (scene >= DIALLED)
		run_ok(h, "leg_start", "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "call",
		       CALL, "leg", CALL ".2");
	if (scene >= TALKING)
		run_ok(h, "leg_answer", "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "call",
		       CALL, "leg", CALL ".2");
	if (scene == DRAINING)
		run_ok(h, "node_drain", "{s:s}", "node", "a1");
	if (scene == BRIDGED || scene == LET_GO)
		run_ok(h, "call_bridged", "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "t",
		       "call", CALL, "leg", CALL ".2");
	if (scene == LET_GO)
		run_ok(h, "call_transfer", "{s:s, s:s}", "call", CALL, "queue", "q2");
	if (scene == WRAPUP) {
		run_ok(h, "agent_set", "{s:s, s:{s:s}}", "agent", "1001", "options", "wrapuptime",
		       "60");
		run_ok(h, "call_bridged", "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "t",
		       "call", CALL, "leg", CALL ".2");
		run_ok(h, "channel_gone", "{s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token", "t",
		       "call", CALL, "channel", CALL ".2", "reason", "gone");
		return;
	}
	if (scene >= LEFT) /* the caller has left, the agent's leg is still up */
		run_ok(h, "channel_gone", "{s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token", "t",
		       "call", CALL, "channel", "c1", "reason", "hangup");
}

/* ' stands for ". A script may have several rows: its branches touch different keys. */
static const struct row {
	const char *script;
	enum scene scene;
	const char *args;
} rows[] = {
	{"agent_add", QUEUE, "{'agent':'new','address':'sip:n@h','login':'manual'}"},
	{"agent_code", QUEUE, "{'agent':'1001','channel':'c5','what':'login'}"},
	{"agent_code", TALKING, "{'agent':'1001','channel':'c5','what':'pause','reason':'lunch'}"},
	{"agent_login", QUEUE, "{'agent':'1002'}"},
	{"agent_logout", QUEUE, "{'agent':'1001'}"},
	{"agent_logout", TALKING, "{'agent':'1001'}"},
	{"agent_pause", TALKING, "{'agent':'1001','reason':'lunch'}"},
	{"agent_unpause", WAITING, "{'agent':'1001'}"},
	{"agent_remove", QUEUE, "{'agent':'1001'}"},
	{"agent_wrapup_end", WRAPUP, "{'agent':'1001'}"},
	{"agent_reset", RINGING, "{'agent':'1001'}"},
	{"agent_set", QUEUE, "{'agent':'1001','options':{'wrapuptime':'5'}}"},
	{"call_adopt", WAITING,
	 "{'node':'a1','token':'t','call':'" CALL "','leg':'" CALL
	 ".9','agent':'1001','bridge':''}"},
	{"call_adopt", DIALLED,
	 "{'node':'a1','token':'t','call':'" CALL "','leg':'" CALL
	 ".9','agent':'1001','bridge':''}"},
	{"call_bridged", TALKING, "{'node':'a1','token':'t','call':'" CALL "','leg':'" CALL ".2'}"},
	{"call_end", WAITING, "{'call':'" CALL "','reason':'operator'}"},
	{"call_end", TALKING, "{'call':'" CALL "','reason':'operator'}"},
	{"call_enter", QUEUE,
	 "{'node':'a1','token':'t','channel':'c9','queue':'q','entered':1700000000001}"},
	{"call_enter", QUEUE, "{'node':'a1','token':'t','channel':'c9','queue':'none'}"},
	{"call_offer", WAITING, "{'call':'" CALL "','agent':'1003'}"},
	{"call_priority", WAITING, "{'call':'" CALL "','priority':5}"},
	{"call_priority", RINGING, "{'call':'" CALL "','priority':5}"},
	{"call_requeue", WAITING, "{'call':'" CALL "','queue':'q2'}"},
	{"call_transfer", BRIDGED, "{'call':'" CALL "','queue':'q2'}"},
	{"channel_gone", LET_GO,
	 "{'node':'a1','token':'t','call':'" CALL "','channel':'" CALL ".2','reason':'gone'}"},
	{"call_trace", TALKING, "{'call':'" CALL "'}"},
	{"call_read", WAITING, "{'fields':['state'],'call':'" CALL "'}"},
	{"agent_read", WAITING, "{'fields':['state'],'agent':'1003'}"},
	{"call_read", TALKING, "{'fields':['state'],'call':'" CALL "'}"},
	{"channel_gone", WAITING,
	 "{'node':'a1','token':'t','call':'" CALL "','channel':'c1','reason':'hangup'}"},
	{"channel_gone", DIALLED,
	 "{'node':'a1','token':'t','call':'" CALL "','channel':'" CALL ".2','reason':'no_answer'}"},
	{"channel_gone", DIALLED,
	 "{'node':'a1','token':'t','call':'" CALL "','channel':'" CALL ".2','reason':'node'}"},
	{"channel_gone", TALKING,
	 "{'node':'a1','token':'t','call':'" CALL "','channel':'" CALL ".2','reason':'gone'}"},
	{"channel_gone", LEFT,
	 "{'node':'a1','token':'t','call':'" CALL "','channel':'" CALL ".2','reason':'gone'}"},
	{"due_run", WAITING, "{}"},
	{"export_read", TALKING, "{'since':''}"},
	{"leg_answer", DIALLED, "{'node':'a1','token':'t','call':'" CALL "','leg':'" CALL ".2'}"},
	{"leg_ring", DIALLED, "{'node':'a1','token':'t','call':'" CALL "','leg':'" CALL ".2'}"},
	{"leg_start", RINGING, "{'node':'a1','token':'t','call':'" CALL "','leg':'" CALL ".2'}"},
	{"events_watch", QUEUE, "{'stream_max':2}"},
	{"match", WAITING, "{'queues':['q']}"},
	{"match", WAITING, "{'all':true}"},
	{"member_add", WAITING, "{'queue':'q2','agent':'1001','penalty':1}"},
	{"member_set", WAITING, "{'queue':'q','agent':'1001','penalty':1}"},
	{"member_pause", WAITING, "{'queue':'q','agent':'1001','reason':'x'}"},
	{"member_unpause", WAITING, "{'queue':'q','agent':'1001'}"},
	{"member_remove", WAITING, "{'queue':'q','agent':'1001'}"},
	{"names_read", WAITING, "{'of':'calls'}"},
	{"names_read", WAITING, "{'of':'agents'}"},
	{"names_read", WAITING, "{'of':'members','queue':'q'}"},
	{"node_calls", TALKING, "{'node':'a1'}"},
	{"node_hold", WAITING, "{'node':'a1','token':'t','hold':true,'reason':'test'}"},
	{"node_add", POOL, "{'node':'a9','url':'u','user':'','password':'p','sip':'sip:x'}"},
	{"node_remove", DRAINED, "{'node':'a1'}"},
	{"node_drain", WAITING, "{'node':'a1'}"},
	{"node_drain", POOL, "{'node':'a1'}"},
	{"node_undrain", POOL, "{'node':'a1'}"},
	{"node_undrain", DRAINING, "{'node':'a1'}"},
	{"call_end", DRAINING, "{'call':'" CALL "','reason':'operator'}"},
	{"nodes_watch", DRAINED, "{}"},
	{"node_ask", POOL, "{}"},
	{"node_ask", POOL, "{'node':'a1'}"},
	{"node_looked", POOL, "{'node':'a1','token':'t','at':5,'found':'{}'}"},
	{"node_start", POOL, "{'node':'a1','token':'t','startup':'s'}"},
	{"node_own", POOL, "{'node':'a1','token':'u','instance':'i2','reason':'test'}"},
	{"node_todo", RINGING, "{'node':'a1','token':'t','done':{'" CALL "':'9'}}"},
	{"agent_unpause", WAITING, "{'agent':'1001','instance':'i2'}"},
	{"agent_unpause", WAITING, "{'agent':'1001','drain':true}"},
	{"call_end", TALKING, "{'call':'" CALL "','reason':'operator','instance':'i2'}"},
	{"node_state", WAITING, "{'node':'a1','token':'t','state':'unreachable','reason':'test'}"},
	{"nodes_read", WAITING, "{}"},
	{"pool_leave", POOL, "{'instance':'i1','reason':'test'}"},
	{"pool_open", POOL,
	 "{'instance':'i2','version':'1','nodes':[{'name':'a1','url':'u'},{'name':'a3','url':'u'}]"
	 "}"},
	{"queue_create", POOL, "{'queue':'new','options':{'strategy':'longest-idle'}}"},
	{"queue_delete", QUEUE, "{'queue':'q'}"},
	{"queue_set", QUEUE, "{'queue':'q','options':{'timeout':'20'}}"},
	{"queues_read", WAITING, "{}"},
	{"queues_read", WAITING, "{'queue':'q'}"},
	{"registrations", QUEUE, "{}"},
	{"registrations", TALKING, "{}"},
	{"recovery", LOST, "{}"},
	{"restore", LOST,
	 "{'born':'1','objects':[{'kind':'queue','name':'q9','version':9e14,'options':{'timeout':'"
	 "15'}},"
	 "{'kind':'agent','name':'9001','version':9e14,'options':{'login':'manual'},'members':{'q':"
	 "1},"
	 "'paused_in':{'q':'x'},'paused':'x','unreachable':true,'registered':true,'misses':1,'"
	 "backoff':9e14,'logged_in':"
	 "true},"
	 "{'kind':'agent','name':'1001','version':9e14,'options':{},'members':{'q2':0},'logged_in':"
	 "true},"
	 "{'kind':'agent','name':'1002','version':9e14,'options':{},'members':{},'logged_in':true,"
	 "'wrapup':9e14}]}"},
	{"restore_done", LOST, "{'instance':'i1','version':5,'restored':1}"},
	{"restore_open", LOST, "{'instance':'i1','version':5,'born':'1'}"},
	{"status_read", WAITING, "{}"},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static json_t *
row_args(const struct row *row)
{
	char *text = mem_dup(row->args), *c;
	json_t *args;

	for (c = text; *c != '\0'; c++)
		if (*c == '\'')
			*c = '"';
	args = json_loads(text, 0, NULL);
	if (args == NULL)
		fail_msg("%s: %s is not JSON", row->script, text);
	free(text);
	return args;
}

static void
every_script_has_a_row(void **state)
{
	size_t i, j;

	(void)state;
	assert_true(script_count > 30);
	for (i = 0; i < script_count; i++) {
		for (j = 0; j < ROWS && strcmp(rows[j].script, script_rows[i].name) != 0; j++)
			;
		if (j == ROWS && script_rows[i].function != NULL)
			fail_msg("no row for script %s", script_rows[i].name);
	}
}

static void
expect_unchanged(struct harness *h, const struct row *row, const json_t *args, const char *code,
		 const char *why)
{
	char *before = snapshot(h), *after;
	json_t *reply = run_json(h, row->script, args);

	if (strcmp(text_of(h, reply, "refused"), code) != 0)
		fail_msg("%s %s, %s: refused '%s', not '%s'", row->script, row->args, why,
			 text_of(h, reply, "refused"), code);
	after = snapshot(h);
	if (strcmp(before, after) != 0)
		fail_msg("%s %s, %s: refused, but Redis changed", row->script, row->args, why);
	json_decref(reply);
	free(before);
	free(after);
}

static void
wrong_types_are_refused(void **state)
{
	struct harness *h = *state;
	json_t *args, *keys, *value;
	const char *key;
	size_t i, tried = 0;

	for (i = 0; i < ROWS; i++) {
		args = row_args(&rows[i]);
		build(h, rows[i].scene);
		keys = keys_touched(h, rows[i].script, args);
		/* At least the pool's own key; the others as MONITOR saw them. */
		assert_non_null(json_object_get(keys, HARNESS_PREFIX "meta"));
		build(h, rows[i].scene);
		json_object_foreach(keys, key, value)
		{
			key_break(h, key);
			expect_unchanged(h, &rows[i], args, "wrong_type", key);
			key_mend(h);
			tried++;
		}
		json_decref(keys);
		json_decref(args);
	}
	assert_true(tried > 4 * ROWS);
}

static void
another_incarnation_is_refused(void **state)
{
	struct harness *h = *state;
	json_t *args;
	size_t i;

	for (i = 0; i < ROWS; i++) {
		if (strcmp(rows[i].script, "pool_open") == 0)
			continue; /* the one that makes it known */
		args = row_args(&rows[i]);
		build(h, rows[i].scene);
		json_object_set_new(args, "inc", json_string("other"));
		expect_unchanged(h, &rows[i], args, "recover", "another incarnation");
		harness_clear(h);
		expect_unchanged(h, &rows[i], args, "recover", "an empty Redis");
		json_decref(args);
	}
}

/* Scripts that tell of something each time it happens. */
static bool
tells_each_time(const struct row *row)
{
	return strncmp(row->script, "pool_", 5) == 0 || strstr(row->args, "'none'") != NULL;
}

/* The reply was lost, and mqsd asks again: refused, or the same answer with nothing done. */
static void
twice_is_once(void **state)
{
	struct harness *h = *state;
	char *before, *after;
	json_t *args;
	size_t i;

	for (i = 0; i < ROWS; i++) {
		if (tells_each_time(&rows[i]))
			continue;
		args = row_args(&rows[i]);
		build(h, rows[i].scene);
		json_decref(run_json(h, rows[i].script, args));
		before = snapshot(h);
		json_decref(run_json(h, rows[i].script, args));
		after = snapshot(h);
		if (strcmp(before, after) != 0)
			fail_msg("%s %s: the second time, too, something changed", rows[i].script,
				 rows[i].args);
		free(before);
		free(after);
		json_decref(args);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_script_has_a_row),
		cmocka_unit_test(wrong_types_are_refused),
		cmocka_unit_test(another_incarnation_is_refused),
		cmocka_unit_test(twice_is_once),
	};

	return cmocka_run_group_tests(tests, harness_setup, harness_teardown);
}
