/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/drop_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mem.h"

struct drop_files {
	struct names files; /* of the Call-IDs */
	FILE *out[DROP_FILES];
	size_t count;
};

/* A Call-ID is a stranger's text: in a file's name only what is harmless there stays. */
char *
drop_file_path(const char *dir, const char *sip_id)
{
	char *path = mem_printf("%s/" DROP_FILE_DIR "/%s.txt", dir, sip_id);
	char *p = path + strlen(dir) + strlen(DROP_FILE_DIR) + 2;

	for (; p[4] != '\0'; p++)
		if (strchr("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ@-_.",
			   *p) == NULL)
			*p = '_';
	return path;
}

/* What was written before stays: the messages may be out of the ring now. */
static void
open_file(struct drop_files *f, const char *dir, const struct evidence *e, const struct verdict *v,
	  const struct verdict_drop *drop)
{
	const char *sip_id = evidence_text(e, e->callers[drop->caller].sip_id);
	char *path = drop_file_path(dir, sip_id);
	size_t leg;

	f->out[f->count] = access(path, F_OK) != 0 ? fopen(path, "we") : NULL;
	free(path);
	if (f->out[f->count] == NULL)
		return;
	fprintf(f->out[f->count], "Call-ID %s: %s: %s\n", sip_id, drop->witness, drop->text);
	names_set(&f->files, sip_id, f->count);
	for (leg = v->links.first_leg[drop->caller]; leg != NAMES_NONE;
	     leg = v->links.next_leg[leg])
		names_set(&f->files, evidence_text(e, e->legs[leg].sip_id), f->count);
	f->count++;
}

static void
take(void *arg, const struct tracer_message *m)
{
	struct drop_files *f = arg;
	char id[TRACER_ID_MAX];
	size_t i = names_find(&f->files, tracer_call_id(m->text, m->len, id));

	if (i == NAMES_NONE || ftell(f->out[i]) > DROP_FILE_SIZE)
		return;
	fprintf(f->out[i], "\n%" PRId64 ".%06d %s > %s\n", m->at / 1000000, (int)(m->at % 1000000),
		m->from, m->to);
	fwrite(m->text, 1, m->len, f->out[i]);
}

void
drop_file_write(const char *dir, const struct tracer *t, const struct evidence *e,
		const struct verdict *v)
{
	struct drop_files f = {.count = 0};
	char *folder;
	size_t i;

	if (t->fd == 0 || v->drop_count == 0)
		return;
	folder = mem_printf("%s/" DROP_FILE_DIR, dir);
	mkdir(folder, 0700);
	free(folder);
	for (i = 0; i < v->drop_count && i < DROP_FILES; i++)
		open_file(&f, dir, e, v, &v->drops[i]);
	if (f.count > 0)
		tracer_each(t, take, &f);
	for (i = 0; i < f.count; i++)
		fclose(f.out[i]);
	names_free(&f.files);
}
