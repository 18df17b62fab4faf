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
#include "loadtest/lab_probe.h"
#include "loadtest/lab_state.h"
#include "loadtest/proc.h"
#include "loadtest/provision.h"

#define STARTING_TICK_MS 50
#define RUNNING_TICK_MS	 500
#define LOG_CHECK_MS	 5000
#define RESTART_MS	 1000 /* as RestartSec= in etc/systemd/mqsd.service */
#define MQSD_STOP_MS	 2000

struct unit {
	const char *name;
	char log[LAB_PATH_MAX + 32];
	struct proc proc;
	struct lab_server *server;   /* in super.lab */
	const struct lab_node *node; /* of an Asterisk */
	bool is_mqsd;
	bool answers;
	int64_t started_ms;
	int64_t restart_at_ms; /* -1: not waiting for a restart */
	char why[LAB_TEXT_MAX];
};

struct super {
	const struct lab_options *options;
	struct lab lab;
	struct lab_ports ports;
	struct asterisk asterisk;
	struct unit units[LAB_NODES_MAX + 3];
	int unit_count;
	int signals; /* signalfd */
	bool stopping;
	int64_t log_checked_ms;
	char mqsd_path[1024];
};

static struct unit *
unit_add(struct super *s, const char *name, struct lab_server *server)
{
	struct unit *u = &s->units[s->unit_count++];

	*u = (struct unit){.name = name, .server = server, .proc.fd = -1, .restart_at_ms = -1};
	snprintf(u->log, sizeof(u->log), "%s/log/%s.log", s->lab.dir, name);
	server->ready_ms = -1;
	return u;
}

/* The program's own directory holds mqsd, too. */
static void
find_mqsd(struct super *s)
{
	ssize_t n;
	char *slash, *full;

	if (s->options->mqsd != NULL) {
		full = realpath(s->options->mqsd, NULL);
		snprintf(s->mqsd_path, sizeof(s->mqsd_path), "%s",
			 full != NULL ? full : s->options->mqsd);
		free(full);
		return;
	}
	n = readlink("/proc/self/exe", s->mqsd_path, sizeof(s->mqsd_path) - 8);
	s->mqsd_path[n > 0 ? n : 0] = '\0';
	slash = strrchr(s->mqsd_path, '/');
	snprintf(slash != NULL ? slash : s->mqsd_path, 6, "/mqsd");
}

static int
unit_start(struct super *s, struct unit *u, const char *const *argv, struct err *err)
{
	struct proc_spec spec = {.argv = (char *const *)argv, .dir = s->lab.dir, .log = u->log};
	struct err why;

	u->answers = false;
	u->restart_at_ms = -1;
	u->started_ms = clock_mono_ms();
	if (proc_start(&u->proc, &spec, &why) != 0)
		return err_set(err, "%s: %s", u->name, why.text);
	u->server->pid = u->proc.pid;
	return 0;
}

static int
start_redis(struct super *s, struct unit *u, struct err *err)
{
	char *conf = mem_printf("%s/redis.conf", s->lab.dir);
	const char *argv[] = {"redis-server", conf, NULL};
	int ret = unit_start(s, u, argv, err);

	free(conf);
	return ret;
}

/* -DD: stays our child; -E: logs to stderr; -m: shared memory for thousands of ringing legs (MB).
 */
static int
start_kamailio(struct super *s, struct unit *u, struct err *err)
{
	char *dir = mem_printf("%s/kamailio", s->lab.dir),
	     *conf = mem_printf("%s/kamailio.cfg", dir);
	const char *argv[] = {"kamailio", "-f", conf, "-DD", "-E", "-m", "256",
			      "-M",	  "32", "-Y", dir,   "-w", dir,	 NULL};
	int ret = unit_start(s, u, argv, err);

	free(conf);
	free(dir);
	return ret;
}

static int
start_node(struct super *s, struct unit *u, struct err *err)
{
	char *conf = mem_printf("%s/%s/etc/asterisk.conf", s->lab.dir, u->name);
	const char *argv[8];
	int ret;

	provision_argv(&s->asterisk, conf, argv);
	ret = unit_start(s, u, argv, err);
	free(conf);
	return ret;
}

static int
start_mqsd(struct super *s, struct unit *u, struct err *err)
{
	const char *argv[] = {s->mqsd_path, "-c", s->lab.mqsd_conf, "-f", NULL};

	return unit_start(s, u, argv, err);
}

static int
start_first(struct super *s, struct err *err)
{
	struct unit *u;
	int i;

	if (start_redis(s, unit_add(s, "redis", &s->lab.redis), err) != 0 ||
	    start_kamailio(s, unit_add(s, "kamailio", &s->lab.kamailio), err) != 0)
		return -1;
	for (i = 0; i < s->lab.node_count; i++) {
		u = unit_add(s, s->lab.nodes[i].name, &s->lab.nodes[i].server);
		u->node = &s->lab.nodes[i];
		if (start_node(s, u, err) != 0)
			return -1;
	}
	return 0;
}

