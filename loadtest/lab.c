/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/lab.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/clock.h"
#include "loadtest/lab_start.h"
#include "loadtest/lab_super.h"

#define STOP_TICK_MS 20

/* What the supervisor says to the process that started it, once: ready (with the directory) or why
 * not. */
struct first_word {
	bool ready;
	char text[512];
};

struct listener {
	int fd;
	bool detach;
};

/* From now on nobody may be there to read: deaths are reported in the lab's own log. */
static void
leave_terminal(const char *dir)
{
	char path[LAB_PATH_MAX + 16];
	int fd;

	snprintf(path, sizeof(path), "%s/log/lab.log", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd >= 0) {
		dup2(fd, STDERR_FILENO);
		close(fd);
	}
}

static void
say_ready(struct lab *lab, void *arg)
{
	struct first_word word = {.ready = true};
	struct listener *listener = arg;

	snprintf(word.text, sizeof(word.text), "%s", lab->dir);
	if (listener->detach)
		leave_terminal(lab->dir);
	if (write(listener->fd, &word, sizeof(word)) < 0)
		perror("lab");
	close(listener->fd);
	listener->fd = -1;
}

static void __attribute__((noreturn))
supervisor_main(const struct lab_options *options, bool detach, pid_t parent, int fd)
{
	struct listener listener = {.fd = fd, .detach = detach};
	struct lab_super_call call = {.ready = say_ready, .arg = &listener};
	struct first_word word = {.ready = false};
	struct err err = {""};
	int ret, null;

	if (!detach) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != parent)
			_exit(1);
	}
	setsid();
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
	}
	ret = lab_super_run(options, &call, &err);
	if (listener.fd >= 0) {
		snprintf(word.text, sizeof(word.text), "%s", err.text);
		if (write(listener.fd, &word, sizeof(word)) < 0)
			_exit(1);
	}
	_exit(ret == 0 ? 0 : 1);
}

int
lab_start_supervisor(const struct lab_options *options, bool detach, struct lab *lab,
		     struct err *err)
{
	struct first_word word;
	pid_t parent = getpid(), pid;
	ssize_t n;
	int fd[2];

	if (pipe(fd) != 0)
		return err_set(err, "pipe: %s", strerror(errno));
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		close(fd[0]);
		supervisor_main(options, detach, parent, fd[1]);
	}
	close(fd[1]);
	if (pid < 0) {
		close(fd[0]);
		return err_set(err, "fork: %s", strerror(errno));
	}
	do
		n = read(fd[0], &word, sizeof(word));
	while (n < 0 && errno == EINTR);
	close(fd[0]);
	if (n == (ssize_t)sizeof(word) && word.ready)
		return lab_load(word.text, lab, err);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return err_set(err, "%s",
		       n == (ssize_t)sizeof(word) ? word.text : "the supervisor was killed");
}

int
lab_start(const struct lab_options *options, struct lab *lab, struct err *err)
{
	return lab_start_supervisor(options, false, lab, err);
}

int
lab_stop(const struct lab *lab, struct err *err)
{
	int64_t deadline = clock_mono_ms() + LAB_STOP_MS + 5000;

	if (!lab_alive(lab))
		return 0;
	if (kill(lab->pid, SIGTERM) != 0 && errno != ESRCH)
		return err_set(err, "supervisor %ld: %s", (long)lab->pid, strerror(errno));
	while (lab_alive(lab)) {
		if (clock_mono_ms() >= deadline)
			return err_set(err, "supervisor %ld does not end", (long)lab->pid);
		poll(NULL, 0, STOP_TICK_MS);
	}
	/* Ours when we started it; otherwise there is nothing to reap. */
	waitpid(lab->pid, NULL, WNOHANG);
	return 0;
}
