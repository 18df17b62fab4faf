/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/listener.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/log.h"
#include "mqsd/loop.h"

#define BACKLOG 128

static int
socket_is_served(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), ok;

	ok = fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0;
	if (fd >= 0)
		close(fd);
	return ok;
}

struct evconnlistener *
listener_unix(struct loop *loop, const char *path, bool for_all, struct err *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct evconnlistener *listener;
	mode_t mask;

	if (strlen(path) >= sizeof(address.sun_path)) {
		err_set(err, "%s: longer than the %zu bytes that a Unix socket's path may have",
			path, sizeof(address.sun_path) - 1);
		return NULL;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (socket_is_served(&address)) {
		err_set(err, "%s: another program answers there; stop it or set [control] socket",
			path);
		return NULL;
	}
	unlink(path);
	mask = umask(for_all ? 0111 : 0117);
	listener = evconnlistener_new_bind(loop_base(loop), NULL, NULL,
					   LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, BACKLOG,
					   (struct sockaddr *)&address, sizeof(address));
	umask(mask);
	if (listener == NULL)
		err_set(err, "%s: %s; does its directory exist and belong to mqsd's user?", path,
			strerror(errno));
	return listener;
}

static int
parse(const char *text, struct sockaddr_storage *address)
{
	int len = sizeof(*address);

	if (evutil_parse_sockaddr_port(text, (struct sockaddr *)address, &len) != 0)
		return 0;
	if (address->ss_family == AF_INET && ((struct sockaddr_in *)address)->sin_port != 0)
		return len;
	if (address->ss_family == AF_INET6 && ((struct sockaddr_in6 *)address)->sin6_port != 0)
		return len;
	return 0;
}

bool
listener_is_address(const char *address)
{
	struct sockaddr_storage parsed;

	return parse(address, &parsed) > 0;
}

struct evconnlistener *
listener_tcp(struct loop *loop, const char *address, struct err *err)
{
	struct sockaddr_storage parsed;
	struct evconnlistener *listener;
	int len = parse(address, &parsed);

	listener = evconnlistener_new_bind(loop_base(loop), NULL, NULL,
					   LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC |
						   LEV_OPT_REUSEABLE,
					   BACKLOG, (struct sockaddr *)&parsed, len);
	if (listener == NULL)
		err_set(err, "%s: %s; look at [control] listen", address, strerror(errno));
	return listener;
}

/*
 * Out of descriptors: a pending connection would wake us again at once. It waits for a second
 * instead, in which others may close.
 */
static void
on_resume(evutil_socket_t fd, short what, void *listener)
{
	(void)fd;
	(void)what;
	evconnlistener_enable(listener);
}

static void
on_accept_error(struct evconnlistener *listener, void *arg)
{
	struct timeval second = {1, 0};

	(void)arg;
	log_error("control: no connection can be accepted: %s", strerror(errno));
	evconnlistener_disable(listener);
	event_base_once(evconnlistener_get_base(listener), -1, EV_TIMEOUT, on_resume, listener,
			&second);
}

void
listener_mind(struct evconnlistener *listener)
{
	evconnlistener_set_error_cb(listener, on_accept_error);
}
