/* SPDX-License-Identifier: BSD-2-Clause */
/* What the doctor makes of servers' answers: each fault is found, and a sound answer is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "mqsd/conf.h"
#include "mqsd/doctor_judge.h"
#include "mqsd/finding.h"
#include "mqsd/node_check.h"

static struct conf_node two[] = {{.name = "a1", .url = "http://h:1", .user = "mqs"},
				 {.name = "a2", .url = "http://h:2", .user = "mqs"}};
static const struct conf conf = {.nodes = two,
				 .node_count = 2,
				 .ari_app = "mqs",
				 .ari_endpoint = "kamailio",
				 .ari_connections = 6,
				 .sip_domain = "here"};

/* ' stands for ". */
static json_t *
parse(const char *text)
{
	char *copy = mem_dup(text), *c;
	json_t *json;

	for (c = copy; *c != '\0'; c++)
		if (*c == '\'')
			*c = '"';
	json = json_loads(copy, 0, NULL);
	if (json == NULL)
		fail_msg("not JSON: %s", text);
	free(copy);
	return json;
}

/* Is there one finding of that severity ("ok" counts, too), and does one of it say so? */
static void
expect(json_t *findings, const char *severity, const char *says)
{
	const json_t *finding;
	size_t i;

	json_array_foreach(findings, i, finding)
	{
		if (strcmp(json_string_value(json_object_get(finding, "severity")), severity) ==
			    0 &&
		    strstr(json_string_value(json_object_get(finding, "text")), says) != NULL) {
			/* What is wrong comes with what to do. */
			assert_true(strcmp(severity, "ok") == 0 ||
				    json_is_string(json_object_get(finding, "hint")));
			return;
		}
	}
	fail_msg("no %s that says '%s' in %s", severity, says, json_dumps(findings, 0));
}

#define DEST(flags, duid)                                                                          \
	"{'DEST':{'URI':'sip:h:5080','FLAGS':'" flags "','ATTRS':{'DUID':'" duid "'}}}"
#define LIST(targets) "{'result':{'RECORDS':[{'SET':{'ID':1,'TARGETS':[" targets "]}}]}}"
#define DRAINED	      "[{'name':'a1'},{'name':'a2','drain':'drained'}]"

