/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/clock.h"

enum report_kind { REPORT_RUNS, REPORT_EXEC_FAILED, REPORT_ENDED };

/* Smaller than PIPE_BUF: arrives whole. */
struct report {
	enum report_kind kind;
	pid_t pid;
	int value; /* errno or wait status */
};

#define EXEC_MS 5000

static void
report_send(int fd, enum report_kind kind, pid_t pid, int value)
{
	struct report r = {.kind = kind, .pid = pid, .value = value};

	/* The reader may have died; then nobody is left to hear it. */
	if (write(fd, &r, sizeof(r)) < 0)
		return;
}

/* In the server's process, from fork to exec. Reports errno through exec_fd, which exec closes. */
static void __attribute__((noreturn))
server_exec(const struct proc_spec *spec, pid_t guard, int exec_fd)
{
	sigset_t none;
	int out, in, code;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != guard)
		_exit(1);
	in = open("/dev/null", O_RDONLY);
	out = spec->log != NULL ? open(spec->log, O_WRONLY | O_CREAT | O_APPEND, 0600)
				: dup(STDERR_FILENO);
	if (in >= 0 && out >= 0 && dup2(in, 0) == 0 && dup2(out, 1) == 1 && dup2(out, 2) == 2 &&
	    (spec->dir == NULL || chdir(spec->dir) == 0)) {
		signal(SIGPIPE, SIG_DFL);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		if (in > 2)
			close(in);
		if (out > 2)
			close(out);
		execvp(spec->argv[0], spec->argv);
	}
	code = errno;
	if (write(exec_fd, &code, sizeof(code)) < 0)
		_exit(126);
	_exit(127);
}

/* Calls fn for each child of a process that has one thread, or that forked in its first. */
static void
each_child(pid_t parent, void (*fn)(pid_t pid, int sig), int sig)
{
	char path[64], line[64];
	FILE *f;
	long pid;

	snprintf(path, sizeof(path), "/proc/%ld/task/%ld/children", (long)parent, (long)parent);
	f = fopen(path, "re");
	if (f == NULL)
		return;
	while (fscanf(f, "%63s", line) == 1) {
		pid = strtol(line, NULL, 10);
		if (pid > 1)
			fn((pid_t)pid, sig);
	}
	fclose(f);
}

static void
kill_one(pid_t pid, int sig)
{
	kill(pid, sig);
}

/* The parent first, so that it does not see its children go. */
static void
kill_tree(pid_t pid, int sig)
{
	kill(pid, sig);
	each_child(pid, kill_tree, sig);
}

/* As subreaper each orphan becomes our child, so killing children until there are none ends all. */
static void
kill_descendants(void)
{
	int rounds;

	for (rounds = 0; rounds < 1000; rounds++) {
		kill(0, SIGCONT);
		each_child(getpid(), kill_one, SIGKILL);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD)
			return;
		poll(NULL, 0, 5);
	}
}

/* Reaps; true with the status when the server itself was among the dead. */
static bool
reap(pid_t server, int *status)
{
	bool ended = false;
	pid_t pid;
	int s;

	while ((pid = waitpid(-1, &s, WNOHANG)) > 0) {
		if (pid == server) {
			ended = true;
			*status = s;
		}
	}
	return ended;
}

static void __attribute__((noreturn)) guard_run(pid_t server, int fd)
{
	struct timespec wait = {.tv_sec = 1};
	int64_t deadline = -1;
	sigset_t set;
	int sig, status = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGCHLD);
	for (;;) {
		if (reap(server, &status))
			break;
		if (deadline >= 0 && clock_mono_ms() >= deadline)
			break;
		if (deadline >= 0)
			wait = (struct timespec){.tv_nsec = 50000000};
		sig = sigtimedwait(&set, NULL, &wait);
		if (sig == SIGTERM && deadline < 0) {
			deadline = clock_mono_ms() + PROC_GRACE_MS;
			kill(server, SIGTERM);
			kill(server, SIGCONT);
		}
	}
	kill_descendants();
	report_send(fd, REPORT_ENDED, server, status);
	_exit(0);
}

/*
 * Leaves only `keep` open, and stderr where the server's output goes there: ports and pipes of
 * ours, or of whoever reads our output, must not live on here.
 */
static void
close_others(int keep, bool stderr_too)
{
	int null = open("/dev/null", O_RDWR);

	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		if (stderr_too)
			dup2(null, STDERR_FILENO);
	}
	if (keep > 3)
		close_range(3, (unsigned)keep - 1, 0);
	close_range((unsigned)keep + 1, ~0U, 0);
}

void
proc_nice(int nice)
{
	FILE *group = fopen("/proc/self/autogroup", "we");

	if (group != NULL) {
		fprintf(group, "%d", nice);
		fclose(group);
	}
	setpriority(PRIO_PROCESS, 0, nice);
}

