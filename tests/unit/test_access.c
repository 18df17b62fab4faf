/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/log.h"
#include "mqsd/access.h"
#include "mqsd/conf.h"
#include "mqsd/login_limit.h"
#include "mqsd/token.h"

#define HASH "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" /* of "abc" */

static void
lines(void **state)
{
	static const struct {
		const char *line;
		int found;
	} rows[] = {
		{"wall viewer " HASH, 1},
		{"  wall\tviewer@sales,admin@x   " HASH "  ", 1},
		{"", 0},
		{"   ", 0},
		{"# wall viewer", 0},
		{"wall", -1},
		{"wall viewer", -1},
		{"wall " HASH, -1},
		{"wall viewer " HASH " more", -1},
		{"wall viewer ba7816bf", -1},
		{"wall viewer " HASH "00", -1},
		{"wall viewer BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
		 -1},
		{"wall boss " HASH, -1},
		{"w/all viewer " HASH, -1},
		{"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx viewer " HASH,
		 -1},
	};
	struct token token;
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		err.text[0] = '\0';
		assert_int_equal(token_line(rows[i].line, "sales", &token, &err), rows[i].found);
		assert_int_equal(err.text[0] != '\0', rows[i].found < 0);
		if (rows[i].found == 1) {
			assert_string_equal(token.name, "wall");
			assert_int_equal(token.roles, roles_of(ROLE_VIEWER));
			assert_int_equal(token.hash[0], 0xba);
			assert_int_equal(token.hash[31], 0xad);
		}
	}
}

static char path[64];

static void
write_file(const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	fchmod(fd, mode);
	close(fd);
}

static void
refused(const char *text, mode_t mode, const char *why)
{
	struct err err = {""};

	write_file(text, mode);
	assert_null(tokens_load(path, "sales", &err));
	if (strstr(err.text, why) == NULL)
		fail_msg("'%s' says nothing of '%s'", err.text, why);
}

static void
file(void **state)
{
	struct tokens *tokens;
	struct err err;

	(void)state;
	write_file("# ours\n\na viewer " HASH "\nb admin "
		   "0000000000000000000000000000000000000000000000000000000000000000\r\n",
		   0600);
	tokens = tokens_load(path, "sales", &err);
	assert_non_null(tokens);
	assert_int_equal(tokens_count(tokens), 2);
	assert_string_equal(tokens_find(tokens, "abc")->name, "a");
	assert_null(tokens_find(tokens, "abd"));
	assert_null(tokens_find(tokens, ""));
	tokens_free(tokens);
	refused("a viewer " HASH "\n", 0640, "chmod 600");
	refused("a viewer " HASH "\n", 0602, "chmod 600");
	refused("a viewer " HASH "\na admin " HASH "\n", 0600, ":2: token 'a' is there twice");
	refused("a viewer\n", 0600, ":1: ");
	unlink(path);
	assert_null(tokens_load(path, "sales", &err));
}

static void
made(void **state)
{
	char one[TOKEN_TEXT], two[TOKEN_TEXT];
	struct tokens *tokens;
	struct stat st;
	struct err err;

	(void)state;
	unlink(path);
	assert_int_equal(token_new(path, "one", "viewer", one, &err), 0);
	assert_int_equal(token_new(path, "two", "admin@sales,viewer", two, &err), 0);
	assert_int_equal(token_new(path, "two", "viewer", two + 0, &err), -1);
	assert_non_null(strstr(err.text, "already"));
	assert_int_equal(token_new(path, "three", "boss", one, &err), -1);
	assert_int_equal(token_new(path, "a b", "viewer", one, &err), -1);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	tokens = tokens_load(path, "sales", &err);
	assert_non_null(tokens);
	assert_int_equal(tokens_count(tokens), 2);
	assert_int_equal(strlen(two), 4 + 43);
	assert_int_equal(tokens_find(tokens, two)->roles, roles_of(ROLE_ADMIN));
	tokens_free(tokens);
	unlink(path);
}

/* Access as a configuration of these groups and tokens gives it. */
static enum access_verdict
ask(struct access *access, const struct peer *peer, const char *authorization, struct who *who)
{
	int wait_s = 0;
	enum access_verdict verdict = access_ask(access, peer, authorization, who, &wait_s);

	assert_int_equal(verdict == ACCESS_LIMITED, wait_s > 0);
	return verdict;
}

