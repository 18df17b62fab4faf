/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/doctor_judge.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "mqsd/conf.h"
#include "mqsd/dispatcher_list.h"
#include "mqsd/finding.h"

#define KAMAILIO    "kamailio"
#define CLIENTS_MAX 200 /* of the control API, with room to spare */

static const char *
text(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value != NULL ? value : "";
}

static bool
is_draining(const json_t *nodes, const char *name)
{
	const json_t *node;
	size_t i;

	json_array_foreach((json_t *)nodes, i, node)
	{
		if (strcmp(text(node, "name"), name) == 0)
			return *text(node, "drain") != '\0';
	}
	return false;
}

/* --- the dispatcher ------------------------------------------------------------------------ */

struct dest_search {
	const char *name;
	struct dispatcher_dest found; /* the first */
	size_t count;
};

static void
search_dest(void *arg, const struct dispatcher_dest *dest)
{
	struct dest_search *search = arg;

	if (strcmp(dest->duid, search->name) != 0)
		return;
	if (search->count++ == 0)
		search->found = *dest;
}

static void
judge_dest(json_t *findings, const char *name, const json_t *nodes,
	   const struct dispatcher_dest *dest)
{
	bool draining = is_draining(nodes, name);

	if (dispatcher_dest_is_disabled(dest)) {
		if (draining)
			finding_add(findings, KAMAILIO, FINDING_OK, NULL,
				    "node %s (%s) is out of the dispatcher, since it is drained",
				    name, dest->uri);
		else if (nodes == NULL)
			finding_add(findings, KAMAILIO, FINDING_WARNING,
				    "mqsctl node list tells, once mqsd and Redis are there.",
				    "node %s (%s) is disabled in the dispatcher; whether it is "
				    "drained is not known",
				    name, dest->uri);
		else
			finding_add(findings, KAMAILIO, FINDING_WARNING,
				    "mqsctl node undrain NODE takes it in, node drain says that "
				    "it is meant so.",
				    "node %s (%s) is disabled in the dispatcher, and nobody has "
				    "drained it: no caller comes there",
				    name, dest->uri);
	} else if (draining) {
		finding_add(findings, KAMAILIO, FINDING_ERROR,
			    "mqsctl node drain NODE tells Kamailio again.",
			    "node %s (%s) is drained, and the dispatcher has it in use (%s)", name,
			    dest->uri, dest->flags);
	} else if (dest->flags[0] == 'A') {
		finding_add(findings, KAMAILIO, FINDING_OK, NULL,
			    "node %s (%s) is in use by the dispatcher", name, dest->uri);
	} else {
		finding_add(findings, KAMAILIO, FINDING_ERROR,
			    "It does not answer OPTIONS there: look at its pjsip.conf, the "
			    "address in dispatcher.list, and the network between.",
			    "the dispatcher calls node %s (%s) %s", name, dest->uri,
			    dest->flags[0] == 'T' ? "failing" : "down");
	}
}

void
judge_dispatcher_node(json_t *findings, const char *name, const json_t *nodes, const json_t *reply,
		      const char *why)
{
	struct dest_search search = {.name = name};

	if (reply == NULL) {
		finding_add(findings, KAMAILIO, FINDING_ERROR,
			    "Is Kamailio up? Look at [kamailio] rpc in mqsd.conf, and MQS_RPC_PORT "
			    "in kamailio-local.cfg.",
			    "its JSON-RPC does not list the dispatcher: %s", why);
		return;
	}
	dispatcher_list_each(reply, search_dest, &search);
	if (search.count == 0)
		finding_add(findings, KAMAILIO, FINDING_ERROR,
			    "Add to dispatcher.list: 1 sip:ADDRESS:PORT 9 0 duid=NODE, then kamcmd "
			    "dispatcher.reload.",
			    "the dispatcher has no duid=%s: no caller comes to that node", name);
	else
		judge_dest(findings, name, nodes, &search.found);
	if (search.count > 1)
		finding_add(findings, KAMAILIO, FINDING_WARNING,
			    "One line for each node in dispatcher.list.",
			    "the dispatcher has %zu destinations with duid=%s", search.count, name);
}

struct strangers {
	const struct conf *conf;
	json_t *findings;
	bool known; /* what was added at run time is among conf's nodes */
};

