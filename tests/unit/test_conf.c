/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/log.h"
#include "mqsd/conf.h"

#define SAMPLE "etc/mqsd.conf" /* the tests are run at the top of the tree */
#define NODE   "[node a1]\nurl = http://127.0.0.1:8088\n"

/* Loads text from a file that is gone afterwards; path is left in `path`. */
static struct conf *
load(const char *text, char path[64], struct err *err)
{
	struct conf *conf;
	int fd;

	strcpy(path, "/tmp/test_conf.XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	conf = conf_load(path, err);
	unlink(path);
	return conf;
}

static struct conf *
must_load(const char *text)
{
	char path[64];
	struct err err;
	struct conf *conf = load(text, path, &err);

	if (conf == NULL)
		fail_msg("refused: %s", err.text);
	return conf;
}

/* Whether `name` was given, as conf_each() says; its value goes to *value. */
struct look {
	const char *section, *name;
	bool given;
	char value[512];
};

static void
look_at(void *arg, const char *section, const struct option *o, const char *value, bool given)
{
	struct look *look = arg;

	if (strcmp(section, look->section) != 0 || strcmp(o->name, look->name) != 0)
		return;
	look->given = given;
	snprintf(look->value, sizeof(look->value), "%s", value);
}

static struct look
look(const struct conf *conf, const char *section, const char *name)
{
	struct look look = {.section = section, .name = name};

	conf_each(conf, look_at, &look);
	return look;
}

static char *
printed(const struct conf *conf)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	conf_print(conf, out);
	fclose(out);
	return text;
}

static void
defaults(void **state)
{
	struct conf *conf = must_load(NODE);

	(void)state;
	assert_string_equal(conf->instance, "mqsd-1");
	assert_string_equal(conf->state_dir, "/var/lib/mqs");
	assert_int_equal(conf->log_level, LOG_LEVEL_INFO);
	assert_string_equal(conf->socket, "/run/mqs/mqsd.sock");
	assert_string_equal(conf->redis_address, "127.0.0.1:6379");
	assert_string_equal(conf->pool, "default");
	assert_string_equal(conf->ari_app, "mqs");
	assert_string_equal(conf->ari_endpoint, "agents");
	assert_int_equal(conf->ari_timeout_ms, 1000);
	assert_int_equal(conf->lease_ms, 3000);
	assert_string_equal(conf->kamailio_rpc, "http://127.0.0.1:8060/RPC");
	assert_int_equal(conf->node_count, 1);
	assert_string_equal(conf->nodes[0].name, "a1");
	assert_string_equal(conf->nodes[0].url, "http://127.0.0.1:8088");
	conf_free(conf);
}

static const char full[] = "[mqsd]\ninstance = m2\nlog_level = debug\n"
			   "[redis]\naddress = unix:/run/redis.sock\npassword = geheim\n"
			   "[ari]\nuser = u\npassword = all\ntimeout_ms = 500\n"
			   "[sip]\ndomain = example.org\n"
			   "[node a1]\nurl = http://a1:8088\n"
			   "[node a2]\nurl = http://a2:8088\nuser = own\npassword = other\n";

static void
nodes_inherit(void **state)
{
	struct conf *conf = must_load(full);

	(void)state;
	assert_int_equal(conf->node_count, 2);
	assert_string_equal(conf->nodes[0].user, "u");
	assert_string_equal(conf->nodes[0].password, "all");
	assert_string_equal(conf->nodes[1].user, "own");
	assert_string_equal(conf->nodes[1].password, "other");
	conf_free(conf);
}

static void
prints_what_it_reads(void **state)
{
	static const char *const secrets[] = {"geheim", "all\n", "other"};
	struct conf *conf = must_load(full), *again;
	char *once = printed(conf), *twice;
	size_t i;

	(void)state;
	again = must_load(once);
	twice = printed(again);
	assert_string_equal(once, twice);
	assert_non_null(strstr(once, "[redis]\naddress = unix:/run/redis.sock\n"));
	assert_non_null(strstr(once, "[node a2]\nurl = http://a2:8088\nuser = own\n"));
	for (i = 0; i < 3; i++)
		assert_null(strstr(once, secrets[i]));
	free(once);
	free(twice);
	conf_free(conf);
	conf_free(again);
}

