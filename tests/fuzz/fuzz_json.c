/* SPDX-License-Identifier: BSD-2-Clause */
/* Any JSON as what Kamailio answers, as a run's report, and as two reports that are compared. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loadtest/compare.h"
#include "loadtest/report.h"
#include "mqsd/dispatcher_list.h"
#include "mqsd/kamailio.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
see(void *arg, const struct dispatcher_dest *dest)
{
	if (dest->uri == NULL || dest->flags == NULL || dest->duid == NULL)
		abort();
	*(size_t *)arg += dispatcher_dest_is_disabled(dest);
}

static void
as_kamailio(const json_t *reply)
{
	size_t disabled = 0;

	dispatcher_list_each(reply, see, &disabled);
	kamailio_word_in(reply, "a1");
}

static void
as_report(const json_t *report)
{
	struct compare_limits limits;
	char *text = NULL;
	size_t size;
	struct err err;
	FILE *out = open_memstream(&text, &size);

	report_text(report, out);
	report_junit(report, out);
	report_html(report, out);
	compare_defaults(&limits);
	if (compare_check(report, report, &err) == 0)
		compare_print(report, report, &limits, out);
	fclose(out);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *json = json_loadb((const char *)data, size, JSON_DISABLE_EOF_CHECK, NULL);

	if (json == NULL)
		return 0;
	as_kamailio(json);
	as_report(json);
	json_decref(json);
	return 0;
}
