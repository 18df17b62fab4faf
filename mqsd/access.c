/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/access.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "mqsd/conf.h"
#include "mqsd/login_limit.h"
#include "mqsd/token.h"

#define GROUPS 3

struct group_role {
	gid_t gid;
	enum role role; /* ROLE_NONE: not set */
};

struct access {
	const struct conf *conf;
	struct tokens *tokens; /* NULL: none */
	struct group_role groups[GROUPS];
	struct login_limit *limit;
};

bool
access_has_groups(const struct conf *conf)
{
	return *conf->admin_group != '\0' || *conf->supervisor_group != '\0' ||
	       *conf->viewer_group != '\0';
}

static int
find_group(const char *name, const char *option, enum role role, struct group_role *out,
	   struct err *err)
{
	struct group *group;

	*out = (struct group_role){0, ROLE_NONE};
	if (*name == '\0')
		return 0;
	errno = 0;
	group = getgrnam(name);
	if (group == NULL)
		return err_set(err, "[control] %s: there is no group '%s'%s%s", option, name,
			       errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
	*out = (struct group_role){group->gr_gid, role};
	return 0;
}

int
access_reload(struct access *access, struct err *err)
{
	const struct conf *conf = access->conf;
	struct group_role groups[GROUPS];
	struct tokens *tokens = NULL;

	if (find_group(conf->admin_group, "admin_group", ROLE_ADMIN, &groups[0], err) != 0 ||
	    find_group(conf->supervisor_group, "supervisor_group", ROLE_SUPERVISOR, &groups[1],
		       err) != 0 ||
	    find_group(conf->viewer_group, "viewer_group", ROLE_VIEWER, &groups[2], err) != 0)
		return -1;
	if (*conf->token_file != '\0') {
		tokens = tokens_load(conf->token_file, conf->pool, err);
		if (tokens == NULL)
			return -1;
		log_info("control: %zu tokens in %s", tokens_count(tokens), conf->token_file);
	}
	tokens_free(access->tokens);
	access->tokens = tokens;
	memcpy(access->groups, groups, sizeof(groups));
	return 0;
}

struct access *
access_new(const struct conf *conf, struct err *err)
{
	struct access *access = mem_zero(sizeof(*access));

	access->conf = conf;
	access->limit = login_limit_new();
	if (access_reload(access, err) == 0)
		return access;
	access_free(access);
	return NULL;
}

void
access_free(struct access *access)
{
	if (access == NULL)
		return;
	tokens_free(access->tokens);
	login_limit_free(access->limit);
	free(access);
}

static role_set
roles_of_user(const struct access *access, const struct peer *peer)
{
	role_set have = 0;
	size_t i;

	if (peer->uid == 0 || peer->uid == geteuid() || !access_has_groups(access->conf))
		return ROLES_ALL;
	for (i = 0; i < GROUPS; i++)
		if (access->groups[i].role != ROLE_NONE &&
		    peer_in_group(peer, access->groups[i].gid))
			have |= roles_of(access->groups[i].role);
	return have;
}

/* "Bearer TOKEN", as RFC 6750 has it; NULL: something else. */
static const char *
token_of(const char *authorization)
{
	const char *token;

	if (strncasecmp(authorization, "Bearer ", 7) != 0)
		return NULL;
	token = authorization + 7;
	token += strspn(token, " ");
	return *token != '\0' && token[strcspn(token, " \t")] == '\0' ? token : NULL;
}

static enum access_verdict
failed(struct access *access, const struct peer *peer, int *wait_s)
{
	bool first;
	int64_t wait = login_limit_failed(access->limit, peer->source, clock_mono_ms(), &first);

	if (first)
		log_warn("control: %s showed %d wrong tokens; it gets 429 for the next %lld s",
			 peer->source, LOGIN_FAILURES, (long long)(wait + 999) / 1000);
	*wait_s = (int)((wait + 999) / 1000);
	return wait > 0 ? ACCESS_LIMITED : ACCESS_BAD_TOKEN;
}

enum access_verdict
access_ask(struct access *access, const struct peer *peer, const char *authorization,
	   struct who *who, int *wait_s)
{
	const struct token *row = NULL;
	const char *token;

	*who = (struct who){.peer = peer};
	if (authorization == NULL && !peer->local)
		return ACCESS_NO_TOKEN;
	if (authorization == NULL) {
		who->roles = roles_of_user(access, peer);
		return ACCESS_KNOWN;
	}
	token = token_of(authorization);
	if (token != NULL && access->tokens != NULL)
		row = tokens_find(access->tokens, token);
	if (row == NULL)
		return failed(access, peer, wait_s);
	snprintf(who->name, sizeof(who->name), "%s", row->name);
	who->roles = row->roles;
	return ACCESS_KNOWN;
}
