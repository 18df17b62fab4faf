/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/markup.h"

#include <string.h>

void
markup_text(FILE *out, const char *text)
{
	static const struct {
		char c;
		const char *text;
	} rows[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
	size_t i;

	for (; *text != '\0'; text++) {
		for (i = 0; i < sizeof(rows) / sizeof(rows[0]) && rows[i].c != *text; i++)
			;
		if (i < sizeof(rows) / sizeof(rows[0]))
			fputs(rows[i].text, out);
		else if ((unsigned char)*text < 0x20 && strchr("\t\n", *text) == NULL)
			fputc('?', out);
		else
			fputc(*text, out);
	}
}
