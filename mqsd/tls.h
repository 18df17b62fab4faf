/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_TLS_H
#define MQSD_TLS_H

#include <stdbool.h>

#include "lib/err.h"

struct ssl_st;

/* TLS 1.2 or later, with forward secrecy, for what listens and for what connects (OpenSSL). */

/* The control API's side. cert: PEM, with the chain behind it; key: PEM, not for all to read. */
struct tls_server;

struct tls_server *tls_server_new(const char *cert, const char *key, struct err *err);
void tls_server_free(struct tls_server *server);

/* The files again; connections that there are go on. -1 with err: those of before stay. */
int tls_server_reload(struct tls_server *server, const char *cert, const char *key,
		      struct err *err);
struct ssl_st *tls_server_session(struct tls_server *server); /* of one connection; the caller's */

/* Our side of connections to others. ca_file: whom to trust, PEM; "": whom the system trusts. */
struct tls_client;

struct tls_client *tls_client_new(const char *ca_file, bool verify, struct err *err);
void tls_client_free(struct tls_client *client);

/* For one connection to that host, a name or an address, which its certificate must be for. */
struct ssl_st *tls_client_session(struct tls_client *client, const char *host);

/* What OpenSSL has to say to the last failure; out is emptied when it has nothing. Returns out. */
char *tls_why(char *out, unsigned long size);

#endif
