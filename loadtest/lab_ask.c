/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/lab_ask.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/clock.h"
#include "loadtest/address.h"
#include "loadtest/lab.h"

int
lab_ask_say(char *why, const char *text)
{
	snprintf(why, LAB_TEXT_MAX, "%s", text);
	return -1;
}

static int
open_address(const char *address, int type)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	struct sockaddr_in sin;
	const struct sockaddr *sa = (const struct sockaddr *)&sin;
	socklen_t len = sizeof(sin);
	int fd;

	if (address[0] == '/') {
		snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", address);
		sa = (const struct sockaddr *)&sun;
		len = sizeof(sun);
	} else if (!address_parse(address, &sin)) {
		return -1;
	}
	fd = socket(sa->sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || connect(fd, sa, len) == 0 || errno == EINPROGRESS)
		return fd;
	close(fd);
	return -1;
}

static bool
wait_for(int fd, short events, int64_t deadline)
{
	struct pollfd pfd = {.fd = fd, .events = events};
	int64_t left;

	for (;;) {
		left = deadline - clock_mono_ms();
		if (left <= 0)
			return false;
		if (poll(&pfd, 1, (int)left) > 0)
			return true;
	}
}

ssize_t
lab_ask(const char *address, int type, const char *request, lab_ask_whole *whole,
	char reply[LAB_ASK_MAX], char *why)
{
	int64_t deadline = clock_mono_ms() + LAB_ASK_MS;
	int fd = open_address(address, type);
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return lab_ask_say(why, "connection refused");
	if (!wait_for(fd, POLLOUT, deadline) ||
	    send(fd, request, strlen(request), MSG_NOSIGNAL) != (ssize_t)strlen(request)) {
		close(fd);
		return lab_ask_say(why, "connection refused");
	}
	do {
		if (!wait_for(fd, POLLIN, deadline)) {
			close(fd);
			return lab_ask_say(why, "no answer");
		}
		n = recv(fd, reply + len, LAB_ASK_MAX - 1 - len, 0);
		if (n > 0)
			len += (size_t)n;
		reply[len] = '\0';
	} while (n > 0 && len < LAB_ASK_MAX - 1 && !whole(reply, len));
	close(fd);
	return len > 0 ? (ssize_t)len : lab_ask_say(why, "connection closed");
}

static bool
http_whole(const char *reply, size_t len)
{
	const char *body = strstr(reply, "\r\n\r\n"),
		   *length = strcasestr(reply, "\nContent-Length:");

	if (body == NULL || length == NULL || length > body)
		return false;
	return len - (size_t)(body + 4 - reply) >= strtoul(length + 16, NULL, 10);
}

json_t *
lab_ask_http(const char *address, const char *request, char *why)
{
	char *reply = malloc(LAB_ASK_MAX), *body;
	json_t *json = NULL;
	int status;

	if (reply == NULL || lab_ask(address, SOCK_STREAM, request, http_whole, reply, why) < 0)
		goto out;
	body = strstr(reply, "\r\n\r\n");
	if (sscanf(reply, "HTTP/%*s %d", &status) != 1 || body == NULL) {
		lab_ask_say(why, "no HTTP answer");
		goto out;
	}
	if (status != 200) {
		snprintf(why, LAB_TEXT_MAX, "HTTP status %d", status);
		goto out;
	}
	json = json_loads(body + 4, 0, NULL);
	if (json == NULL)
		lab_ask_say(why, "answer is not JSON");
out:
	free(reply);
	return json;
}
