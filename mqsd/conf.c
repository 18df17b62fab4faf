/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/conf.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/text.h"
#include "mqsd/listener.h"
#include "mqsd/redis_address.h"

#define AT(field)      .offset = offsetof(struct conf, field)
#define NODE_AT(field) .offset = offsetof(struct conf_node, field)
#define COUNT(a)       (sizeof(a) / sizeof((a)[0]))

/* clang-format off */
#define REASON(n, text) {"codes", "reason_" #n, OPTION_STRING, AT(code_reasons[n]), .min = 0, .max = 100, .def = text, \
	.help = "Reason of a pause by its code and " #n "; empty: there is none."}

static const struct option rows[] = {
	{"mqsd", "instance", OPTION_STRING, AT(instance), .min = 1, .max = TEXT_NAME_MAX, .def = "mqsd-1",
	 .reload = OPTION_RESTART, .help = "Name of this mqsd; different for each that shares a Redis."},
	{"mqsd", "state_dir", OPTION_STRING, AT(state_dir), .min = 1, .max = 80, .def = "/var/lib/mqs",
	 .reload = OPTION_RESTART, .help = "Directory of this mqsd's own; its lock shows that no other runs under the same name."},
	{"mqsd", "log_level", OPTION_ENUM, AT(log_level), .values = log_level_names, .def = "info",
	 .help = "Least severity that is logged."},
	{"mqsd", "core_dumps", OPTION_BOOL, AT(core_dumps), .def = "no",
	 .reload = OPTION_RESTART, .help = "May a crash leave a core, which has passwords and callers' numbers in it?"},
	{"control", "socket", OPTION_STRING, AT(socket), .min = 1, .max = 100, .def = "/run/mqs/mqsd.sock",
	 .reload = OPTION_RESTART, .help = "Unix socket of the control API."},
	{"control", "admin_group", OPTION_STRING, AT(admin_group), .min = 0, .max = 64, .def = "",
	 .reload = OPTION_RESTART, .help = "Who of this Unix group uses the socket has the role admin; empty: see mqsd(8)."},
	{"control", "supervisor_group", OPTION_STRING, AT(supervisor_group), .min = 0, .max = 64, .def = "",
	 .reload = OPTION_RESTART, .help = "The same for the role supervisor."},
	{"control", "viewer_group", OPTION_STRING, AT(viewer_group), .min = 0, .max = 64, .def = "",
	 .reload = OPTION_RESTART, .help = "The same for the role viewer."},
	{"control", "token_file", OPTION_STRING, AT(token_file), .min = 0, .max = 180, .def = "",
	 .help = "File of tokens, made by mqsd -T; empty: there are none."},
	{"control", "listen", OPTION_STRING, AT(listen), .min = 0, .max = 64, .def = "",
	 .reload = OPTION_RESTART, .help = "ADDRESS:PORT where the control API is served with TLS, to who has a token; empty: nowhere."},
	{"control", "tls_cert", OPTION_STRING, AT(tls_cert), .min = 0, .max = 180, .def = "",
	 .help = "Certificate for that in PEM, those that lead to its authority behind it."},
	{"control", "tls_key", OPTION_STRING, AT(tls_key), .min = 0, .max = 180, .def = "",
	 .help = "Its key in PEM, in a file that not all may read."},
	{"control", "connections_max", OPTION_INT, AT(connections_max), .min = 1, .max = 10000, .def = "256", .unit = "connections",
	 .help = "Further ones to listen are closed."},
	{"control", "source_connections_max", OPTION_INT, AT(source_connections_max), .min = 1, .max = 10000, .def = "64", .unit = "connections",
	 .help = "Of one IPv4 address or IPv6 /64 network; further ones are closed."},
	{"control", "audit_log", OPTION_STRING, AT(audit_log), .min = 0, .max = 180, .def = "",
	 .help = "File to which is added who changed what; empty: audit.log in state_dir."},
	{"control", "sse_max_bytes", OPTION_INT, AT(sse_max_bytes), .min = 65536, .max = 1 << 30, .def = "4194304", .unit = "bytes",
	 .help = "A reader of events that is so far behind is cut off."},
	{"control", "body_max_bytes", OPTION_INT, AT(body_max_bytes), .min = 1024, .max = 1 << 26, .def = "1048576", .unit = "bytes",
	 .reload = OPTION_RESTART, .help = "A larger request is refused with 413."},
	{"redis", "address", OPTION_STRING, AT(redis_address), .min = 1, .max = 200, .def = "127.0.0.1:6379",
	 .reload = OPTION_RESTART, .help = "HOST:PORT, unix:/PATH, or sentinel:GROUP@HOST:PORT,HOST:PORT,... to ask Sentinels for the master."},
	{"redis", "user", OPTION_STRING, AT(redis_user), .min = 0, .max = 200, .def = "",
	 .reload = OPTION_RESTART, .help = "ACL user; empty: the default one."},
	{"redis", "password", OPTION_STRING, AT(redis_password), .min = 0, .max = 200, .def = "", .secret = true,
	 .reload = OPTION_RESTART, .help = "Password; empty: none is sent."},
	{"redis", "sentinel_user", OPTION_STRING, AT(redis_sentinel_user), .min = 0, .max = 200, .def = "",
	 .reload = OPTION_RESTART, .help = "ACL user of the Sentinels; empty: the default one."},
	{"redis", "sentinel_password", OPTION_STRING, AT(redis_sentinel_password), .min = 0, .max = 200, .def = "", .secret = true,
	 .reload = OPTION_RESTART, .help = "Password of the Sentinels; empty: none is sent."},
	{"redis", "timeout_ms", OPTION_INT, AT(redis_timeout_ms), .min = 100, .max = 60000, .def = "2000", .unit = "ms",
	 .help = "A reply that takes longer counts as lost and the connection is made anew."},
	{"pool", "name", OPTION_STRING, AT(pool), .min = 1, .max = TEXT_NAME_MAX, .def = "default",
	 .reload = OPTION_RESTART, .help = "Queues that share agents; names the keys in Redis."},
	{"pool", "stream_max", OPTION_INT, AT(stream_max), .min = 1000, .max = 100000000, .def = "1000000", .unit = "events",
	 .help = "Events kept in Redis; above it the oldest are cut and counted."},
	{"ari", "app", OPTION_STRING, AT(ari_app), .min = 1, .max = TEXT_NAME_MAX, .def = "mqs",
	 .reload = OPTION_RESTART, .help = "Stasis application, as in the dialplan."},
	{"ari", "endpoint", OPTION_STRING, AT(ari_endpoint), .min = 1, .max = TEXT_NAME_MAX, .def = "agents",
	 .help = "PJSIP endpoint of the nodes that leads to Kamailio; legs are dialled through it."},
	{"ari", "user", OPTION_STRING, AT(ari_user), .min = 1, .max = 200, .def = "mqs",
	 .reload = OPTION_RESTART, .help = "ARI user of nodes that have none of their own."},
	{"ari", "password", OPTION_STRING, AT(ari_password), .min = 0, .max = 200, .def = "", .secret = true,
	 .reload = OPTION_RESTART, .help = "ARI password of nodes that have none of their own."},
	{"ari", "ca_file", OPTION_STRING, AT(ari_ca_file), .min = 0, .max = 180, .def = "",
	 .reload = OPTION_RESTART, .help = "Who must have signed the certificates of nodes whose url is https, PEM; empty: whom the system trusts."},
	{"ari", "verify", OPTION_BOOL, AT(ari_verify), .def = "yes",
	 .reload = OPTION_RESTART, .help = "Are certificates of nodes looked at? Without that anybody in between can read passwords and end calls."},
	{"ari", "timeout_ms", OPTION_INT, AT(ari_timeout_ms), .min = 100, .max = 30000, .def = "1000", .unit = "ms",
	 .help = "Deadline of a command to a node."},
	{"ari", "connections", OPTION_INT, AT(ari_connections), .min = 1, .max = 64, .def = "6", .unit = "connections",
	 .reload = OPTION_RESTART, .help = "Keep-alive HTTP connections to each node."},
	{"ari", "originates_per_s", OPTION_INT, AT(originates_per_s), .min = 1, .max = 10000, .def = "40", .unit = "legs/s",
	 .help = "Pace at which phones are called from a node; what was not used is saved up for a second."},
	{"ari", "host_originates_per_s", OPTION_INT, AT(host_originates_per_s), .min = 1, .max = 10000, .def = "60", .unit = "legs/s",
	 .help = "The same of all nodes together whose url has the same host; each mqsd keeps to its share."},
	{"ari", "lease_ms", OPTION_INT, AT(lease_ms), .min = 1500, .max = 60000, .def = "3000", .unit = "ms",
	 .reload = OPTION_RESTART, .help = "How long a node stays ours without renewal."},
	{"ari", "reconcile_ms", OPTION_INT, AT(reconcile_ms), .min = 0, .max = 86400000, .def = "60000", .unit = "ms",
	 .help = "Period of comparing records with what nodes really hold; 0: only after connecting."},
	{"sip", "domain", OPTION_STRING, AT(sip_domain), .min = 1, .max = 200, .def = "localhost",
	 .help = "Domain of agents that were added without an address: sip:NAME@domain."},
	{"kamailio", "rpc", OPTION_STRING, AT(kamailio_rpc), .min = 0, .max = 200, .def = "http://127.0.0.1:8060/RPC",
	 .reload = OPTION_RESTART, .help = "JSON-RPC of Kamailio: tells whether a node is dead, and ends a dead node's calls; empty: it is not asked."},
	{"kamailio", "timeout_ms", OPTION_INT, AT(kamailio_timeout_ms), .min = 100, .max = 30000, .def = "2000", .unit = "ms",
	 .help = "Deadline of a request to Kamailio."},
	{"codes", "login", OPTION_STRING, AT(code_login), .min = 0, .max = 16, .def = "*45",
	 .help = "Feature code by which a phone logs its agent in, or out; empty: there is none."},
	{"codes", "pause", OPTION_STRING, AT(code_pause), .min = 0, .max = 15, .def = "*46",
	 .help = "The same for a pause; a digit behind the code says for which of the reasons."},
	{"codes", "wrapup", OPTION_STRING, AT(code_wrapup), .min = 0, .max = 16, .def = "*47",
	 .help = "The same to end the wrap-up."},
	REASON(0, ""), REASON(1, "break"), REASON(2, "lunch"), REASON(3, "meeting"), REASON(4, ""),
	REASON(5, ""), REASON(6, ""), REASON(7, ""), REASON(8, ""), REASON(9, ""),
	{"node *", "url", OPTION_STRING, NODE_AT(url), .min = 1, .max = 200, .def = NULL,
	 .reload = OPTION_RESTART, .help = "http://host:port or https://host:port of the node's ARI."},
	{"node *", "user", OPTION_STRING, NODE_AT(user), .min = 0, .max = 200, .def = "",
	 .reload = OPTION_RESTART, .help = "ARI user; empty: as in [ari]."},
	{"node *", "password", OPTION_STRING, NODE_AT(password), .min = 0, .max = 200, .def = "", .secret = true,
	 .reload = OPTION_RESTART, .help = "ARI password; empty: as in [ari]."},
};
/* clang-format on */

