/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/token.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mem.h"

#define PREFIX	       "mqs_" /* so that one that was left lying about is known for what it is */
#define SECRET	       32     /* random bytes */
#define LINE_MAX_BYTES 512

struct tokens {
	struct token *rows;
	size_t count;
};

static int
hash(const char *text, unsigned char out[TOKEN_HASH])
{
	unsigned int len = TOKEN_HASH;

	return EVP_Digest(text, strlen(text), out, &len, EVP_sha256(), NULL) == 1 ? 0 : -1;
}

static int
parse_hash(const char *hex, unsigned char out[TOKEN_HASH])
{
	static const char digits[] = "0123456789abcdef";
	const char *high, *low;
	size_t i;

	if (strlen(hex) != 2 * TOKEN_HASH || strspn(hex, digits) != 2 * TOKEN_HASH)
		return -1;
	for (i = 0; i < TOKEN_HASH; i++) {
		high = strchr(digits, hex[2 * i]);
		low = strchr(digits, hex[2 * i + 1]);
		out[i] = (unsigned char)((high - digits) * 16 + (low - digits));
	}
	return 0;
}

/* Copies the word at *line and moves behind it and the blanks that follow; -1: longer than size. */
static int
take_word(const char **line, char *out, size_t size)
{
	size_t len = strcspn(*line, " \t");

	if (len >= size)
		return -1;
	memcpy(out, *line, len);
	out[len] = '\0';
	*line += len;
	*line += strspn(*line, " \t");
	return 0;
}

int
token_line(const char *line, const char *pool, struct token *token, struct err *err)
{
	char hex[2 * TOKEN_HASH + 1];

	memset(token, 0, sizeof(*token));
	line += strspn(line, " \t");
	if (*line == '\0' || *line == '#')
		return 0;
	if (take_word(&line, token->name, sizeof(token->name)) != 0 || !text_is_name(token->name))
		return err_set(err, "a token's name is made of letters, digits, _ . -, up to %d",
			       TEXT_NAME_MAX);
	if (take_word(&line, token->role_text, sizeof(token->role_text)) != 0 ||
	    token->role_text[0] == '\0')
		return err_set(err, "token '%s' has no role; a line is NAME ROLE SHA256",
			       token->name);
	if (roles_parse(token->role_text, pool, &token->roles, err) != 0)
		return -1;
	if (take_word(&line, hex, sizeof(hex)) != 0 || *line != '\0' ||
	    parse_hash(hex, token->hash) != 0)
		return err_set(err,
			       "token '%s' does not end with a SHA-256 in 64 lower-case hex "
			       "digits; mqsd -T makes a line",
			       token->name);
	return 1;
}

static int
check_file(FILE *in, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fileno(in), &st) != 0)
		return err_set(err, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, "%s is no file", path);
	if ((st.st_mode & 077) != 0)
		return err_set(err,
			       "%s may be read or written by others than its owner: chmod 600 %s",
			       path, path);
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return err_set(err, "%s belongs to uid %u, not to the user that runs mqsd", path,
			       (unsigned)st.st_uid);
	return 0;
}

static const struct token *
find_name(const struct tokens *tokens, const char *name)
{
	size_t i;

	for (i = 0; i < tokens->count; i++)
		if (strcmp(tokens->rows[i].name, name) == 0)
			return &tokens->rows[i];
	return NULL;
}

static int
add_line(struct tokens *tokens, char *line, const char *pool, struct err *err)
{
	size_t len = strlen(line);
	struct token token;
	int found;

	if (len + 1 >= LINE_MAX_BYTES && line[len - 1] != '\n')
		return err_set(err, "line is longer than %d bytes", LINE_MAX_BYTES - 2);
	line[strcspn(line, "\r\n")] = '\0';
	found = token_line(line, pool, &token, err);
	if (found <= 0)
		return found;
	if (find_name(tokens, token.name) != NULL)
		return err_set(err, "token '%s' is there twice", token.name);
	if (tokens->count == TOKENS_MAX)
		return err_set(err, "more than %d tokens", TOKENS_MAX);
	tokens->rows = mem_grow(tokens->rows, tokens->count + 1, sizeof(token));
	tokens->rows[tokens->count++] = token;
	return 0;
}