static void __attribute__((noreturn)) guard_main(const struct proc_spec *spec, pid_t parent, int fd)
{
	pid_t self, server;
	sigset_t set;
	int exec_pipe[2], code;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(1);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_SETMASK, &set, NULL);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	setsid();
	if (spec->nice != 0)
		proc_nice(spec->nice);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	prctl(PR_SET_NAME, "lab-guard");
	if (spec->netns != NULL && setns(*spec->netns, CLONE_NEWNET) != 0) {
		report_send(fd, REPORT_EXEC_FAILED, 0, errno);
		_exit(1);
	}
	close_others(fd, spec->log != NULL);
	if (pipe2(exec_pipe, O_CLOEXEC) != 0)
		_exit(1);
	self = getpid();
	server = fork();
	if (server == 0)
		server_exec(spec, self, exec_pipe[1]);
	close(exec_pipe[1]);
	if (server < 0 || read(exec_pipe[0], &code, sizeof(code)) == (ssize_t)sizeof(code)) {
		code = server < 0 ? errno : code;
		if (server > 0)
			waitpid(server, NULL, 0);
		report_send(fd, REPORT_EXEC_FAILED, 0, code);
		_exit(1);
	}
	close(exec_pipe[0]);
	report_send(fd, REPORT_RUNS, server, 0);
	guard_run(server, fd);
}

static bool
report_take(int fd, struct report *r, long wait_ms)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	int64_t deadline = clock_mono_ms() + wait_ms;
	long left;
	int n;

	do {
		left = (long)(deadline - clock_mono_ms());
		n = poll(&pfd, 1, left > 0 ? (int)left : 0);
	} while (n < 0 && errno == EINTR);
	return n == 1 && read(fd, r, sizeof(*r)) == (ssize_t)sizeof(*r);
}

int
proc_start(struct proc *p, const struct proc_spec *spec, struct err *err)
{
	pid_t parent = getpid();
	struct report r = {.kind = REPORT_ENDED};
	int fd[2];

	*p = (struct proc){.fd = -1};
	if (pipe2(fd, O_CLOEXEC) != 0)
		return err_set(err, "pipe: %s", strerror(errno));
	fflush(NULL);
	p->guard = fork();
	if (p->guard < 0) {
		close(fd[0]);
		close(fd[1]);
		p->guard = 0;
		return err_set(err, "fork: %s", strerror(errno));
	}
	if (p->guard == 0)
		guard_main(spec, parent, fd[1]);
	close(fd[1]);
	p->fd = fd[0];
	if (report_take(p->fd, &r, EXEC_MS) && r.kind == REPORT_RUNS) {
		p->pid = r.pid;
		return 0;
	}
	proc_stop(p);
	proc_wait(p, PROC_GRACE_MS);
	return err_set(err, "%s: %s", spec->argv[0],
		       r.kind == REPORT_EXEC_FAILED ? strerror(r.value) : "did not start");
}

void
proc_update(struct proc *p)
{
	struct report r;

	if (p->fd >= 0 && report_take(p->fd, &r, 0) && r.kind == REPORT_ENDED) {
		p->ended = true;
		p->status = r.value;
		p->pid = 0;
	}
	if (p->guard == 0 || waitpid(p->guard, NULL, WNOHANG) != p->guard)
		return;
	/* Its last report may have come between the two looks; a killed guard leaves none. */
	if (!p->ended) {
		if (report_take(p->fd, &r, 0) && r.kind == REPORT_ENDED)
			p->status = r.value;
		else
			kill(-p->guard, SIGKILL);
		p->ended = true;
		p->pid = 0;
	}
	p->guard = 0;
	close(p->fd);
	p->fd = -1;
}

void
proc_stop(struct proc *p)
{
	if (p->guard > 0)
		kill(p->guard, SIGTERM);
}

void
proc_signal(const struct proc *p, int sig)
{
	if (p->pid > 0)
		kill_tree(p->pid, sig);
}

bool
proc_wait(struct proc *p, long deadline_ms)
{
	int64_t deadline = clock_mono_ms() + deadline_ms;

	for (;;) {
		proc_update(p);
		if (p->guard == 0)
			return true;
		if (clock_mono_ms() >= deadline)
			return false;
		poll(NULL, 0, 10);
	}
}

char *
proc_status_text(int status, char *out, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(out, size, "signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else
		snprintf(out, size, "status %d", WEXITSTATUS(status));
	return out;
}

unsigned long long
proc_start_time(pid_t pid)
{
	char path[64], stat[1024], *p;
	unsigned long long start = 0;
	size_t n;
	FILE *f;
	int field;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	f = fopen(path, "re");
	if (f == NULL)
		return 0;
	n = fread(stat, 1, sizeof(stat) - 1, f);
	fclose(f);
	stat[n] = '\0';
	/* The name in parentheses may hold anything; the fields count from behind it. */
	p = strrchr(stat, ')');
	if (p == NULL || p[1] == '\0' || p[2] == 'Z' || p[2] == 'X')
		return 0;
	for (field = 2; p != NULL && field < 22; field++)
		p = strchr(p + 1, ' ');
	if (p != NULL)
		start = strtoull(p + 1, NULL, 10);
	return start;
}
