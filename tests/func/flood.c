/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opens connections as fast as it can, holds them without a word and tells how many the other side
 * has not closed: flood unix:PATH|ADDRESS:PORT COUNT SECONDS [FROM]. With FROM, their own addresses
 * are 127.0.0.1 to 127.0.0.FROM in turn, so that they come from so many sources.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static socklen_t
parse(char *text, struct sockaddr_storage *address)
{
	struct sockaddr_un *un = (struct sockaddr_un *)address;
	struct sockaddr_in *in = (struct sockaddr_in *)address;
	char *colon = strchr(text, ':');

	memset(address, 0, sizeof(*address));
	if (colon == NULL)
		return 0;
	*colon = '\0';
	if (strcmp(text, "unix") == 0) {
		un->sun_family = AF_UNIX;
		snprintf(un->sun_path, sizeof(un->sun_path), "%s", colon + 1);
		return sizeof(*un);
	}
	in->sin_family = AF_INET;
	in->sin_port = htons((unsigned short)atoi(colon + 1));
	return inet_pton(AF_INET, text, &in->sin_addr) == 1 ? sizeof(*in) : 0;
}

/* -1 when it could not be made; a full backlog of a Unix socket is waited for. */
static int
open_one(const struct sockaddr_storage *to, socklen_t len, int source)
{
	struct sockaddr_in own = {.sin_family = AF_INET};
	int fd = socket(to->ss_family, SOCK_STREAM, 0);

	if (fd < 0)
		return -1;
	own.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (unsigned)source);
	if (to->ss_family == AF_INET && bind(fd, (struct sockaddr *)&own, sizeof(own)) != 0)
		perror("bind");
	if (connect(fd, (const struct sockaddr *)to, len) == 0)
		return fd;
	close(fd);
	return -1;
}

static int
is_open(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return fd >= 0 && poll(&p, 1, 0) == 0;
}

int
main(int argc, char **argv)
{
	struct rlimit files;
	struct sockaddr_storage to;
	int count, sources, open = 0, made = 0, i, *fds;
	socklen_t len;

	if (argc < 4 || (len = parse(argv[1], &to)) == 0) {
		fprintf(stderr, "usage: flood unix:PATH|ADDRESS:PORT COUNT SECONDS [FROM]\n");
		return 2;
	}
	count = atoi(argv[2]);
	sources = argc > 4 ? atoi(argv[4]) : 1;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	fds = calloc((size_t)count, sizeof(int));
	for (i = 0; i < count; i++) {
		fds[i] = open_one(&to, len, i % sources);
		made += fds[i] >= 0;
	}
	printf("made %d\n", made);
	fflush(stdout);
	sleep((unsigned)atoi(argv[3]));
	for (i = 0; i < count; i++)
		open += is_open(fds[i]);
	printf("open %d\n", open);
	return 0;
}
