/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/lab_conf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/mem.h"

#define RTP_FIRST "10240"
#define RTP_LAST  "31999"

static bool
etc_at(const char *dir, const char *below, char *out, size_t size)
{
	char path[1024], *full;
	bool found;

	snprintf(path, sizeof(path), "%s%s/kamailio/kamailio.cfg", dir, below);
	if (access(path, R_OK) != 0)
		return false;
	snprintf(path, sizeof(path), "%s%s", dir, below);
	full = realpath(path, NULL);
	found = full != NULL && snprintf(out, size, "%s", full) < (int)size;
	free(full);
	return found;
}

int
lab_conf_etc(const char *wanted, char *out, size_t size, struct err *err)
{
	/* From build/bin, build/asan/bin and PREFIX/bin. */
	static const char *const places[] = {"/../../etc", "/../../../etc", "/../share/mqs/etc"};
	char exe[512];
	ssize_t n;
	size_t i;

	if (wanted != NULL)
		return etc_at(wanted, "", out, size)
			       ? 0
			       : err_set(err, "%s: no kamailio/kamailio.cfg there", wanted);
	n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	if (n > 0) {
		exe[n] = '\0';
		*strrchr(exe, '/') = '\0';
		for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
			if (etc_at(exe, places[i], out, size))
				return 0;
	}
	return err_set(err, "the servers' configuration (etc/) was not found; name it with --etc");
}

int
lab_conf_file(const char *dir, const char *name, struct err *err, const char *fmt, ...)
{
	char *path = mem_printf("%s/%s", dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), ret = 0;
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
	va_list ap;

	va_start(ap, fmt);
	if (f == NULL || vfprintf(f, fmt, ap) < 0 || fclose(f) != 0)
		ret = err_set(err, "%s: %s", path, strerror(errno));
	va_end(ap);
	free(path);
	return ret;
}

int
lab_conf_dir(const char *dir, const char *name, struct err *err)
{
	char *path = mem_printf("%s/%s", dir, name);
	int ret = 0;

	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		ret = err_set(err, "%s: %s", path, strerror(errno));
	free(path);
	return ret;
}

/* As a site does it, once. */
static int
make_databases(const char *etc, const char *dir, struct err *err)
{
	char *script = mem_printf("%s/kamailio/create-db.sh", etc);
	int status = 0, ret = 0;
	pid_t pid = fork();

	if (pid == 0) {
		execl("/bin/sh", "sh", script, dir, (char *)NULL);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pid < 0 || status != 0)
		ret = err_set(err, "%s %s failed", script, dir);
	free(script);
	return ret;
}

static int
write_kamailio(const struct lab *lab, int keepalive_s, const char *etc, struct err *err)
{
	char *dir = mem_printf("%s/kamailio", lab->dir), *from, *to, *list = mem_dup(""), *more;
	char *redis = lab_conf_redis_kamailio(lab);
	char *keepalive = keepalive_s > 0 ? mem_printf("#!define MQS_KEEPALIVE_S %d\n", keepalive_s)
					  : mem_dup("");
	int rpc = lab_conf_port(lab->kamailio_rpc), ret = -1, i;

	from = mem_printf("%s/kamailio/kamailio.cfg", etc);
	to = mem_printf("%s/kamailio.cfg", dir);
	for (i = 0; i < lab->node_count; i++) {
		more = mem_printf("%s1 sip:%s 9 0 duid=%s\n", list, lab->nodes[i].sip,
				  lab->nodes[i].server.name);
		free(list);
		list = more;
	}
	if (lab_render_file(from, to, NULL, 0, err) == 0 &&
	    lab_conf_file(dir, "dispatcher.list", err, "%s", list) == 0 &&
	    lab_conf_file(dir, "trunks.list", err, "1 %s 32 0 lab\n", lab->host) == 0 &&
	    lab_conf_file(dir, "kamailio-local.cfg", err,
			  "#!define MQS_SIP_UDP udp:%s\n#!define MQS_SIP_TCP tcp:%s\n"
			  "#!define MQS_RPC_TCP tcp:%s:%d\n#!define MQS_RPC_PORT %d\n"
			  "#!define MQS_NODES \"%s/dispatcher.list\"\n"
			  "#!define MQS_TRUNKS \"%s/trunks.list\"\n"
			  "%s%s"
			  "#!define MQS_MIN_EXPIRES 5\n#!define MQS_FILES\n"
			  "#!substdef \"!MQS_CONTACTS_DB!%s/mqs-contacts.db!g\"\n"
			  "#!substdef \"!MQS_CALLS_DB!%s/mqs-calls.db!g\"\n"
			  "#!substdef \"!MQS_PHONES_DB!%s/mqs-phones.db!g\"\n",
			  lab->kamailio_sip, lab->kamailio_sip, lab->kamailio.host, rpc, rpc, dir,
			  dir, redis, keepalive, dir, dir, dir) == 0)
		ret = make_databases(etc, dir, err);
	free(dir);
	free(from);
	free(to);
	free(list);
	free(redis);
	free(keepalive);
	return ret;
}

