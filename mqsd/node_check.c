/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/node_check.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/clock_offset.h"
#include "lib/mem.h"
#include "lib/text.h"
#include "mqsd/ari_command.h"
#include "mqsd/ari_event.h"
#include "mqsd/ari_http.h"
#include "mqsd/conf.h"
#include "mqsd/finding.h"

#define NOBODY	 "mqs-check" /* a channel that no node has */
#define GLOBAL	 "MQS_WAIT_MAX"
#define FILES_OK 4096 /* maxfiles below it bounds a node to some 1,000 calls */

const char *const node_check_modules[] = {"app_stasis.so",	  "bridge_simple.so",
					  "chan_pjsip.so",	  "func_logic.so",
					  "func_strings.so",	  "pbx_config.so",
					  "res_ari.so",		  "res_ari_applications.so",
					  "res_ari_asterisk.so",  "res_ari_bridges.so",
					  "res_ari_channels.so",  "res_ari_endpoints.so",
					  "res_ari_events.so",	  "res_musiconhold.so",
					  "res_pjsip.so",	  "res_pjsip_header_funcs.so",
					  "res_pjsip_sdp_rtp.so", "res_rtp_asterisk.so",
					  "res_stasis.so",	  NULL};

/* What is judged: where findings go, and of whom. */
struct judging {
	json_t *findings;
	const struct conf *conf;
	const struct conf_node *node;
	const char *about;
};

static const char *
text(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value != NULL ? value : "";
}

static void
add(const struct judging *of, enum finding_severity severity, const char *hint, const char *what)
{
	finding_add(of->findings, of->about, severity, hint, "%s", what);
}

/* An answer that says nothing of what was asked. */
static void
no_answer(const struct judging *of, const char *what, const struct node_answer *answer)
{
	finding_add(of->findings, of->about, FINDING_WARNING, "Look at the log of Asterisk there.",
		    "%s: HTTP %ld %s", what, answer->status,
		    answer->why != NULL ? answer->why : "");
}

/* --- is it there, and which is it? --------------------------------------------------------- */

static const struct {
	long status;
	const char *text, *hint;
} refusals[] = {
	{-1, "nobody listens at",
	 "Start Asterisk there; look at http.conf (enabled, bindaddr, bindport) and at the node's "
	 "url."},
	{0, "no answer from", "Look at the network and at Asterisk there: does it hang?"},
	{401, "ARI does not let our user in at",
	 "Make user and password of the node the same in mqsd.conf and in its ari.conf, then: ari "
	 "reload."},
	{403, "ARI does not let our user in at", "Look at its ari.conf and http.conf."},
	{404, "there is no ARI at",
	 "ari.conf: enabled = yes; modules.conf: res_ari_asterisk.so; http.conf: no prefix."},
	{503, "Asterisk is still starting at", "Wait for it; core waitfullybooted there."},
};

static void
judge_refusal(const struct judging *of, const struct node_answer *answer)
{
	size_t i;

	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		if (refusals[i].status != answer->status)
			continue;
		finding_add(of->findings, of->about, FINDING_ERROR, refusals[i].hint,
			    "%s %s (user %s)%s%s", refusals[i].text, of->node->url, of->node->user,
			    *answer->why != '\0' ? ": " : "", answer->why);
		return;
	}
	finding_add(of->findings, of->about, FINDING_ERROR, "Is another program listening there?",
		    "%s answers HTTP %ld, not as ARI does %s", of->node->url, answer->status,
		    answer->why);
}

static void
judge_about(const struct judging *of, const struct node_answer *answer)
{
	const json_t *conf = json_object_get(answer->body, "config");
	const char *version = text(json_object_get(answer->body, "system"), "version");
	json_int_t files = json_integer_value(json_object_get(conf, "max_open_files"));
	json_int_t calls = json_integer_value(json_object_get(conf, "max_channels"));

	if (answer->status != 200 || *version == '\0') {
		judge_refusal(of, answer);
		return;
	}
	finding_add(of->findings, of->about, FINDING_OK, NULL,
		    "ARI at %s answers in %" PRId64 " ms and knows user %s", of->node->url,
		    answer->ms, of->node->user);
	if (ari_version_too_old(version))
		finding_add(of->findings, of->about, FINDING_ERROR,
			    "Install 22.10.1 or later; drain the node first: mqsctl node drain.",
			    "it runs Asterisk %s, which deadlocks under ARI load", version);
	else
		finding_add(of->findings, of->about, FINDING_OK, NULL, "it runs Asterisk %s",
			    version);
	if (files > 0 && files < FILES_OK)
		finding_add(of->findings, of->about, FINDING_WARNING,
			    "asterisk.conf: maxfiles = 65536, and LimitNOFILE= of its service.",
			    "it may have %lld open files; each call takes up to four",
			    (long long)files);
	if (calls > 0)
		finding_add(of->findings, of->about, FINDING_OK, NULL,
			    "it takes up to %lld channels (maxcalls), two for each conversation",
			    (long long)calls);
}

