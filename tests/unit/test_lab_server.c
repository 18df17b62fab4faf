/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/mem.h"
#include "loadtest/address.h"
#include "loadtest/lab_conf.h"
#include "loadtest/lab_dir.h"
#include "loadtest/lab_net.h"
#include "loadtest/lab_verb.h"
#include "loadtest/scenario.h"

static const struct lab_options many = {
	.nodes = 2, .mqsds = 2, .replicas = 2, .sentinels = 3, .netns = true};
static const struct lab_options few = {.nodes = 1, .mqsds = 1};

static void
order_and_names(void **state)
{
	static const char *const names[] = {"redis",	  "redis-2",	"redis-3",  "sentinel-1",
					    "sentinel-2", "sentinel-3", "kamailio", "a1",
					    "a2",	  "mqsd-1",	"mqsd-2",   NULL};
	struct lab lab = {.dir = "/l"};
	int i;

	(void)state;
	lab_conf_addresses(&lab, &many, 20000);
	for (i = 0; names[i] != NULL; i++) {
		assert_string_equal(lab_server_at(&lab, i)->name, names[i]);
		assert_ptr_equal(lab_server_find(&lab, names[i]), lab_server_at(&lab, i));
	}
	assert_null(lab_server_at(&lab, i));
	assert_null(lab_server_find(&lab, "a3"));
	assert_ptr_equal(lab_server_find(&lab, "mqsd"), &lab.mqsds[0].server);
	assert_string_equal(lab.mqsds[0].socket, "/l/mqsd.sock");
	assert_string_equal(lab.mqsds[1].socket, "/l/mqsd-2.sock");
	assert_string_equal(lab.nodes[1].ari, "http://10.0.0.18:20007");
	assert_string_equal(lab.replicas[1].address, "10.0.0.12:20009");
	assert_string_equal(lab.sentinels[2].address, "10.0.0.15:20012");
	assert_int_equal(lab_conf_port_count(&many), 13);
	memset(&lab, 0, sizeof(lab));
	lab_conf_addresses(&lab, &few, 20000);
	assert_string_equal(lab.host, "127.0.0.1");
	assert_string_equal(lab.nodes[0].ari, "http://127.0.0.1:20005");
}

static void
addresses(void **state)
{
	static const struct {
		const char *text, *host;
		int port;
	} rows[] = {
		{"127.0.0.1:5060", "127.0.0.1", 5060},
		{"http://10.0.0.7:8088", "10.0.0.7", 8088},
		{"http://10.0.0.7:8060/RPC", "10.0.0.7", 8060},
		{"10.0.0.7", NULL, 0},
		{"10.0.0.7:", NULL, 0},
		{"10.0.0.7:70000", NULL, 0},
		{"10.0.0.7:80x", NULL, 0},
		{"localhost:80", NULL, 0},
		{"", NULL, 0},
	};
	char host[INET_ADDRSTRLEN];
	struct sockaddr_in sin;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(address_parse(rows[i].text, &sin), rows[i].host != NULL);
		if (rows[i].host == NULL)
			continue;
		assert_int_equal(ntohs(sin.sin_port), rows[i].port);
		assert_string_equal(inet_ntop(AF_INET, &sin.sin_addr, host, sizeof(host)),
				    rows[i].host);
	}
}

static void
assert_text(char *text, const char *want)
{
	assert_string_equal(text, want);
	free(text);
}

static void
where_redis_is(void **state)
{
	struct lab lab = {.dir = "/l"};

	(void)state;
	lab_conf_addresses(&lab, &few, 20000);
	assert_text(lab_conf_redis_address(&lab), "127.0.0.1:20001");
	assert_text(lab_conf_redis_kamailio(&lab),
		    "#!define MQS_REDIS \"name=mqs;addr=127.0.0.1;port=20001\"\n"
		    "#!define MQS_REDIS_SERVERS 1\n");
	lab_conf_addresses(&lab, &many, 20000);
	assert_text(lab_conf_redis_address(&lab),
		    "sentinel:mqs@10.0.0.13:20010,10.0.0.14:20011,10.0.0.15:20012");
	assert_text(lab_conf_redis_kamailio(&lab),
		    "#!define MQS_REDIS \"name=mqs;addr=10.0.0.10;port=20001\"\n"
		    "#!define MQS_REDIS_SERVERS 3\n"
		    "#!define MQS_REDIS_2 \"name=mqs2;addr=10.0.0.11;port=20008\"\n"
		    "#!define MQS_REDIS_3 \"name=mqs3;addr=10.0.0.12;port=20009\"\n");
}

static char *
read_conf(const char *dir, const char *name)
{
	char *path = mem_printf("%s/%s", dir, name), *text;
	struct err err = {""};

	text = scenario_read_file(path, &err);
	assert_non_null(text);
	free(path);
	return text;
}

static void
redis_files(void **state)
{
	char dir[] = "/tmp/test_lab_XXXXXX", *text;
	struct err err = {""};
	struct lab lab = {0};

	(void)state;
	assert_non_null(mkdtemp(dir));
	strcpy(lab.dir, dir);
	lab_conf_addresses(&lab, &many, 20000);
	assert_int_equal(lab_conf_redis(&lab, &err), 0);
	text = read_conf(dir, "redis.conf");
	assert_non_null(strstr(text, "bind 10.0.0.10\n"));
	assert_non_null(strstr(text, "appendfsync everysec\nmaxmemory-policy noeviction\n"));
	assert_non_null(strstr(text, "min-replicas-to-write 1\n"));
	assert_null(strstr(text, "replicaof"));
	free(text);
	text = read_conf(dir, "redis-3.conf");
	assert_non_null(strstr(text, "min-replicas-to-write 1\nreplicaof 10.0.0.10 20001\n"));
	free(text);
	text = read_conf(dir, "sentinel-2.conf");
	assert_non_null(strstr(text, "sentinel monitor mqs 10.0.0.10 20001 2\n"));
	free(text);
	lab_conf_addresses(&lab, &few, 20000);
	assert_int_equal(lab_conf_redis(&lab, &err), 0);
	text = read_conf(dir, "redis.conf");
	assert_null(strstr(text, "min-replicas"));
	free(text);
	lab_dir_remove(dir);
}