/* The first mqsd's files go by "mqsd" and by "mqsd-1". */
static int
link_first(const struct lab *lab, struct err *err)
{
	static const char *const rows[][2] = {{"mqsd-1", "mqsd"},
					      {"mqsd-1.conf", "mqsd.conf"},
					      {"mqsd-1.sock", "mqsd.sock"},
					      {"log/mqsd-1.log", "mqsd.log"}};
	char *path;
	size_t i;
	int ret = 0;

	for (i = 0; ret == 0 && i < sizeof(rows) / sizeof(rows[0]); i++) {
		path = mem_printf("%s/%s", lab->dir, rows[i][0]);
		if (symlink(rows[i][1], path) != 0 && errno != EEXIST)
			ret = err_set(err, "%s: %s", path, strerror(errno));
		free(path);
	}
	return ret;
}

static int
write_mqsd(const struct lab *lab, const struct lab_mqsd *m, const char *nodes, struct err *err)
{
	const char *file = strrchr(m->conf, '/') + 1;
	char *stem = mem_dup_len(file, strcspn(file, ".")), *redis = lab_conf_redis_address(lab);
	int ret = lab_conf_dir(lab->dir, stem, err);

	if (ret == 0)
		ret = lab_conf_file(
			lab->dir, file, err,
			"[mqsd]\ninstance = %s\nstate_dir = %s/%s\n\n"
			"[control]\nsocket = %s\n\n[redis]\naddress = %s\n\n"
			"[pool]\nname = default\n\n[ari]\napp = mqs\nendpoint = agents\n"
			"user = mqs\n\n[sip]\ndomain = %s\n\n[kamailio]\nrpc = %s\n%s",
			m->server.name, lab->dir, stem, m->socket, redis, lab->kamailio.host,
			lab->kamailio_rpc, nodes);
	free(stem);
	free(redis);
	return ret;
}

static int
write_mqsds(const struct lab *lab, struct err *err)
{
	char *nodes = mem_dup(""), *more;
	int ret = 0, i;

	for (i = 0; i < lab->node_count; i++) {
		more = mem_printf("%s\n[node %s]\nurl = %s\npassword = %s\n", nodes,
				  lab->nodes[i].server.name, lab->nodes[i].ari,
				  lab->nodes[i].password);
		free(nodes);
		nodes = more;
	}
	for (i = 0; ret == 0 && i < lab->mqsd_count; i++)
		ret = write_mqsd(lab, &lab->mqsds[i], nodes, err);
	free(nodes);
	return ret == 0 && lab->mqsd_count > 0 ? link_first(lab, err) : ret;
}

const char *const lab_conf_marks[] = {"etc_dir",	  "module_dir",	   "state_dir",
				      "data_dir",	  "agi_dir",	   "spool_dir",
				      "run_dir",	  "log_dir",	   "node",
				      "entity_id",	  "http_address",  "http_port",
				      "ari_password",	  "sip_bind",	   "kamailio_route",
				      "from_domain",	  "media_address", "kamailio_contact",
				      "kamailio_address", "rtp_first",	   "rtp_last",
				      "wait_max",	  "music",	   NULL};

/* Values of one node; the strings are owned and freed by values_free(). */
struct values {
	struct lab_value rows[LAB_VALUES_MAX];
	size_t count;
};

static void
value_set(struct values *v, const char *name, char *value)
{
	size_t i;

	for (i = 0; i < v->count && strcmp(v->rows[i].name, name) != 0; i++)
		;
	if (i == v->count)
		abort();
	v->rows[i].value = value;
}

static void
values_free(struct values *v)
{
	size_t i;

	for (i = 0; i < v->count; i++)
		free((char *)v->rows[i].value);
}

/*
 * Each node gets a voice address of its own, so that each has the whole range of RTP ports. It
 * derives from the lab's port, so two labs don't share one.
 */
static char *
media_address(const struct lab *lab, int node)
{
	int port = lab_conf_port(lab->redis.address);

	if (lab->netns)
		return mem_dup(lab->nodes[node].server.host);
	return mem_printf("127.%d.%d.%d", port / 256, port % 256, node + 1);
}

