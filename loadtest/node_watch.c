/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/node_watch.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "lib/call_note.h"
#include "lib/mem.h"
#include "loadtest/names.h"

struct node_item {
	UT_hash_handle hh;
	uint64_t look; /* that showed it last */
	char *brief;   /* as it was written */
	char id[];
};

/* From channel id to the number of its bridge in the list. */
static struct names
bridges_of(const json_t *bridges)
{
	struct names names = {0};
	json_t *bridge, *channel;
	size_t i, k;

	json_array_foreach(bridges, i, bridge) json_array_foreach(
		json_object_get(bridge, "channels"), k, channel) if (json_is_string(channel))
		names_set(&names, json_string_value(channel), i);
	return names;
}

static const char *
text_of(const json_t *object, const char *name)
{
	const char *s = json_string_value(json_object_get(object, name));

	return s != NULL ? s : "";
}

static json_t *
brief_channel(const json_t *channel, const struct names *in, const json_t *bridges)
{
	const json_t *vars = json_object_get(channel, "channelvars");
	json_t *brief = json_object();
	struct call_note note;
	size_t b = names_find(in, text_of(channel, "id"));

	json_object_set_new(brief, "sip", json_string(text_of(channel, "protocol_id")));
	call_note_parse(text_of(vars, "MQS_CALL"), &note);
	json_object_set_new(brief, "call", json_string(note.id));
	if (b != NAMES_NONE)
		json_object_set_new(brief, "bridge",
				    json_string(text_of(json_array_get(bridges, b), "id")));
	return brief;
}

/* Whether that is news: it was not there, or was something else. Takes brief's text. */
static bool
note(struct node_item **items, uint64_t look, const char *id, const char *brief)
{
	struct node_item *item;
	bool news;

	HASH_FIND_STR(*items, id, item);
	if (item == NULL) {
		item = mem_zero(sizeof(*item) + strlen(id) + 1);
		strcpy(item->id, id);
		item->brief = mem_dup("");
		HASH_ADD_STR(*items, id, item);
	}
	news = item->look == 0 || strcmp(item->brief, brief) != 0;
	item->look = look;
	if (news) {
		free(item->brief);
		item->brief = mem_dup(brief);
	}
	return news;
}

/* Forgets what the last look did not show; returns their names. */
static json_t *
forget(struct node_item **items, uint64_t look)
{
	struct node_item *item, *next;
	json_t *gone = json_array();

	HASH_ITER(hh, *items, item, next)
	{
		if (item->look == look)
			continue;
		if (look != 0)
			json_array_append_new(gone, json_string(item->id));
		HASH_DEL(*items, item);
		free(item->brief);
		free(item);
	}
	return gone;
}

static json_t *
new_channels(struct node_watch *w, const json_t *channels, const json_t *bridges)
{
	struct names in = bridges_of(bridges);
	json_t *list = json_array(), *channel, *brief;
	char *text;
	size_t i;

	json_array_foreach(channels, i, channel)
	{
		brief = brief_channel(channel, &in, bridges);
		text = json_dumps(brief, JSON_COMPACT);
		/* A channel without a Call-ID is nobody's, and each of them is another. */
		if (*text_of(brief, "sip") == '\0' ||
		    note(&w->channels, w->looks, text_of(brief, "sip"), text))
			json_array_append(list, brief);
		free(text);
		json_decref(brief);
	}
	names_free(&in);
	return list;
}

static json_t *
new_bridges(struct node_watch *w, const json_t *bridges)
{
	json_t *ids = json_array(), *bridge;
	size_t i;

	json_array_foreach(bridges, i,
			   bridge) if (note(&w->bridges, w->looks, text_of(bridge, "id"), ""))
		json_array_append_new(ids, json_string(text_of(bridge, "id")));
	return ids;
}

char *
node_watch_line(struct node_watch *w, int64_t at, const char *node, const json_t *channels,
		const json_t *bridges)
{
	json_t *line = json_object();
	char *text;

	w->looks++;
	json_object_set_new(line, "at", json_integer(at));
	json_object_set_new(line, "node", json_string(node));
	json_object_set_new(line, "channels", new_channels(w, channels, bridges));
	json_object_set_new(line, "gone", forget(&w->channels, w->looks));
	json_object_set_new(line, "bridges", new_bridges(w, bridges));
	json_object_set_new(line, "bridges_gone", forget(&w->bridges, w->looks));
	text = json_dumps(line, JSON_COMPACT);
	json_decref(line);
	return text;
}

void
node_watch_close(struct node_watch *w)
{
	json_decref(forget(&w->channels, 0));
	json_decref(forget(&w->bridges, 0));
}
