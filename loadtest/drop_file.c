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

#define PLAIN	     "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ@-_."
#define NAME_MAX_LEN 200 /* of a file's name, before what tells long ones apart */

/* FNV-1a. */
static uint64_t
hash(const char *s)
{
	uint64_t h = 0xcbf29ce484222325;

	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3;
	return h;
}

/* A Call-ID is a stranger's text: what may not be harmless in a file's name is "=" and two digits
 * there, and a long one is cut, with "==" and 16 digits of the whole. */
char *
drop_file_path(const char *dir, const char *sip_id)
{
	char *path = mem_printf("%s/" DROP_FILE_DIR "/%*s", dir, NAME_MAX_LEN + 24, "");
	char *name = path + strlen(dir) + strlen(DROP_FILE_DIR) + 2;
	const char *p = sip_id;
	size_t n = 0;

	for (; *p != '\0' && n + 3 <= NAME_MAX_LEN; p++)
		if (strchr(PLAIN, *p) != NULL)
			name[n++] = *p;
		else
			n += (size_t)sprintf(name + n, "=%02X", (unsigned char)*p);
	if (*p != '\0')
		n += (size_t)sprintf(name + n, "==%016" PRIX64, hash(sip_id));
	sprintf(name + n, ".txt");
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
