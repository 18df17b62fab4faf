/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsctl/recent.h"

#include <inttypes.h>
#include <stdlib.h>

#include "lib/checker.h"
#include "lib/client.h"
#include "lib/clock.h"
#include "lib/mem.h"
#include "mqsctl/findings.h"
#include "mqsctl/interrupt.h"

#define PAST_MS	 60000 /* looked at */
#define QUIET_MS 500   /* no more events come: those of the past have all been read */
#define ALL_MS	 5000  /* on a busy pool new ones never stop */
#define TOLD_MAX 10    /* one fault breaks many rules */

struct recent {
	struct checker *checker;
	json_t *reply;
	int64_t began, heard; /* mono ms */
	uint64_t told;
};

static void
violated(void *arg, const struct checker_violation *v)
{
	struct recent *recent = arg;

	if (recent->told++ < TOLD_MAX)
		findings_add(recent->reply, -1, "rules", "error",
			     "That is a fault of mqsd's: keep its log and mqsctl --json events "
			     "since an id before it, and report it.",
			     "%s: %s (event %s)", v->rule->id, v->text,
			     *v->event != '\0' ? v->event : "-");
}

static int
on_event(void *arg, const char *id, const char *name, const char *data)
{
	struct recent *recent = arg;
	json_t *event = json_loads(data, 0, NULL);

	(void)name;
	checker_event(recent->checker, id, event);
	json_decref(event);
	recent->heard = clock_mono_ms();
	return 0;
}

static int
on_tick(void *arg)
{
	const struct recent *recent = arg;
	int64_t now = clock_mono_ms();

	return now - recent->heard >= QUIET_MS || now - recent->began >= ALL_MS || interrupt_seen();
}

void
recent_check(struct client *client, json_t *reply)
{
	struct recent recent = {.reply = reply, .began = clock_mono_ms()};
	struct checker_options options = checker_defaults;
	struct checker_figures figures;
	char *path = mem_printf("/v1/events?since=%" PRId64 "-0", clock_wall_ms() - PAST_MS);
	struct err err;

	options.violated = violated;
	options.arg = &recent;
	recent.heard = recent.began;
	recent.checker = checker_new(&options);
	if (client_stream(client, path, ALL_MS, on_event, on_tick, &recent, &err) != 0)
		findings_add(reply, -1, "rules", "warning", "mqsctl events shows them.",
			     "the events of the last minute could not be read: %s", err.text);
	checker_script_ended(recent.checker);
	checker_figures(recent.checker, &figures);
	if (recent.told > TOLD_MAX)
		findings_add(reply, -1, "rules", "error", NULL, "and %" PRIu64 " more",
			     recent.told - TOLD_MAX);
	if (recent.told == 0)
		findings_add(reply, -1, "rules", "ok", NULL,
			     "the %" PRIu64 " events of the last minute break none",
			     figures.events);
	checker_free(recent.checker);
	free(path);
}
