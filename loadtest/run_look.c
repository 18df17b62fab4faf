/* SPDX-License-Identifier: BSD-2-Clause */

/* The nodes as a witness: what they list, written down as far as it has changed. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "loadtest/ari.h"
#include "loadtest/dossier.h"
#include "loadtest/run.h"
#include "loadtest/witness_node.h"

static void
take(struct run *r, int i, const json_t *channels, const json_t *bridges, FILE *out)
{
	char *line = node_watch_line(&r->watches[i], clock_wall_us(), r->lab.nodes[i].server.name,
				     channels, bridges);

	fprintf(out, "%s\n", line);
	witness_node_line(&r->live, line);
	if (json_array_size(channels) > 0 || json_array_size(bridges) > 0)
		r->node_clean = false;
	free(line);
}

static void
look_at(struct run *r, int i, FILE *out)
{
	struct err ignored;
	json_t *channels = ari_list(&r->lab.nodes[i], "channels", &ignored), *bridges = NULL;

	if (channels != NULL)
		bridges = ari_list(&r->lab.nodes[i], "bridges", &ignored);
	if (bridges != NULL)
		take(r, i, channels, bridges, out);
	else
		r->node_clean = false;
	json_decref(channels);
	json_decref(bridges);
}

static FILE *
open_log(const struct run *r)
{
	char *path = mem_printf("%s/" DOSSIER_NODES, r->dir);
	FILE *out = fopen(path, "ae");

	free(path);
	return out;
}

void
run_look(struct run *r)
{
	FILE *out = open_log(r);
	int i;

	if (out == NULL)
		return;
	r->node_clean = true;
	for (i = 0; i < r->lab.node_count; i++)
		if (!r->dead[i])
			look_at(r, i, out);
	fclose(out);
	r->looked_ms = clock_mono_ms();
}

void
run_look_next(struct run *r)
{
	FILE *out;

	if ((clock_mono_ms() - r->looked_ms) * r->lab.node_count < r->profile->node_poll_ms)
		return;
	r->looked_ms = clock_mono_ms();
	r->look_next = (r->look_next + 1) % r->lab.node_count;
	out = r->dead[r->look_next] ? NULL : open_log(r);
	if (out == NULL)
		return;
	look_at(r, r->look_next, out);
	fclose(out);
}

void
run_look_take(struct run *r, const json_t *nodes)
{
	FILE *out = open_log(r);
	json_t *node;
	size_t k;
	int i;

	if (out == NULL)
		return;
	r->node_clean = (int)json_array_size(nodes) == r->lab.node_count;
	json_array_foreach((json_t *)nodes, k, node)
	{
		const char *name = json_string_value(json_object_get(node, "name"));

		for (i = 0; i < r->lab.node_count; i++)
			if (strcmp(r->lab.nodes[i].server.name, name) == 0)
				take(r, i, json_object_get(node, "channels"),
				     json_object_get(node, "bridges"), out);
	}
	fclose(out);
	r->looked_ms = clock_mono_ms();
}
