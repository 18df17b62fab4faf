/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes from a node either are refused with a sentence or keep what ari_event.h promises. */
#include <stdlib.h>
#include <string.h>

#include "lib/text.h"
#include "mqsd/ari_event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_channel(const struct ari_channel *channel)
{
	struct ari_caller caller;
	struct ari_leg leg;
	struct ari_code code;
	char shown[64];

	if (channel->id == NULL || *channel->id == '\0' || channel->state == NULL)
		abort();
	if (channel->name != NULL)
		text_printable(shown, sizeof(shown), channel->name, strlen(channel->name));
	if (ari_channel_caller(channel, "mqs", &caller) == 0 && channel->app_data == NULL)
		abort();
	if (ari_channel_leg(channel, "mqs", &leg) == 0 && channel->app_data == NULL)
		abort();
	if (ari_channel_code(channel, "mqs", &code) == 0 && channel->app_data == NULL)
		abort();
	ari_time_ms(channel->name);
	ari_time_ms(channel->entered);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ari_event event;
	struct err err = {""};

	if (ari_event_parse((const char *)data, size, &event, &err) != 0) {
		if (event.root != NULL || err.text[0] == '\0')
			abort();
		return 0;
	}
	if (event.type >= ARI_STASIS_START && event.type <= ARI_CHANNEL_LEFT_BRIDGE)
		check_channel(&event.channel);
	if ((event.type == ARI_CHANNEL_ENTERED_BRIDGE || event.type == ARI_CHANNEL_LEFT_BRIDGE) &&
	    event.bridge == NULL)
		abort();
	if (ari_leg_reason(event.cause, event.tech_cause, 0, 1) == NULL)
		abort();
	ari_event_free(&event);
	return 0;
}
