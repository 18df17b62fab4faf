/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/chaos_report.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "lib/mem.h"
#include "loadtest/chaos_fault.h"
#include "loadtest/hist.h"

static int64_t
number(const json_t *row, const char *key)
{
	return json_integer_value(json_object_get(row, key));
}

static const char *
text(const json_t *row, const char *key)
{
	const char *s = json_string_value(json_object_get(row, key));

	return s != NULL ? s : "";
}

static bool
late(const json_t *row)
{
	return json_is_true(json_object_get(row, "late"));
}

static size_t
count_late(const json_t *done)
{
	size_t i, n = 0;
	json_t *row;

	json_array_foreach(done, i, row) n += late(row);
	return n;
}

/* One kind of fault. From its beginning to the service's return, be it while the fault lasted. */
static void
print_kind(const json_t *done, const char *name, FILE *out)
{
	struct hist end = {0}, begin = {0};
	size_t i, never = 0;
	json_t *row;

	json_array_foreach(done, i, row)
	{
		if (strcmp(text(row, "fault"), name) != 0)
			continue;
		if (number(row, "steady_ms") < 0) {
			never++;
			continue;
		}
		hist_add(&end, number(row, "steady_ms"));
		hist_add(&begin, number(row, "taken_ms") >= 0
					 ? number(row, "taken_ms")
					 : number(row, "lasted_ms") + number(row, "steady_ms"));
	}
	if (end.count > 0)
		fprintf(out,
			"  %-18s %3zu   after its end p50 %5lld max %5lld ms   "
			"from its beginning p50 %5lld max %5lld ms\n",
			name, end.count, (long long)hist_at(&end, 0.5), (long long)hist_at(&end, 1),
			(long long)hist_at(&begin, 0.5), (long long)hist_at(&begin, 1));
	if (never > 0)
		fprintf(out, "  %-18s %3zu   not steady again\n", name, never);
	hist_free(&end);
	hist_free(&begin);
}

char *
chaos_report_line(const json_t *chaos, char *out, size_t size)
{
	const json_t *done = json_object_get(chaos, "done");

	snprintf(out, size, "%zu of %zu faults made, %zu late", json_array_size(done),
		 json_array_size(json_object_get(chaos, "plan")), count_late(done));
	return out;
}

void
chaos_report_print(const json_t *chaos, FILE *out)
{
	const json_t *done = json_object_get(chaos, "done");
	char line[96];
	json_t *row;
	size_t i;

	fprintf(out, "# seed %lld; the plan, as --plan takes it:\n",
		(long long)number(chaos, "seed"));
	json_array_foreach(json_object_get(chaos, "plan"), i, row)
		fprintf(out, "%s\n", json_string_value(row));
	if (!json_is_true(json_object_get(chaos, "netns")))
		fprintf(out, "# no links were cut: %s\n", text(chaos, "no_netns"));
	json_array_foreach(done, i, row) if (late(row)) fprintf(
		out, "late: fault %zu, %s %s %s, for %lld ms: steady %lld ms after its end%s%s\n",
		i + 1, text(row, "fault"), text(row, "server"), text(row, "other"),
		(long long)number(row, "lasted_ms"), (long long)number(row, "steady_ms"),
		*text(row, "missing") != '\0' ? "; missing at last: " : "", text(row, "missing"));
	for (i = 0; i < chaos_fault_count; i++)
		print_kind(done, chaos_faults[i].name, out);
	if (*text(chaos, "gave_up") != '\0')
		fprintf(out, "the rest of the plan was not made: %s\n", text(chaos, "gave_up"));
	fprintf(out, "  %s\n", chaos_report_line(chaos, line, sizeof(line)));
}

int
chaos_report_status(const json_t *chaos)
{
	const json_t *done = json_object_get(chaos, "done");

	return count_late(done) > 0 ||
	       json_array_size(done) < json_array_size(json_object_get(chaos, "plan"));
}

struct verdict_fault *
chaos_report_faults(const json_t *chaos, size_t *count)
{
	const json_t *done = json_object_get(chaos, "done");
	struct verdict_fault *faults = NULL;
	int64_t at, lasted, steady, take;
	json_t *row;
	size_t i;

	*count = json_array_size(done);
	if (*count > 0)
		faults = mem_zero(*count * sizeof(*faults));
	json_array_foreach(done, i, row)
	{
		at = number(row, "at_ms");
		lasted = number(row, "lasted_ms");
		steady = at + lasted + CHAOS_STEADY_MS;
		take = json_is_true(json_object_get(row, "passes")) ? at + CHAOS_TAKE_MS : 0;
		faults[i].from = at * 1000;
		faults[i].until = lasted < 0 ? INT64_MAX : (take > steady ? take : steady) * 1000;
	}
	return faults;
}
