/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "mqsd/api_priv.h"
#include "mqsd/audit.h"

#define COUNT	  50
#define COUNT_MAX 1000

void
api_note(struct api_request *request, int status, const json_t *reply)
{
	const json_t *error = json_object_get(reply, "error");
	struct audit_entry entry = {.who = &request->who,
				    .method = request->method,
				    .path = request->path,
				    .body = request->body,
				    .status = status,
				    .code = json_string_value(json_object_get(error, "code"))};

	if (strcmp(request->method, "GET") != 0 ? status != 429 : status == 401 || status == 403)
		audit_write(request->api->audit, &entry);
}

void
api_audit(struct api_request *request)
{
	const char *text = httpd_query(request->http, "count");
	size_t count = COUNT, digits;
	struct err err;
	json_t *entries;

	if (text != NULL) {
		digits = strspn(text, "0123456789");
		count = digits > 0 && digits <= 4 && text[digits] == '\0' ? (size_t)atoi(text) : 0;
		if (count < 1 || count > COUNT_MAX) {
			api_error(request, 400, "bad_value", "Give a number from 1 to 1000.",
				  "count: '%s' is not 1 to %d", text, COUNT_MAX);
			return;
		}
	}
	entries = audit_read(request->api->audit, count, &err);
	if (entries == NULL)
		api_error(request, 500, "audit_unreadable", "Look at the file and its disk.", "%s",
			  err.text);
	else
		api_reply(request, 200, json_pack("{s:o}", "entries", entries));
}