/* Every row is printed, and has a help. */
static void
prints_every_row(void **state)
{
	struct conf *conf = must_load(NODE);
	char *text = printed(conf), line[128];
	size_t i;

	(void)state;
	for (i = 0; i < conf_options.count; i++) {
		snprintf(line, sizeof(line), "\n%s = ", conf_options.rows[i].name);
		assert_non_null(strstr(text, line));
		assert_non_null(conf_options.rows[i].help);
	}
	free(text);
	conf_free(conf);
}

static void
errors_say_where_and_what(void **state)
{
	/* What follows the path. */
	static const struct {
		const char *text, *want;
	} rows[] = {
		{"[mqsd]\ninstanc = x\n",
		 ":2: unknown option 'instanc' in [mqsd]; did you mean 'instance'?"},
		{"\n[rediss]\n", ":2: unknown section [rediss]; did you mean [redis]?"},
		{"[something]\n",
		 ":1: unknown section [something]; there are mqsd, control, redis, "
		 "pool, ari, sip, kamailio, codes, node NAME"},
		{"[ari]\ntimeout_ms = 5\n", ":2: timeout_ms: '5' is not valid: ms, 100 to 30000"},
		{"[mqsd]\nlog_level = loud\n",
		 ":2: log_level: 'loud' is not valid: one of: debug info warn error"},
		{"[mqsd]\n[mqsd]\n", ":2: [mqsd] is given twice"},
		{NODE "[node a1]\n", ":3: [node a1] is given twice"},
		{"[node a 1]\n",
		 ":1: node name 'a 1' is not valid: letters, digits, _ . -, up to 64"},
		{"[node ]\n", ":1: node name '' is not valid: letters, digits, _ . -, up to 64"},
		{"[mqsd]\ninstance = a\ninstance = b\n",
		 ":3: option 'instance' is given twice in [mqsd]"},
		{"[mqsd]\nhello\n", ":2: neither [section], option = value nor a comment"},
		{"instance = a\n", ":1: 'instance' stands before the first [section]"},
	};
	struct err err;
	char path[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_null(load(rows[i].text, path, &err));
		assert_memory_equal(err.text, path, strlen(path));
		assert_string_equal(err.text + strlen(path), rows[i].want);
	}
}

/* What is wrong with the whole has no line; it names the section. */
static void
errors_of_the_whole(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{"", "no [node NAME] section; mqsd needs at least one Asterisk"},
		{"[node a1]\n", "[node a1] has no url"},
		{"[node a1]\nurl = 127.0.0.1\n",
		 "[node a1] url '127.0.0.1' is not http://HOST:PORT"},
		{"[node a1]\nurl = http://a\n", "is not http://HOST:PORT"},
		{"[node a1]\nurl = http://a:x\n", "is not http://HOST:PORT"},
		{"[node a1]\nurl = http://a:99999\n", "is not http://HOST:PORT"},
		{"[kamailio]\nrpc = http://k:8060\n" NODE,
		 "[kamailio] rpc 'http://k:8060' is not http://HOST:PORT/PATH"},
		{"[ari]\nlease_ms = 1500\ntimeout_ms = 1001\n" NODE,
		 "[ari] timeout_ms is 1001; with lease_ms = 1500 it can be 1000 at most"},
		{"[mqsd]\ninstance = a b\n" NODE, "letters, digits, _ . -"},
		{"[pool]\nname = a{b}\n" NODE, "letters, digits, _ . -"},
		{"[ari]\nendpoint = a/b\n" NODE, "letters, digits, _ . -"},
		{"[codes]\nlogin = 45\n" NODE,
		 "[codes] '45' is no feature code: a * first, then digits"},
		{"[codes]\nwrapup = *46\n" NODE, "[codes] '*46' stands for two things"},
	};
	struct err err;
	char path[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_null(load(rows[i].text, path, &err));
		assert_memory_equal(err.text, path, strlen(path));
		assert_non_null(strstr(err.text, rows[i].want));
	}
	assert_null(conf_load("/nonexistent/mqsd.conf", &err));
	assert_string_equal(err.text, "/nonexistent/mqsd.conf: No such file or directory");
}

static void
too_many_nodes(void **state)
{
	char *text = NULL, path[64];
	struct err err;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int i;

	(void)state;
	for (i = 0; i <= 256; i++)
		fprintf(out, "[node n%d]\nurl = http://h:1\n", i);
	fclose(out);
	assert_null(load(text, path, &err));
	assert_string_equal(err.text + strlen(path), ":513: more than 256 nodes");
	free(text);
}