static void
what_ip_is_told(void **state)
{
	static const struct lab_options two = {.nodes = 1, .netns = true};
	static const int fds[] = {7, 8, 9};
	struct lab lab = {.dir = "/l"};

	(void)state;
	lab_conf_addresses(&lab, &two, 20000);
	assert_text(lab_net_text_bridge(&lab, 42, fds),
		    "link set lo up\n"
		    "link add name lab address 02:00:0a:00:00:00 type bridge\n"
		    "addr add 10.0.0.1/24 dev lab\nlink set lab up\n"
		    "link add name s0 type veth peer name eth0 address 02:00:0a:00:00:01"
		    " netns /proc/42/fd/7\nlink set s0 master lab up\n"
		    "link add name s1 type veth peer name eth0 address 02:00:0a:00:00:02"
		    " netns /proc/42/fd/8\nlink set s1 master lab up\n"
		    "link add name s2 type veth peer name eth0 address 02:00:0a:00:00:03"
		    " netns /proc/42/fd/9\nlink set s2 master lab up\n"
		    "neigh add 10.0.0.10 lladdr 02:00:0a:00:00:01 nud permanent dev lab\n"
		    "neigh add 10.0.0.11 lladdr 02:00:0a:00:00:02 nud permanent dev lab\n"
		    "neigh add 10.0.0.12 lladdr 02:00:0a:00:00:03 nud permanent dev lab\n");
	assert_text(lab_net_text_server(&lab, 1),
		    "link set lo up\naddr add 10.0.0.11/24 dev eth0\nlink set eth0 up\n"
		    "neigh add 10.0.0.1 lladdr 02:00:0a:00:00:00 nud permanent dev eth0\n"
		    "neigh add 10.0.0.10 lladdr 02:00:0a:00:00:01 nud permanent dev eth0\n"
		    "neigh add 10.0.0.12 lladdr 02:00:0a:00:00:03 nud permanent dev eth0\n");
	assert_text(lab_net_text_link(&lab, 2, -1, true), "link set s2 nomaster\n");
	assert_text(lab_net_text_link(&lab, 2, -1, false), "link set s2 master lab\n");
	assert_text(lab_net_text_link(&lab, 2, 0, true),
		    "neigh replace 10.0.0.10 lladdr 02:00:0a:00:ff:ff nud permanent dev eth0\n");
	assert_text(lab_net_text_link(&lab, 2, 0, false),
		    "neigh replace 10.0.0.10 lladdr 02:00:0a:00:00:01 nud permanent dev eth0\n");
}

/* A site whose a1 is a sleeping process; nothing else runs. */
static struct lab_site *
site_with_a1(void)
{
	char *argv[] = {"sleep", "100", NULL};
	struct proc_spec spec = {.argv = argv};
	struct lab_site *site = mem_zero(sizeof(*site));
	struct err err = {""};

	strcpy(site->lab.dir, "/l");
	lab_conf_addresses(&site->lab, &few, 20000);
	lab_units_make(site);
	assert_int_equal(proc_start(&site->units[2].proc, &spec, &err), 0);
	site->units[2].server->pid = site->units[2].proc.pid;
	return site;
}

static char
state_of(pid_t pid)
{
	char path[64], line[256], *p;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	f = fopen(path, "re");
	if (f == NULL)
		return '-';
	p = fgets(line, sizeof(line), f) != NULL ? strrchr(line, ')') : NULL;
	fclose(f);
	return p != NULL ? p[2] : '-';
}

static void
verbs(void **state)
{
	static const char *const refused[][2] = {
		{"explode a1", "not understood: explode a1"},
		{"kill", "not understood: kill"},
		{"", "not understood: "},
		{"kill a1 redis", "not understood: kill a1 redis"},
		{"kill a9", "no server a9 in this lab"},
		{"cut a1", "links can be cut only in a lab that was made with --netns"},
		{"cut a1 a1", "a1 has no link to itself"},
		{"start a1", "a1 runs already"},
		{"kill redis", "redis is down already"},
		{"stop redis", "redis is down"},
	};
	struct lab_site *site = site_with_a1();
	struct lab_unit *u = &site->units[2];
	pid_t pid = u->proc.pid;
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		assert_int_equal(lab_verb_do(site, refused[i][0], &err), -1);
		assert_string_equal(err.text, refused[i][1]);
	}
	assert_int_equal(lab_verb_do(site, "stop a1", &err), 0);
	for (i = 0; i < 500 && state_of(pid) != 'T'; i++)
		usleep(10000);
	assert_int_equal(state_of(pid), 'T');
	assert_true(u->server->stopped);
	assert_int_equal(lab_verb_do(site, "term a1", &err), -1);
	assert_int_equal(lab_verb_do(site, "cont a1", &err), 0);
	assert_false(u->server->stopped);
	assert_int_equal(lab_verb_do(site, "kill a1", &err), 0);
	assert_true(u->server->killed);
	assert_int_equal(u->server->pid, 0);
	assert_int_equal(kill(pid, 0), -1);
	lab_units_free(site);
	free(site);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_and_names), cmocka_unit_test(addresses),
		cmocka_unit_test(where_redis_is),  cmocka_unit_test(redis_files),
		cmocka_unit_test(what_ip_is_told), cmocka_unit_test(verbs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
