/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long a command takes from its start to its end, as a shell sees it: stopwatch TIMES PAUSE_MS
 * COMMAND... Its output is thrown away. TIMES 0: until SIGTERM. Prints "n p50 p99 max failed",
 * times in ms.
 */
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TIMES_MAX 1000000

extern char **environ;

static volatile sig_atomic_t over;

static void
on_term(int signo)
{
	(void)signo;
	over = 1;
}

static double
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int
run(char **argv)
{
	posix_spawn_file_actions_t files;
	pid_t pid;
	int status;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	if (posix_spawn(&pid, argv[0], &files, NULL, argv, environ) != 0) {
		perror(argv[0]);
		exit(1);
	}
	posix_spawn_file_actions_destroy(&files);
	while (waitpid(pid, &status, 0) < 0)
		;
	return status;
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
	int times = argc > 3 ? atoi(argv[1]) : -1, pause_ms = argc > 3 ? atoi(argv[2]) : 0;
	struct timespec rest = {pause_ms / 1000, pause_ms % 1000 * 1000000L};
	static double took[TIMES_MAX];
	int n = 0, failed = 0;

	if (times < 0 || times > TIMES_MAX) {
		fprintf(stderr, "usage: stopwatch TIMES PAUSE_MS COMMAND...\n");
		return 2;
	}
	signal(SIGTERM, on_term);
	while (!over && n < (times > 0 ? times : TIMES_MAX)) {
		double start = now_ms();

		failed += run(argv + 3) != 0;
		took[n++] = now_ms() - start;
		nanosleep(&rest, NULL);
	}
	if (n == 0)
		return 1;
	qsort(took, (size_t)n, sizeof(took[0]), by_size);
	printf("%d %.1f %.1f %.1f %d\n", n, took[(n - 1) / 2], took[(n - 1) * 99 / 100],
	       took[n - 1], failed);
	return 0;
}
