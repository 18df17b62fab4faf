/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/lab_verb.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define REQUEST_MS 1000	 /* for the request to come once somebody has connected */
#define GONE_MS	   5000	 /* for a killed server to be gone */
#define ASK_MS	   20000 /* for the supervisor, which may be waiting for a server's answer */

static void
mark_down(struct lab_unit *u)
{
	u->server->pid = 0;
	u->server->ready_ms = -1;
	u->server->stopped = false;
	u->server->killed = true;
	u->restart_at_ms = -1;
	u->answers = false;
}

static int
end(struct lab_unit *u, bool kindly, struct err *err)
{
	const char *name = u->server->name;
	bool waits = u->restart_at_ms >= 0;

	if (u->server->pid == 0 && !waits)
		return err_set(err, "%s is down already", name);
	if (u->server->stopped && kindly)
		return err_set(err, "%s is stopped; continue it first", name);
	if (kindly)
		proc_stop(&u->proc);
	else
		proc_signal(&u->proc, SIGKILL);
	if (!proc_wait(&u->proc, GONE_MS))
		return err_set(err, "%s does not end within %d ms", name, GONE_MS);
	mark_down(u);
	return 0;
}

static int
do_kill(struct lab_site *site, struct lab_unit *u, struct lab_unit *other, struct err *err)
{
	(void)site;
	(void)other;
	return end(u, false, err);
}

static int
do_term(struct lab_site *site, struct lab_unit *u, struct lab_unit *other, struct err *err)
{
	(void)site;
	(void)other;
	return end(u, true, err);
}

static int
pause_or_go(struct lab_unit *u, bool stop, struct err *err)
{
	if (u->server->pid == 0)
		return err_set(err, "%s is down", u->server->name);
	proc_signal(&u->proc, stop ? SIGSTOP : SIGCONT);
	u->server->stopped = stop;
	return 0;
}

static int
do_stop(struct lab_site *site, struct lab_unit *u, struct lab_unit *other, struct err *err)
{
	(void)site;
	(void)other;
	return pause_or_go(u, true, err);
}

static int
do_cont(struct lab_site *site, struct lab_unit *u, struct lab_unit *other, struct err *err)
{
	(void)site;
	(void)other;
	return pause_or_go(u, false, err);
}

static int
do_start(struct lab_site *site, struct lab_unit *u, struct lab_unit *other, struct err *err)
{
	(void)other;
	if (u->server->pid != 0)
		return err_set(err, "%s runs already", u->server->name);
	if (!proc_wait(&u->proc, GONE_MS))
		return err_set(err, "%s has not ended yet", u->server->name);
	u->server->killed = false;
	return lab_unit_start(site, u, err);
}

static int
link_of(struct lab_site *site, struct lab_unit *u, struct lab_unit *other, bool cut,
	struct err *err)
{
	if (!site->lab.netns)
		return err_set(err, "links can be cut only in a lab that was made with --netns");
	if (lab_net_link(&site->net, &site->lab, (int)(u - site->units),
			 other != NULL ? (int)(other - site->units) : -1, cut, err) != 0)
		return -1;
	if (other == NULL)
		u->server->cut = cut;
	return 0;
}

static int
do_cut(struct lab_site *site, struct lab_unit *u, struct lab_unit *other, struct err *err)
{
	return link_of(site, u, other, true, err);
}

static int
do_mend(struct lab_site *site, struct lab_unit *u, struct lab_unit *other, struct err *err)
{
	return link_of(site, u, other, false, err);
}

static const struct verb {
	const char *name;
	bool two; /* may name a second server */
	int (*run)(struct lab_site *site, struct lab_unit *u, struct lab_unit *other,
		   struct err *err);
} verbs[] = {
	{"kill", false, do_kill}, {"term", false, do_term},   {"stop", false, do_stop},
	{"cont", false, do_cont}, {"start", false, do_start}, {"cut", true, do_cut},
	{"mend", true, do_mend},
};

static struct lab_unit *
unit_find(struct lab_site *site, const char *name, struct err *err)
{
	struct lab_server *s = lab_server_find(&site->lab, name);
	int i;

	for (i = 0; s != NULL && i < site->unit_count; i++)
		if (site->units[i].server == s)
			return &site->units[i];
	err_set(err, "no server %s in this lab", name);
	return NULL;
}

int
lab_verb_do(struct lab_site *site, const char *request, struct err *err)
{
	char verb[16], name[TEXT_NAME_MAX + 1], second[TEXT_NAME_MAX + 1];
	int words = sscanf(request, "%15s %64s %64s", verb, name, second);
	struct lab_unit *u, *other = NULL;
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (words >= 2 && strcmp(verbs[i].name, verb) == 0)
			break;
	if (i == sizeof(verbs) / sizeof(verbs[0]) || (words == 3 && !verbs[i].two))
		return err_set(err, "not understood: %.80s", request);
	u = unit_find(site, name, err);
	if (u == NULL || (words == 3 && (other = unit_find(site, second, err)) == NULL))
		return -1;
	if (u == other)
		return err_set(err, "%s has no link to itself", name);
	if (verbs[i].run(site, u, other, err) != 0)
		return -1;
	fprintf(stderr, "lab: %s\n", request);
	return 0;
}

static socklen_t
address(const struct lab *lab, struct sockaddr_un *sun)
{
	*sun = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(sun->sun_path, sizeof(sun->sun_path), "%.*s/lab.sock", LAB_DIR_MAX, lab->dir);
	return sizeof(*sun);
}

int
lab_verb_listen(const struct lab *lab, struct err *err)
{
	struct sockaddr_un sun;
	socklen_t len = address(lab, &sun);
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&sun, len) == 0 && listen(fd, 8) == 0)
		return fd;
	err_set(err, "%s: %s", sun.sun_path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

bool
lab_verb_serve(int fd, struct lab_site *site)
{
	int conn = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	struct pollfd pfd = {.fd = conn, .events = POLLIN};
	char request[LAB_VERB_MAX];
	struct err err = {""};
	ssize_t n = -1;

	if (conn < 0)
		return false;
	if (poll(&pfd, 1, REQUEST_MS) > 0)
		n = recv(conn, request, sizeof(request) - 1, MSG_DONTWAIT);
	if (n > 0) {
		request[n] = '\0';
		lab_verb_do(site, request, &err);
		if (send(conn, err.text, strlen(err.text) + 1, MSG_NOSIGNAL) < 0)
			fprintf(stderr, "lab: %s: nobody waited for the answer\n", request);
	}
	close(conn);
	return n > 0;
}

int
lab_verb_ask(const struct lab *lab, const char *verb, const char *server, const char *other,
	     struct err *err)
{
	struct timeval wait = {.tv_sec = ASK_MS / 1000};
	char text[LAB_VERB_MAX];
	struct sockaddr_un sun;
	socklen_t len = address(lab, &sun);
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	ssize_t n = -1;

	snprintf(text, sizeof(text), "%s %s%s%s", verb, server, other != NULL ? " " : "",
		 other != NULL ? other : "");
	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) == 0 &&
	    connect(fd, (struct sockaddr *)&sun, len) == 0 &&
	    send(fd, text, strlen(text), MSG_NOSIGNAL) > 0)
		n = recv(fd, text, sizeof(text) - 1, 0);
	if (n < 0)
		err_set(err, "the lab's supervisor does not answer: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	if (n < 0)
		return -1;
	text[n] = '\0';
	return n <= 1 ? 0 : err_set(err, "%s", text);
}
