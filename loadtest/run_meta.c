/* SPDX-License-Identifier: BSD-2-Clause */

/* run.json: what was run, where, when. */

#include <stdlib.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/option.h"
#include "loadtest/desk.h"
#include "loadtest/dossier.h"
#include "loadtest/rest.h"
#include "loadtest/run.h"

static json_t *
options_json(const struct profile *p)
{
	json_t *options = json_object();
	char text[256];
	size_t i;

	for (i = 0; i < profile_options.count; i++)
		json_object_set_new(
			options, profile_options.rows[i].name,
			json_string(option_text(&profile_options.rows[i], p, text, sizeof(text))));
	return options;
}

int
run_meta_write(const struct run *r, bool complete, struct err *err)
{
	const struct profile *p = r->profile;
	char sipp[32], mqsd[LAB_TEXT_MAX];
	const char *asterisk = r->lab.node_count > 0 ? r->lab.nodes[0].server.version : "";
	int64_t now = clock_wall_us();
	struct rests rests;
	double held_s;
	bool full;
	json_t *meta = json_pack(
		"{s:s, s:s, s:I, s:I, s:f, s:I, s:o, s:{s:s, s:s, s:s, s:s, s:s, s:s}}", "profile",
		p->name, "queue", p->queue, "seed", (json_int_t)p->seed, "from_us",
		(json_int_t)r->from_us, "duration_s", (double)(now - r->from_us) / 1e6, "logged_in",
		(json_int_t)r->logged_in, "options", options_json(p), "versions", "loadtest",
		MQS_VERSION, "mqsd", desk_version(r->client, mqsd, sizeof(mqsd)), "asterisk",
		asterisk, "kamailio", r->lab.kamailio.version, "redis", r->lab.redis.server.version,
		"sipp", sipp_version(sipp, sizeof(sipp)));
	json_t *lab = json_object();
	int rc;

	json_object_set_new(lab, "dir", json_string(r->lab.dir));
	json_object_set_new(lab, "nodes", json_integer(r->lab.node_count));
	json_object_set_new(lab, "vanished_ms", json_integer(lab_vanished_ms(&r->lab)));
	rests_of_profile(&rests, p);
	rests_write(&rests, meta);
	json_object_set_new(meta, "lab", lab);
	held_s = tracer_held_s(&r->tracer, &full);
	json_object_set_new(meta, "messages",
			    json_pack("{s:f, s:b}", "kept_s", held_s, "full", full));
	json_object_set_new(meta, "complete", json_boolean(complete));
	if (r->replay != NULL)
		json_object_set_new(meta, "replay", replay_origin(r->replay));
	if (r->companion != NULL)
		json_object_set_new(meta, r->companion->name,
				    r->companion->tell(r->companion->arg));
	rc = dossier_write_meta(r->dir, meta, err);
	json_decref(meta);
	return rc;
}

int
run_meta_tell(const struct run *r, struct err *err)
{
	char *path = mem_printf("%s/" DOSSIER_META, r->dir);
	json_error_t why;
	json_t *meta = json_load_file(path, 0, &why);
	int rc = meta != NULL ? 0 : err_set(err, "%s: %s", path, why.text);

	if (rc == 0) {
		json_object_set_new(meta, r->companion->name,
				    r->companion->tell(r->companion->arg));
		rc = dossier_write_meta(r->dir, meta, err);
	}
	json_decref(meta);
	free(path);
	return rc;
}
