/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/witness_node.h"

#include <jansson.h>

#include <stdlib.h>
#include <string.h>

static const char *
text_of(const json_t *object, const char *name)
{
	const char *s = json_string_value(json_object_get(object, name));

	return s != NULL ? s : "";
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
	evidence_look(e, at, node);
	count = json_array_size(json_object_get(line, "channels"));
	json_array_foreach(json_object_get(line, "channels"), i, channel)
	{
		evidence_sight(e, at, node, text_of(channel, "sip"), text_of(channel, "call"),
			       text_of(channel, "bridge"));
	}
	json_array_foreach(json_object_get(line, "bridges"), i, id)
		evidence_sight_bridge(e, at, node, json_string_value(id));
	json_array_foreach(json_object_get(line, "gone"), i, id)
		evidence_gone(e, node, json_string_value(id));
	json_array_foreach(json_object_get(line, "bridges_gone"), i, id)
		evidence_gone_bridge(e, node, json_string_value(id));
	json_decref(line);
	return (int)count;
}
