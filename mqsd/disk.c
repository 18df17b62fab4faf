/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/mem.h"

#define STOP_S 2 /* a disk that hangs does not keep mqsd from stopping */

struct disk {
	char *path;
	pthread_t thread;
	pthread_mutex_t lock; /* over all below */
	pthread_cond_t more;
	char *text; /* waits for the thread, or NULL */
	size_t len;
	bool busy, stop;
	int result;
	struct err err; /* of the last write, when result is -1 */
};

static int
write_all(int fd, const char *text, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = write(fd, text, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

static int
write_file(const char *path, const char *text, size_t len, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);

	if (fd < 0)
		return err_set(err, "%s: %s", path, strerror(errno));
	if (write_all(fd, text, len) != 0 || fsync(fd) != 0) {
		err_set(err, "%s: %s", path, strerror(errno));
		close(fd);
		return -1;
	}
	close(fd);
	return 0;
}

/* A rename is on the disk when its directory is. */
static void
sync_directory(const char *path)
{
	char *copy = mem_dup(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(copy);
}

int
disk_replace(const char *path, const char *text, size_t len, struct err *err)
{
	char *fresh = mem_printf("%s.tmp", path), *old = mem_printf("%s.1", path);
	int bad = write_file(fresh, text, len, err);

	if (bad == 0) {
		/* Linked, not moved, so that there is a file of the name all the time. */
		unlink(old);
		if (link(path, old) != 0 && errno != ENOENT)
			rename(path, old);
		bad = rename(fresh, path);
		if (bad != 0)
			err_set(err, "%s: %s", path, strerror(errno));
		sync_directory(path);
	}
	free(fresh);
	free(old);
	return bad;
}

static void *
work(void *arg)
{
	struct disk *disk = arg;
	struct err err = {""};
	char *text;
	size_t len;
	int result;

	pthread_mutex_lock(&disk->lock);
	while (!disk->stop || disk->text != NULL) {
		if (disk->text == NULL) {
			pthread_cond_wait(&disk->more, &disk->lock);
			continue;
		}
		text = disk->text;
		len = disk->len;
		disk->text = NULL;
		disk->busy = true;
		pthread_mutex_unlock(&disk->lock);
		result = disk_replace(disk->path, text, len, &err);
		free(text);
		pthread_mutex_lock(&disk->lock);
		disk->busy = false;
		disk->result = result;
		disk->err = err;
	}
	pthread_mutex_unlock(&disk->lock);
	return NULL;
}

struct disk *
disk_new(const char *path)
{
	struct disk *disk = mem_zero(sizeof(*disk));
	sigset_t all, old;
	int bad;

	disk->path = mem_dup(path);
	pthread_mutex_init(&disk->lock, NULL);
	pthread_cond_init(&disk->more, NULL);
	/* Signals are the loop's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	bad = pthread_create(&disk->thread, NULL, work, disk);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (bad != 0)
		fatal("no thread for writing %s: %s", path, strerror(bad));
	return disk;
}

void
disk_free(struct disk *disk)
{
	struct timespec until;

	pthread_mutex_lock(&disk->lock);
	disk->stop = true;
	pthread_cond_signal(&disk->more);
	pthread_mutex_unlock(&disk->lock);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += STOP_S;
	if (pthread_timedjoin_np(disk->thread, NULL, &until) != 0) {
		log_warn("%s: the disk hangs; what was not written yet is left", disk->path);
		return; /* the thread still uses it */
	}
	pthread_mutex_destroy(&disk->lock);
	pthread_cond_destroy(&disk->more);
	free(disk->path);
	free(disk);
}

void
disk_write(struct disk *disk, char *text, size_t len)
{
	pthread_mutex_lock(&disk->lock);
	free(disk->text);
	disk->text = text;
	disk->len = len;
	pthread_cond_signal(&disk->more);
	pthread_mutex_unlock(&disk->lock);
}

bool
disk_idle(struct disk *disk)
{
	bool idle;

	pthread_mutex_lock(&disk->lock);
	idle = disk->text == NULL && !disk->busy;
	pthread_mutex_unlock(&disk->lock);
	return idle;
}

int
disk_result(struct disk *disk, struct err *err)
{
	int result;

	pthread_mutex_lock(&disk->lock);
	result = disk->result;
	if (result != 0)
		*err = disk->err;
	pthread_mutex_unlock(&disk->lock);
	return result;
}

char *
disk_read(const char *path, size_t max, size_t *len, struct err *err)
{
	FILE *in = fopen(path, "re");
	struct stat st;
	char *text;

	if (in == NULL || fstat(fileno(in), &st) != 0) {
		err_set(err, "%s: %s", path, strerror(errno));
		if (in != NULL)
			fclose(in);
		return NULL;
	}
	if (!S_ISREG(st.st_mode) || (size_t)st.st_size > max) {
		err_set(err, "%s: not a file of up to %zu bytes", path, max);
		fclose(in);
		return NULL;
	}
	text = mem_alloc((size_t)st.st_size + 1);
	*len = fread(text, 1, (size_t)st.st_size, in);
	text[*len] = '\0';
	fclose(in);
	return text;
}
