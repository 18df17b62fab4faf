/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/lab_super.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "loadtest/lab_conf.h"
#include "loadtest/lab_dir.h"
#include "loadtest/lab_log.h"
#include "loadtest/lab_port.h"
#include "loadtest/lab_state.h"
#include "loadtest/lab_unit.h"
#include "loadtest/lab_verb.h"

#define STARTING_TICK_MS 50
#define RUNNING_TICK_MS	 500
#define LOG_CHECK_MS	 5000
#define RESTART_MS	 1000 /* as RestartSec= in etc/systemd/mqsd.service */
#define MQSD_STOP_MS	 2000

struct super {
	const struct lab_options *options;
	struct lab_site site;
	struct lab_ports ports;
	int signals; /* signalfd */
	int verbs;   /* what is done on purpose */
	bool stopping;
	int64_t log_checked_ms;
};

/* The program's own directory holds mqsd, too. */
static void
find_mqsd(struct super *s)
{
	ssize_t n;
	char *slash, *full;

	if (s->options->mqsd_bin != NULL) {
		full = realpath(s->options->mqsd_bin, NULL);
		snprintf(s->site.mqsd_path, sizeof(s->site.mqsd_path), "%s",
			 full != NULL ? full : s->options->mqsd_bin);
		free(full);
		return;
	}
	n = readlink("/proc/self/exe", s->site.mqsd_path, sizeof(s->site.mqsd_path) - 8);
	s->site.mqsd_path[n > 0 ? n : 0] = '\0';
	slash = strrchr(s->site.mqsd_path, '/');
	snprintf(slash != NULL ? slash : s->site.mqsd_path, 6, "/mqsd");
}

static void
publish(struct super *s)
{
	struct err err;

	if (lab_state_write(&s->site.lab, &err) != 0)
		fprintf(stderr, "lab: %s\n", err.text);
}