struct later {
	char text[256];
};

static void
say_later(void *arg, const char *section, const char *name)
{
	struct later *later = arg;
	size_t len = strlen(later->text);

	snprintf(later->text + len, sizeof(later->text) - len, "%s.%s ", section, name);
}

static void
reload(void **state)
{
	struct conf *conf = must_load(NODE), *fresh;
	struct later later = {""};

	(void)state;
	fresh = must_load("[mqsd]\nlog_level = warn\ninstance = other\n[redis]\ntimeout_ms = 300\n"
			  "[sip]\ndomain = example.org\n[node a1]\nurl = http://else:8088\n");
	conf_reload(conf, fresh, say_later, &later);
	conf_free(fresh);
	assert_string_equal(later.text, "mqsd.instance node.* ");
	assert_int_equal(conf->log_level, LOG_LEVEL_WARN);
	assert_int_equal(conf->redis_timeout_ms, 300);
	assert_string_equal(conf->sip_domain, "example.org");
	assert_string_equal(conf->instance, "mqsd-1");
	assert_string_equal(conf->nodes[0].url, "http://127.0.0.1:8088");
	conf_free(conf);
}

/* The body of the sample, as the rows have it. */
static char *
sample_of_rows(void)
{
	const char *section = "";
	char *text = NULL, range[256];
	size_t size, i;
	FILE *out = open_memstream(&text, &size);

	for (i = 0; i < conf_options.count; i++) {
		const struct option *o = &conf_options.rows[i];

		if (strcmp(section, o->section) == 0)
			fputs("\n", out);
		else
			fprintf(out, "\n[%s]\n",
				strcmp(o->section, "node *") == 0 ? "node a1" : o->section);
		section = o->section;
		fprintf(out, "# %s\n# %s%s\n", o->help, option_range(o, range, sizeof(range)),
			o->reload == OPTION_RESTART ? " (restart)" : "");
		if (o->def == NULL)
			fprintf(out, "%s = http://127.0.0.1:8088\n", o->name);
		else
			fprintf(out, "#%s =%s%s\n", o->name, *o->def != '\0' ? " " : "", o->def);
	}
	fclose(out);
	return text;
}

static char *
read_sample(void)
{
	char *text = calloc(1, 65536);
	FILE *in = fopen(SAMPLE, "re");

	assert_non_null(in);
	assert_true(fread(text, 1, 65535, in) < 65535);
	fclose(in);
	return text;
}

static void
sample_is_as_the_rows(void **state)
{
	char *sample = read_sample(), *rows = sample_of_rows();
	const char *body = strstr(sample, "\n[");

	(void)state;
	assert_non_null(body);
	if (strcmp(body, rows) != 0)
		fail_msg(SAMPLE " differs from the rows in mqsd/conf.c; below its heading put:\n%s",
			 rows);
	free(sample);
	free(rows);
}

/* As shipped, and with every comment sign before an option taken away, it is what no file at all
 * would be. */
static void
sample_parses(void **state)
{
	struct err err;
	struct conf *shipped = conf_load(SAMPLE, &err), *plain = must_load(NODE), *bare;
	char *a, *b, *c, *text = read_sample(), *p;

	(void)state;
	if (shipped == NULL)
		fail_msg("refused: %s", err.text);
	for (p = text; (p = strstr(p, "\n#")) != NULL; p++)
		if (p[2] != ' ')
			p[1] = ' ';
	bare = must_load(text);
	a = printed(shipped);
	b = printed(plain);
	c = printed(bare);
	assert_string_equal(a, b);
	assert_string_equal(c, b);
	free(a);
	free(b);
	free(c);
	free(text);
	conf_free(shipped);
	conf_free(plain);
	conf_free(bare);
}