static void
dispatcher(void **state)
{
	static const struct {
		const char *nodes, *reply; /* NULL: the pool, or the list, is not known */
		size_t errors, warnings;
		const char *severity, *says;
	} rows[] = {
		{"[]", LIST(DEST("AP", "a1") "," DEST("AP", "a2")), 0, 0, "ok", "node a1"},
		{DRAINED, LIST(DEST("AP", "a1") "," DEST("DX", "a2")), 0, 0, "ok", "drained"},
		{DRAINED, LIST(DEST("AP", "a1") "," DEST("AP", "a2")), 1, 0, "error", "in use"},
		{"[]", LIST(DEST("AP", "a1")), 1, 0, "error", "no duid=a2"},
		{"[]", LIST(DEST("AP", "a1") "," DEST("DX", "a2")), 0, 1, "warning", "nobody has"},
		{NULL, LIST(DEST("AP", "a1") "," DEST("DX", "a2")), 0, 1, "warning", "not known"},
		{"[]", LIST(DEST("AP", "a1") "," DEST("IP", "a2")), 1, 0, "error", "down"},
		{"[]", LIST(DEST("AP", "a1") "," DEST("TP", "a2")), 1, 0, "error", "failing"},
		{"[]", LIST(DEST("AP", "a1") "," DEST("AP", "a1") "," DEST("AP", "a2")), 0, 1,
		 "warning", "2 destinations with duid=a1"},
		{"[]", LIST(DEST("AP", "a1") "," DEST("AP", "a2") "," DEST("AP", "zz")), 1, 0,
		 "error", "duid=zz"},
		{"[]", LIST(DEST("AP", "a1") "," DEST("AP", "a2") "," DEST("AP", "")), 1, 0,
		 "error", "duid=none"},
		{NULL, LIST(DEST("AP", "a1") "," DEST("AP", "a2") "," DEST("AP", "zz")), 0, 1,
		 "warning", "mqsd.conf does not have"},
		{"[]", NULL, 1, 0, "error", "refused"},
		{"[]", "{'result':{'RECORDS':{}}}", 2, 0, "error", "no duid=a1"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *findings = json_array();
		json_t *nodes = rows[i].nodes != NULL ? parse(rows[i].nodes) : NULL;
		json_t *reply = rows[i].reply != NULL ? parse(rows[i].reply) : NULL;

		judge_dispatcher(findings, &conf, nodes, reply, "refused");
		expect(findings, rows[i].severity, rows[i].says);
		if (finding_count(findings, FINDING_ERROR) != rows[i].errors ||
		    finding_count(findings, FINDING_WARNING) != rows[i].warnings)
			fail_msg("row %zu: %s", i, json_dumps(findings, 0));
		json_decref(findings);
		json_decref(nodes);
		json_decref(reply);
	}
}

#define AOR(name, contacts) "{'Info':{'AoR':'" name "','Contacts':[" contacts "]}}"

static void
registrations(void **state)
{
	json_t *agents = parse("[{'name':'1','state':'idle','address':'sip:1@here'},"
			       "{'name':'2','state':'logged_out','address':'sip:2@here'},"
			       "{'name':'3','state':'talking','address':'sip:3@here'},"
			       "{'name':'4','state':'idle','address':'sip:4@elsewhere'}]");
	json_t *all = parse("{'result':{'Domains':[{'Domain':{'AoRs':[" AOR("1", "{}") "," AOR(
		"3", "{}") "]}}]}}");
	json_t *some = parse("{'result':{'Domains':[{'Domain':{'AoRs':[" AOR("1", "{}") "," AOR(
		"3", "") "]}}]}}");
	json_t *findings = json_array();

	(void)state;
	judge_registrations(findings, &conf, agents, all, "");
	expect(findings, "ok", "all 2 agents");
	judge_registrations(findings, &conf, agents, some, "");
	expect(findings, "warning", "1 of 2 agents that are logged in have no registered phone: 3");
	judge_registrations(findings, &conf, agents, NULL, "no such method");
	expect(findings, "warning", "no such method");
	json_decref(findings);
	json_decref(agents);
	json_decref(all);
	json_decref(some);
}

#define ID "1700000000000000-0000001"

static void
orphans(void **state)
{
	json_t *records = parse("[{'id':'" ID "','channel':'c1','leg':'" ID ".2','bridge':'" ID
				".3','legs':[{'id':'" ID ".4'}]}]");
	json_t *known =
		parse("[{'id':'c1','dialplan':{'app_name':'Stasis','app_data':'mqs,caller'}"
		      "},{'id':'" ID ".2'},{'id':'" ID ".4'},"
		      "{'id':'c2','dialplan':{'app_name':'Wait','app_data':'1'}},"
		      "{'id':'c3','dialplan':{'app_name':'Stasis','app_data':'mqsother'}}]");
	json_t *lost = parse("[{'id':'c9','dialplan':{'app_name':'Stasis','app_data':'mqs,caller'}}"
			     ",{'id':'" ID ".9'}]");
	json_t *bridges = parse("[{'id':'" ID ".3'},{'id':'" ID ".5'},{'id':'of-others'}]");
	json_t *none = json_array(), *found, *findings = json_array();

	(void)state;
	found = orphans_of("mqs", known, none, records);
	assert_int_equal(json_array_size(found), 0);
	judge_orphans(findings, "node a1", NULL, found);
	expect(findings, "ok", "belongs to a call");
	json_decref(found);
	found = orphans_of("mqs", lost, bridges, records);
	assert_int_equal(json_array_size(found), 3);
	/* Seen once only: it has just come or gone. */
	judge_orphans(findings, "node a1", none, found);
	assert_int_equal(finding_count(findings, FINDING_WARNING), 0);
	judge_orphans(findings, "node a1", found, found);
	expect(findings, "warning", "3 channels or bridges belong to no call: c9, " ID ".9");
	json_decref(found);
	json_decref(findings);
	json_decref(records);
	json_decref(known);
	json_decref(lost);
	json_decref(bridges);
	json_decref(none);
}

static void
files(void **state)
{
	json_t *findings = json_array();

	(void)state;
	judge_files(findings, &conf, 20000, 30);
	expect(findings, "ok", "20000");
	judge_files(findings, &conf, 20000, 19000);
	expect(findings, "warning", "19000 of 20000");
	judge_files(findings, &conf, 200, 30);
	expect(findings, "error", "may need");
	json_decref(findings);
}

/* In the order of the questions: about, ping, rights, application, modules, dialplan, endpoint. */
static void
node_answers(void **state)
{
#define ABOUT(version, config)                                                                     \
	"{'system':{'version':'" version "'},'status':{},'config':{" config "}}"
	static const struct {
		size_t question;
		long status;
		const char *body, *severity, *says;
	} rows[] = {
		{0, 200, ABOUT("22.10.1", ""), "ok", "knows user mqs"},
		{0, 200, ABOUT("22.10.1", ""), "ok", "runs Asterisk 22.10.1"},
		{0, 200, ABOUT("22.9.0", ""), "error", "deadlocks"},
		{0, 200, ABOUT("22.10.1", "'max_open_files':1024"), "warning", "1024 open files"},
		{0, 200, ABOUT("22.10.1", "'max_channels':100"), "ok", "100 channels"},
		{0, 200, "{}", "error", "not as ARI"},
		{0, -1, NULL, "error", "nobody listens at http://h:1"},
		{0, 0, NULL, "error", "no answer from"},
		{0, 401, NULL, "error", "does not let our user in"},
		{0, 404, NULL, "error", "no ARI"},
		{0, 503, NULL, "error", "still starting"},
		{0, 302, NULL, "error", "HTTP 302"},
		{1, 200, "{'timestamp':'2026-11-23T12:00:00.010+0000'}", "ok", "clock is right"},
		{1, 200, "{'timestamp':'2026-11-23T12:00:03.000+0000'}", "warning", "ahead of"},
		{1, 200, "{'timestamp':'2026-11-23T11:59:00.000+0000'}", "warning", "behind"},
		{1, 200, "{}", "warning", "not known"},
		{2, 404, NULL, "ok", "may change"},
		{2, 403, NULL, "error", "only read"},
		{2, 500, NULL, "warning", "not known"},
		{3, 200, "{}", "ok", "follows its events"},
		{3, 404, NULL, "warning", "no mqsd follows"},
		{3, 500, NULL, "warning", "not known"},
		{4, 200, "[{'name':'res_stasis.so','status':'Not Running'}]", "error",
		 "app_stasis.so, bridge_simple.so"},
		{4, 404, NULL, "warning", "not known"},
		{5, 200, "{'value':'600'}", "ok", "MQS_WAIT_MAX = 600"},
		{5, 200, "{'value':''}", "error", "lacks our dialplan"},
		{5, 404, NULL, "error", "lacks our dialplan"},
		{5, 0, NULL, "warning", "not known"},
		{6, 200, "{'state':'online'}", "ok", "kamailio, is there"},
		{6, 404, NULL, "error", "no PJSIP endpoint kamailio"},
		{6, 500, NULL, "warning", "not known"},
	};
	size_t i;

	(void)state;
	assert_int_equal(node_check_questions, 7);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *body = rows[i].body != NULL ? parse(rows[i].body) : NULL;
		json_t *findings = json_array();
		struct node_answer answer = {rows[i].status, body, "", INT64_C(1795435200000), 4};

		node_check_judge(findings, &conf, &two[0], rows[i].question, &answer);
		expect(findings, rows[i].severity, rows[i].says);
		json_decref(findings);
		json_decref(body);
	}
}

