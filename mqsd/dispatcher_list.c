/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/dispatcher_list.h"

static const char *
text(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value != NULL ? value : "";
}

void
dispatcher_list_each(const json_t *reply, dispatcher_dest_cb *cb, void *arg)
{
	const json_t *records = json_object_get(json_object_get(reply, "result"), "RECORDS");
	const json_t *record, *target;
	size_t i, k;

	json_array_foreach((json_t *)records, i, record)
	{
		const json_t *set = json_object_get(record, "SET");

		json_array_foreach(json_object_get(set, "TARGETS"), k, target)
		{
			const json_t *dest = json_object_get(target, "DEST");
			struct dispatcher_dest found = {
				json_integer_value(json_object_get(set, "ID")), text(dest, "URI"),
				text(dest, "FLAGS"), text(json_object_get(dest, "ATTRS"), "DUID")};

			cb(arg, &found);
		}
	}
}

bool
dispatcher_dest_is_disabled(const struct dispatcher_dest *dest)
{
	return dest->flags[0] == 'D';
}