static void
judge_stranger(void *arg, const struct dispatcher_dest *dest)
{
	struct strangers *strangers = arg;
	const struct conf *conf = strangers->conf;
	size_t i;

	for (i = 0; i < conf->node_count; i++)
		if (strcmp(conf->nodes[i].name, dest->duid) == 0)
			return;
	if (!strangers->known) {
		finding_add(strangers->findings, KAMAILIO, FINDING_WARNING,
			    "If it was added by mqsctl node add, mqsd knows it, once it runs.",
			    "the dispatcher sends callers to %s (duid=%s), which mqsd.conf does "
			    "not have",
			    dest->uri, *dest->duid != '\0' ? dest->duid : "none");
		return;
	}
	finding_add(strangers->findings, KAMAILIO, FINDING_ERROR,
		    "Give it a [node NAME] section in mqsd.conf under that duid, or take its line "
		    "out of dispatcher.list.",
		    "the dispatcher sends callers to %s (duid=%s), which is no node of this mqsd: "
		    "they wait there for the dialplan's end",
		    dest->uri, *dest->duid != '\0' ? dest->duid : "none");
}

void
judge_dispatcher(json_t *findings, const struct conf *conf, const json_t *nodes,
		 const json_t *reply, const char *why)
{
	struct strangers strangers = {conf, findings, nodes != NULL};
	size_t i;

	if (reply == NULL) {
		judge_dispatcher_node(findings, "", nodes, NULL, why);
		return;
	}
	for (i = 0; i < conf->node_count; i++)
		judge_dispatcher_node(findings, conf->nodes[i].name, nodes, reply, why);
	dispatcher_list_each(reply, judge_stranger, &strangers);
}

/* --- registrations ------------------------------------------------------------------------- */

/* AoRs that have a contact, as an object of names: there may be thousands. */
static json_t *
registered(const json_t *reply)
{
	json_t *names = json_object(), *contacts;
	const json_t *domain, *aor;
	size_t i, k;

	json_array_foreach(json_object_get(json_object_get(reply, "result"), "Domains"), i, domain)
	{
		json_array_foreach(json_object_get(json_object_get(domain, "Domain"), "AoRs"), k,
				   aor)
		{
			const json_t *info = json_object_get(aor, "Info");

			contacts = json_object_get(info, "Contacts");
			if (json_array_size(contacts) > 0)
				json_object_set_new(names, text(info, "AoR"), json_true());
		}
	}
	return names;
}

/* The user part of "sip:USER@DOMAIN", when the domain is ours; else "". */
static const char *
user_of(const struct conf *conf, const char *address, char *out, size_t size)
{
	const char *user = strncmp(address, "sip:", 4) == 0 ? address + 4 : address;
	size_t len = strcspn(user, "@");

	*out = '\0';
	if (user[len] == '@' && strcmp(user + len + 1, conf->sip_domain) == 0 && len < size)
		snprintf(out, size, "%.*s", (int)len, user);
	return out;
}

void
judge_registrations(json_t *findings, const struct conf *conf, const json_t *agents,
		    const json_t *reply, const char *why)
{
	struct finding_names names = {"", 0};
	json_t *there;
	const json_t *agent;
	char user[128];
	size_t i, looked = 0;

	if (reply == NULL) {
		finding_add(findings, "agents", FINDING_WARNING,
			    "Kamailio's modules usrloc and jsonrpcs are asked: ul.dump.",
			    "who is registered is not known: %s", why);
		return;
	}
	there = registered(reply);
	json_array_foreach((json_t *)agents, i, agent)
	{
		if (strcmp(text(agent, "state"), "logged_out") == 0 ||
		    *user_of(conf, text(agent, "address"), user, sizeof(user)) == '\0')
			continue;
		looked++;
		if (json_object_get(there, user) == NULL)
			finding_name(&names, text(agent, "name"));
	}
	json_decref(there);
	if (names.count > 0)
		finding_add(findings, "agents", FINDING_WARNING,
			    "Their phones are off, or registered under another name: they get no "
			    "calls until they register, or mqsctl agent logout AGENT.",
			    "%zu of %zu agents that are logged in have no registered phone: %s",
			    names.count, looked, finding_names(&names));
	else
		finding_add(findings, "agents", FINDING_OK, NULL,
			    "the phones of all %zu agents that are logged in are registered",
			    looked);
}

/* --- orphans ------------------------------------------------------------------------------- */

