/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as the text of INFO, as an address and as an error reply: nothing is read beyond them,
 * and an address that is taken says the same when it is printed and read again. */
#include <stdlib.h>
#include <string.h>

#include "mqsd/preflight.h"
#include "mqsd/redis_address.h"
#include "mqsd/redis_error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_address(const char *text)
{
	struct redis_address address, again;
	char printed[REDIS_HOST_MAX + 16];
	struct err err = {""};

	if (redis_address_parse(text, &address, &err) != 0) {
		if (err.text[0] == '\0')
			abort();
		return;
	}
	if (address.count == 0 || address.count > REDIS_SENTINELS_MAX)
		abort();
	redis_host_text(&address.hosts[0], printed, sizeof(printed));
	if (redis_address_parse(printed, &again, &err) != 0 ||
	    !redis_host_equal(&address.hosts[0], &again.hosts[0]))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct preflight_finding findings[PREFLIGHT_FINDINGS_MAX];
	struct preflight_facts facts;
	char *text = malloc(size + 1);

	memcpy(text, data, size);
	text[size] = '\0';
	preflight_facts_clear(&facts);
	preflight_take_info(&facts, (const char *)data, size);
	preflight_take_config(&facts, "min-replicas-to-write", text);
	preflight_judge(&facts, findings);
	redis_error_find(text);
	try_address(text);
	free(text);
	return 0;
}
