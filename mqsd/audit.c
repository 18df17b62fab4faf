/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/text.h"
#include "mqsd/access.h"

#define MODE	    0640
#define MEMBERS_MAX 32	/* of a body */
#define VALUE_MAX   120 /* bytes */

struct audit {
	char *path;
	int fd;
	bool failing; /* told already */
};

/* Into audit, which is left alone when that fails. */
static int
open_file(struct audit *audit, const char *path, const char *state_dir, struct err *err)
{
	char *name = *path != '\0' ? mem_dup(path) : mem_printf("%s/audit.log", state_dir);
	int fd =
		open(name, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, MODE);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		err_set(err, "[control] audit_log %s: %s", name,
			fd < 0 ? strerror(errno) : "it is no file");
		free(name);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	if (audit->path != NULL)
		close(audit->fd);
	free(audit->path);
	audit->path = name;
	audit->fd = fd;
	audit->failing = false;
	return 0;
}

struct audit *
audit_open(const char *path, const char *state_dir, struct err *err)
{
	struct audit *audit = mem_zero(sizeof(*audit));

	if (open_file(audit, path, state_dir, err) == 0)
		return audit;
	free(audit);
	return NULL;
}

void
audit_close(struct audit *audit)
{
	if (audit == NULL)
		return;
	close(audit->fd);
	free(audit->path);
	free(audit);
}

int
audit_reopen(struct audit *audit, const char *path, const char *state_dir, struct err *err)
{
	return open_file(audit, path, state_dir, err);
}

static bool
is_secret(const char *key)
{
	static const char *const words[] = {"password", "secret", "token", "key"};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasestr(key, words[i]) != NULL)
			return true;
	return false;
}

static json_t *
short_text(const char *text)
{
	char clean[VALUE_MAX];

	text_printable(clean, sizeof(clean), text, strlen(text));
	return json_string(clean);
}

json_t *
audit_body(const json_t *body)
{
	json_t *out = json_object(), *value;
	const char *key;

	json_object_foreach((json_t *)body, key, value)
	{
		if (json_object_size(out) == MEMBERS_MAX)
			break;
		if (strlen(key) > TEXT_NAME_MAX)
			continue;
		if (is_secret(key))
			json_object_set_new(out, key, json_string("***"));
		else if (json_is_string(value))
			json_object_set_new(out, key, short_text(json_string_value(value)));
		else if (json_is_array(value) || json_is_object(value))
			json_object_set_new(out, key, json_string("..."));
		else
			json_object_set(out, key, value);
	}
	return out;
}

static json_t *
line_of(const struct audit_entry *entry)
{
	const struct who *who = entry->who;
	char have[ROLES_TEXT], name[PEER_TEXT], when[40], path[512];
	int64_t now = clock_wall_ms();
	time_t s = (time_t)(now / 1000);
	size_t len;
	struct tm tm;
	json_t *line;

	gmtime_r(&s, &tm);
	len = strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(when + len, sizeof(when) - len, ".%03dZ", (int)(now % 1000));
	text_printable(path, sizeof(path), entry->path, strlen(entry->path));
	line = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:i}", "time", when, "from",
			 who->peer->text, "role", roles_text(who->roles, have), "by",
			 *who->name != '\0' ? "token"
			 : who->peer->local ? "user"
					    : "nobody",
			 "method", entry->method, "path", path, "status", entry->status);
	if (*who->name != '\0')
		json_object_set_new(line, "name", json_string(who->name));
	else if (who->peer->local)
		json_object_set_new(line, "name", json_string(peer_name(who->peer, name)));
	if (entry->code != NULL)
		json_object_set_new(line, "code", json_string(entry->code));
	if (entry->body != NULL && json_object_size(entry->body) > 0)
		json_object_set_new(line, "body", audit_body(entry->body));
	return line;
}

void
audit_write(struct audit *audit, const struct audit_entry *entry)
{
	json_t *line = line_of(entry);
	char *text = json_dumps(line, JSON_COMPACT);
	char *ended = mem_printf("%s\n", text);
	size_t len = strlen(ended);

	errno = 0;
	if (write(audit->fd, ended, len) == (ssize_t)len) {
		if (audit->failing)
			log_info("audit: %s is written again", audit->path);
		audit->failing = false;
	} else {
		if (!audit->failing)
			log_error("audit: %s cannot be written: %s; what belongs there stands here "
				  "until it can",
				  audit->path, errno != 0 ? strerror(errno) : "the disk is full");
		audit->failing = true;
		log_warn("audit: %s", text);
	}
	free(ended);
	free(text);
	json_decref(line);
}

/* The last bytes of the file, from the beginning of a line; the caller's. NULL with err. */
static char *
read_end(const struct audit *audit, struct err *err)
{
	struct stat st;
	off_t from;
	ssize_t got;
	char *text, *line;

	if (fstat(audit->fd, &st) != 0) {
		err_set(err, "%s: %s", audit->path, strerror(errno));
		return NULL;
	}
	from = st.st_size > AUDIT_READ_MAX ? st.st_size - AUDIT_READ_MAX : 0;
	text = mem_alloc(AUDIT_READ_MAX + 1);
	got = pread(audit->fd, text, AUDIT_READ_MAX, from);
	if (got < 0) {
		err_set(err, "%s: %s", audit->path, strerror(errno));
		free(text);
		return NULL;
	}
	text[got] = '\0';
	line = from > 0 ? strchr(text, '\n') : NULL;
	if (line != NULL)
		memmove(text, line + 1, strlen(line + 1) + 1);
	return text;
}

json_t *
audit_read(const struct audit *audit, size_t count, struct err *err)
{
	char *text = read_end(audit, err), *at, *next;
	json_t *entries, *entry;
	size_t lines = 0;

	if (text == NULL)
		return NULL;
	for (at = text; (at = strchr(at, '\n')) != NULL; at++)
		lines++;
	entries = json_array();
	for (at = text; (next = strchr(at, '\n')) != NULL; at = next + 1, lines--) {
		if (lines > count)
			continue;
		entry = json_loadb(at, (size_t)(next - at), 0, NULL);
		/* One that a full disk cut is not to hide the others. */
		if (json_is_object(entry))
			json_array_append(entries, entry);
		json_decref(entry);
	}
	free(text);
	return entries;
}