_Static_assert(COUNT(rows) <= CONF_OPTIONS_MAX, "a flag a row");

const struct option_table conf_options = {rows, COUNT(rows)};

static const char *const sections[] = {"mqsd", "control", "redis",    "pool",
				       "ari",  "sip",	  "kamailio", "codes"};

struct loading {
	struct conf *conf;
	bool seen[COUNT(sections)];
};

static const char *
section_name(const void *table, size_t i)
{
	return ((const char *const *)table)[i];
}

static struct conf_node *
add_node(struct conf *conf, const char *name, struct err *err)
{
	struct conf_node *node;
	size_t i;

	if (!text_is_name(name)) {
		err_set(err, "node name '%.80s' is not valid: letters, digits, _ . -, up to %d",
			name, TEXT_NAME_MAX);
		return NULL;
	}
	for (i = 0; i < conf->node_count; i++) {
		if (strcmp(conf->nodes[i].name, name) == 0) {
			err_set(err, "[node %s] is given twice", name);
			return NULL;
		}
	}
	if (conf->node_count == CONF_NODES_MAX) {
		err_set(err, "more than %d nodes", CONF_NODES_MAX);
		return NULL;
	}
	conf->nodes = mem_grow(conf->nodes, conf->node_count + 1, sizeof(*conf->nodes));
	node = &conf->nodes[conf->node_count++];
	*node = (struct conf_node){.name = mem_dup(name)};
	option_defaults(&conf_options, "node *x", node);
	return node;
}