static void
tokens_open(void **state)
{
	struct conf conf = {.admin_group = "",
			    .supervisor_group = "",
			    .viewer_group = "",
			    .token_file = path,
			    .pool = "sales"};
	struct peer far = {.source = "10.0.0.1", .text = "10.0.0.1:5"};
	struct peer near = {.local = true, .uid = 4242, .source = "uid 4242"};
	struct access *access;
	struct who who;
	struct err err;
	size_t i;

	(void)state;
	write_file("a viewer " HASH "\n", 0600);
	access = access_new(&conf, &err);
	assert_non_null(access);
	assert_int_equal(ask(access, &far, NULL, &who), ACCESS_NO_TOKEN);
	assert_int_equal(ask(access, &far, "Bearer abc", &who), ACCESS_KNOWN);
	assert_int_equal(who.roles, roles_of(ROLE_VIEWER));
	assert_string_equal(who.name, "a");
	assert_int_equal(ask(access, &far, "bearer  abc", &who), ACCESS_KNOWN);
	assert_int_equal(ask(access, &near, NULL, &who), ACCESS_KNOWN);
	assert_int_equal(who.roles, ROLES_ALL);
	/* A token that is shown counts, also where none is needed. */
	assert_int_equal(ask(access, &near, "Bearer abc", &who), ACCESS_KNOWN);
	assert_int_equal(who.roles, roles_of(ROLE_VIEWER));
	assert_int_equal(ask(access, &near, "Basic YWJj", &who), ACCESS_BAD_TOKEN);
	for (i = 1; i < LOGIN_FAILURES; i++)
		assert_int_equal(ask(access, &far, i % 2 ? "Bearer abd" : "Bearer ", &who),
				 ACCESS_BAD_TOKEN);
	assert_int_equal(ask(access, &far, "Bearer a b", &who), ACCESS_LIMITED);
	assert_int_equal(who.roles, 0);
	assert_int_equal(ask(access, &near, "Bearer abd", &who), ACCESS_BAD_TOKEN);
	assert_int_equal(ask(access, &far, "Bearer abc", &who), ACCESS_KNOWN);
	/* A file that is wrong changes nothing. */
	write_file("a viewer\n", 0600);
	assert_int_equal(access_reload(access, &err), -1);
	assert_int_equal(ask(access, &far, "Bearer abc", &who), ACCESS_KNOWN);
	write_file("", 0600);
	assert_int_equal(access_reload(access, &err), 0);
	assert_int_equal(ask(access, &far, "Bearer abc", &who), ACCESS_LIMITED);
	access_free(access);
	unlink(path);
}

static void
groups_open(void **state)
{
	struct conf conf = {.admin_group = "root",
			    .supervisor_group = "",
			    .viewer_group = "daemon",
			    .token_file = "",
			    .pool = "sales"};
	struct peer peer = {.local = true, .uid = 4242, .gid = 4242, .source = "uid 4242"};
	struct access *access;
	struct who who;
	struct err err;

	(void)state;
	access = access_new(&conf, &err);
	assert_non_null(access);
	ask(access, &peer, NULL, &who);
	assert_int_equal(who.roles, 0);
	peer.groups[0] = 77;
	peer.groups[1] = 1; /* daemon */
	peer.group_count = 2;
	ask(access, &peer, NULL, &who);
	assert_int_equal(who.roles, roles_of(ROLE_VIEWER));
	peer.gid = 0;
	ask(access, &peer, NULL, &who);
	assert_int_equal(who.roles, roles_of(ROLE_ADMIN));
	peer.uid = geteuid();
	ask(access, &peer, NULL, &who);
	assert_int_equal(who.roles, ROLES_ALL);
	access_free(access);
	conf.viewer_group = "no-such-group";
	assert_null(access_new(&conf, &err));
	assert_non_null(strstr(err.text, "viewer_group"));
}

static void
limits(void **state)
{
	struct login_limit *limit = login_limit_new();
	char source[32];
	bool first;
	int i;

	(void)state;
	for (i = 1; i < LOGIN_FAILURES; i++)
		assert_int_equal(login_limit_failed(limit, "x", i, &first), 0);
	assert_false(first);
	assert_int_equal(login_limit_failed(limit, "x", 100, &first), LOGIN_PERIOD_MS + 1 - 100);
	assert_true(first);
	assert_int_equal(login_limit_failed(limit, "x", 101, &first), LOGIN_PERIOD_MS + 1 - 101);
	assert_false(first);
	assert_int_equal(login_limit_failed(limit, "y", 101, &first), 0);
	assert_int_equal(login_limit_failed(limit, "x", LOGIN_PERIOD_MS + 1, &first), 0);
	/* More sources than there is room for: the table stays as it is, the newest are known. */
	for (i = 0; i < 4 * LOGIN_SOURCES; i++) {
		snprintf(source, sizeof(source), "10.0.%d.%d", i / 256, i % 256);
		login_limit_failed(limit, source, 2 * LOGIN_PERIOD_MS + i, &first);
	}
	for (i = 2; i <= LOGIN_FAILURES; i++)
		login_limit_failed(limit, source, 3 * LOGIN_PERIOD_MS, &first);
	assert_true(first);
	login_limit_free(limit);
}

static void
peers(void **state)
{
	struct peer peer;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_true(peer_of(pair[0], &peer));
	assert_true(peer.local);
	assert_int_equal(peer.uid, geteuid());
	assert_true(peer_in_group(&peer, getegid()));
	assert_false(peer_in_group(&peer, 54321));
	close(pair[0]);
	close(pair[1]);
	assert_false(peer_of(pair[0], &peer));
}

static int
set_up(void **state)
{
	(void)state;
	log_setup(LOG_LEVEL_ERROR, false);
	strcpy(path, "/tmp/test_access.XXXXXX");
	close(mkstemp(path));
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),       cmocka_unit_test(file),
		cmocka_unit_test(made),	       cmocka_unit_test(tokens_open),
		cmocka_unit_test(groups_open), cmocka_unit_test(limits),
		cmocka_unit_test(peers),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
