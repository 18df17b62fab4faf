/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/display.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/clock.h"

#define COLUMNS 80 /* of a terminal that doesn't say */
#define ROWS	24

void
display_open(struct display *d, FILE *out)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");

	*d = (struct display){.out = out};
	d->tty = isatty(fileno(out)) && term != NULL && strcmp(term, "dumb") != 0;
	d->color = d->tty && (no_color == NULL || *no_color == '\0');
}

void
display_take(struct display *d, const struct sample *s)
{
	size_t i = d->taken++ % DISPLAY_PACE;

	d->pace[i].t = s->t;
	d->pace[i].counts = s->counts;
	if (s->offer.count > 0)
		d->offer = s->offer;
	if (s->connect.count > 0)
		d->connect = s->connect;
}

static void
draw(struct display *d, const struct view *v)
{
	struct winsize size = {0};
	char *text, *p;

	if (ioctl(fileno(d->out), TIOCGWINSZ, &size) != 0 || size.ws_col < 2 || size.ws_row < 2)
		size = (struct winsize){.ws_col = COLUMNS, .ws_row = ROWS};
	text = display_text(d, v, size.ws_col, size.ws_row);
	display_clear(d);
	fputs(text, d->out);
	for (p = text; *p != '\0'; p++)
		d->drawn += *p == '\n';
	free(text);
}

void
display_show(struct display *d, const struct view *v, bool always)
{
	int64_t now = clock_mono_ms();
	char *line;

	if (!always && now - d->shown_ms < (d->tty ? DISPLAY_TTY_MS : DISPLAY_PLAIN_MS))
		return;
	d->shown_ms = now;
	if (d->tty) {
		draw(d, v);
	} else {
		line = display_line(d, v);
		fprintf(d->out, "%s\n", line);
		free(line);
	}
	fflush(d->out);
}

void
display_clear(struct display *d)
{
	if (d->drawn > 0)
		fprintf(d->out, "\033[%dF\033[J", d->drawn);
	d->drawn = 0;
}

void
display_close(struct display *d)
{
	d->drawn = 0;
}
