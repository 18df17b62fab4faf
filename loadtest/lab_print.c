/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "loadtest/lab_super.h"
#include "loadtest/lab_unit.h"
#include "loadtest/proc.h"

/* Where it is spoken to; out has 2 * LAB_TEXT_MAX + 8 bytes. */
static void
address_of(const struct lab *lab, const struct lab_server *s, char *out)
{
	size_t size = 2 * LAB_TEXT_MAX + 8;
	int i;

	snprintf(out, size, "%s", s->kind == LAB_KAMAILIO ? lab->kamailio_sip : "");
	if (s == &lab->redis.server)
		snprintf(out, size, "%s", lab->redis.address);
	for (i = 0; i < lab->replica_count; i++)
		if (s == &lab->replicas[i].server)
			snprintf(out, size, "%s", lab->replicas[i].address);
	for (i = 0; i < lab->sentinel_count; i++)
		if (s == &lab->sentinels[i].server)
			snprintf(out, size, "%s", lab->sentinels[i].address);
	for (i = 0; i < lab->node_count; i++)
		if (s == &lab->nodes[i].server)
			snprintf(out, size, "%s %s", lab->nodes[i].sip, lab->nodes[i].ari);
	for (i = 0; i < lab->mqsd_count; i++)
		if (s == &lab->mqsds[i].server)
			snprintf(out, size, "%s", lab->mqsds[i].socket);
}

static void
print_row(const struct lab *lab, const struct lab_server *s, FILE *out)
{
	char pid[24] = "down", ready[24] = "-", address[2 * LAB_TEXT_MAX + 8];

	if (s->killed)
		snprintf(pid, sizeof(pid), "killed");
	if (s->pid > 0 && proc_start_time(s->pid) != 0)
		snprintf(pid, sizeof(pid), "%ld", (long)s->pid);
	if (s->ready_ms >= 0)
		snprintf(ready, sizeof(ready), "%lld", (long long)s->ready_ms);
	address_of(lab, s, address);
	fprintf(out, "%-10s %-10s %-40s %8s  %-10s %8s%s%s\n", s->name, lab_kind_text(s->kind),
		address, pid, s->version[0] != '\0' ? s->version : "-", ready,
		s->stopped ? "  stopped" : "", s->cut ? "  cut" : "");
}

void
lab_print(struct lab *lab, FILE *out)
{
	const struct lab_server *s;
	int i;

	fprintf(out, "%-10s %-10s %-40s %8s  %-10s %8s\n", "NAME", "WHAT", "ADDRESS", "PID",
		"VERSION", "READY MS");
	for (i = 0; (s = lab_server_at(lab, i)) != NULL; i++)
		print_row(lab, s, out);
}
