/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pty [-v] [-w COLUMNS] [-h ROWS] SCRIPT COMMAND [ARG ...]: a person at a terminal, played from a
 * script.
 *
 *   > keys     types them; \r, \t, \e, \xNN and \\ are escapes, TAB and ? can stand as themselves
 *   ! command  is run by sh
 *   = C R      makes the terminal C columns wide and R rows tall
 *   < text     waits until the command has written that, after what was waited for before
 *   % number   sends the command that signal
 *   @ text     prints the text and what the screen shows now (with -v)
 *   # ...      a remark
 * Prints what the screen (as tall as need be) shows in the end, an escape as \e, and the exit
 * status. With -v the terminal is one that can place text (vt.h, for TERM=linux): < waits until the
 * screen shows the text, and in the end it is told whether the terminal was left as it was found.
 * Nothing waits longer than DEADLINE_MS; then it prints what it has and exits with 1.
 */
#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "tests/cli/vt.h"

#define DEADLINE_MS 10000
#define SETTLE_MS   300
#define OUTPUT_MAX  (1024 * 1024)

struct person {
	int fd;
	pid_t pid;
	char output[OUTPUT_MAX];
	size_t len, seen;
	bool gone;     /* the command closed its terminal */
	struct vt *vt; /* NULL: the terminal is a dumb one */
	struct termios before;
};

/* Takes what the command writes next; false when nothing came in time. */
static bool
listen_more(struct person *p)
{
	struct pollfd readable = {.fd = p->fd, .events = POLLIN};
	ssize_t n;

	if (p->gone || poll(&readable, 1, DEADLINE_MS) <= 0)
		return false;
	n = read(p->fd, p->output + p->len, sizeof(p->output) - 1 - p->len);
	if (n <= 0) {
		p->gone = true;
		return false;
	}
	if (p->vt)
		vt_feed(p->vt, p->output + p->len, (size_t)n);
	p->len += (size_t)n;
	return true;
}

static bool
wait_for(struct person *p, const char *text)
{
	char *found;

	if (p->vt) {
		while (!vt_shows(p->vt, text))
			if (!listen_more(p))
				return false;
		return true;
	}
	while (!(found = memmem(p->output + p->seen, p->len - p->seen, text, strlen(text))))
		if (!listen_more(p))
			return false;
	p->seen = (size_t)(found - p->output) + strlen(text);
	return true;
}

static void
type_keys(struct person *p, const char *s)
{
	char keys[4096], *k = keys, hex[3] = "";

	for (; *s && k < keys + sizeof(keys); s++) {
		if (*s != '\\') {
			*k++ = *s;
			continue;
		}
		switch (*++s) {
		case 'r':
			*k++ = '\r';
			break;
		case 't':
			*k++ = '\t';
			break;
		case 'e':
			*k++ = '\033';
			break;
		case 'x':
			memcpy(hex, s + 1, 2);
			*k++ = (char)strtol(hex, NULL, 16);
			s += 2;
			break;
		default:
			*k++ = *s;
		}
	}
	if (write(p->fd, keys, (size_t)(k - keys)) < 0)
		p->gone = true;
}

/* A terminal that knows CR, LF, BS and clears nothing: TERM=dumb. Blanks at a line's end go. */
static void
print_screen(const struct person *p)
{
	char line[8192] = "";
	size_t at = 0, end = 0, i;

	for (i = 0; i < p->len; i++) {
		switch (p->output[i]) {
		case '\r':
			at = 0;
			break;
		case '\b':
			at -= at > 0;
			break;
		case '\a':
			break;
		case '\033':
			if (at + 2 < sizeof(line)) {
				line[at++] = '\\';
				line[at++] = 'e';
			}
			if (at > end)
				end = at;
			break;
		case '\n':
			while (end > 0 && line[end - 1] == ' ')
				end--;
			printf("%.*s\n", (int)end, line);
			at = end = 0;
			break;
		default:
			if (at + 1 < sizeof(line))
				line[at++] = p->output[i];
			if (at > end)
				end = at;
		}
	}
	if (end > 0)
		printf("%.*s\n", (int)end, line);
}