static void *
on_section(void *arg, const char *name, struct err *err)
{
	struct loading *loading = arg;
	const char *near;
	size_t i;

	if (strncmp(name, "node ", 5) == 0)
		return add_node(loading->conf, name + 5, err);
	for (i = 0; i < COUNT(sections); i++) {
		if (strcmp(sections[i], name) != 0)
			continue;
		if (loading->seen[i]) {
			err_set(err, "[%s] is given twice", name);
			return NULL;
		}
		loading->seen[i] = true;
		return loading->conf;
	}
	near = text_nearest(name, section_name, sections, COUNT(sections));
	err_set(err, "unknown section [%.64s]%s%s%s", name, near ? "; did you mean [" : "",
		near ? near : "",
		near ? "]?"
		     : "; there are mqsd, control, redis, pool, ari, sip, kamailio, codes, node "
		       "NAME");
	return NULL;
}

static void
on_given(void *arg, const struct option *o, void *base)
{
	struct loading *loading = arg;

	if (base == loading->conf)
		loading->conf->given[o - rows] = true;
	else
		((struct conf_node *)base)->given[o - rows] = true;
}

/* SCHEME HOST:PORT and behind it nothing, or a path if one may follow. */
static bool
is_url(const char *url, const char *scheme, bool path)
{
	const char *host = url + strlen(scheme), *p;
	size_t digits;

	if (strncmp(url, scheme, strlen(scheme)) != 0)
		return false;
	p = host + strcspn(host, ":/?#@ ");
	if (p == host || *p != ':')
		return false;
	digits = strspn(p + 1, "0123456789");
	return digits > 0 && digits <= 5 && p[1 + digits] == (path ? '/' : '\0') &&
	       atoi(p + 1) >= 1 && atoi(p + 1) <= 65535;
}