/* Every channel and bridge that a record names. */
static json_t *
named(const json_t *records)
{
	json_t *ids = json_object();
	const json_t *record, *leg;
	size_t i, k;

	json_array_foreach((json_t *)records, i, record)
	{
		json_object_set_new(ids, text(record, "channel"), json_true());
		json_object_set_new(ids, text(record, "leg"), json_true());
		json_object_set_new(ids, text(record, "bridge"), json_true());
		json_array_foreach(json_object_get(record, "legs"), k, leg)
			json_object_set_new(ids, text(leg, "id"), json_true());
	}
	return ids;
}

/* A caller in the dialplan waits for an mqsd there, and is nobody's yet. */
static bool
is_in_app(const json_t *channel, const char *app)
{
	const json_t *dialplan = json_object_get(channel, "dialplan");
	const char *data = text(dialplan, "app_data");
	size_t len = strlen(app);

	return strcmp(text(dialplan, "app_name"), "Stasis") == 0 && strncmp(data, app, len) == 0 &&
	       (data[len] == ',' || data[len] == '\0');
}

/* An id that MQS gave: <call>.<n> (design 2). */
static bool
is_our_id(const char *id)
{
	size_t time = strspn(id, "0123456789"), seq, n;

	if (time != 16 || id[time] != '-')
		return false;
	seq = strspn(id + time + 1, "0123456789");
	if (seq == 0 || id[time + 1 + seq] != '.')
		return false;
	n = strspn(id + time + seq + 2, "0123456789");
	return n > 0 && id[time + seq + 2 + n] == '\0';
}

json_t *
orphans_of(const char *app, const json_t *channels, const json_t *bridges, const json_t *records)
{
	json_t *known = named(records), *orphans = json_array();
	const json_t *one;
	const char *id;
	size_t i;

	json_array_foreach((json_t *)channels, i, one)
	{
		id = text(one, "id");
		if ((is_our_id(id) || is_in_app(one, app)) && json_object_get(known, id) == NULL)
			json_array_append_new(orphans, json_string(id));
	}
	json_array_foreach((json_t *)bridges, i, one)
	{
		id = text(one, "id");
		if (is_our_id(id) && json_object_get(known, id) == NULL)
			json_array_append_new(orphans, json_string(id));
	}
	json_decref(known);
	return orphans;
}

static bool
has_text(const json_t *list, const char *want)
{
	const json_t *one;
	size_t i;

	json_array_foreach((json_t *)list, i, one)
	{
		if (strcmp(json_string_value(one), want) == 0)
			return true;
	}
	return false;
}

void
judge_orphans(json_t *findings, const char *about, const json_t *first, const json_t *second)
{
	struct finding_names names = {"", 0};
	const json_t *one;
	size_t i;

	json_array_foreach((json_t *)second, i, one)
	{
		if (has_text(first, json_string_value(one)))
			finding_name(&names, json_string_value(one));
	}
	if (names.count == 0)
		finding_add(findings, about, FINDING_OK, NULL,
			    "each channel and bridge of MQS there belongs to a call");
	else
		finding_add(findings, about, FINDING_WARNING,
			    "The next reconcile ends them ([ari] reconcile_ms); if they stay, "
			    "look at mqsd's log for their ids.",
			    "%zu channels or bridges belong to no call: %s", names.count,
			    finding_names(&names));
}

/* --- this process -------------------------------------------------------------------------- */

void
judge_files(json_t *findings, const struct conf *conf, int64_t may, int64_t has)
{
	/* Events and commands of each node, Kamailio's, Redis', clients, and what is open anyway.
	 */
	int64_t need =
		((int64_t)conf->node_count + 1) * (conf->ari_connections + 1) + CLIENTS_MAX + 32;

	if (may < need)
		finding_add(findings, "mqsd", FINDING_ERROR,
			    "LimitNOFILE= in mqsd.service, or ulimit -n where it is started.",
			    "it may have %" PRId64 " open files, and may need %" PRId64, may, need);
	else if (has > may / 10 * 8)
		finding_add(findings, "mqsd", FINDING_WARNING,
			    "Who are its clients? ss -xp; then LimitNOFILE= in mqsd.service.",
			    "it has %" PRId64 " of %" PRId64 " open files", has, may);
	else
		finding_add(findings, "mqsd", FINDING_OK, NULL,
			    "it has %" PRId64 " open files, and may have %" PRId64, has, may);
}
