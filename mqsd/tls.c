/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/mem.h"

#define CIPHERS_1_2 "ECDHE+AESGCM:ECDHE+CHACHA20" /* of 1.3 all are fine */

struct tls_server {
	SSL_CTX *ctx;
};

struct tls_client {
	SSL_CTX *ctx;
	bool verify;
};

char *
tls_why(char *out, unsigned long size)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;

	snprintf(out, size, "%s", reason != NULL ? reason : "");
	ERR_clear_error();
	return out;
}

static SSL_CTX *
new_ctx(const SSL_METHOD *method, struct err *err)
{
	SSL_CTX *ctx = SSL_CTX_new(method);
	char why[128];

	if (ctx != NULL && SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 &&
	    SSL_CTX_set_cipher_list(ctx, CIPHERS_1_2) == 1) {
		SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
		SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
		return ctx;
	}
	err_set(err, "OpenSSL: %s", tls_why(why, sizeof(why)));
	SSL_CTX_free(ctx);
	return NULL;
}

static int
use_key(SSL_CTX *ctx, const char *key, struct err *err)
{
	struct stat st;
	char why[128];

	if (stat(key, &st) != 0)
		return err_set(err, "%s: %s", key, strerror(errno));
	if ((st.st_mode & 07) != 0)
		return err_set(err, "%s may be read or written by everybody: chmod o= %s", key,
			       key);
	if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
		return err_set(err, "%s is no key that fits the certificate: %s", key,
			       tls_why(why, sizeof(why)));
	return 0;
}

int
tls_server_reload(struct tls_server *server, const char *cert, const char *key, struct err *err)
{
	SSL_CTX *ctx;
	char why[128];

	ERR_clear_error();
	ctx = new_ctx(TLS_server_method(), err);
	if (ctx == NULL)
		return -1;
	if (SSL_CTX_use_certificate_chain_file(ctx, cert) != 1) {
		err_set(err, "%s is no certificate in PEM that can be used: %s", cert,
			tls_why(why, sizeof(why)));
		SSL_CTX_free(ctx);
		return -1;
	}
	if (use_key(ctx, key, err) != 0) {
		SSL_CTX_free(ctx);
		return -1;
	}
	SSL_CTX_free(server->ctx);
	server->ctx = ctx;
	return 0;
}

struct tls_server *
tls_server_new(const char *cert, const char *key, struct err *err)
{
	struct tls_server *server = mem_zero(sizeof(*server));

	if (tls_server_reload(server, cert, key, err) == 0)
		return server;
	tls_server_free(server);
	return NULL;
}

void
tls_server_free(struct tls_server *server)
{
	if (server == NULL)
		return;
	SSL_CTX_free(server->ctx);
	free(server);
}

struct ssl_st *
tls_server_session(struct tls_server *server)
{
	return SSL_new(server->ctx);
}

struct tls_client *
tls_client_new(const char *ca_file, bool verify, struct err *err)
{
	struct tls_client *client = mem_zero(sizeof(*client));
	char why[128];

	ERR_clear_error();
	client->verify = verify;
	client->ctx = new_ctx(TLS_client_method(), err);
	if (client->ctx != NULL) {
		SSL_CTX_set_verify(client->ctx, verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
		if (*ca_file != '\0'
			    ? SSL_CTX_load_verify_locations(client->ctx, ca_file, NULL) == 1
			    : SSL_CTX_set_default_verify_paths(client->ctx) == 1)
			return client;
		err_set(err, "%s has no certificates in PEM: %s", ca_file,
			tls_why(why, sizeof(why)));
	}
	tls_client_free(client);
	return NULL;
}

void
tls_client_free(struct tls_client *client)
{
	if (client == NULL)
		return;
	SSL_CTX_free(client->ctx);
	free(client);
}

static bool
is_ip(const char *host)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

struct ssl_st *
tls_client_session(struct tls_client *client, const char *host)
{
	SSL *ssl = SSL_new(client->ctx);
	bool set;

	if (ssl == NULL)
		return NULL;
	if (is_ip(host)) {
		set = !client->verify ||
		      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
	} else {
		set = SSL_set_tlsext_host_name(ssl, host) == 1 &&
		      (!client->verify || SSL_set1_host(ssl, host) == 1);
	}
	if (set)
		return ssl;
	SSL_free(ssl);
	return NULL;
}
