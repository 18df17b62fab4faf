/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <hiredis/hiredis.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mqsd/conf.h"
#include "mqsd/loop.h"
#include "mqsd/pool_priv.h"
#include "mqsd/redis_server.h"

#define DEADLINE_MS 5000
#define LOOK_MS	    5

/* A Redis that says what it is told to: it lacks the scripts for the first FCALLs. */
static const char *
says(const redisReply *command, int *lacking)
{
	const char *name = command->element[0]->str;

	if (strcmp(name, "ROLE") == 0)
		return "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n";
	if (strcmp(name, "FUNCTION") == 0)
		return strcmp(command->element[1]->str, "LIST") == 0 ? "*0\r\n" : "$3\r\nmqs\r\n";
	if (strcmp(name, "FCALL") == 0 && (*lacking)-- > 0)
		return "-ERR Function not found\r\n";
	if (strcmp(name, "FCALL") == 0)
		return "$11\r\n{\"ok\":true}\r\n";
	/* So the pool is not opened, and the connection stays. */
	return "-LOADING Redis is loading the dataset in memory\r\n";
}

static void
serve(int listener, int lacking)
{
	redisReader *reader = redisReaderCreate();
	int fd = accept(listener, NULL, NULL);
	char bytes[65536];
	ssize_t n;
	void *command;

	while ((n = read(fd, bytes, sizeof(bytes))) > 0) {
		redisReaderFeed(reader, bytes, (size_t)n);
		while (redisReaderGetReply(reader, &command) == REDIS_OK && command != NULL) {
			const char *reply = says(command, &lacking);

			if (write(fd, reply, strlen(reply)) < 0)
				_exit(1);
			freeReplyObject(command);
		}
	}
	redisReaderFree(reader);
	_exit(0);
}

struct scene {
	char dir[32], path[64];
	pid_t redis;
	struct loop *loop;
	struct pool *pool;
	struct loop_timer *look;
	int looks;
	bool sent, replied, ok;
};

static void
on_reply(void *arg, json_t *reply)
{
	struct scene *scene = arg;

	scene->replied = true;
	scene->ok = pool_refusal(reply) == NULL;
	loop_stop(scene->loop);
}

static void
look(void *arg)
{
	struct scene *scene = arg;

	if (scene->looks++ > DEADLINE_MS / LOOK_MS)
		return loop_stop(scene->loop);
	loop_timer_arm(scene->look, LOOK_MS);
	if (scene->sent || !pool_redis_up(scene->pool))
		return;
	scene->sent = true;
	pool_run(scene->pool, "match", json_object(), on_reply, scene);
}

static void
start_redis(struct scene *scene, int lacking)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(scene->dir, sizeof(scene->dir), "/tmp/mqs-pool.XXXXXX");
	assert_non_null(mkdtemp(scene->dir));
	snprintf(scene->path, sizeof(scene->path), "%s/redis", scene->dir);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", scene->path);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 1), 0);
	scene->redis = fork();
	if (scene->redis == 0)
		serve(listener, lacking);
	close(listener);
}

/* Is a script carried out by a Redis that lacks it so many times? */
static bool
runs(int lacking)
{
	static const struct pool_hooks hooks;
	struct scene scene = {0};
	char address[80];
	struct conf conf = {.instance = "i1",
			    .redis_address = address,
			    .redis_timeout_ms = DEADLINE_MS,
			    .pool = "p",
			    .stream_max = 1000};
	struct redis_access access = {address, "", "", "", "", "master"};
	struct redis_server *server;

	start_redis(&scene, lacking);
	snprintf(address, sizeof(address), "unix:%s", scene.path);
	scene.loop = loop_new();
	server = redis_server_new(scene.loop, &access);
	scene.pool = pool_new(scene.loop, &conf, server, &hooks);
	scene.look = loop_timer_new(scene.loop, look, &scene);
	pool_start(scene.pool);
	loop_timer_arm(scene.look, 0);
	loop_run(scene.loop);
	loop_timer_free(scene.look);
	pool_free(scene.pool);
	redis_server_free(server);
	loop_free(scene.loop);
	kill(scene.redis, SIGKILL);
	waitpid(scene.redis, NULL, 0);
	unlink(scene.path);
	rmdir(scene.dir);
	assert_true(scene.replied);
	return scene.ok;
}

/* Mqsds of two versions that start together remove each other's scripts, once each. */
static void
scripts_are_brought_again(void **state)
{
	(void)state;
	assert_true(runs(0));
	assert_true(runs(1));
	assert_true(runs(2));
	assert_false(runs(20));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scripts_are_brought_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
