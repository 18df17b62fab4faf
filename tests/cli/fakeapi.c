/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fakeapi SOCKET DIR LOG: mqsd's control API played from files, for tests of mqsctl.
 *
 * "GET /v1/agents/1001" is answered from DIR/GET_v1_agents_1001; '?' and '&' of a query become '@'.
 * The file's first line is the HTTP status, or one of
 *   stream   the rest is sent as an event stream, which then stays open
 *   hang     nothing is ever answered
 *   half     the connection is closed in the middle of the reply
 * and the rest the body. Without a file: 404. Whatever changes something is appended to LOG.
 * Prints its pid and goes to the background when the socket listens; it ends when LOG's directory
 * goes.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define REQUEST_MAX (64 * 1024)
#define REPLY_MAX   (256 * 1024)

static const char missing[] =
	"404\n{\"error\":{\"code\":\"not_found\",\"message\":\"there is no such thing here\","
	"\"hint\":\"\"}}";

static void
die(const char *what)
{
	fprintf(stderr, "fakeapi: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int
listen_at(const char *path)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(name.sun_path)) {
		errno = ENAMETOOLONG;
		die(path);
	}
	strcpy(name.sun_path, path);
	unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof(name)) != 0 || listen(fd, 64) != 0)
		die(path);
	return fd;
}

/* Reads the head and as much body as it announces; false when the client went. */
static bool
read_request(int fd, char *request, char **body)
{
	size_t len = 0, want = 0;
	ssize_t n;
	char *end = NULL, *length;

	while (!end || len < want) {
		n = read(fd, request + len, REQUEST_MAX - len);
		if (n <= 0)
			return false;
		len += (size_t)n;
		request[len] = '\0';
		if (end || !(end = strstr(request, "\r\n\r\n")))
			continue;
		length = strcasestr(request, "\r\nContent-Length:");
		want = (size_t)(end + 4 - request) +
		       (length && length < end ? strtoul(length + 17, NULL, 10) : 0);
	}
	*end = '\0';
	*body = end + 4;
	return true;
}

static void
send_all(int fd, const char *bytes, size_t len)
{
	ssize_t n;

	while (len > 0 && (n = send(fd, bytes, len, MSG_NOSIGNAL)) > 0) {
		bytes += n;
		len -= (size_t)n;
	}
}

static void
wait_until_gone(int fd)
{
	char c;

	while (read(fd, &c, 1) > 0)
		;
}

static void
answer(int fd, char *file)
{
	char *body = strchr(file, '\n'), head[256];
	size_t len;

	if (!body)
		body = file + strlen(file);
	else
		*body++ = '\0';
	len = strlen(body);
	if (strcmp(file, "hang") == 0) {
		wait_until_gone(fd);
		return;
	}
	if (strcmp(file, "stream") == 0)
		snprintf(head, sizeof(head),
			 "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
	else
		snprintf(head, sizeof(head),
			 "HTTP/1.1 %s Said\r\nContent-Type: application/json\r\n"
			 "Content-Length: %zu\r\nConnection: close\r\n\r\n",
			 strcmp(file, "half") == 0 ? "200" : file, len);
	send_all(fd, head, strlen(head));
	send_all(fd, body, strcmp(file, "half") == 0 ? len / 2 : len);
	if (strcmp(file, "stream") == 0)
		wait_until_gone(fd);
}

static void
note(const char *log, const char *request, size_t len, const char *body)
{
	FILE *f = fopen(log, "a");

	if (!f)
		die(log);
	fprintf(f, "%.*s %s\n", (int)len, request, body);
	fclose(f);
}

/* A server may send more than `fields` asks for, and this one does. */
static void
drop_fields(char *request)
{
	char *at = strstr(request, "fields="), *end;

	if (!at || (at[-1] != '?' && at[-1] != '&'))
		return;
	end = at + strcspn(at, "&");
	if (*end == '&')
		memmove(at, end + 1, strlen(end));
	else
		at[-1] = '\0';
}

static void
serve(int fd, const char *dir, const char *log)
{
	static char request[REQUEST_MAX + 1], file[REPLY_MAX];
	char path[4096], *body, *s;
	size_t len, n;
	FILE *f;

	if (!read_request(fd, request, &body))
		return;
	/* "METHOD /path HTTP/1.1": up to the second space. */
	len = strcspn(request, " ") + 1;
	len += strcspn(request + len, " ");
	if (strncmp(request, "GET ", 4) != 0)
		note(log, request, len, body);
	request[len] = '\0';
	drop_fields(request);
	snprintf(path, sizeof(path), "%.1000s/%.2000s", dir, request);
	for (s = path + strlen(dir) + 1; *s; s++)
		if (*s == '/')
			*s = '_';
		else if (*s == '?' || *s == '&')
			*s = '@';
	/* "GET _v1" */
	s = strchr(path + strlen(dir), ' ');
	if (s)
		memmove(s, s + 1, strlen(s));
	f = fopen(path, "r");
	strcpy(file, missing);
	if (f) {
		n = fread(file, 1, sizeof(file) - 1, f);
		file[n] = '\0';
		fclose(f);
	}
	answer(fd, file);
}

int
main(int argc, char **argv)
{
	struct pollfd listening;
	pid_t pid;
	int fd;

	if (argc != 4) {
		fputs("usage: fakeapi socket dir log\n", stderr);
		return 2;
	}
	listening = (struct pollfd){.fd = listen_at(argv[1]), .events = POLLIN};
	fclose(fopen(argv[3], "w"));
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid > 0) {
		printf("%d\n", (int)pid);
		return 0;
	}
	/* Let go of the pipe that reads the pid. */
	fclose(stdout);
	signal(SIGCHLD, SIG_IGN);
	/* A runner that was killed removes nothing but may be gone: so may its directory. */
	while (access(argv[3], F_OK) == 0) {
		if (poll(&listening, 1, 1000) <= 0)
			continue;
		fd = accept(listening.fd, NULL, NULL);
		if (fd >= 0 && fork() == 0) {
			serve(fd, argv[2], argv[3]);
			_exit(0);
		}
		if (fd >= 0)
			close(fd);
	}
	return 0;
}
