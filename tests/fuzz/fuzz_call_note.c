/* SPDX-License-Identifier: BSD-2-Clause */
/* Any value of MQS_CALL: none, or a note that is written and read the same. */
#include <stdlib.h>
#include <string.h>

#include "lib/call_note.h"
#include "lib/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_dup_len((const char *)data, size), again[CALL_NOTE_MAX];
	struct call_note note, second;

	if (call_note_parse(text, &note) == 0) {
		if (note.id[0] == '\0')
			abort();
		if (note.queue[0] != '\0' &&
		    (call_note_parse(call_note_text(&note, again), &second) != 0 ||
		     strcmp(second.queue, note.queue) != 0 || strcmp(second.id, note.id) != 0 ||
		     second.entered != note.entered || second.priority != note.priority))
			abort();
	} else if (note.id[0] != '\0' || note.queue[0] != '\0') {
		abort();
	}
	free(text);
	return 0;
}
