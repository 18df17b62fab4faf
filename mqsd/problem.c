/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/problem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/say.h"

#define RETURNED_MS  (15 * 60 * 1000) /* so long what a node lost is told after it came back */
#define SILENT_MS    5000	      /* one lost answer of Kamailio is none */
#define VERDICT_MAX  3		      /* problems in the first line */
#define KEEP_WAITING "Callers keep waiting on their nodes and conversations go on."

struct problem_finder {
	const struct problem_row *row;
	const json_t *survey;
	json_t *out;
};

static void add(struct problem_finder *f, const char *hint, int64_t since_ms, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* hint NULL: the row's; since_ms -1: nobody knows. */
static void
add(struct problem_finder *f, const char *hint, int64_t since_ms, const char *fmt, ...)
{
	json_t *problem;
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	problem = json_pack("{s:s, s:s, s:s, s:s}", "severity",
			    f->row->critical ? "critical" : "warning", "code", f->row->code, "text",
			    text, "hint", hint != NULL ? hint : f->row->hint);
	if (since_ms >= 0)
		json_object_set_new(problem, "since_ms", json_integer(since_ms));
	json_array_append_new(f->out, problem);
}

static int64_t
number(const json_t *object, const char *key)
{
	return (int64_t)json_number_value(json_object_get(object, key));
}

static const char *
text(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s != NULL ? s : "";
}

static bool
is(const json_t *object, const char *key, const char *word)
{
	return strcmp(text(object, key), word) == 0;
}

static const json_t *
list(const struct problem_finder *f, const char *name)
{
	return json_object_get(f->survey, name);
}

/* ", 1,212 calls held" behind a sentence; nothing for none. */
static void
cost(char *out, size_t size, int64_t n, const char *one, const char *many)
{
	size_t len = strlen(out);
	char count[SAY_MAX];

	if (n > 0)
		snprintf(out + len, size - len, ", %s %s", say_count(n, count),
			 n == 1 ? one : many);
}

static void
find_redis(struct problem_finder *f)
{
	const json_t *trouble;
	size_t i;

	json_array_foreach((json_t *)list(f, "redis_troubles"), i, trouble) add(
		f, text(trouble, "hint"), number(trouble, "since_ms"), "%s", text(trouble, "text"));
}

static void
find_closed(struct problem_finder *f)
{
	if (is(list(f, "pool"), "state", "closed"))
		add(f, NULL, -1, "the pool is closed, no call is offered");
	else if (list(f, "unread") != NULL)
		add(f, NULL, -1, "Redis did not say how the pool is: %s",
		    text(f->survey, "unread"));
}

static void
find_settings(struct problem_finder *f, bool critical)
{
	const json_t *finding;
	size_t i;

	json_array_foreach((json_t *)list(f, "redis_findings"), i, finding)
	{
		if (is(finding, "severity", "critical") == critical)
			add(f, text(finding, "hint"), -1, "Redis at %s: %s",
			    text(list(f, "redis"), "address"), text(finding, "text"));
	}
}

static void
find_bad_settings(struct problem_finder *f)
{
	find_settings(f, true);
}

static void
find_doubtful_settings(struct problem_finder *f)
{
	find_settings(f, false);
}

static void
add_lost(struct problem_finder *f, const json_t *node, const char *how)
{
	char age[SAY_MAX], costs[200] = "";

	cost(costs, sizeof(costs), number(node, "lost"), "call lost", "calls lost");
	cost(costs, sizeof(costs), number(node, "freed"), "agent reset", "agents reset");
	add(f, NULL, number(node, "since_ms"), "node %s %s %s%s", text(node, "name"), how,
	    say_age(number(node, "since_ms"), age), costs);
}

static void
find_dead(struct problem_finder *f)
{
	const json_t *node;
	size_t i;

	json_array_foreach((json_t *)list(f, "node_list"), i, node)
	{
		if (is(node, "state", "dead"))
			add_lost(f, node, "down");
	}
}

static void
find_returned(struct problem_finder *f)
{
	const json_t *node;
	size_t i;

	json_array_foreach((json_t *)list(f, "node_list"), i, node)
	{
		if (is(node, "state", "up") && number(node, "lost") > 0 &&
		    number(node, "since_ms") < RETURNED_MS)
			add_lost(f, node, "is back for");
	}
}

static void
find_kamailio_failing(struct problem_finder *f)
{
	const json_t *circuit = list(f, "kamailio");
	char age[SAY_MAX], costs[100] = "";

	if (circuit == NULL)
		return;
	cost(costs, sizeof(costs), number(list(f, "totals"), "held"), "call held", "calls held");
	add(f, NULL, number(circuit, "open_ms"),
	    "no node reaches a phone through Kamailio for %s%s",
	    say_age(number(circuit, "open_ms"), age), costs);
}

static void
find_failing(struct problem_finder *f)
{
	const json_t *node, *circuit;
	size_t i;

	json_array_foreach((json_t *)list(f, "node_list"), i, node)
	{
		char age[SAY_MAX], costs[100] = "";

		circuit = json_object_get(node, "circuit");
		if (circuit == NULL)
			continue;
		cost(costs, sizeof(costs), number(node, "held"), "call held", "calls held");
		add(f, NULL, number(circuit, "open_ms"), "node %s reaches no phones for %s%s",
		    text(node, "name"), say_age(number(circuit, "open_ms"), age), costs);
	}
}

/* unreachable: or still on the way up. */
static void
add_away(struct problem_finder *f, bool unreachable)
{
	const json_t *node;
	size_t i;

	json_array_foreach((json_t *)list(f, "node_list"), i, node)
	{
		char age[SAY_MAX], costs[200] = "";

		if (is(node, "state", "up") || is(node, "state", "dead") ||
		    is(node, "state", "unreachable") != unreachable)
			continue;
		cost(costs, sizeof(costs), number(node, "held") + number(node, "waiting"),
		     "caller held", "callers held");
		cost(costs, sizeof(costs), number(node, "talking"), "call talks on",
		     "calls talk on");
		add(f, NULL, number(node, "since_ms"), "node %s %s for %s%s", text(node, "name"),
		    *text(node, "state") != '\0' ? text(node, "state") : "unknown",
		    say_age(number(node, "since_ms"), age), costs);
	}
}

static void
find_unreachable(struct problem_finder *f)
{
	add_away(f, true);
}

static void
find_starting(struct problem_finder *f)
{
	add_away(f, false);
}

static void
find_recovering(struct problem_finder *f)
{
	const json_t *ms = list(f, "recovering_ms");
	char age[SAY_MAX], costs[100] = "";

	if (ms == NULL)
		return;
	cost(costs, sizeof(costs), number(list(f, "totals"), "waiting"), "caller waits",
	     "callers wait");
	add(f, NULL, number(f->survey, "recovering_ms"),
	    "the pool recovers for %s, no call is offered%s",
	    say_age(number(f->survey, "recovering_ms"), age), costs);
}

/* At the bound events are cut. Where nobody reads in a group the stream fills up once, and that is
 * no problem. */
static void
find_stream(struct problem_finder *f, int64_t from, int64_t below)
{
	const json_t *stream = list(f, "stream");
	char behind[SAY_MAX], bound[SAY_MAX];

	if (*text(stream, "group") == '\0' || number(stream, "level") < from ||
	    number(stream, "level") >= below)
		return;
	add(f, NULL, number(stream, "since_ms"),
	    "group %s is %s events behind, at %s the oldest are cut", text(stream, "group"),
	    say_count(number(stream, "behind"), behind), say_count(number(stream, "bound"), bound));
}

static void
find_stream_full(struct problem_finder *f)
{
	find_stream(f, 80, 1000);
}

static void
find_stream_behind(struct problem_finder *f)
{
	find_stream(f, 50, 80);
}

static void
find_kamailio_silent(struct problem_finder *f)
{
	int64_t ms = number(list(f, "kamailio_rpc"), "failing_ms");
	char age[SAY_MAX];

	if (ms >= SILENT_MS)
		add(f, NULL, ms,
		    "Kamailio does not answer mqsd for %s, the death of a node would not be seen",
		    say_age(ms, age));
}

static void
find_missing(struct problem_finder *f)
{
	const json_t *instance;
	size_t i;

	json_array_foreach((json_t *)list(f, "missing"), i, instance)
	{
		const json_t *nodes = json_object_get(instance, "nodes");
		char age[SAY_MAX], costs[100] = "";

		cost(costs, sizeof(costs), (int64_t)json_array_size(nodes), "node was its own",
		     "nodes were its own");
		add(f, NULL, number(instance, "gone_ms"), "mqsd %s missing for %s%s",
		    text(instance, "name"), say_age(number(instance, "gone_ms"), age), costs);
	}
}

static void
find_unstaffed(struct problem_finder *f)
{
	const json_t *queue;
	size_t i;

	json_array_foreach((json_t *)list(f, "queue_list"), i, queue)
	{
		int64_t longest = number(queue, "longest_wait_ms");
		char age[SAY_MAX], costs[100] = "";

		if (number(queue, "waiting") == 0 || number(queue, "logged_in") > 0)
			continue;
		cost(costs, sizeof(costs), number(queue, "waiting"), "caller waits",
		     "callers wait");
		add(f, NULL, longest, "queue %s: no member is logged in%s, the first for %s",
		    text(queue, "name"), costs, say_age(longest, age));
	}
}

static void
find_late(struct problem_finder *f)
{
	const json_t *queue;
	size_t i;

	json_array_foreach((json_t *)list(f, "queue_list"), i, queue)
	{
		int64_t longest = number(queue, "longest_wait_ms");
		int64_t level = number(queue, "servicelevel") * 1000;
		char age[SAY_MAX], allowed[SAY_MAX], costs[100] = "";

		if (level == 0 || longest <= level || number(queue, "logged_in") == 0)
			continue;
		cost(costs, sizeof(costs), number(queue, "waiting"), "waits", "wait");
		add(f, NULL, longest - level,
		    "queue %s: the first caller has waited %s, longer than %s%s",
		    text(queue, "name"), say_age(longest, age), say_age(level, allowed), costs);
	}
}

static void
find_agents(struct problem_finder *f, const char *overlay, const char *one, const char *many)
{
	const json_t *agents = json_object_get(list(f, "totals"), "agents");
	int64_t n = number(agents, overlay);
	char count[SAY_MAX];

	if (n > 0)
		add(f, NULL, -1, "%s %s", say_count(n, count), n == 1 ? one : many);
}

static void
find_autopaused(struct problem_finder *f)
{
	find_agents(f, "autopaused", "agent is paused because of missed calls",
		    "agents are paused because of missed calls");
}

static void
find_suspect(struct problem_finder *f)
{
	find_agents(f, "suspect", "agent's phone seems to be broken",
		    "agents' phones seem to be broken");
}

static void
find_phoneless(struct problem_finder *f)
{
	find_agents(f, "unreachable", "agent is unreachable", "agents are unreachable");
}

static void
find_draining(struct problem_finder *f)
{
	const json_t *node;
	size_t i;

	json_array_foreach((json_t *)list(f, "node_list"), i, node)
	{
		char age[SAY_MAX], costs[100] = "";

		if (*text(node, "drain") == '\0')
			continue;
		cost(costs, sizeof(costs),
		     number(node, "waiting") + number(node, "held") + number(node, "ringing") +
			     number(node, "talking"),
		     "call on it", "calls on it");
		add(f, NULL, number(node, "drain_ms"), "node %s %s for %s%s", text(node, "name"),
		    text(node, "drain"), say_age(number(node, "drain_ms"), age), costs);
	}
}

/* clang-format off */
const struct problem_row problem_rows[] = {
	{"redis", true, "Redis does not answer, or refuses to work.", NULL, find_redis},
	{"pool_closed", true, "Nothing is decided: Redis is away, or was not fit for use.", KEEP_WAITING, find_closed},
	{"redis_unsafe", true, "Redis is set up so that calls could be lost.", NULL, find_bad_settings},
	{"kamailio_failing", true, "No node reaches a phone; calls are held, one at a time tries.",
	 KEEP_WAITING " Start Kamailio, or look at its log; all go on once a phone was reached.", find_kamailio_failing},
	{"node_dead", true, "A node is down, and its calls are lost.",
	 "Start Asterisk there; new callers go to the other nodes meanwhile.", find_dead},
	{"node_unreachable", true, "A node does not answer mqsd, but may live; its waiting callers are held.",
	 "Its conversations go on; look at its ARI address and the network.", find_unreachable},
	{"node_failing", true, "No phone can be reached from a node; its calls are held, one at a time tries.",
	 "All go on once a phone was reached. Look at the node's pjsip.conf: outbound_proxy, and at its way to Kamailio.",
	 find_failing},
	{"recovering", true, "Redis may have forgotten; the nodes are asked, and no call is offered meanwhile.",
	 KEEP_WAITING, find_recovering},
	{"stream_full", true, "A reader of the events is behind by 80 % of what Redis keeps.",
	 "Look at who takes them away: what they do, and to whom they write.", find_stream_full},
	{"kamailio_silent", false, "Kamailio does not answer JSON-RPC of mqsd for five seconds.",
	 "Start Kamailio, or look at [kamailio] rpc; calls go on as long as it routes SIP.", find_kamailio_silent},
	{"instance_missing", false, "An mqsd has gone within the last day without having left.",
	 "The others have its nodes. Start it again: systemctl start mqsd there, and see its log.", find_missing},
	{"queue_unstaffed", false, "Callers wait in a queue, and no member is logged in.",
	 "Log agents in: mqsctl agent login AGENT.", find_unstaffed},
	{"node_returned", false, "A node that lost calls is back for less than 15 minutes.",
	 "See its log for why it went; nothing else is to be done.", find_returned},
	{"node_starting", false, "A node is being connected or reconciled.",
	 "It passes in some seconds, or the node becomes unreachable.", find_starting},
	{"queue_late", false, "The first caller has waited longer than the servicelevel of the queue.",
	 "More agents: mqsctl queue show QUEUE shows its members and who of them is paused.", find_late},
	{"stream_behind", false, "A reader of the events is behind by half of what Redis keeps.",
	 "Look at who takes them away: what they do, and to whom they write.", find_stream_behind},
	{"agents_autopaused", false, "Agents left too many calls unanswered in a row.",
	 "mqsctl agent unpause AGENT, when they are back.", find_autopaused},
	{"agents_suspect", false, "Calls to some agents fail where others are reached.",
	 "Look at their phones: mqsctl agent list shows them with a BACK-OFF.", find_suspect},
	{"agents_unreachable", false, "Phones of agents are not registered.",
	 "mqsctl agent list shows who.", find_phoneless},
	{"redis_setting", false, "Redis is set up so that something is lost when it restarts, or is slow.",
	 NULL, find_doubtful_settings},
	{"node_draining", false, "A node gets no new callers by somebody's wish.",
	 "mqsctl node undrain NODE brings it back.", find_draining},
};
/* clang-format on */

const size_t problem_row_count = sizeof(problem_rows) / sizeof(problem_rows[0]);

json_t *
problems_find(const json_t *survey)
{
	struct problem_finder finder = {NULL, survey, json_array()};
	size_t i;

	for (i = 0; i < problem_row_count; i++) {
		finder.row = &problem_rows[i];
		finder.row->find(&finder);
	}
	return finder.out;
}

/* "1,600 wait, 2,000 talk"; while nothing is known nothing. */
static char *
say_totals(const json_t *survey)
{
	const json_t *totals = json_object_get(survey, "totals");
	char waiting[SAY_MAX], talking[SAY_MAX];

	if (totals == NULL)
		return mem_dup("nothing is known of the calls");
	return mem_printf("%s wait, %s talk",
			  say_count(number(totals, "waiting") + number(totals, "held"), waiting),
			  say_count(number(totals, "talking"), talking));
}

char *
problems_verdict(const json_t *survey, const json_t *problems)
{
	size_t n = json_array_size(problems), shown = n < VERDICT_MAX ? n : VERDICT_MAX, i;
	bool critical = n > 0 && is(json_array_get(problems, 0), "severity", "critical");
	char *totals = say_totals(survey), *out, *longer;

	/* What only warns stands behind what works. */
	out = critical ? mem_dup("") : mem_printf("%s%s", n == 0 ? "ok: " : "", totals);
	for (i = 0; i < shown; i++) {
		longer = mem_printf("%s%s%s", out, *out != '\0' ? "; " : "",
				    text(json_array_get(problems, i), "text"));
		free(out);
		out = longer;
	}
	if (n > shown) {
		longer = mem_printf("%s; %zu more", out, n - shown);
		free(out);
		out = longer;
	}
	free(totals);
	return out;
}
