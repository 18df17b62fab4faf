/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/ari_command.h"

#include <stdio.h>
#include <string.h>

#include "lib/log.h"

/* clang-format off */
const struct ari_command_row ari_command_rows[ARI_COMMANDS] = {
	[ARI_ASK]	 = {"ask", "GET", "channels/%s", false, false},
	[ARI_CREATE]	 = {"create", "POST", "channels/create", true, false},
	[ARI_DIAL]	 = {"dial", "POST", "channels/%s/dial?caller=%s&timeout=%s", true, false},
	[ARI_MUSIC_ASK]	 = {"music_ask", "GET", "channels/%s/variable?variable=MQS_MUSIC", false, false},
	[ARI_MUSIC_START] = {"music_start", "POST", "channels/%s/moh?mohClass=%s", true, false},
	[ARI_MUSIC_STOP] = {"music_stop", "DELETE", "channels/%s/moh", true, false},
	[ARI_BRIDGE]	 = {"bridge", "POST", "bridges/%s?type=mixing", true, false},
	[ARI_JOIN]	 = {"join", "POST", "bridges/%s/addChannel?channel=%s,%s", true, false},
	[ARI_HANG_UP]	 = {"hang_up", "DELETE", "channels/%s?reason=%s", false, false},
	[ARI_UNBRIDGE]	 = {"unbridge", "DELETE", "bridges/%s", false, false},
	[ARI_SAVE]	 = {"save", "POST", "channels/%s/variable?variable=MQS_CALL&value=%s", false, false},
	[ARI_SEND_ON]	 = {"send_on", "POST", "channels/%s/continue", true, false},
	[ARI_PROMPT]	 = {"prompt", "POST", "channels/%s/continue?context=mqs-code&extension=%s&priority=1", true, false},
	[ARI_CHANNELS]	 = {"channels", "GET", "channels", false, true},
	[ARI_BRIDGES]	 = {"bridges", "GET", "bridges", false, true},
	[ARI_INFO]	 = {"info", "GET", "asterisk/info?only=system,status", false, false},
	[ARI_FILTER]	 = {"filter", "PUT", "applications/%s/eventFilter", false, false},
	[ARI_ECHO]	 = {"echo", "POST", "events/user/mqs-echo?application=%s", false, false},
	[ARI_ABOUT]	 = {"about", "GET", "asterisk/info", false, false},
	[ARI_PING]	 = {"ping", "GET", "asterisk/ping", false, false},
	[ARI_APP]	 = {"app", "GET", "applications/%s", false, false},
	[ARI_MODULES]	 = {"modules", "GET", "asterisk/modules", false, false},
	[ARI_ENDPOINT]	 = {"endpoint", "GET", "endpoints/PJSIP/%s", false, false},
	[ARI_GLOBAL]	 = {"global", "GET", "asterisk/variable?variable=%s", false, false},
};
/* clang-format on */

void
ari_command_path(char *out, size_t size, const struct ari_command_row *row, va_list words)
{
	const char *path = row->path, *word;
	size_t len = (size_t)snprintf(out, size, "/ari/");

	while (*path != '\0' && len + 1 < size) {
		if (strncmp(path, "%s", 2) != 0) {
			out[len++] = *path++;
			continue;
		}
		path += 2;
		word = va_arg(words, const char *);
		if (word == NULL)
			fatal("command %s lacks a word", row->name);
		len += (size_t)snprintf(out + len, size - len, "%s", word);
	}
	out[len < size ? len : size - 1] = '\0';
}