/* --- the others ---------------------------------------------------------------------------- */

static void
judge_clock(const struct judging *of, const struct node_answer *answer)
{
	int64_t there = ari_time_ms(json_string_value(json_object_get(answer->body, "timestamp")));
	int64_t offset = there - (answer->now - answer->ms / 2);

	if (answer->status != 200 || there == 0)
		no_answer(of, "its time is not known", answer);
	else if (llabs((long long)offset) > CLOCK_OFFSET_MIN_MS + answer->ms)
		finding_add(of->findings, of->about, FINDING_WARNING,
			    "Set it right (NTP); the times of its callers are corrected meanwhile.",
			    "its clock is %lld ms %s ours", llabs((long long)offset),
			    offset > 0 ? "ahead of" : "behind");
	else
		add(of, FINDING_OK, NULL, "its clock is right");
}

static void
judge_rights(const struct judging *of, const struct node_answer *answer)
{
	if (answer->status == 404)
		add(of, FINDING_OK, NULL, "our user may change calls there");
	else if (answer->status == 403)
		add(of, FINDING_ERROR, "ari.conf: read_only = no for that user, then: ari reload.",
		    "our user may only read there: no call is offered");
	else
		no_answer(of, "the rights of our user are not known", answer);
}

static void
judge_app(const struct judging *of, const struct node_answer *answer)
{
	if (answer->status == 200)
		finding_add(of->findings, of->about, FINDING_OK, NULL,
			    "an mqsd follows its events (application %s)", of->conf->ari_app);
	else if (answer->status == 404)
		finding_add(of->findings, of->about, FINDING_WARNING,
			    "Callers wait in its dialplan until one does: mqsctl node list, and "
			    "mqsd's log.",
			    "no mqsd follows its events (application %s)", of->conf->ari_app);
	else
		no_answer(of, "whether an mqsd follows its events is not known", answer);
}

static bool
is_running(const json_t *modules, const char *name)
{
	const json_t *module;
	size_t i;

	json_array_foreach((json_t *)modules, i, module)
	{
		if (strcmp(text(module, "name"), name) == 0)
			return strcmp(text(module, "status"), "Running") == 0;
	}
	return false;
}

static void
judge_modules(const struct judging *of, const struct node_answer *answer)
{
	struct finding_names names = {"", 0};
	size_t i;

	if (answer->status != 200 || !json_is_array(answer->body)) {
		no_answer(of, "its modules are not known", answer);
		return;
	}
	for (i = 0; node_check_modules[i] != NULL; i++)
		if (!is_running(answer->body, node_check_modules[i]))
			finding_name(&names, node_check_modules[i]);
	if (names.count > 0)
		finding_add(of->findings, of->about, FINDING_ERROR,
			    "module load NAME there, and a line for each in its modules.conf (see "
			    "etc/asterisk/modules.conf).",
			    "modules that MQS needs do not run there: %s", finding_names(&names));
	else
		add(of, FINDING_OK, NULL, "all modules that MQS needs run there");
}

static void
judge_endpoint(const struct judging *of, const struct node_answer *answer)
{
	if (answer->status == 404)
		finding_add(of->findings, of->about, FINDING_ERROR,
			    "Its pjsip.conf, as in etc/asterisk/pjsip.conf; or [ari] endpoint in "
			    "mqsd.conf.",
			    "it has no PJSIP endpoint %s: no phone can be called",
			    of->conf->ari_endpoint);
	else if (answer->status != 200)
		no_answer(of, "its endpoint to Kamailio is not known", answer);
	else
		finding_add(of->findings, of->about, FINDING_OK, NULL,
			    "its endpoint to Kamailio, %s, is there", of->conf->ari_endpoint);
}

static void
judge_dialplan(const struct judging *of, const struct node_answer *answer)
{
	const char *value = text(answer->body, "value");

	if (answer->status == 200 && *value != '\0')
		finding_add(of->findings, of->about, FINDING_OK, NULL,
			    "it has our dialplan (" GLOBAL " = %s)", value);
	else if (answer->status == 200 || answer->status == 404)
		add(of, FINDING_ERROR,
		    "Take etc/asterisk/extensions.conf into its dialplan, then: dialplan reload.",
		    "it lacks our dialplan (no global variable " GLOBAL
		    "): callers reach no queue there");
	else
		no_answer(of, "its dialplan is not known", answer);
}