/* All of them run: nothing is missed; and each is in the configuration that we ship. */
static void
modules(void **state)
{
	json_t *running = json_array(), *findings = json_array();
	struct node_answer answer = {200, running, "", 0, 0};
	FILE *file = fopen("etc/asterisk/modules.conf", "r");
	char shipped[8192], line[160];
	size_t i;

	(void)state;
	assert_non_null(file);
	shipped[fread(shipped, 1, sizeof(shipped) - 1, file)] = '\0';
	fclose(file);
	for (i = 0; node_check_modules[i] != NULL; i++) {
		json_array_append_new(running,
				      json_pack("{s:s, s:s}", "name", node_check_modules[i],
						"status", "Running"));
		snprintf(line, sizeof(line), " = %s", node_check_modules[i]);
		if (strstr(shipped, line) == NULL)
			fail_msg("modules.conf does not load %s", node_check_modules[i]);
	}
	node_check_judge(findings, &conf, &two[0], 4, &answer);
	expect(findings, "ok", "all modules");
	json_decref(findings);
	json_decref(running);
}

static void
long_lists_are_cut(void **state)
{
	struct finding_names names = {"", 0};
	int i;

	(void)state;
	for (i = 0; i < FINDING_NAMES_MAX + 3; i++)
		finding_name(&names,
			     "a-name-that-is-as-long-as-a-name-can-be-0123456789-0123456789-01");
	assert_non_null(strstr(finding_names(&names), " and 3 more"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dispatcher),
		cmocka_unit_test(registrations),
		cmocka_unit_test(orphans),
		cmocka_unit_test(files),
		cmocka_unit_test(node_answers),
		cmocka_unit_test(modules),
		cmocka_unit_test(long_lists_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
