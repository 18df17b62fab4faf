/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/clock.h"
#include "loadtest/proc.h"

#define WAIT_MS 5000

/* A server whose worker left its session and its parent, as daemons do; prints the worker's pid. */
static char *const worker_argv[] = {
	"sh", "-c", "(setsid sh -c 'echo $$; exec sleep 1000' &) ; exec sleep 1000", NULL};

static bool
gone(pid_t pid)
{
	int64_t deadline = clock_mono_ms() + WAIT_MS;

	while (proc_start_time(pid) != 0) {
		if (clock_mono_ms() >= deadline)
			return false;
		poll(NULL, 0, 5);
	}
	return true;
}

/* The pid that the worker wrote to the log. */
static pid_t
worker_pid(const char *log)
{
	int64_t deadline = clock_mono_ms() + WAIT_MS;
	long pid = 0;
	FILE *f;

	while (pid == 0 && clock_mono_ms() < deadline) {
		f = fopen(log, "r");
		if (f == NULL || fscanf(f, "%ld\n", &pid) != 1)
			pid = 0;
		if (f != NULL)
			fclose(f);
		poll(NULL, 0, 5);
	}
	assert_true(pid > 1);
	return (pid_t)pid;
}

static void
stop_ends_the_workers(void **state)
{
	char log[] = "/tmp/test_proc_XXXXXX";
	struct proc_spec spec = {.argv = worker_argv, .log = log};
	struct err err = {""};
	struct proc p;
	pid_t worker;

	(void)state;
	close(mkstemp(log));
	assert_int_equal(proc_start(&p, &spec, &err), 0);
	worker = worker_pid(log);
	assert_true(proc_start_time(p.pid) != 0);
	assert_true(proc_start_time(worker) != 0);
	proc_stop(&p);
	assert_true(proc_wait(&p, WAIT_MS));
	assert_true(p.ended);
	assert_true(WIFSIGNALED(p.status) && WTERMSIG(p.status) == SIGTERM);
	assert_int_equal(proc_start_time(worker), 0);
	unlink(log);
}

/* As when the supervisor is killed with SIGKILL, and when a guard is. */
static void
death_ends_the_workers(void **state)
{
	char log[] = "/tmp/test_proc_XXXXXX";
	struct proc_spec spec = {.argv = worker_argv, .log = log};
	struct err err = {""};
	struct proc p;
	pid_t parent, worker;
	int fd[2];

	(void)state;
	close(mkstemp(log));
	assert_int_equal(pipe(fd), 0);
	parent = fork();
	if (parent == 0) {
		if (proc_start(&p, &spec, &err) != 0 || write(fd[1], &p, sizeof(p)) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(fd[0], &p, sizeof(p)), sizeof(p));
	worker = worker_pid(log);
	kill(parent, SIGKILL);
	waitpid(parent, NULL, 0);
	assert_true(gone(p.guard));
	assert_true(gone(p.pid));
	assert_true(gone(worker));
	while (waitpid(-1, NULL, 0) > 0)
		;
	close(fd[0]);
	close(fd[1]);
	unlink(log);
}

static void
a_stubborn_server_is_killed(void **state)
{
	char *const argv[] = {"sh", "-c", "trap '' TERM; while :; do sleep 1; done", NULL};
	struct proc_spec spec = {.argv = argv, .log = "/dev/null"};
	int64_t begin;
	struct err err;
	struct proc p;

	(void)state;
	assert_int_equal(proc_start(&p, &spec, &err), 0);
	begin = clock_mono_ms();
	poll(NULL, 0, 50);
	kill(p.pid, SIGSTOP);
	proc_stop(&p);
	assert_true(proc_wait(&p, PROC_GRACE_MS + WAIT_MS));
	assert_in_range(clock_mono_ms() - begin, PROC_GRACE_MS - 100, PROC_GRACE_MS + WAIT_MS);
}

static void
ends_and_failures_are_told(void **state)
{
	char *const argv[] = {"sh", "-c", "exit 7", NULL};
	char *const none[] = {"/nonexistent/server", NULL};
	struct proc_spec spec = {.argv = argv, .log = "/dev/null"};
	struct err err = {""};
	struct proc p;
	char text[64];

	(void)state;
	assert_int_equal(proc_start(&p, &spec, &err), 0);
	assert_true(proc_wait(&p, WAIT_MS));
	assert_string_equal(proc_status_text(p.status, text, sizeof(text)), "status 7");
	assert_string_equal(proc_status_text(9, text, sizeof(text)), "signal 9 (Killed)");
	spec.argv = none;
	assert_int_equal(proc_start(&p, &spec, &err), -1);
	assert_string_equal(err.text, "/nonexistent/server: No such file or directory");
	assert_int_equal(p.guard, 0);
	/* Nothing is left to wait for. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* Who isn't root gets the server all the same. */
static void
what_comes_first_is_asked_for(void **state)
{
	char *const argv[] = {"sleep", "1000", NULL};
	struct proc_spec spec = {.argv = argv, .nice = PROC_NICE_FIRST};
	struct proc p;
	struct err err;

	(void)state;
	assert_int_equal(proc_start(&p, &spec, &err), 0);
	assert_int_equal(getpriority(PRIO_PROCESS, (id_t)p.pid),
			 geteuid() == 0 ? PROC_NICE_FIRST : getpriority(PRIO_PROCESS, 0));
	proc_stop(&p);
	assert_true(proc_wait(&p, WAIT_MS));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stop_ends_the_workers),
		cmocka_unit_test(death_ends_the_workers),
		cmocka_unit_test(a_stubborn_server_is_killed),
		cmocka_unit_test(ends_and_failures_are_told),
		cmocka_unit_test(what_comes_first_is_asked_for),
	};

	/* Orphans of a killed parent come to us and not to init, which may leave them as zombies.
	 */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	signal(SIGCHLD, SIG_DFL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
