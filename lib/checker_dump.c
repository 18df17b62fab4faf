/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Rules about what Redis and the nodes hold. Redis is recounted in one step, so a fault there is
 * one. The nodes' lists are of another moment: a fault there is a suspicion first, and a violation
 * when each look finds it again until it has lasted.
 */

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/checker_priv.h"
#include "lib/mem.h"

static const char *
text(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s != NULL ? s : "";
}

/* Told once, when it was found by each look for so long. */
static void
found(struct checker *k, const struct checker_dump *dump, int64_t patience_ms, const char *what)
{
	struct checker_suspicion *s;

	HASH_FIND_STR(k->suspicions, what, s);
	if (s == NULL) {
		s = mem_zero(sizeof(*s));
		snprintf(s->text, sizeof(s->text), "%s", what);
		s->since = dump->at;
		HASH_ADD_STR(k->suspicions, text, s);
	}
	s->look = k->looks;
	if (s->told || dump->at - s->since < patience_ms)
		return;
	s->told = true;
	if (patience_ms > 0)
		checker_violate(k, NULL, "%s, for %lld ms", what, (long long)(dump->at - s->since));
	else
		checker_violate(k, NULL, "%s", what);
}

__attribute__((format(printf, 3, 4))) static void
suspect(struct checker *k, const struct checker_dump *dump, const char *fmt, ...)
{
	char what[CHECKER_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	found(k, dump, k->options.patience_ms, what);
}

/* The recount names the rule of each fault. */
void
checker_redis_faults(struct checker *k, const struct checker_dump *dump)
{
	json_t *fault;
	size_t i;

	json_array_foreach(json_object_get(dump->redis, "faults"), i, fault)
	{
		if (strcmp(text(fault, "rule"), checker_rule_at(k->rule)->id) == 0)
			found(k, dump, 0, text(fault, "text"));
	}
}

/* What was not found again was in passing. */
static void
drop_suspicions(struct checker *k)
{
	struct checker_suspicion *s, *next;

	HASH_ITER(hh, k->suspicions, s, next)
	{
		if (s->look == k->looks)
			continue;
		HASH_DEL(k->suspicions, s);
		free(s);
	}
}

void
checker_suspicions_free(struct checker *k)
{
	k->looks++;
	drop_suspicions(k);
}

/* <16 digits>-<digits>.<digits>: an id of a leg or bridge of ours. */
static bool
is_ours(const char *id)
{
	const char *dot = strchr(id, '.');

	return strspn(id, "0123456789") == 16 && id[16] == '-' && dot != NULL && dot > id + 17 &&
	       strspn(dot + 1, "0123456789") == strlen(dot + 1) && dot[1] != '\0';
}

static bool
in_stasis(const json_t *channel)
{
	return strcmp(text(json_object_get(channel, "dialplan"), "app_name"), "Stasis") == 0;
}

static bool
lists(const json_t *array, const char *id)
{
	json_t *item;
	size_t i;

	json_array_foreach((json_t *)array, i, item)
	{
		const char *s = json_is_string(item) ? json_string_value(item) : text(item, "id");

		if (s != NULL && strcmp(s, id) == 0)
			return true;
	}
	return false;
}

/* Notes which call of the node says that a channel is its own. */
static void
claim(json_t *owners, const char *channel, const char *call)
{
	if (*channel != '\0')
		json_object_set_new(owners, channel, json_string(call));
}

/* channel -> call, of the calls on that node. The caller owns it. */
static json_t *
owners_of(const struct checker_dump *dump, const char *node)
{
	json_t *owners = json_object(), *call, *leg;
	const char *id;
	size_t i;

	json_object_foreach(json_object_get(dump->redis, "calls"), id, call)
	{
		if (strcmp(text(call, "node"), node) != 0)
			continue;
		if (json_is_true(json_object_get(call, "open")))
			claim(owners, text(call, "channel"), id);
		if (json_is_true(json_object_get(call, "leg_open")))
			claim(owners, text(call, "leg"), id);
		json_array_foreach(json_object_get(call, "legs"), i, leg)
			claim(owners, json_string_value(leg), id);
	}
	return owners;
}

/* Runs fn for each node that was listed, is up, and of a pool that is not recovering. */
static void
each_node(struct checker *k, const struct checker_dump *dump,
	  void (*fn)(struct checker *k, const struct checker_dump *dump, const json_t *node,
		     const json_t *owners))
{
	const json_t *states = json_object_get(dump->redis, "nodes");
	json_t *node, *owners;
	size_t i;

	if (strcmp(text(dump->redis, "state"), "ready") != 0)
		return;
	json_array_foreach(dump->nodes, i, node)
	{
		if (strcmp(text(states, text(node, "name")), "up") != 0)
			continue;
		owners = owners_of(dump, text(node, "name"));
		fn(k, dump, node, owners);
		json_decref(owners);
	}
}

static void
channels_owned(struct checker *k, const struct checker_dump *dump, const json_t *node,
	       const json_t *owners)
{
	json_t *channel;
	size_t i;

	json_array_foreach(json_object_get(node, "channels"), i, channel)
	{
		const char *id = text(channel, "id");

		if ((is_ours(id) || in_stasis(channel)) && json_object_get(owners, id) == NULL)
			suspect(k, dump, "channel %s on node %s belongs to no call", id,
				text(node, "name"));
	}
}

void
checker_channels_owned(struct checker *k, const struct checker_dump *dump)
{
	each_node(k, dump, channels_owned);
}

static void
channels_there(struct checker *k, const struct checker_dump *dump, const json_t *node,
	       const json_t *owners)
{
	const json_t *channels = json_object_get(node, "channels");
	const char *id;
	json_t *call;

	json_object_foreach((json_t *)owners, id, call)
	{
		if (!lists(channels, id))
			suspect(k, dump, "call %s has channel %s, which node %s does not show",
				json_string_value(call), id, text(node, "name"));
	}
}

void
checker_channels_there(struct checker *k, const struct checker_dump *dump)
{
	each_node(k, dump, channels_there);
}

static void
bridges_talk(struct checker *k, const struct checker_dump *dump, const json_t *node,
	     const json_t *owners)
{
	const json_t *bridges = json_object_get(node, "bridges");
	json_t *calls = json_object_get(dump->redis, "calls"), *call, *bridge;
	json_t *known = json_object();
	const char *id;
	size_t i;

	(void)owners;
	json_object_foreach(calls, id, call)
	{
		if (strcmp(text(call, "node"), text(node, "name")) != 0 ||
		    strcmp(text(call, "state"), "talking") != 0)
			continue;
		json_object_set_new(known, text(call, "bridge"), json_true());
		json_array_foreach((json_t *)bridges, i, bridge)
		{
			if (strcmp(text(bridge, "id"), text(call, "bridge")) == 0)
				break;
		}
		if (!json_is_true(json_object_get(call, "bridged")))
			continue;
		bridge = json_object_get(json_array_get(bridges, i), "channels");
		if (!lists(bridge, text(call, "channel")) || !lists(bridge, text(call, "leg")))
			suspect(k, dump,
				"call %s talks on leg %s, and bridge %s does not join them", id,
				text(call, "leg"), text(call, "bridge"));
	}
	json_array_foreach((json_t *)bridges, i, bridge)
	{
		if (is_ours(text(bridge, "id")) &&
		    json_object_get(known, text(bridge, "id")) == NULL)
			suspect(k, dump, "bridge %s on node %s is of no conversation",
				text(bridge, "id"), text(node, "name"));
	}
	json_decref(known);
}

void
checker_bridges_talk(struct checker *k, const struct checker_dump *dump)
{
	each_node(k, dump, bridges_talk);
}

/* Names of the first few, for the text. */
static void
name_some(char *out, size_t size, const json_t *array)
{
	size_t i, len = 0, n = json_array_size(array);

	*out = '\0';
	for (i = 0; i < n && i < 8 && len < size; i++) {
		const json_t *item = json_array_get(array, i);

		len += (size_t)snprintf(out + len, size - len, " %s",
					json_is_string(item) ? json_string_value(item)
							     : text(item, "id"));
	}
	if (n > 8 && len < size)
		snprintf(out + len, size - len, " and %zu more", n - 8);
}

void
checker_end_redis(struct checker *k, const struct checker_dump *dump)
{
	const json_t *left = json_object_get(dump->redis, "left");
	char names[CHECKER_TEXT_MAX / 2];

	name_some(names, sizeof(names), left);
	if (json_array_size(left) > 0)
		checker_violate(k, NULL, "Redis still has%s", names);
}

void
checker_end_nodes(struct checker *k, const struct checker_dump *dump)
{
	static const char *const kinds[] = {"channels", "bridges"};
	char names[CHECKER_TEXT_MAX / 2];
	json_t *node, *list;
	size_t i, kind;

	json_array_foreach(dump->nodes, i, node)
	{
		for (kind = 0; kind < 2; kind++) {
			list = json_object_get(node, kinds[kind]);
			name_some(names, sizeof(names), list);
			if (json_array_size(list) > 0)
				checker_violate(k, NULL, "node %s still has %s%s",
						text(node, "name"), kinds[kind], names);
		}
	}
}

void
checker_end_dialogs(struct checker *k, const struct checker_dump *dump)
{
	char names[CHECKER_TEXT_MAX / 2];

	name_some(names, sizeof(names), dump->dialogs);
	if (json_array_size(dump->dialogs) > 0)
		checker_violate(k, NULL, "Kamailio still has dialogs%s", names);
}

void
checker_end_transactions(struct checker *k, const struct checker_dump *dump)
{
	if (dump->transactions > 0)
		checker_violate(k, NULL, "Kamailio has %lld transactions that are not finished",
				(long long)dump->transactions);
}

void
checker_end_events(struct checker *k, const struct checker_dump *dump)
{
	struct checker_call *call, *next;

	if (dump->shared)
		return;
	HASH_ITER(hh, k->calls, call, next)
	{
		if (checker_call_live(call) && !call->unsure)
			checker_violate(
				k, NULL, "call %s is still %s since event %s, as the events tell",
				call->id, checker_call_state_names[call->state], call->last_event);
	}
}

void
checker_look(struct checker *k, const struct checker_dump *dump)
{
	k->looks++;
	checker_rules_dump(k, dump, CHECKER_REDIS);
	if (dump->nodes != NULL)
		checker_rules_dump(k, dump, CHECKER_NODES);
	drop_suspicions(k);
}

void
checker_end(struct checker *k, const struct checker_dump *dump)
{
	checker_pause(k, 0);
	checker_rules_dump(k, dump, CHECKER_END);
}

size_t
checker_suspicions(const struct checker *k)
{
	const struct checker_suspicion *s;
	size_t n = 0;

	for (s = k->suspicions; s != NULL; s = s->hh.next)
		n += !s->told;
	return n;
}