static int
check_node(const struct conf *conf, struct conf_node *node, struct err *err)
{
	if (node->url == NULL)
		return err_set(err, "%s: [node %s] has no url", conf->path, node->name);
	if (!conf_is_node_url(node->url))
		return err_set(
			err, "%s: [node %s] url '%s' is not http://HOST:PORT or https://HOST:PORT",
			conf->path, node->name, node->url);
	if (*node->user == '\0') {
		free(node->user);
		node->user = mem_dup(conf->ari_user);
	}
	if (*node->password == '\0') {
		free(node->password);
		node->password = mem_dup(conf->ari_password);
	}
	return 0;
}

static bool
is_code(const char *s)
{
	return *s == '\0' || (*s == '*' && s[1] != '\0' && s[strspn(s, "*0123456789")] == '\0');
}

static int
check_codes(const struct conf *conf, struct err *err)
{
	const char *const codes[] = {conf->code_login, conf->code_pause, conf->code_wrapup};
	size_t i, k;

	for (i = 0; i < COUNT(codes); i++) {
		if (!is_code(codes[i]))
			return err_set(
				err, "%s: [codes] '%s' is no feature code: a * first, then digits",
				conf->path, codes[i]);
		for (k = 0; k < i; k++)
			if (*codes[i] != '\0' && strcmp(codes[i], codes[k]) == 0)
				return err_set(err, "%s: [codes] '%s' stands for two things",
					       conf->path, codes[i]);
	}
	return 0;
}

static int
check_listen(const struct conf *conf, struct err *err)
{
	if (*conf->listen == '\0')
		return 0;
	if (!listener_is_address(conf->listen))
		return err_set(
			err,
			"%s: [control] listen '%s' is not ADDRESS:PORT, as 192.0.2.1:8443 or "
			"[2001:db8::1]:8443",
			conf->path, conf->listen);
	if (*conf->tls_cert == '\0' || *conf->tls_key == '\0' || *conf->token_file == '\0')
		return err_set(
			err,
			"%s: [control] listen needs tls_cert, tls_key and token_file: nobody "
			"is let in over TCP without TLS and a token",
			conf->path);
	return 0;
}

