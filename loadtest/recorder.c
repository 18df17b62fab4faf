/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/recorder.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/client.h"
#include "lib/mem.h"
#include "loadtest/tape.h"

#define IDLE_MS	 20000 /* mqsd sends a ping each 15 s */
#define RETRY_MS 100

struct pen {
	struct tape tape;
	FILE *out;
};

static int
write_event(void *arg, const char *id, const char *name, const char *data)
{
	struct pen *pen = arg;

	switch (tape_take(&pen->tape, id, name, data)) {
	case TAPE_NEW:
		fprintf(pen->out, "%s\t%s\t%s\n", id, name, data);
		/* The run follows the file as it grows. */
		fflush(pen->out);
		return 0;
	case TAPE_HEARD:
		return 0;
	case TAPE_ASK:
		return 1;
	}
	return 0;
}

/* Until it is killed, or mqsd refuses. */
static void
record(const char *const *sockets, FILE *out)
{
	struct timespec pause = {.tv_nsec = RETRY_MS * 1000000L};
	struct pen pen = {.out = out};
	struct client *client;
	struct err err;
	size_t at = 0;
	bool refused = false;
	char *path;
	int rc;

	tape_init(&pen.tape);
	while (!refused) {
		client = client_new(sockets[at]);
		path = mem_printf("/v1/events?since=%lld-0", (long long)tape_since(&pen.tape));
		rc = client_stream(client, path, IDLE_MS, write_event, NULL, &pen, &err);
		/* A refusal stays one; the run ends with this process. */
		refused = client_status(client) / 100 == 4;
		if (refused)
			fprintf(stderr, "loadtest: mqsd's events: %s\n", err.text);
		free(path);
		client_free(client);
		if (rc == 0 || refused)
			continue;
		at = sockets[at + 1] != NULL ? at + 1 : 0;
		nanosleep(&pause, NULL);
	}
	tape_free(&pen.tape);
}

int
recorder_start(struct recorder *r, const char *const *sockets, const char *path, struct err *err)
{
	FILE *out = fopen(path, "ae");
	pid_t parent = getpid();
	sigset_t term, before;

	if (out == NULL)
		return err_set(err, "%s: %s", path, strerror(errno));
	/* Who ends it at once must not meet a handler of ours that it still has. */
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, &before);
	r->pid = fork();
	if (r->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGINT, SIG_IGN); /* a terminal's Ctrl-C goes to the parent, which ends us */
		signal(SIGTERM, SIG_DFL);
		signal(SIGHUP, SIG_IGN);
		sigprocmask(SIG_SETMASK, &before, NULL);
		if (getppid() == parent)
			record(sockets, out);
		_exit(1);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	fclose(out);
	if (r->pid < 0) {
		r->pid = 0;
		return err_set(err, "fork: %s", strerror(errno));
	}
	return 0;
}

void
recorder_stop(struct recorder *r)
{
	if (r->pid == 0)
		return;
	kill(r->pid, SIGTERM);
	while (waitpid(r->pid, NULL, 0) < 0 && errno == EINTR)
		;
	r->pid = 0;
}

bool
recorder_alive(struct recorder *r)
{
	if (r->pid != 0 && waitpid(r->pid, NULL, WNOHANG) == r->pid)
		r->pid = 0;
	return r->pid != 0;
}
