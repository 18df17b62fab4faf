/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/client.h"
#include "lib/clock.h"
#include "lib/mem.h"
#include "mqsctl/api.h"
#include "mqsctl/cmd.h"
#include "mqsctl/findings.h"
#include "mqsctl/grammar.h"
#include "mqsctl/recent.h"
#include "mqsctl/render.h"
#include "mqsctl/shell.h"

#define DEFAULT_CONF "/etc/mqs/mqsd.conf"
/* The lists of a full node take 15 s at most, and are asked for twice. */
#define LOOK_MS	  40000
#define ALONE_MS  20000
#define ALONE_MAX (1024 * 1024) /* bytes; 256 nodes have a tenth of it */

int
cmd_node_check(struct shell *shell, const struct match *match)
{
	json_t *reply;
	int rc = api_get_within(shell, LOOK_MS, &reply, "/v1/nodes/%s/check",
				match_value(match, "node"));

	return rc == SHELL_DONE ? findings_show(shell, reply) : rc;
}

/* mqsd stands beside mqsctl, or in the path. */
static void
run_mqsd(const char *conf)
{
	char self[4000] = "", *slash, *beside;
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	slash = len > 0 ? strrchr(self, '/') : NULL;
	if (slash != NULL) {
		*slash = '\0';
		beside = mem_printf("%s/mqsd", self);
		execl(beside, "mqsd", "-d", "-c", conf, (char *)NULL);
	}
	execlp("mqsd", "mqsd", "-d", "-c", conf, (char *)NULL);
	_exit(127);
}

/* All that it writes until it ends; what comes later than the deadline is not waited for. */
static char *
read_all(int fd, size_t *len)
{
	int64_t until = clock_mono_ms() + ALONE_MS;
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	char *text = mem_alloc(ALONE_MAX);
	ssize_t n;

	*len = 0;
	while (*len < ALONE_MAX && clock_mono_ms() < until) {
		n = poll(&ready, 1, (int)(until - clock_mono_ms()));
		if (n > 0)
			n = read(fd, text + *len, ALONE_MAX - *len);
		if (n == 0 || (n < 0 && errno != EINTR))
			break;
		if (n > 0)
			*len += (size_t)n;
	}
	return text;
}

/* What mqsd finds out by itself; NULL when it could not be run. */
static json_t *
ask_alone(const char *conf)
{
	json_t *reply = NULL;
	int fds[2], status;
	size_t len;
	char *text;
	pid_t pid;

	if (pipe(fds) != 0)
		return NULL;
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], STDOUT_FILENO);
		close(fds[0]);
		close(fds[1]);
		run_mqsd(conf);
	}
	close(fds[1]);
	if (pid > 0) {
		text = read_all(fds[0], &len);
		kill(pid, SIGTERM); /* it has ended, or is too late */
		waitpid(pid, &status, 0);
		reply = json_loadb(text, len, 0, NULL);
		free(text);
	}
	close(fds[0]);
	return reply;
}

/* Nobody answers at the socket: what a configuration file leads to can be asked all the same. */
static int
look_alone(struct shell *shell, const char *conf, const struct err *absent)
{
	json_t *reply = ask_alone(conf);

	if (reply == NULL) {
		shell_fail(shell, "no_mqsd", "mqsd -d could not be run",
			   "It stands beside mqsctl, or in the PATH.");
		return SHELL_NO_MQSD;
	}
	if (absent != NULL)
		findings_add(reply, 0, "mqsd", "error",
			     "Start it: systemctl start mqsd. What follows was found out without "
			     "it; what stands in the pool was not looked at.",
			     "no mqsd answers: %s", absent->text);
	return findings_show(shell, reply);
}

int
cmd_doctor(struct shell *shell, const struct match *match)
{
	const char *file = match_value(match, "file");
	struct client_reply got;
	struct err err;
	json_t *reply;
	int rc;

	if (file != NULL)
		return look_alone(shell, file, NULL);
	/* Only to see whether somebody is there. */
	if (client_request(shell->client, "GET", "/v1/health", NULL, ALONE_MS, &got, &err) != 0 &&
	    !client_reached(shell->client))
		return look_alone(shell, DEFAULT_CONF, &err);
	json_decref(got.body);
	rc = api_get_within(shell, LOOK_MS, &reply, "/v1/doctor");
	if (rc != SHELL_DONE)
		return rc;
	recent_check(shell->client, reply);
	return findings_show(shell, reply);
}
