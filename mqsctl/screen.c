/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsctl/screen.h"

#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/mem.h"

#define ESCAPE_MS 25 /* that an Escape may be the beginning of another key */

enum { PAIR_ALARM = 1, PAIR_WARNING };

struct screen {
	SCREEN *terminal;
	bool colours;
};

struct screen *
screen_open(struct err *err)
{
	const char *no_color = getenv("NO_COLOR");
	struct screen *screen;
	SCREEN *terminal;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		err_set(err, "there is no terminal");
		return NULL;
	}
	terminal = newterm(NULL, stdout, stdin);
	if (!terminal) {
		err_set(err, "a terminal of the kind \"%s\" cannot place text",
			getenv("TERM") ? getenv("TERM") : "");
		return NULL;
	}
	screen = mem_zero(sizeof(*screen));
	screen->terminal = terminal;
	set_escdelay(ESCAPE_MS);
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	curs_set(0);
	screen->colours = !(no_color && *no_color) && has_colors() && start_color() == OK &&
			  use_default_colors() == OK;
	if (screen->colours) {
		init_pair(PAIR_ALARM, COLOR_RED, -1);
		init_pair(PAIR_WARNING, COLOR_YELLOW, -1);
	}
	return screen;
}

void
screen_close(struct screen *screen)
{
	endwin();
	delscreen(screen->terminal);
	free(screen);
}

void
screen_size(const struct screen *screen, size_t *rows, size_t *columns)
{
	(void)screen;
	*rows = (size_t)getmaxy(stdscr);
	*columns = (size_t)getmaxx(stdscr);
}

static attr_t
look(const struct screen *screen, enum top_style style)
{
	switch (style) {
	case TOP_BOLD:
		return A_BOLD;
	case TOP_ALARM:
		return A_BOLD | (screen->colours ? (attr_t)COLOR_PAIR(PAIR_ALARM) : 0);
	case TOP_WARNING:
		return A_BOLD | (screen->colours ? (attr_t)COLOR_PAIR(PAIR_WARNING) : 0);
	case TOP_HEADING:
		return A_UNDERLINE;
	case TOP_SELECTED:
		return A_REVERSE;
	default:
		return A_NORMAL;
	}
}

void
screen_draw(struct screen *screen, const struct top_line *lines, size_t rows)
{
	size_t i;

	erase();
	for (i = 0; i < rows; i++) {
		attrset(look(screen, lines[i].style));
		mvaddstr((int)i, 0, lines[i].text);
		attrset(A_NORMAL);
	}
	refresh();
}

static int
key_of(int key)
{
	static const struct {
		int curses, ours;
	} keys[] = {{KEY_UP, TOP_KEY_UP},	  {KEY_DOWN, TOP_KEY_DOWN},
		    {KEY_PPAGE, TOP_KEY_PAGE_UP}, {KEY_NPAGE, TOP_KEY_PAGE_DOWN},
		    {KEY_HOME, TOP_KEY_HOME},	  {KEY_END, TOP_KEY_END},
		    {KEY_ENTER, TOP_KEY_ENTER},	  {'\r', TOP_KEY_ENTER},
		    {'\n', TOP_KEY_ENTER},	  {KEY_BACKSPACE, TOP_KEY_BACK},
		    {127, TOP_KEY_BACK},	  {'\b', TOP_KEY_BACK},
		    {KEY_LEFT, TOP_KEY_BACK},	  {27, TOP_KEY_ESCAPE},
		    {'\t', TOP_KEY_TAB},	  {KEY_RESIZE, SCREEN_RESIZED}};
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].curses == key)
			return keys[i].ours;
	return key < 256 ? key : SCREEN_NOTHING;
}

int
screen_key(struct screen *screen, int ms)
{
	struct pollfd terminal = {.fd = STDIN_FILENO, .events = POLLIN};
	int key;

	(void)screen;
	timeout(ms);
	key = getch();
	if (key != ERR)
		return key_of(key);
	/* Also when nothing can come any more. */
	if (poll(&terminal, 1, 0) > 0 && (terminal.revents & (POLLHUP | POLLERR | POLLNVAL)))
		return SCREEN_GONE;
	return SCREEN_NOTHING;
}