static int
read_lines(struct tokens *tokens, FILE *in, const char *path, const char *pool, struct err *err)
{
	char line[LINE_MAX_BYTES];
	struct err why;
	int number = 0;

	while (fgets(line, sizeof(line), in) != NULL) {
		number++;
		if (add_line(tokens, line, pool, &why) != 0)
			return err_set(err, "%s:%d: %s", path, number, why.text);
	}
	return ferror(in) ? err_set(err, "%s: cannot be read", path) : 0;
}

struct tokens *
tokens_load(const char *path, const char *pool, struct err *err)
{
	struct tokens *tokens;
	FILE *in = fopen(path, "re");
	int bad;

	if (in == NULL) {
		err_set(err, "%s: %s; mqsd -T makes it", path, strerror(errno));
		return NULL;
	}
	tokens = mem_zero(sizeof(*tokens));
	bad = check_file(in, path, err);
	if (bad == 0)
		bad = read_lines(tokens, in, path, pool, err);
	fclose(in);
	if (bad == 0)
		return tokens;
	tokens_free(tokens);
	return NULL;
}

void
tokens_free(struct tokens *tokens)
{
	if (tokens == NULL)
		return;
	free(tokens->rows);
	free(tokens);
}

size_t
tokens_count(const struct tokens *tokens)
{
	return tokens->count;
}

const struct token *
tokens_find(const struct tokens *tokens, const char *text)
{
	unsigned char sent[TOKEN_HASH];
	const struct token *found = NULL;
	size_t i;

	if (hash(text, sent) != 0)
		return NULL;
	for (i = 0; i < tokens->count; i++)
		if (CRYPTO_memcmp(sent, tokens->rows[i].hash, TOKEN_HASH) == 0)
			found = &tokens->rows[i];
	return found;
}

/* Base64 of RFC 4648, 5: without what needs escapes in a URL or a shell. */
static int
make_secret(char *text)
{
	unsigned char secret[SECRET];
	char *p = text + strlen(PREFIX);

	if (RAND_bytes(secret, sizeof(secret)) != 1)
		return -1;
	memcpy(text, PREFIX, sizeof(PREFIX));
	EVP_EncodeBlock((unsigned char *)p, secret, sizeof(secret));
	OPENSSL_cleanse(secret, sizeof(secret));
	for (; *p != '\0'; p++)
		*p = *p == '+' ? '-' : *p == '/' ? '_' : *p == '=' ? '\0' : *p;
	return 0;
}

static int
append(const char *path, const char *line, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	size_t len = strlen(line);
	int bad;

	if (fd < 0)
		return err_set(err, "%s: %s", path, strerror(errno));
	bad = write(fd, line, len) != (ssize_t)len || fsync(fd) != 0;
	if (bad)
		err_set(err, "%s: %s", path, strerror(errno));
	close(fd);
	return bad ? -1 : 0;
}

int
token_new(const char *path, const char *name, const char *role_text, char *text, struct err *err)
{
	char line[LINE_MAX_BYTES], hex[2 * TOKEN_HASH + 1];
	unsigned char sum[TOKEN_HASH];
	struct tokens *tokens = NULL;
	struct token token;
	bool taken;
	size_t i;

	if (access(path, F_OK) == 0 && (tokens = tokens_load(path, "", err)) == NULL)
		return -1;
	taken = tokens != NULL && find_name(tokens, name) != NULL;
	tokens_free(tokens);
	if (taken)
		return err_set(err, "%s: there is a token '%.80s' already; remove its line first",
			       path, name);
	if (make_secret(text) != 0 || hash(text, sum) != 0)
		return err_set(err, "OpenSSL has no random bytes");
	for (i = 0; i < TOKEN_HASH; i++)
		snprintf(hex + 2 * i, 3, "%02x", sum[i]);
	snprintf(line, sizeof(line), "%.100s %.250s %s", name, role_text, hex);
	if (token_line(line, "", &token, err) != 1)
		return -1;
	strcat(line, "\n");
	return append(path, line, err);
}
