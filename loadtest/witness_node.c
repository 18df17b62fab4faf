/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/witness_node.h"

#include <stdlib.h>
#include <string.h>

#include "lib/call_note.h"

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

char *
witness_node_brief(int64_t at, const char *node, const json_t *channels, const json_t *bridges)
{
	json_t *line = json_object(), *list = json_array(), *ids = json_array(), *item;
	struct names in = bridges_of(bridges);
	char *text;
	size_t i;

	json_array_foreach(channels, i, item)
		json_array_append_new(list, brief_channel(item, &in, bridges));
	json_array_foreach(bridges, i, item)
		json_array_append_new(ids, json_string(text_of(item, "id")));
	json_object_set_new(line, "at", json_integer(at));
	json_object_set_new(line, "node", json_string(node));
	json_object_set_new(line, "channels", list);
	json_object_set_new(line, "bridges", ids);
	text = json_dumps(line, JSON_COMPACT);
	json_decref(line);
	names_free(&in);
	return text;
}

int
witness_node_line(struct evidence *e, const char *text)
{
	json_t *line = json_loads(text, 0, NULL), *channel, *id;
	int64_t at = json_integer_value(json_object_get(line, "at"));
	const char *node = text_of(line, "node");
	size_t i, count;

	if (at == 0 || *node == '\0') {
		json_decref(line);
		return -1;
	}
	at -= e->from_us;
	count = json_array_size(json_object_get(line, "channels"));
	json_array_foreach(json_object_get(line, "channels"), i, channel)
	{
		evidence_sight(e, at, node, text_of(channel, "sip"), text_of(channel, "call"),
			       text_of(channel, "bridge"));
	}
	json_array_foreach(json_object_get(line, "bridges"), i, id)
		evidence_sight_bridge(e, at, node, json_string_value(id));
	json_decref(line);
	return (int)count;
}
