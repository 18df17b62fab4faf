/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsctl/pager.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/mem.h"
#include "mqsctl/output.h"

#define DEFAULT_PAGER "less -FRX"

size_t
pager_height(FILE *out)
{
	struct winsize size;

	return ioctl(fileno(out), TIOCGWINSZ, &size) == 0 ? size.ws_row : 0;
}

size_t
pager_rows(FILE *out, const char *text)
{
	size_t width = output_width(out), rows = 0, len, columns;
	char *line;

	for (; *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		line = mem_dup_len(text, len);
		columns = output_columns(line);
		free(line);
		rows += width > 0 && columns > width ? (columns + width - 1) / width : 1;
	}
	return rows;
}

static const char *
command(void)
{
	const char *env = getenv("PAGER");

	if (!env)
		return DEFAULT_PAGER;
	return *env && strcmp(env, "cat") != 0 ? env : NULL;
}

/* A file rather than a pipe: a pager that is left early must not end the shell. */
static int
file_of(const char *text, size_t len)
{
	int fd = memfd_create("mqsctl", MFD_CLOEXEC);
	ssize_t n = 0;

	while (fd >= 0 && len > 0 && (n = write(fd, text, len)) > 0) {
		text += n;
		len -= (size_t)n;
	}
	if (fd >= 0 && (len > 0 || lseek(fd, 0, SEEK_SET) != 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* False when there is no such program. */
static bool
run(const char *pager, int fd)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		dup2(fd, STDIN_FILENO);
		execl("/bin/sh", "sh", "-c", pager, (char *)NULL);
		_exit(127);
	}
	if (pid < 0)
		return false;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return !WIFEXITED(status) || (WEXITSTATUS(status) != 127 && WEXITSTATUS(status) != 126);
}

void
pager_show(FILE *out, const char *text, size_t len)
{
	const char *pager = command();
	size_t height = pager_height(out);
	bool shown = false;
	int fd;

	/* The prompt that follows takes a row, too. */
	if (pager && height > 0 && pager_rows(out, text) + 1 > height &&
	    (fd = file_of(text, len)) >= 0) {
		shown = run(pager, fd);
		close(fd);
	}
	if (!shown)
		fwrite(text, 1, len, out);
	fflush(out);
}
