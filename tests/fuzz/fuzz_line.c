/* SPDX-License-Identifier: BSD-2-Clause */
/* Any lines as those of the small files: tokens of the API, options of a profile, samples of a run,
 * a shipped configuration with its marks. What is refused says why. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "loadtest/lab_render.h"
#include "loadtest/profile.h"
#include "loadtest/sample.h"
#include "mqsd/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
as_token(const char *line)
{
	struct token token;
	struct err err = {""};
	int rc = token_line(line, "default", &token, &err);

	if ((rc == 1 && !text_is_name(token.name)) || (rc < 0 && err.text[0] == '\0'))
		abort();
}

static void
as_sample(const char *line)
{
	struct sample sample, again;
	char *text;

	if (!sample_parse(line, &sample))
		return;
	text = sample_text(&sample);
	if (!sample_parse(text, &again))
		abort();
	free(text);
}

static void
as_mark(const char *line)
{
	static const struct lab_value values[] = {{"port", "5060"}, {"as_it_is", NULL}};
	char out[256];
	struct err err = {""};

	if (lab_render_line(line, values, 2, out, sizeof(out), &err) != 0 && err.text[0] == '\0')
		abort();
}

static void
take_line(struct profile *p, const char *line)
{
	struct err err = {""};

	if (profile_set(p, line, &err) != 0 && err.text[0] == '\0')
		abort();
	as_token(line);
	as_sample(line);
	as_mark(line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_dup_len((const char *)data, size), *rest, *line;
	struct profile profile;
	struct err err = {""};

	profile_init(&profile, "fuzz");
	for (line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
		take_line(&profile, line);
	if (profile_check(&profile, &err) != 0 && err.text[0] == '\0')
		abort();
	profile_free(&profile);
	free(text);
	return 0;
}