/* Waits for the tick, a signal, a request or a guard's news. */
static void
super_wait(struct super *s, int tick_ms)
{
	struct pollfd fds[LAB_SERVERS_MAX + 2];
	struct signalfd_siginfo info;
	int n = 0, i;

	fds[n++] = (struct pollfd){.fd = s->signals, .events = POLLIN};
	fds[n++] = (struct pollfd){.fd = s->verbs, .events = POLLIN};
	for (i = 0; i < s->site.unit_count; i++)
		fds[n++] = (struct pollfd){.fd = s->site.units[i].proc.fd, .events = POLLIN};
	poll(fds, (nfds_t)n, tick_ms);
	while (read(s->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		if (info.ssi_signo != SIGCHLD)
			s->stopping = true;
	if (s->verbs >= 0 && lab_verb_serve(s->verbs, &s->site))
		publish(s);
}

static void
unit_answers(struct lab_unit *u)
{
	u->answers = true;
	u->server->ready_ms = clock_mono_ms() - u->started_ms;
}

/* One look at a server that is to answer; 1: it does, 0: not yet, -1: it has failed. */
static int
await_one(struct super *s, struct lab_unit *u, int64_t deadline, struct err *err)
{
	const char *name = u->server->name;
	char text[64];

	proc_update(&u->proc);
	if (!u->proc.ended && !u->answers && lab_server_probe(&s->site.lab, u->server, u->why))
		unit_answers(u);
	if (u->proc.ended)
		err_set(err, "%s ended with %s while starting", name,
			proc_status_text(u->proc.status, text, sizeof(text)));
	else if (!u->answers && clock_mono_ms() >= deadline)
		err_set(err, "%s does not answer after %d s: %s", name, LAB_READY_MS / 1000,
			u->why);
	else
		return u->answers;
	lab_log_tail(u->log, name, 20, stderr);
	return -1;
}

/* Starts the servers of one stage and waits until each answers. */
static int
bring_up_stage(struct super *s, int stage, struct err *err)
{
	int64_t deadline = clock_mono_ms() + LAB_READY_MS;
	int left = 1, i, up;

	for (i = 0; i < s->site.unit_count; i++)
		if (lab_unit_stage(&s->site.units[i]) == stage &&
		    lab_unit_start(&s->site, &s->site.units[i], err) != 0)
			return -1;
	publish(s);
	while (left > 0 && !s->stopping) {
		super_wait(s, STARTING_TICK_MS);
		for (left = 0, i = 0; i < s->site.unit_count; i++) {
			if (lab_unit_stage(&s->site.units[i]) > stage)
				continue;
			up = await_one(s, &s->site.units[i], deadline, err);
			if (up < 0)
				return -1;
			left += up == 0;
		}
	}
	return s->stopping ? err_set(err, "interrupted while starting") : 0;
}

static void
unit_died(struct super *s, struct lab_unit *u)
{
	bool again = u->server->kind == LAB_MQSD;
	char text[64];

	fprintf(stderr, "lab: %s (pid %ld) ended with %s%s\n", u->server->name,
		(long)u->server->pid, proc_status_text(u->proc.status, text, sizeof(text)),
		again ? "; starting it again" : "");
	u->server->pid = 0;
	u->server->ready_ms = -1;
	u->server->stopped = false;
	u->answers = false;
	if (again)
		u->restart_at_ms = clock_mono_ms() + RESTART_MS;
	publish(s);
}

static void
unit_restart(struct super *s, struct lab_unit *u)
{
	struct err err;

	u->server->restarts++;
	if (lab_unit_start(&s->site, u, &err) != 0) {
		fprintf(stderr, "lab: %s\n", err.text);
		u->restart_at_ms = clock_mono_ms() + RESTART_MS;
	}
	publish(s);
}

static void
watch_one(struct super *s, struct lab_unit *u)
{
	proc_update(&u->proc);
	if (u->proc.ended && u->server->pid != 0)
		unit_died(s, u);
	if (u->restart_at_ms >= 0 && u->proc.guard == 0 && clock_mono_ms() >= u->restart_at_ms)
		unit_restart(s, u);
	/* One that can't answer would keep us from what others ask of us. */
	if (u->server->pid != 0 && !u->answers && !u->server->stopped && !u->server->cut &&
	    lab_server_probe(&s->site.lab, u->server, u->why)) {
		unit_answers(u);
		publish(s);
	}
}

static void
watch(struct super *s)
{
	int64_t now;
	int i;

	while (!s->stopping) {
		super_wait(s, RUNNING_TICK_MS);
		for (i = 0; i < s->site.unit_count; i++)
			watch_one(s, &s->site.units[i]);
		now = clock_mono_ms();
		if (now - s->log_checked_ms < LOG_CHECK_MS)
			continue;
		s->log_checked_ms = now;
		for (i = 0; i < s->site.unit_count; i++)
			lab_log_bound(s->site.units[i].log);
	}
}

static void
stop_unit(struct lab_unit *u)
{
	if (u->server->stopped)
		proc_signal(&u->proc, SIGCONT);
	proc_stop(&u->proc);
}

/* mqsd first, so that it doesn't report the others' end. */
static void
take_down(struct super *s)
{
	struct lab_unit *u = s->site.units, *past = u + s->site.unit_count;
	int64_t deadline = clock_mono_ms() + MQSD_STOP_MS;

	for (; u < past; u++)
		if (u->server->kind == LAB_MQSD)
			stop_unit(u);
	for (u = s->site.units; u < past; u++)
		if (u->server->kind == LAB_MQSD)
			proc_wait(&u->proc, (long)(deadline - clock_mono_ms()));
	for (u = s->site.units; u < past; u++)
		stop_unit(u);
	deadline = clock_mono_ms() + LAB_STOP_MS;
	for (u = s->site.units; u < past; u++)
		if (!proc_wait(&u->proc, (long)(deadline - clock_mono_ms())))
			fprintf(stderr, "lab: %s (pid %ld) could not be ended\n", u->server->name,
				(long)u->server->pid);
}

static int
bring_up(struct super *s, struct err *err)
{
	int stage;

	lab_units_make(&s->site);
	for (stage = 0; stage < LAB_STAGES; stage++)
		if (bring_up_stage(s, stage, err) != 0)
			return -1;
	s->site.lab.ready = true;
	s->verbs = lab_verb_listen(&s->site.lab, err);
	if (s->verbs < 0)
		return -1;
	publish(s);
	return 0;
}

/* What can be said before anything is made. */
static int
check(struct super *s, char *etc, size_t size, struct err *err)
{
	if (provision_check(err) != 0 || lab_conf_etc(s->options->etc, etc, size, err) != 0 ||
	    (s->options->netns && lab_net_possible(err) != 0) ||
	    provision_asterisk(&s->site.asterisk, err) != 0)
		return -1;
	find_mqsd(s);
	if (s->options->mqsds > 0 && access(s->site.mqsd_path, X_OK) != 0)
		return err_set(err, "%s: %s (build it, or use --no-mqsd)", s->site.mqsd_path,
			       strerror(errno));
	return 0;
}

static int
prepare(struct super *s, struct err *err)
{
	char etc[LAB_PATH_MAX * 4];
	struct lab *lab = &s->site.lab;

	if (check(s, etc, sizeof(etc), err) != 0)
		return -1;
	lab_dirs_sweep();
	if (lab_dir_make(s->options->dir, lab->dir, err) != 0)
		return -1;
	if (lab_ports_claim(&s->ports, lab_conf_port_count(s->options), err) == 0) {
		lab->pid = getpid();
		lab->pid_start = proc_start_time(lab->pid);
		lab_conf_addresses(lab, s->options, s->ports.first);
		if (lab_state_write(lab, err) == 0 &&
		    lab_conf_write(lab, s->options, etc, &s->site.asterisk, err) == 0 &&
		    (!lab->netns || lab_net_open(&s->site.net, lab, err) == 0))
			return 0;
	}
	lab_net_close(&s->site.net);
	lab_ports_release(&s->ports);
	lab_dir_remove(lab->dir);
	return -1;
}

static void
take_signals(struct super *s)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int
lab_super_run(const struct lab_options *options, const struct lab_super_call *call, struct err *err)
{
	struct super *s = mem_zero(sizeof(*s));
	int ret = -1;

	s->options = options;
	s->ports = (struct lab_ports){.claim = {-1, -1}};
	s->verbs = -1;
	lab_net_init(&s->site.net);
	umask(077);
	provision_path();
	if (prepare(s, err) != 0)
		goto out;
	take_signals(s);
	if (bring_up(s, err) == 0) {
		ret = 0;
		if (call->ready != NULL)
			call->ready(&s->site.lab, call->arg);
		watch(s);
	}
	take_down(s);
	if (s->verbs >= 0)
		close(s->verbs);
	lab_net_close(&s->site.net);
	lab_ports_release(&s->ports);
	close(s->signals);
	if (!options->keep)
		lab_dir_remove(s->site.lab.dir);
out:
	lab_units_free(&s->site);
	free(s);
	return ret;
}
