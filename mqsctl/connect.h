/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_CONNECT_H
#define MQSCTL_CONNECT_H

#include "lib/err.h"

struct client;

/* Where mqsd is and what is shown to it, by the command line or the environment. */
struct connect {
	const char *socket;	/* path; used when url is NULL */
	const char *url;	/* https://HOST:PORT */
	const char *ca_file;	/* NULL: whom the system trusts */
	const char *token_file; /* NULL: MQS_TOKEN, if that is set */
};

/* What the environment says: MQS_SOCKET, MQS_URL, MQS_CA. */
void connect_take_environment(struct connect *connect);

/* The path of the socket, or the URL. */
const char *connect_where(const struct connect *connect);

/* NULL with err. MQS_TOKEN is gone from the environment afterwards. */
struct client *connect_open(const struct connect *connect, struct err *err);

#endif
