/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_LISTENER_H
#define MQSD_LISTENER_H

#include <stdbool.h>

#include "lib/err.h"

struct loop;
struct evconnlistener;

/* What the control API listens on; evhttp takes the listeners over. NULL with err. */

/* for_all: any user of this machine may connect; else owner and group of the socket. */
struct evconnlistener *listener_unix(struct loop *loop, const char *path, bool for_all,
				     struct err *err);

/* ADDRESS:PORT, of IPv6 [ADDRESS]:PORT. */
struct evconnlistener *listener_tcp(struct loop *loop, const char *address, struct err *err);

/* Is it of that form? For the configuration's check. */
bool listener_is_address(const char *address);

/* After evhttp has taken it: out of descriptors it rests for a second. */
void listener_mind(struct evconnlistener *listener);

#endif
