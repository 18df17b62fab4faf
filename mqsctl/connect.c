/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsctl/connect.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/client.h"

#define DEFAULT_SOCKET "/run/mqs/mqsd.sock"
#define TOKEN_MAX      256

static const char *
environment(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && *value != '\0' ? value : NULL;
}

void
connect_take_environment(struct connect *connect)
{
	const char *socket = environment("MQS_SOCKET");

	*connect = (struct connect){.socket = socket != NULL ? socket : DEFAULT_SOCKET,
				    .url = environment("MQS_URL"),
				    .ca_file = environment("MQS_CA")};
}

const char *
connect_where(const struct connect *connect)
{
	return connect->url != NULL ? connect->url : connect->socket;
}

/* The file's first line. */
static int
read_token(const char *path, char *token, struct err *err)
{
	FILE *in = fopen(path, "re");
	struct stat st;
	int bad = 0;

	if (in == NULL)
		return err_set(err, "%s: %s", path, strerror(errno));
	if (fstat(fileno(in), &st) == 0 && (st.st_mode & 077) != 0)
		bad = err_set(err, "%s may be read by others than its owner: chmod 600 %s", path,
			      path);
	else if (fgets(token, TOKEN_MAX, in) == NULL)
		bad = err_set(err, "%s: no token is in it", path);
	else
		token[strcspn(token, "\r\n")] = '\0';
	fclose(in);
	return bad;
}

static int
show_token(struct client *client, const struct connect *connect, struct err *err)
{
	const char *given = environment("MQS_TOKEN");
	char token[TOKEN_MAX];
	int bad = 0;

	if (connect->token_file != NULL)
		bad = read_token(connect->token_file, token, err);
	else if (given != NULL)
		snprintf(token, sizeof(token), "%s", given);
	if (bad == 0 && (connect->token_file != NULL || given != NULL))
		bad = client_set_token(client, token, err);
	explicit_bzero(token, sizeof(token));
	/* A pager needs none. */
	unsetenv("MQS_TOKEN");
	return bad;
}

struct client *
connect_open(const struct connect *connect, struct err *err)
{
	struct client *client;

	client = connect->url != NULL ? client_new_tls(connect->url, connect->ca_file, err)
				      : client_new(connect->socket);
	if (client == NULL || show_token(client, connect, err) == 0)
		return client;
	client_free(client);
	return NULL;
}
