/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/ari.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "loadtest/address.h"

#define REPLY_MAX (256UL * 1024 * 1024)

/* Not libcurl, which belongs to lib/client.c: one GET in the lab, answered and closed. */
static int
open_node(const struct lab_node *node)
{
	struct sockaddr_in sin;
	int fd;

	if (!address_parse(node->ari, &sin))
		return -1;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&sin, sizeof(sin)) != 0 &&
	    errno != EINPROGRESS) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool
ready(int fd, short events, int64_t deadline)
{
	struct pollfd pfd = {.fd = fd, .events = events};
	int64_t left = deadline - clock_mono_ms();

	return left > 0 && poll(&pfd, 1, (int)left) > 0;
}

/* All until the node closes; NULL when that takes too long. */
static char *
read_all(int fd, int64_t deadline)
{
	size_t len = 0, cap = 65536;
	char *reply = mem_alloc(cap);
	ssize_t n;

	while (ready(fd, POLLIN, deadline) && cap < REPLY_MAX) {
		if (len + 1 >= cap)
			reply = mem_grow(reply, cap *= 2, 1);
		n = recv(fd, reply + len, cap - 1 - len, 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n < 0)
			break;
		len += (size_t)n;
		reply[len] = '\0';
		if (n == 0)
			return reply;
	}
	free(reply);
	return NULL;
}

static json_t *
parse(const char *reply)
{
	const char *body = strstr(reply, "\r\n\r\n"), *head = reply;
	json_t *json;

	if (body == NULL || strncmp(head, "HTTP/1.", 7) != 0 || strncmp(head + 8, " 200 ", 5) != 0)
		return NULL;
	json = json_loads(body + 4, 0, NULL);
	if (json_is_array(json))
		return json;
	json_decref(json);
	return NULL;
}

json_t *
ari_list(const struct lab_node *node, const char *what, struct err *err)
{
	int64_t deadline = clock_mono_ms() + ARI_MS;
	char *request = mem_printf("GET /ari/%s?api_key=%s:%s HTTP/1.1\r\nHost: localhost\r\n"
				   "Connection: close\r\n\r\n",
				   what, node->user, node->password);
	char *reply = NULL;
	json_t *json = NULL;
	int fd = open_node(node);

	if (fd >= 0 && ready(fd, POLLOUT, deadline) &&
	    send(fd, request, strlen(request), MSG_NOSIGNAL) == (ssize_t)strlen(request))
		reply = read_all(fd, deadline);
	if (fd >= 0)
		close(fd);
	if (reply != NULL)
		json = parse(reply);
	if (json == NULL)
		err_set(err, "node %s does not list its %s", node->server.name, what);
	free(request);
	free(reply);
	return json;
}
