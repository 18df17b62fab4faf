/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/lab_net.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/mem.h"

#define OWN_NS "/proc/self/ns/net"

void
lab_net_init(struct lab_net *net)
{
	int i;

	for (i = 0; i < LAB_SERVERS_MAX; i++)
		net->fds[i] = -1;
}

static int
write_proc(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok ? 0 : -1;
}

/* Root's rights over what the namespace owns, nothing outside it. */
static int
own_users(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	char *users = mem_printf("0 %u 1", (unsigned)uid);
	char *groups = mem_printf("0 %u 1", (unsigned)gid);
	int ret = unshare(CLONE_NEWUSER);

	if (ret == 0 && (write_proc("/proc/self/setgroups", "deny") != 0 ||
			 write_proc("/proc/self/uid_map", users) != 0 ||
			 write_proc("/proc/self/gid_map", groups) != 0))
		ret = -1;
	free(users);
	free(groups);
	return ret;
}

/* -1 with errno. */
static int
leave_network(void)
{
	if (unshare(CLONE_NEWNET) == 0)
		return 0;
	return errno == EPERM && own_users() == 0 ? unshare(CLONE_NEWNET) : -1;
}

static int
impossible(int why, struct err *err)
{
	return err_set(err,
		       "network namespaces can't be made here (%s): run as root, or allow user "
		       "namespaces (sysctl kernel.unprivileged_userns_clone=1), or do without "
		       "--netns",
		       strerror(why));
}

int
lab_net_possible(struct err *err)
{
	int status = 0;
	pid_t pid;

	if (system("command -v ip >/dev/null 2>&1") != 0)
		return err_set(err, "ip is missing; install iproute2, or do without --netns");
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		_exit(leave_network() == 0 ? 0 : errno);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return err_set(err, "fork: %s", strerror(errno));
	return status == 0 ? 0 : impossible(WEXITSTATUS(status), err);
}

static void __attribute__((noreturn)) run_ip(int ns, int batch)
{
	if ((ns < 0 || setns(ns, CLONE_NEWNET) == 0) && dup2(batch, STDIN_FILENO) == STDIN_FILENO)
		execlp("ip", "ip", "-batch", "-", (char *)NULL);
	_exit(127);
}

/* Runs the commands in that namespace, -1: ours. Frees the text. */
static int
ip_batch(int ns, char *text, struct err *err)
{
	int batch = memfd_create("ip", MFD_CLOEXEC), status = -1;
	size_t len = strlen(text);
	bool ok = batch >= 0 && write(batch, text, len) == (ssize_t)len &&
		  lseek(batch, 0, SEEK_SET) == 0;
	pid_t pid;

	free(text);
	fflush(NULL);
	pid = ok ? fork() : -1;
	if (pid == 0)
		run_ip(ns, batch);
	ok = pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
	if (batch >= 0)
		close(batch);
	return ok ? 0 : err_set(err, "ip could not set up the lab's network; see its words above");
}

/* A namespace for each server, kept by its descriptor; then back to where we were. */
static int
make_all(struct lab_net *net, struct lab *lab, struct err *err)
{
	int own = open(OWN_NS, O_RDONLY | O_CLOEXEC), i, ret = own >= 0 ? 0 : -1;

	for (i = 0; ret == 0 && lab_server_at(lab, i) != NULL; i++) {
		ret = unshare(CLONE_NEWNET);
		if (ret == 0)
			net->fds[i] = open(OWN_NS, O_RDONLY | O_CLOEXEC);
		if (ret == 0 && net->fds[i] < 0)
			ret = -1;
	}
	if (own >= 0 && setns(own, CLONE_NEWNET) != 0)
		ret = -1;
	if (ret != 0)
		err_set(err, "network namespaces: %s", strerror(errno));
	if (own >= 0)
		close(own);
	return ret;
}

int
lab_net_open(struct lab_net *net, struct lab *lab, struct err *err)
{
	int i;

	if (leave_network() != 0)
		return impossible(errno, err);
	if (make_all(net, lab, err) != 0 ||
	    ip_batch(-1, lab_net_text_bridge(lab, getpid(), net->fds), err) != 0)
		return -1;
	for (i = 0; lab_server_at(lab, i) != NULL; i++)
		if (ip_batch(net->fds[i], lab_net_text_server(lab, i), err) != 0)
			return -1;
	return 0;
}

void
lab_net_close(struct lab_net *net)
{
	int i;

	for (i = 0; i < LAB_SERVERS_MAX; i++) {
		if (net->fds[i] >= 0)
			close(net->fds[i]);
		net->fds[i] = -1;
	}
}

int
lab_net_link(const struct lab_net *net, struct lab *lab, int a, int b, bool cut, struct err *err)
{
	if (b < 0)
		return ip_batch(-1, lab_net_text_link(lab, a, -1, cut), err);
	if (ip_batch(net->fds[a], lab_net_text_link(lab, a, b, cut), err) != 0)
		return -1;
	return ip_batch(net->fds[b], lab_net_text_link(lab, b, a, cut), err);
}

static int
enter(pid_t pid, const char *kind, int type)
{
	char *path = mem_printf("/proc/%ld/ns/%s", (long)pid, kind);
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret = -1;

	free(path);
	if (fd >= 0) {
		ret = setns(fd, type);
		close(fd);
	}
	return ret;
}

int
lab_net_enter(const struct lab *lab, pid_t pid, struct err *err)
{
	if (pid <= 0)
		pid = lab->pid;
	if (!lab->netns || enter(pid, "net", CLONE_NEWNET) == 0)
		return 0;
	if (errno == EPERM && enter(pid, "user", CLONE_NEWUSER) == 0 &&
	    enter(pid, "net", CLONE_NEWNET) == 0)
		return 0;
	return err_set(err, "the lab's network namespace can't be entered: %s", strerror(errno));
}