/* One row a question; %a and %e stand for [ari] app and endpoint. */
static const struct question {
	enum ari_command command;
	const char *word, *second;
	void (*judge)(const struct judging *of, const struct node_answer *answer);
} questions[] = {
	{ARI_ABOUT, NULL, NULL, judge_about},	       {ARI_PING, NULL, NULL, judge_clock},
	{ARI_HANG_UP, NOBODY, "normal", judge_rights}, {ARI_APP, "%a", NULL, judge_app},
	{ARI_MODULES, NULL, NULL, judge_modules},      {ARI_GLOBAL, GLOBAL, NULL, judge_dialplan},
	{ARI_ENDPOINT, "%e", NULL, judge_endpoint},
};
#define QUESTIONS (sizeof(questions) / sizeof(questions[0]))
const size_t node_check_questions = QUESTIONS;

void
node_check_judge(json_t *findings, const struct conf *conf, const struct conf_node *node,
		 size_t question, const struct node_answer *answer)
{
	char about[TEXT_NAME_MAX + 8];
	struct judging of = {findings, conf, node, about};

	snprintf(about, sizeof(about), "node %s", node->name);
	questions[question].judge(&of, answer);
}

/* --- asking -------------------------------------------------------------------------------- */

/* Answers are judged in the order of the questions, however they come. */
struct asked {
	struct node_check *check;
	int64_t sent; /* mono ms */
	struct node_answer answer;
	json_t *body; /* ours */
	char *why;
	bool done;
};

struct node_check {
	struct ari_http *http;
	const struct conf *conf;
	struct conf_node node;
	struct ari_http_target target;
	json_t *findings;
	node_check_cb *cb;
	void *arg;
	struct asked asked[QUESTIONS];
	size_t open;
};

void
node_check_free(struct node_check *check)
{
	size_t i;

	for (i = 0; i < QUESTIONS; i++) {
		json_decref(check->asked[i].body);
		free(check->asked[i].why);
	}
	json_decref(check->findings);
	free(check);
}

static void
finish(struct node_check *check)
{
	size_t i;

	for (i = 0; i < QUESTIONS; i++)
		if (check->asked[i].done)
			node_check_judge(check->findings, check->conf, &check->node, i,
					 &check->asked[i].answer);
	check->cb(check->arg);
	node_check_free(check);
}

static void ask(struct node_check *check, size_t question);

static void
on_answer(void *arg, long status, json_t *body, const char *why)
{
	struct asked *asked = arg;
	struct node_check *check = asked->check;
	size_t i;

	asked->body = json_incref(body);
	asked->why = mem_dup(why != NULL ? why : "");
	asked->answer = (struct node_answer){status, asked->body, asked->why, clock_wall_ms(),
					     clock_mono_ms() - asked->sent};
	asked->done = true;
	/* Where it is not let in, the rest would say the same. */
	if (asked == &check->asked[0] && status == 200)
		for (i = 1; i < QUESTIONS; i++)
			ask(check, i);
	if (--check->open == 0)
		finish(check);
}

static void
path_of(const struct ari_command_row *row, char *out, size_t size, ...)
{
	va_list words;

	va_start(words, size);
	ari_command_path(out, size, row, words);
	va_end(words);
}

static const char *
word_of(const struct conf *conf, const char *word)
{
	if (word == NULL || *word != '%')
		return word;
	return word[1] == 'a' ? conf->ari_app : conf->ari_endpoint;
}

static void
ask(struct node_check *check, size_t question)
{
	const struct question *q = &questions[question];
	const struct ari_command_row *row = &ari_command_rows[q->command];
	struct asked *asked = &check->asked[question];
	char path[512];

	path_of(row, path, sizeof(path), word_of(check->conf, q->word), q->second, NULL);
	asked->check = check;
	asked->sent = clock_mono_ms();
	check->open++;
	ari_http_send(check->http, &check->target, row->name, row->method, path, NULL,
		      check->conf->ari_timeout_ms, 0, on_answer, asked);
}

struct node_check *
node_check_start(struct ari_http *http, const struct conf *conf, const struct conf_node *node,
		 json_t *findings, node_check_cb *cb, void *arg)
{
	struct node_check *check = mem_zero(sizeof(*check));

	check->http = http;
	check->conf = conf;
	check->node = *node;
	check->target = (struct ari_http_target){
		.url = node->url, .user = node->user, .password = node->password};
	check->findings = json_incref(findings);
	check->cb = cb;
	check->arg = arg;
	ask(check, 0);
	return check;
}
