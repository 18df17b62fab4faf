/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/scenario.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mem.h"

#define FILE_LIMIT (16L * 1024 * 1024)
#define CAPITALS   "ABCDEFGHIJKLMNOPQRSTUVWXYZ_"

/* [len] and [local_ip] are SIPp's. Without a=rtpmap: payload 0 is PCMU by definition. */
static const char sdp[] = "Content-Type: application/sdp\n"
			  "Content-Length: [len]\n"
			  "\n"
			  "v=0\n"
			  "o=u 1 1 IN IP4 [local_ip]\n"
			  "s=-\n"
			  "c=IN IP4 [local_ip]\n"
			  "t=0 0\n"
			  "m=audio 6000 RTP/AVP 0";

/* What a reply repeats of its request; To is left to the scenario, which may have to add a tag. */
static const char reply[] = "[last_Via:]\n"
			    "[last_Record-Route:]\n"
			    "[last_From:]\n"
			    "[last_Call-ID:]\n"
			    "[last_CSeq:]";

static const char *
value_of(const char *name, size_t len)
{
	if (len == 3 && strncmp(name, "SDP", 3) == 0)
		return sdp;
	if (len == 5 && strncmp(name, "REPLY", 5) == 0)
		return reply;
	return NULL;
}

char *
scenario_fill(const char *template, struct err *err)
{
	const char *p = template, *value;
	char *text = NULL;
	size_t size, len;
	FILE *out = open_memstream(&text, &size);

	while (*p != '\0') {
		len = *p == '@' ? strspn(p + 1, CAPITALS) : 0;
		if (len == 0 || p[len + 1] != '@') {
			fputc(*p++, out);
			continue;
		}
		value = value_of(p + 1, len);
		if (value == NULL) {
			err_set(err, "a scenario has no @%.*s@", (int)len, p + 1);
			fclose(out);
			free(text);
			return NULL;
		}
		fputs(value, out);
		p += len + 2;
	}
	fclose(out);
	return text;
}

char *
scenario_read_file(const char *path, struct err *err)
{
	FILE *in = fopen(path, "re");
	char *text = NULL;
	size_t n, len = 0;

	if (in == NULL) {
		err_set(err, "%s: %s", path, strerror(errno));
		return NULL;
	}
	do {
		text = mem_grow(text, len + 65536 + 1, 1);
		n = fread(text + len, 1, 65536, in);
		len += n;
	} while (n > 0 && len < FILE_LIMIT);
	text[len] = '\0';
	fclose(in);
	return text;
}

static int
write_file(const char *path, const char *text, mode_t mode, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode), bad;
	FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (out == NULL)
		return err_set(err, "%s: %s", path, strerror(errno));
	bad = fputs(text, out) == EOF;
	bad |= fclose(out) != 0;
	return bad ? err_set(err, "%s: cannot be written", path) : 0;
}

int
scenario_write_file(const char *path, const char *text, struct err *err)
{
	return write_file(path, text, 0666, err);
}

int
scenario_write_secret(const char *path, const char *text, struct err *err)
{
	return write_file(path, text, 0600, err);
}

int
scenario_write(const char *dir, const char *name, const char *out, struct err *err)
{
	char *from = mem_printf("%s/%s", dir, name);
	char *template = scenario_read_file(from, err), *text = NULL;
	int rc = -1;

	if (template != NULL)
		text = scenario_fill(template, err);
	if (text != NULL)
		rc = scenario_write_file(out, text, err);
	free(text);
	free(template);
	free(from);
	return rc;
}

char *
scenario_dir(char *out, size_t size, struct err *err)
{
	static const char *const places[] = {"/../../scenarios", "/../../../scenarios",
					     "/../share/mqs/scenarios"};
	char exe[PATH_MAX], *path, *slash;
	ssize_t len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	size_t i;
	int found = 0;

	exe[len > 0 ? len : 0] = '\0';
	slash = strrchr(exe, '/');
	if (slash != NULL)
		*slash = '\0';
	for (i = 0; !found && i < sizeof(places) / sizeof(places[0]); i++) {
		path = mem_printf("%s%s/caller.xml", exe, places[i]);
		found = access(path, R_OK) == 0;
		free(path);
		if (found)
			snprintf(out, size, "%s%s", exe, places[i]);
	}
	if (found)
		return out;
	err_set(err, "the scenarios (scenarios/caller.xml) were not found near %s", exe);
	return NULL;
}