static void
values_of_node(struct values *v, const struct lab *lab, int node, const struct lab_options *options,
	       const struct asterisk *asterisk)
{
	const struct lab_node *n = &lab->nodes[node];
	char *base = mem_printf("%s/%s", lab->dir, n->server.name);

	*v = (struct values){.count = 0};
	while (lab_conf_marks[v->count] != NULL) {
		v->rows[v->count].name = lab_conf_marks[v->count];
		v->count++;
	}
	value_set(v, "etc_dir", mem_printf("%s/etc", base));
	value_set(v, "state_dir", mem_printf("%s/state", base));
	value_set(v, "spool_dir", mem_printf("%s/spool", base));
	value_set(v, "run_dir", mem_printf("%s/run", base));
	value_set(v, "log_dir", mem_printf("%s/log", base));
	if (asterisk->root[0] != '\0') {
		value_set(v, "module_dir", mem_dup(asterisk->modules));
		value_set(v, "data_dir", mem_dup(asterisk->data));
		value_set(v, "agi_dir", mem_printf("%s/agi-bin", asterisk->data));
	}
	value_set(v, "node", mem_dup(n->server.name));
	value_set(v, "entity_id", mem_printf("02:00:00:00:00:%02x", node + 1));
	value_set(v, "http_address", mem_dup(n->server.host));
	value_set(v, "http_port", mem_printf("%d", lab_conf_port(n->ari)));
	value_set(v, "ari_password", mem_dup(n->password));
	value_set(v, "sip_bind", mem_dup(n->sip));
	value_set(v, "kamailio_route", mem_printf("sip:%s\\;lr", lab->kamailio_sip));
	value_set(v, "kamailio_contact", mem_printf("sip:%s", lab->kamailio_sip));
	value_set(v, "kamailio_address", mem_dup(lab->kamailio.host));
	value_set(v, "from_domain", mem_dup(n->server.host));
	value_set(v, "media_address", media_address(lab, node));
	value_set(v, "rtp_first", mem_dup(RTP_FIRST));
	value_set(v, "rtp_last", mem_dup(RTP_LAST));
	value_set(v, "music", mem_dup(options->music != NULL ? options->music : "none"));
	if (options->wait_max_s > 0)
		value_set(v, "wait_max", mem_printf("%d", options->wait_max_s));
	free(base);
}

static int
is_conf(const struct dirent *d)
{
	const char *dot = strrchr(d->d_name, '.');

	return dot != NULL && strcmp(dot, ".conf") == 0;
}

static int
write_node(const struct lab *lab, int node, const struct lab_options *options, const char *etc,
	   const struct asterisk *asterisk, struct err *err)
{
	static const char *const dirs[] = {"", "/etc", "/state", "/spool", "/run", "/log"};
	char *from_dir = mem_printf("%s/asterisk", etc), *name, *from, *to;
	struct dirent **files = NULL;
	struct values values;
	int n, i, ret = 0;

	values_of_node(&values, lab, node, options, asterisk);
	for (i = 0; ret == 0 && i < (int)(sizeof(dirs) / sizeof(dirs[0])); i++) {
		name = mem_printf("%s%s", lab->nodes[node].server.name, dirs[i]);
		ret = lab_conf_dir(lab->dir, name, err);
		free(name);
	}
	n = scandir(from_dir, &files, is_conf, alphasort);
	if (n <= 0 && ret == 0)
		ret = err_set(err, "%s: no configuration there", from_dir);
	for (i = 0; i < n; i++) {
		from = mem_printf("%s/%s", from_dir, files[i]->d_name);
		to = mem_printf("%s/%s/etc/%s", lab->dir, lab->nodes[node].server.name,
				files[i]->d_name);
		if (ret == 0)
			ret = lab_render_file(from, to, values.rows, values.count, err);
		free(from);
		free(to);
		free(files[i]);
	}
	free(files);
	values_free(&values);
	free(from_dir);
	return ret;
}

int
lab_conf_write(const struct lab *lab, const struct lab_options *options, const char *etc,
	       const struct asterisk *asterisk, struct err *err)
{
	static const char *const dirs[] = {"log", "kamailio"};
	size_t d;
	int i;

	for (d = 0; d < sizeof(dirs) / sizeof(dirs[0]); d++)
		if (lab_conf_dir(lab->dir, dirs[d], err) != 0)
			return -1;
	if (lab_conf_redis(lab, err) != 0 ||
	    write_kamailio(lab, options->keepalive_s, etc, err) != 0 || write_mqsds(lab, err) != 0)
		return -1;
	for (i = 0; i < lab->node_count; i++)
		if (write_node(lab, i, options, etc, asterisk, err) != 0)
			return -1;
	return 0;
}