/* Its strings last: answers to requests that use them come later. */
static void
nodes_come_and_go(void **state)
{
	struct conf *conf = must_load(NODE "[ari]\nuser = u\npassword = p\n");
	struct conf_node a2 = {.name = "a2", .url = "http://h:2", .user = "", .password = ""};
	struct conf_node own = {.name = "a3", .url = "http://h:3", .user = "x", .password = "y"};
	struct conf_node bad = {.name = "a4", .url = "ftp://h", .user = "", .password = ""};
	const char *url;
	struct err err;

	(void)state;
	assert_int_equal(conf_node_add(conf, &a2, &err), 0);
	assert_int_equal(conf_node_add(conf, &own, &err), 0);
	assert_int_equal(conf_node_add(conf, &a2, &err), -1);
	assert_int_equal(conf_node_add(conf, &bad, &err), -1);
	assert_int_equal(conf->node_count, 3);
	assert_null(conf_node_find(conf, "a4"));
	assert_string_equal(conf_node_find(conf, "a2")->user, "u");
	assert_string_equal(conf_node_find(conf, "a2")->password, "p");
	assert_string_equal(conf_node_find(conf, "a3")->password, "y");
	assert_true(conf_node_find(conf, "a2")->added);
	assert_false(conf_node_find(conf, "a1")->added);
	url = conf_node_find(conf, "a2")->url;
	conf_node_remove(conf, "a2");
	conf_node_remove(conf, "a9");
	assert_int_equal(conf->node_count, 2);
	assert_null(conf_node_find(conf, "a2"));
	assert_string_equal(conf->nodes[1].name, "a3");
	assert_string_equal(url, "http://h:2");
	conf_free(conf);
}

static void
say_node(void *arg, const char *section, const char *name)
{
	(void)name;
	if (strcmp(section, "node") == 0)
		*(bool *)arg = true;
}

/* The file has not changed because a node was added beside it. */
static void
an_added_node_is_no_change_of_the_file(void **state)
{
	struct conf *conf = must_load(NODE), *fresh = must_load(NODE), *other;
	struct conf_node a2 = {.name = "a2", .url = "http://h:2", .user = "", .password = ""};
	bool said = false;
	struct err err;

	(void)state;
	assert_int_equal(conf_node_add(conf, &a2, &err), 0);
	conf_reload(conf, fresh, say_node, &said);
	assert_false(said);
	other = must_load("[node a1]\nurl = http://127.0.0.1:9\n");
	conf_reload(conf, other, say_node, &said);
	assert_true(said);
	conf_free(conf);
	conf_free(fresh);
	conf_free(other);
}

static void
add_difference(void *arg, const struct option *o, const char *is, const char *other)
{
	char *text = arg;
	size_t len = strlen(text);

	snprintf(text + len, 512 - len, "%s %s %s;", o != NULL ? o->name : "nodes", is, other);
}

static void
says_what_the_file_has(void **state)
{
	struct conf *conf = must_load("[ari]\npassword = x\n[redis]\naddress = 10.0.0.1\n" NODE);
	struct conf *other =
		must_load("[ari]\npassword = y\n[mqsd]\nlog_level = warn\n" NODE "user = u\n");
	char text[512] = "";

	(void)state;
	assert_true(look(conf, "redis", "address").given);
	assert_string_equal(look(conf, "redis", "address").value, "10.0.0.1");
	assert_false(look(conf, "mqsd", "log_level").given);
	assert_string_equal(look(conf, "mqsd", "log_level").value, "info");
	assert_true(look(conf, "ari", "password").given);
	assert_string_equal(look(conf, "ari", "password").value, "***");
	assert_true(look(conf, "node a1", "url").given);
	assert_false(look(conf, "node a1", "user").given);
	conf_compare(conf, other, add_difference, text);
	assert_non_null(strstr(text, "log_level info warn;"));
	assert_non_null(strstr(text, "address 10.0.0.1 "));
	assert_non_null(strstr(text, "password *** ***;"));
	assert_non_null(strstr(text, "nodes  ;"));
	conf_free(conf);
	conf_free(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(nodes_inherit),
		cmocka_unit_test(prints_what_it_reads),
		cmocka_unit_test(prints_every_row),
		cmocka_unit_test(errors_say_where_and_what),
		cmocka_unit_test(errors_of_the_whole),
		cmocka_unit_test(too_many_nodes),
		cmocka_unit_test(reload),
		cmocka_unit_test(sample_is_as_the_rows),
		cmocka_unit_test(sample_parses),
		cmocka_unit_test(nodes_come_and_go),
		cmocka_unit_test(an_added_node_is_no_change_of_the_file),
		cmocka_unit_test(says_what_the_file_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
