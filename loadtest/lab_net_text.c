/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>

#include "loadtest/lab_net.h"

/* Each address has a link-layer address of its own, 0 being the bridge's. */
#define MAC	"02:00:0a:00:00:%02x"
#define NOWHERE "02:00:0a:00:ff:ff"

static void
neighbours(FILE *out, struct lab *lab, int self, const char *dev)
{
	const struct lab_server *s;
	int i;

	if (self >= 0)
		fprintf(out, "neigh add %s lladdr " MAC " nud permanent dev %s\n", lab->host, 0,
			dev);
	for (i = 0; (s = lab_server_at(lab, i)) != NULL; i++)
		if (i != self)
			fprintf(out, "neigh add %s lladdr " MAC " nud permanent dev %s\n", s->host,
				i + 1, dev);
}

char *
lab_net_text_bridge(struct lab *lab, pid_t pid, const int *fds)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int i;

	fprintf(out, "link set lo up\n");
	fprintf(out, "link add name lab address " MAC " type bridge\n", 0);
	fprintf(out, "addr add %s/24 dev lab\nlink set lab up\n", lab->host);
	for (i = 0; lab_server_at(lab, i) != NULL; i++) {
		fprintf(out,
			"link add name s%d type veth peer name eth0 address " MAC
			" netns /proc/%ld/fd/%d\n",
			i, i + 1, (long)pid, fds[i]);
		fprintf(out, "link set s%d master lab up\n", i);
	}
	neighbours(out, lab, -1, "lab");
	fclose(out);
	return text;
}

char *
lab_net_text_server(struct lab *lab, int i)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fprintf(out, "link set lo up\naddr add %s/24 dev eth0\nlink set eth0 up\n",
		lab_server_at(lab, i)->host);
	neighbours(out, lab, i, "eth0");
	fclose(out);
	return text;
}

/*
 * A port that is taken off the bridge swallows everything, and both ends stay up. Between two
 * servers the frames go to an address that nobody has.
 */
char *
lab_net_text_link(struct lab *lab, int a, int b, bool cut)
{
	char *text = NULL, mac[32];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (b < 0) {
		fprintf(out, "link set s%d %s\n", a, cut ? "nomaster" : "master lab");
	} else {
		snprintf(mac, sizeof(mac), MAC, b + 1);
		fprintf(out, "neigh replace %s lladdr %s nud permanent dev eth0\n",
			lab_server_at(lab, b)->host, cut ? NOWHERE : mac);
	}
	fclose(out);
	return text;
}
