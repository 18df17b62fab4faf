/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "mqsd/api_priv.h"
#include "mqsd/conf.h"

bool
api_is_known(struct api_request *request)
{
	static const char hint[] = "Send Authorization: Bearer TOKEN; mqsctl takes it from "
				   "MQS_TOKEN or --token-file. mqsd --new-token makes one.";
	char wait[16];
	int wait_s;

	switch (access_ask(request->api->access, &request->peer,
			   httpd_header(request->http, "Authorization"), &request->who, &wait_s)) {
	case ACCESS_KNOWN:
		return true;
	case ACCESS_LIMITED:
		snprintf(wait, sizeof(wait), "%d", wait_s);
		httpd_reply_header(request->http, "Retry-After", wait);
		api_error(request, 429, "too_many_logins", hint,
			  "too many wrong tokens came from %s; try again in %d s",
			  request->peer.source, wait_s);
		return false;
	case ACCESS_NO_TOKEN:
	case ACCESS_BAD_TOKEN:
		break;
	}
	httpd_reply_header(request->http, "WWW-Authenticate", "Bearer realm=\"mqsd\"");
	if (httpd_header(request->http, "Authorization") == NULL)
		api_error(request, 401, "no_token", hint, "a token is needed here");
	else
		api_error(request, 401, "bad_token", hint, "this is not a token that mqsd knows");
	return false;
}

void
api_run(struct api_request *request)
{
	const struct api_route *route = request->route;
	char have[ROLES_TEXT];

	if (roles_have(request->who.roles, route->role)) {
		route->run(request);
		return;
	}
	roles_text(request->who.roles, have);
	api_error(request, 403, "forbidden",
		  "Roles come from the groups and tokens of [control] in mqsd.conf(5).",
		  "%s %s needs the role %s; %s%s has %s in the pool %s", route->method, route->path,
		  role_name(route->role), *request->who.name != '\0' ? "the token " : "",
		  *request->who.name != '\0' ? request->who.name : request->peer.text, have,
		  request->api->conf->pool);
}