static bool
unit_probe(struct super *s, struct unit *u)
{
	char *version = u->server->version;
	const struct lab *lab = &s->lab;

	if (u->node != NULL)
		return probe_asterisk(u->node->ari, u->node->user, u->node->password, version,
				      u->why);
	if (u->is_mqsd)
		return probe_mqsd(lab->mqsd_socket, lab->node_count, version, u->why);
	if (u->server == &lab->redis)
		return probe_redis(lab->redis_address, version, u->why);
	return probe_kamailio(lab->kamailio_sip, lab->kamailio_rpc, lab->node_count, version,
			      u->why);
}

/* Waits for the tick, a signal or a guard's news. */
static void
super_wait(struct super *s, int tick_ms)
{
	struct pollfd fds[LAB_NODES_MAX + 4];
	struct signalfd_siginfo info;
	int n = 0, i;

	fds[n++] = (struct pollfd){.fd = s->signals, .events = POLLIN};
	for (i = 0; i < s->unit_count; i++)
		fds[n++] = (struct pollfd){.fd = s->units[i].proc.fd, .events = POLLIN};
	poll(fds, (nfds_t)n, tick_ms);
	while (read(s->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		if (info.ssi_signo != SIGCHLD)
			s->stopping = true;
}

/* A server that has not answered by then counts as failed. */
static int
await(struct super *s, struct unit *units, int count, struct err *err)
{
	int64_t deadline = clock_mono_ms() + LAB_READY_MS;
	char text[64];
	int left = count, i;

	while (left > 0 && !s->stopping) {
		super_wait(s, STARTING_TICK_MS);
		for (i = 0; i < count; i++) {
			struct unit *u = &units[i];

			proc_update(&u->proc);
			if (u->proc.ended) {
				err_set(err, "%s ended with %s while starting", u->name,
					proc_status_text(u->proc.status, text, sizeof(text)));
				lab_log_tail(u->log, u->name, 20, stderr);
				return -1;
			}
			if (!u->answers && unit_probe(s, u)) {
				u->answers = true;
				u->server->ready_ms = clock_mono_ms() - u->started_ms;
				left--;
			}
			if (!u->answers && clock_mono_ms() >= deadline) {
				err_set(err, "%s does not answer after %d s: %s", u->name,
					LAB_READY_MS / 1000, u->why);
				lab_log_tail(u->log, u->name, 20, stderr);
				return -1;
			}
		}
	}
	return s->stopping ? err_set(err, "interrupted while starting") : 0;
}

static void
publish(struct super *s)
{
	struct err err;

	if (lab_state_write(&s->lab, &err) != 0)
		fprintf(stderr, "lab: %s\n", err.text);
}

static void
unit_died(struct super *s, struct unit *u)
{
	char text[64];

	fprintf(stderr, "lab: %s (pid %ld) ended with %s%s\n", u->name, (long)u->server->pid,
		proc_status_text(u->proc.status, text, sizeof(text)),
		u->is_mqsd ? "; starting it again" : "");
	u->server->pid = 0;
	u->server->ready_ms = -1;
	u->answers = false;
	if (u->is_mqsd)
		u->restart_at_ms = clock_mono_ms() + RESTART_MS;
	publish(s);
}

static void
unit_restart(struct super *s, struct unit *u)
{
	struct err err;

	u->server->restarts++;
	if (start_mqsd(s, u, &err) != 0) {
		fprintf(stderr, "lab: %s\n", err.text);
		u->restart_at_ms = clock_mono_ms() + RESTART_MS;
	}
	publish(s);
}

static void
watch(struct super *s)
{
	int64_t now;
	int i;

	while (!s->stopping) {
		super_wait(s, RUNNING_TICK_MS);
		now = clock_mono_ms();
		for (i = 0; i < s->unit_count; i++) {
			struct unit *u = &s->units[i];

			proc_update(&u->proc);
			if (u->proc.ended && u->server->pid != 0)
				unit_died(s, u);
			if (u->restart_at_ms >= 0 && u->proc.guard == 0 && now >= u->restart_at_ms)
				unit_restart(s, u);
			if (u->is_mqsd && u->server->pid != 0 && !u->answers && unit_probe(s, u)) {
				u->answers = true;
				u->server->ready_ms = clock_mono_ms() - u->started_ms;
				publish(s);
			}
			if (now - s->log_checked_ms >= LOG_CHECK_MS)
				lab_log_bound(u->log);
		}
		if (now - s->log_checked_ms >= LOG_CHECK_MS)
			s->log_checked_ms = now;
	}
}

/* mqsd first, so that it doesn't report the others' end. */
static void
take_down(struct super *s)
{
	int64_t deadline;
	int i;

	for (i = 0; i < s->unit_count; i++) {
		if (!s->units[i].is_mqsd)
			continue;
		proc_stop(&s->units[i].proc);
		proc_wait(&s->units[i].proc, MQSD_STOP_MS);
	}
	for (i = 0; i < s->unit_count; i++)
		proc_stop(&s->units[i].proc);
	deadline = clock_mono_ms() + LAB_STOP_MS;
	for (i = 0; i < s->unit_count; i++)
		if (!proc_wait(&s->units[i].proc, (long)(deadline - clock_mono_ms())))
			fprintf(stderr, "lab: %s (pid %ld) could not be ended\n", s->units[i].name,
				(long)s->units[i].server->pid);
}

static int
bring_up(struct super *s, struct err *err)
{
	struct unit *u;

	if (start_first(s, err) != 0)
		return -1;
	publish(s);
	if (await(s, s->units, s->unit_count, err) != 0)
		return -1;
	if (s->lab.has_mqsd) {
		u = unit_add(s, "mqsd", &s->lab.mqsd);
		u->is_mqsd = true;
		if (start_mqsd(s, u, err) != 0 || await(s, u, 1, err) != 0)
			return -1;
	}
	s->lab.ready = true;
	publish(s);
	return 0;
}

static int
prepare(struct super *s, struct err *err)
{
	char etc[LAB_PATH_MAX * 4];
	int nodes = s->options->nodes;

	if (provision_check(err) != 0 ||
	    lab_conf_etc(s->options->etc, etc, sizeof(etc), err) != 0 ||
	    provision_asterisk(&s->asterisk, err) != 0)
		return -1;
	find_mqsd(s);
	s->lab.has_mqsd = !s->options->no_mqsd;
	if (s->lab.has_mqsd && access(s->mqsd_path, X_OK) != 0)
		return err_set(err, "%s: %s (build it, or use --no-mqsd)", s->mqsd_path,
			       strerror(errno));
	lab_dirs_sweep();
	if (lab_dir_make(s->options->dir, s->lab.dir, err) != 0)
		return -1;
	if (lab_ports_claim(&s->ports, lab_conf_port_count(nodes), err) == 0) {
		s->lab.pid = getpid();
		s->lab.pid_start = proc_start_time(s->lab.pid);
		lab_conf_addresses(&s->lab, nodes, s->ports.first);
		if (lab_state_write(&s->lab, err) == 0 &&
		    lab_conf_write(&s->lab, s->options, etc, &s->asterisk, err) == 0)
			return 0;
	}
	lab_ports_release(&s->ports);
	lab_dir_remove(s->lab.dir);
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
	umask(077);
	provision_path();
	if (prepare(s, err) != 0)
		goto out;
	take_signals(s);
	if (bring_up(s, err) == 0) {
		ret = 0;
		if (call->ready != NULL)
			call->ready(&s->lab, call->arg);
		watch(s);
	}
	take_down(s);
	lab_ports_release(&s->ports);
	close(s->signals);
	if (!options->keep)
		lab_dir_remove(s->lab.dir);
out:
	free(s);
	return ret;
}

static void
print_row(FILE *out, const char *name, const char *what, const char *address,
	  const struct lab_server *s)
{
	char pid[24] = "down", ready[24] = "-";

	if (s->pid > 0 && proc_start_time(s->pid) != 0)
		snprintf(pid, sizeof(pid), "%ld", (long)s->pid);
	if (s->ready_ms >= 0)
		snprintf(ready, sizeof(ready), "%lld", (long long)s->ready_ms);
	fprintf(out, "%-10s %-10s %-40s %8s  %-10s %8s\n", name, what, address, pid,
		s->version[0] != '\0' ? s->version : "-", ready);
}

void
lab_print(const struct lab *lab, FILE *out)
{
	char address[2 * LAB_TEXT_MAX + 8];
	int i;

	fprintf(out, "%-10s %-10s %-40s %8s  %-10s %8s\n", "NAME", "WHAT", "ADDRESS", "PID",
		"VERSION", "READY MS");
	print_row(out, "redis", "Redis", lab->redis_address, &lab->redis);
	print_row(out, "kamailio", "Kamailio", lab->kamailio_sip, &lab->kamailio);
	for (i = 0; i < lab->node_count; i++) {
		snprintf(address, sizeof(address), "%s %s", lab->nodes[i].sip, lab->nodes[i].ari);
		print_row(out, lab->nodes[i].name, "Asterisk", address, &lab->nodes[i].server);
	}
	if (lab->has_mqsd)
		print_row(out, "mqsd", "mqsd", lab->mqsd_socket, &lab->mqsd);
}
