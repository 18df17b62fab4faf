/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/witness_errors.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mem.h"

#define CHUNK 16384
#define ROOM  (WITNESS_ERRORS_MAX + CHUNK)

void
witness_errors_open(struct witness_errors *w, const char *path, enum sipp_role role)
{
	*w = (struct witness_errors){.path = mem_dup(path), .role = role};
}

/* Of a long entry the middle goes, so that the next one's beginning can be found. */
static void
cut(struct witness_errors *w)
{
	size_t keep = w->at != 0 ? WITNESS_ERRORS_MAX / 2 : 0;

	memmove(w->text + keep, w->text + w->len - WITNESS_SIPP_ENTRY_MIN, WITNESS_SIPP_ENTRY_MIN);
	w->len = keep + WITNESS_SIPP_ENTRY_MIN;
}

/* Only whole blocks of a file system become holes; SIPp goes on writing behind them. */
static void
punch(struct witness_errors *w, off_t to)
{
	int fd = open(w->path, O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, w->idle_from,
			  to - w->idle_from);
		close(fd);
	}
	w->idle_from = to;
}

/* The entry in `text` ends where the next begins. */
static void
entry(struct witness_errors *w, struct evidence *e, const char *text, size_t len, off_t next)
{
	bool says = witness_sipp_error(e, w->role, w->at, text, len);

	if (!w->holes)
		return;
	if (says && w->entry_from - w->idle_from >= WITNESS_ERRORS_HOLE)
		punch(w, w->entry_from);
	if (says)
		w->idle_from = next;
	else if (next - w->idle_from >= WITNESS_ERRORS_HOLE)
		punch(w, next);
}

/* Takes what is over of the text; what may be the beginning of an entry stays. */
static int
take(struct witness_errors *w, struct evidence *e)
{
	const char *from = w->text, *end = w->text + w->len, *next, *text;
	off_t behind = ftello(w->in);
	int64_t at;
	int count = 0;

	while ((next = witness_sipp_entry(from, (size_t)(end - from), &at, &text)) != NULL) {
		if (w->at != 0) {
			entry(w, e, from, (size_t)(next - from), behind - (end - next));
			count++;
		}
		w->entry_from = behind - (end - next);
		w->at = at;
		from = text;
	}
	w->len = (size_t)(end - from);
	memmove(w->text, from, w->len);
	if (w->len > WITNESS_ERRORS_MAX)
		cut(w);
	return count;
}

int
witness_errors_read(struct witness_errors *w, struct evidence *e)
{
	size_t n;
	int count = 0;

	if (w->in == NULL)
		w->in = fopen(w->path, "re");
	if (w->in == NULL)
		return 0;
	if (w->text == NULL)
		w->text = mem_alloc(ROOM);
	clearerr(w->in);
	while ((n = fread(w->text + w->len, 1, CHUNK, w->in)) > 0) {
		w->len += n;
		count += take(w, e);
	}
	return count;
}

void
witness_errors_close(struct witness_errors *w, struct evidence *e)
{
	if (w->at != 0)
		witness_sipp_error(e, w->role, w->at, w->text, w->len);
	if (w->in != NULL)
		fclose(w->in);
	free(w->text);
	free(w->path);
	*w = (struct witness_errors){0};
}
