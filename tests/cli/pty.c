/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pty [-w COLUMNS] [-h ROWS] SCRIPT COMMAND [ARG ...]: a person at a terminal, played from a
 * script.
 *
 *   > keys     types them; \r, \t, \e, \xNN and \\ are escapes, TAB and ? can stand as themselves
 *   ! command  is run by sh
 *   = C R      makes the terminal C columns wide and R rows tall
 *   < text     waits until the command has written that, after what was waited for before
 *   # ...      a remark
 * Prints what the screen (as tall as need be) shows in the end, and the exit status.
 * Nothing waits longer than DEADLINE_MS; then it prints what it has and exits with 1.
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEADLINE_MS 10000
#define OUTPUT_MAX  (1024 * 1024)

struct person {
	int fd;
	pid_t pid;
	char output[OUTPUT_MAX];
	size_t len, seen;
	bool gone; /* the command closed its terminal */
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
	p->len += (size_t)n;
	return true;
}

static bool
wait_for(struct person *p, const char *text)
{
	char *found;

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
			ioctl(p->fd, TIOCSWINSZ, &size);
		else if (strncmp(line, "< ", 2) == 0) {
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

int
main(int argc, char **argv)
{
	static struct person p;
	struct winsize size = {.ws_row = 50, .ws_col = 120};
	FILE *script;
	bool ok;
	int c, status = 0;

	while ((c = getopt(argc, argv, "+w:h:")) != -1)
		*(c == 'h' ? &size.ws_row : &size.ws_col) =
			(unsigned short)strtoul(optarg ? optarg : "", NULL, 10);
	if (argc - optind < 2 || !(script = fopen(argv[optind], "r"))) {
		fputs("usage: pty [-w columns] [-h rows] script command [arg ...]\n", stderr);
		return 2;
	}
	p.pid = forkpty(&p.fd, NULL, NULL, &size);
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
	/* A command that does not leave gets the hang-up of a closed terminal. */
	close(p.fd);
	waitpid(p.pid, &status, 0);
	print_screen(&p);
	if (WIFEXITED(status))
		printf("exit %d\n", WEXITSTATUS(status));
	else
		printf("ended by signal %d\n", WTERMSIG(status));
	return ok ? 0 : 1;
}