/* A screen is written in pieces; between two of them there is no pause. */
static void
settle(struct person *p)
{
	struct pollfd readable = {.fd = p->fd, .events = POLLIN};

	while (poll(&readable, 1, SETTLE_MS) > 0 && listen_more(p))
		;
}

static void
resize(struct person *p, const struct winsize *size)
{
	if (p->vt)
		vt_resize(p->vt, size->ws_row, size->ws_col);
	ioctl(p->fd, TIOCSWINSZ, size);
}

static bool
play(struct person *p, FILE *script)
{
	char line[4096];
	struct winsize size = {0};
	size_t number = 0;

	while (fgets(line, sizeof(line), script)) {
		line[strcspn(line, "\n")] = '\0';
		number++;
		if (strncmp(line, "> ", 2) == 0)
			type_keys(p, line + 2);
		else if (strncmp(line, "! ", 2) == 0) {
			if (system(line + 2) == 0)
				continue;
			printf("line %zu: \"%s\" failed\n", number, line + 2);
			return false;
		} else if (sscanf(line, "= %hu %hu", &size.ws_col, &size.ws_row) == 2)
			resize(p, &size);
		else if (strncmp(line, "% ", 2) == 0)
			kill(p->pid, atoi(line + 2));
		else if (strncmp(line, "@ ", 2) == 0 && p->vt) {
			settle(p);
			printf("--- %s\n", line + 2);
			vt_print(p->vt, stdout);
		} else if (strncmp(line, "< ", 2) == 0) {
			if (wait_for(p, line + 2))
				continue;
			printf("line %zu: \"%s\" did not come\n", number, line + 2);
			return false;
		} else if (line[0] && line[0] != '#') {
			printf("line %zu: not a line of a script\n", number);
			return false;
		}
	}
	return true;
}

/* What a new terminal is set to. */
static void
fresh_settings(struct termios *settings)
{
	int master, slave;

	if (openpty(&master, &slave, NULL, NULL, NULL) != 0 || tcgetattr(slave, settings) != 0) {
		perror("pty: openpty");
		exit(2);
	}
	close(master);
	close(slave);
}

static bool
is_as_before(const struct person *p)
{
	struct termios now;

	return tcgetattr(p->fd, &now) == 0 && now.c_lflag == p->before.c_lflag &&
	       now.c_iflag == p->before.c_iflag && now.c_oflag == p->before.c_oflag;
}

int
main(int argc, char **argv)
{
	static struct person p;
	struct winsize size = {.ws_row = 50, .ws_col = 120};
	FILE *script;
	bool ok, places = false;
	int c, status = 0;

	setlocale(LC_CTYPE, "");
	while ((c = getopt(argc, argv, "+vw:h:")) != -1)
		if (c == 'v')
			places = true;
		else
			*(c == 'h' ? &size.ws_row : &size.ws_col) =
				(unsigned short)strtoul(optarg ? optarg : "", NULL, 10);
	if (argc - optind < 2 || !(script = fopen(argv[optind], "r"))) {
		fputs("usage: pty [-v] [-w columns] [-h rows] script command [arg ...]\n", stderr);
		return 2;
	}
	if (places)
		p.vt = vt_new(size.ws_row, size.ws_col);
	fresh_settings(&p.before);
	p.pid = forkpty(&p.fd, NULL, &p.before, &size);
	if (p.pid < 0) {
		perror("pty: forkpty");
		return 2;
	}
	if (p.pid == 0) {
		execv(argv[optind + 1], argv + optind + 1);
		perror(argv[optind + 1]);
		_exit(127);
	}
	ok = play(&p, script);
	fclose(script);
	while (ok && listen_more(&p))
		;
	ok = ok && p.gone;
	if (p.vt)
		printf("the terminal is %s%s\n", is_as_before(&p) ? "as it was" : "left changed",
		       vt_is_coloured(p.vt) ? ", and was in colour" : "");
	/* A command that does not leave gets the hang-up of a closed terminal. */
	close(p.fd);
	waitpid(p.pid, &status, 0);
	if (!p.vt)
		print_screen(&p);
	if (WIFEXITED(status))
		printf("exit %d\n", WEXITSTATUS(status));
	else
		printf("ended by signal %d\n", WTERMSIG(status));
	return ok ? 0 : 1;
}
