/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/machine.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "loadtest/plan.h"

/* Measured with Asterisk 22.10 and SIPp 3.6.1: nodes with 600 to 1,940 channels each. */
#define NODE_THREADS	   60
#define CHANNEL_THREADS_X4 7 /* 1.75 */
#define NODE_FILES	   100
#define CHANNEL_FILES	   5
#define NODE_MB		   85
#define CHANNEL_KB	   180
#define CHANNEL_PORTS	   2
#define VOICE_PORTS	   22000 /* of a node: rtp.conf, of the lab as well */
#define VOICE_PORTS_END	   32000
#define OTHER_THREADS	   200 /* Kamailio, Redis, mqsd, SIPps, loadtest */
#define OTHER_MB	   700
#define OTHER_FILES	   256
#define CALLER_KB	   8  /* of SIPp, while it lasts */
#define CALL_KB		   1  /* of loadtest and Redis, to the end of the run */
#define CALL_DISK_KB	   5  /* what witnesses write of a whole call */
#define MESSAGES_KB	   30 /* those of a call of ten minutes, keep-alives and all */
#define OTHER_DISK_MB	   500
#define ROUND		   1024

static int64_t
channels(const struct machine_load *l)
{
	return l->own_lab ? l->callers + l->legs : 0;
}

static int64_t
channels_of_node(const struct machine_load *l)
{
	return l->nodes > 0 ? (channels(l) + l->nodes - 1) / l->nodes : 0;
}

static int64_t
files(const struct machine *m, const struct machine_load *l)
{
	(void)m;
	return OTHER_FILES + (l->own_lab ? NODE_FILES + CHANNEL_FILES * channels_of_node(l) : 0);
}

static int64_t
threads(const struct machine_load *l)
{
	return OTHER_THREADS + (l->own_lab ? NODE_THREADS * l->nodes : 0) +
	       channels(l) * CHANNEL_THREADS_X4 / 4;
}

static int64_t
all_threads(const struct machine *m, const struct machine_load *l)
{
	return m->running + threads(l);
}

static int64_t
group_threads(const struct machine *m, const struct machine_load *l)
{
	return m->group_now + threads(l);
}

static int64_t
memory(const struct machine *m, const struct machine_load *l)
{
	int64_t servers = OTHER_MB + NODE_MB * l->nodes + channels(l) * CHANNEL_KB / 1000;

	(void)m;
	return (l->own_lab ? servers : 0) + (l->callers + l->legs) * CALLER_KB / 1000 +
	       l->calls * CALL_KB / 1000;
}

int64_t
machine_disk_mb(const struct machine_load *l)
{
	int64_t kb = CALL_DISK_KB + (l->messages ? MESSAGES_KB : 0);

	return OTHER_DISK_MB + l->calls * kb / 1000;
}

static int64_t
disk(const struct machine *m, const struct machine_load *l)
{
	(void)m;
	return machine_disk_mb(l);
}

/* The kernel must not give away ports on which nodes receive voice. */
static int64_t
own_ports(const struct machine *m, const struct machine_load *l)
{
	(void)m;
	return l->own_lab ? VOICE_PORTS_END : 0;
}

/* One row a need. In `fix` @ stands for what is needed, rounded up. */
static const struct need {
	const char *what;
	size_t have; /* in struct machine */
	int64_t (*needs)(const struct machine *m, const struct machine_load *l);
	const char *unit, *fix;
} needs[] = {
	{"open files of one process", offsetof(struct machine, open_files), files, "",
	 "ulimit -n @   (as root, where that is refused)"},
	{"process ids", offsetof(struct machine, pid_max), all_threads, "",
	 "sysctl -w kernel.pid_max=@"},
	{"threads", offsetof(struct machine, threads_max), all_threads, "",
	 "sysctl -w kernel.threads-max=@"},
	{"processes and threads of this user", offsetof(struct machine, user_max), all_threads, "",
	 "ulimit -u @   (as root, where that is refused)"},
	{"tasks of this control group", offsetof(struct machine, group_max), group_threads, "",
	 "systemctl set-property --runtime user-$(id -u).slice TasksMax=@"},
	{"memory", offsetof(struct machine, memory_mb), memory, " MB",
	 "--set callers=N, for fewer of them; 'ps -eo rss,comm --sort=-rss | head' shows who has "
	 "the memory"},
	{"room for the run's directory", offsetof(struct machine, disk_mb), disk, " MB",
	 "--dir DIR on another file system; 'df -h' shows them"},
	{"first port of the kernel's own", offsetof(struct machine, own_ports_from), own_ports, "",
	 "sysctl -w net.ipv4.ip_local_port_range='32768 60999'"},
};

static void
put_fix(FILE *out, const char *fix, int64_t need)
{
	for (; *fix != '\0'; fix++)
		if (*fix == '@')
			fprintf(out, "%" PRId64, (need + ROUND - 1) / ROUND * ROUND);
		else
			fputc(*fix, out);
	fputc('\n', out);
}

static void
put_need(FILE *out, const struct need *row, const struct machine *m, const struct machine_load *l)
{
	int64_t have = *(const int64_t *)((const char *)m + row->have), need = row->needs(m, l);

	if (have < 0 || have >= need)
		return;
	fprintf(out, "%s: %" PRId64 "%s, and about %" PRId64 "%s are needed: ", row->what, have,
		row->unit, need, row->unit);
	put_fix(out, row->fix, need);
}

char *
machine_lacks(const struct machine *m, const struct machine_load *l)
{
	int64_t ports = CHANNEL_PORTS * channels_of_node(l);
	size_t i, size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	for (i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		put_need(out, &needs[i], m, l);
	if (ports > VOICE_PORTS)
		fprintf(out,
			"voice ports of a node: %d, and %" PRId64 " are needed: --nodes %" PRId64
			"\n",
			VOICE_PORTS, ports, CHANNEL_PORTS * channels(l) / VOICE_PORTS + 1);
	if (m->labs > 0 && l->callers >= MACHINE_ALONE)
		fprintf(out,
			"another lab runs, which such a run would slow and be slowed by: "
			"loadtest lab down --lab %s\n",
			m->lab);
	fclose(out);
	if (size > 0)
		return text;
	free(text);
	return NULL;
}

/* At most. Where callers come at their own times and lose patience, all who are there either talk
 * or have come since. */
static int64_t
callers_at_once(const struct profile *p)
{
	int64_t calls = plan_open_calls(p), there;
	double burst_s = p->arrivals == ARRIVALS_BURST ? (double)p->burst_s : 0;
	double rate = fmin(p->call_rate * p->speed, p->max_call_rate);
	double waits_s = (double)p->patience_s * (1 + (double)p->spread / 100) / p->speed;

	if (p->arrivals == ARRIVALS_CLOSED || p->patience_s == 0)
		return calls;
	there = p->agents + (int64_t)ceil(rate * (waits_s + burst_s));
	return there < calls ? there : calls;
}

struct machine_load
machine_load_of(const struct profile *p, bool own_lab)
{
	int64_t calls = plan_calls(p), callers = callers_at_once(p);

	if (calls == 0)
		calls = callers + (int64_t)((double)p->duration_s * p->max_answer_rate);
	return (struct machine_load){
		.nodes = p->nodes,
		.callers = callers,
		.legs = p->agents < callers ? p->agents : callers,
		.calls = calls > callers ? calls : callers,
		.own_lab = own_lab,
	};
}