static int
check(struct conf *conf, struct err *err)
{
	struct redis_address address;
	struct err why;
	size_t i;

	if (redis_address_parse(conf->redis_address, &address, &why) != 0)
		return err_set(err, "%s: [redis] address: %s", conf->path, why.text);
	if (!text_is_name(conf->instance) || !text_is_name(conf->pool) ||
	    !text_is_name(conf->ari_app) || !text_is_name(conf->ari_endpoint))
		return err_set(
			err,
			"%s: instance, pool name, app and endpoint are made of letters, digits, "
			"_ . -",
			conf->path);
	if (*conf->kamailio_rpc != '\0' && !is_url(conf->kamailio_rpc, "http://", true))
		return err_set(err, "%s: [kamailio] rpc '%s' is not http://HOST:PORT/PATH",
			       conf->path, conf->kamailio_rpc);
	if (check_listen(conf, err) != 0)
		return -1;
	/* A command must fit into what is left of a lease just before it is renewed (lease.c). */
	if (3 * conf->ari_timeout_ms > 2 * conf->lease_ms)
		return err_set(
			err,
			"%s: [ari] timeout_ms is %lld; with lease_ms = %lld it can be %lld at "
			"most, or no command could be sent before the lease ends",
			conf->path, (long long)conf->ari_timeout_ms, (long long)conf->lease_ms,
			(long long)(2 * conf->lease_ms / 3));
	if (conf->node_count == 0)
		return err_set(err, "%s: no [node NAME] section; mqsd needs at least one Asterisk",
			       conf->path);
	for (i = 0; i < conf->node_count; i++)
		if (check_node(conf, &conf->nodes[i], err) != 0)
			return -1;
	return check_codes(conf, err);
}

struct conf *
conf_load(const char *path, struct err *err)
{
	struct conf *conf = mem_zero(sizeof(*conf));
	struct loading loading = {.conf = conf};
	struct option_file file = {path, &conf_options, on_section, &loading, on_given};
	size_t i;

	conf->path = mem_dup(path);
	for (i = 0; i < COUNT(sections); i++)
		option_defaults(&conf_options, sections[i], conf);
	if (option_read(&file, err) == 0 && check(conf, err) == 0)
		return conf;
	conf_free(conf);
	return NULL;
}

const struct conf_node *
conf_node_find(const struct conf *conf, const char *name)
{
	size_t i;

	for (i = 0; i < conf->node_count; i++)
		if (strcmp(conf->nodes[i].name, name) == 0)
			return &conf->nodes[i];
	return NULL;
}

bool
conf_is_node_url(const char *url)
{
	return is_url(url, "http://", false) || is_url(url, "https://", false);
}

int
conf_node_add(struct conf *conf, const struct conf_node *node, struct err *err)
{
	struct conf_node *own = add_node(conf, node->name, err);

	if (own == NULL)
		return -1;
	free(own->user);
	free(own->password);
	own->url = mem_dup(node->url);
	own->user = mem_dup(node->user);
	own->password = mem_dup(node->password);
	own->added = true;
	if (check_node(conf, own, err) == 0)
		return 0;
	conf_node_remove(conf, node->name);
	return -1;
}

void
conf_node_remove(struct conf *conf, const char *name)
{
	const struct conf_node *node = conf_node_find(conf, name);
	size_t i = node != NULL ? (size_t)(node - conf->nodes) : conf->node_count;

	if (node == NULL)
		return;
	conf->removed = mem_grow(conf->removed, conf->removed_count + 1, sizeof(*conf->removed));
	conf->removed[conf->removed_count++] = *node;
	memmove(&conf->nodes[i], &conf->nodes[i + 1],
		(--conf->node_count - i) * sizeof(*conf->nodes));
}

static void
free_nodes(struct conf_node *nodes, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		option_free(&conf_options, "node *x", &nodes[i]);
		free(nodes[i].name);
	}
	free(nodes);
}

void
conf_free(struct conf *conf)
{
	size_t i;

	for (i = 0; i < COUNT(sections); i++)
		option_free(&conf_options, sections[i], conf);
	free_nodes(conf->nodes, conf->node_count);
	free_nodes(conf->removed, conf->removed_count);
	free(conf->path);
	free(conf);
}

