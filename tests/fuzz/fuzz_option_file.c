/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as mqsd.conf: refused with the file's name in front, or what is printed reads the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mqsd/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* conf_load() wants a path: one of memory that has no other name. */
static struct conf *
load(const void *data, size_t size, struct err *err)
{
	int fd = memfd_create("mqsd.conf", MFD_CLOEXEC);
	char path[32];
	struct conf *conf;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	conf = conf_load(path, err);
	if (conf == NULL && strncmp(err->text, path, strlen(path)) != 0)
		abort();
	close(fd);
	return conf;
}

static char *
print(struct conf *conf, size_t *size)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, size);

	conf_print(conf, out);
	fclose(out);
	conf_free(conf);
	return text;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = {""};
	struct conf *conf = load(data, size, &err);
	char *once, *twice;
	size_t once_size, twice_size;

	if (conf == NULL)
		return 0;
	once = print(conf, &once_size);
	conf = load(once, once_size, &err);
	if (conf == NULL) {
		fprintf(stderr, "%s\n%s", err.text, once);
		abort();
	}
	twice = print(conf, &twice_size);
	if (strcmp(once, twice) != 0)
		abort();
	free(once);
	free(twice);
	return 0;
}