static void
each_of(const char *section, const char *rows_of, const void *base, const bool *given,
	void (*each)(void *arg, const char *section, const struct option *o, const char *value,
		     bool given),
	void *arg)
{
	char value[512];
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		if (strcmp(rows[i].section, rows_of) == 0)
			each(arg, section, &rows[i],
			     option_text(&rows[i], base, value, sizeof(value)), given[i]);
}

void
conf_each(const struct conf *conf,
	  void (*each)(void *arg, const char *section, const struct option *o, const char *value,
		       bool given),
	  void *arg)
{
	char name[TEXT_NAME_MAX + 8];
	size_t i;

	for (i = 0; i < COUNT(sections); i++)
		each_of(sections[i], sections[i], conf, conf->given, each, arg);
	for (i = 0; i < conf->node_count; i++) {
		snprintf(name, sizeof(name), "node %s", conf->nodes[i].name);
		each_of(name, "node *", &conf->nodes[i], conf->nodes[i].given, each, arg);
	}
}

struct printing {
	FILE *out;
	char section[TEXT_NAME_MAX + 8];
};

static void
print_option(void *arg, const char *section, const struct option *o, const char *value, bool given)
{
	struct printing *printing = arg;

	(void)given;
	if (strcmp(printing->section, section) != 0)
		fprintf(printing->out, "[%s]\n", section);
	snprintf(printing->section, sizeof(printing->section), "%s", section);
	fprintf(printing->out, "%s = %s\n", o->name, value);
}

void
conf_print(const struct conf *conf, FILE *out)
{
	struct printing printing = {.out = out};

	conf_each(conf, print_option, &printing);
}

/* Those of the file; what was added at run time is not in it. */
static bool
has_nodes_of(const struct conf *conf, const struct conf *file)
{
	const struct conf_node *mine;
	size_t i;

	for (i = 0; i < file->node_count; i++) {
		const struct conf_node *node = &file->nodes[i];

		if (node->added)
			continue;
		mine = conf_node_find(conf, node->name);
		if (mine == NULL || strcmp(mine->url, node->url) != 0 ||
		    strcmp(mine->user, node->user) != 0 ||
		    strcmp(mine->password, node->password) != 0)
			return false;
	}
	return true;
}

static bool
same_nodes(const struct conf *a, const struct conf *b)
{
	return has_nodes_of(a, b) && has_nodes_of(b, a);
}

static bool
same_value(const struct option *o, const struct conf *a, const struct conf *b)
{
	const char *const *x = (const char *const *)((const char *)a + o->offset);
	const char *const *y = (const char *const *)((const char *)b + o->offset);
	char s[512], t[512];

	if (o->type == OPTION_STRING)
		return strcmp(*x, *y) == 0;
	return strcmp(option_text(o, a, s, sizeof(s)), option_text(o, b, t, sizeof(t))) == 0;
}

void
conf_compare(const struct conf *conf, const struct conf *other,
	     void (*differs)(void *arg, const struct option *o, const char *is, const char *other),
	     void *arg)
{
	char is[512], theirs[512];
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		if (strcmp(rows[i].section, "node *") != 0 && !same_value(&rows[i], conf, other))
			differs(arg, &rows[i], option_text(&rows[i], conf, is, sizeof(is)),
				option_text(&rows[i], other, theirs, sizeof(theirs)));
	if (!same_nodes(conf, other))
		differs(arg, NULL, "", "");
}

struct reload {
	struct conf *conf, *fresh;
	void (*later)(void *arg, const char *section, const char *name);
	void *arg;
};

static void
take_over(void *arg, const struct option *o, const char *is, const char *other)
{
	struct reload *reload = arg;
	struct err err;

	(void)is;
	if (o == NULL)
		reload->later(reload->arg, "node", "*");
	else if (o->reload == OPTION_RESTART)
		reload->later(reload->arg, o->section, o->name);
	else if (option_set(o, reload->conf, other, &err) == 0)
		reload->conf->given[o - rows] = reload->fresh->given[o - rows];
}

void
conf_reload(struct conf *conf, struct conf *fresh,
	    void (*later)(void *arg, const char *section, const char *name), void *arg)
{
	struct reload reload = {conf, fresh, later, arg};

	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		if (strcmp(rows[i].section, "node *") != 0 && same_value(&rows[i], conf, fresh))
			conf->given[i] = fresh->given[i];
	conf_compare(conf, fresh, take_over, &reload);
}
