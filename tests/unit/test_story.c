/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "loadtest/story.h"

#define FROM 1795427015000000LL /* when the run began */

static void
events(void **state)
{
	struct story s = {0};

	(void)state;
	assert_int_equal(
		story_event_line(&s, FROM, "c-1",
				 "1-0\toffer_made\t{\"event\":\"offer_made\",\"at\":1795427016500,"
				 "\"call\":\"c-1\",\"queue\":\"q\",\"agent\":\"a1\",\"name\":\"\","
				 "\"wait_ms\":20}"),
		0);
	assert_int_equal(s.entries[0].at, 1500000);
	assert_string_equal(s.entries[0].witness, story_mqsd);
	assert_non_null(strstr(s.entries[0].what, "offer_made: "));
	assert_non_null(strstr(s.entries[0].what, "agent a1"));
	assert_non_null(strstr(s.entries[0].what, "wait_ms 20"));
	assert_null(strstr(s.entries[0].what, "queue"));
	assert_null(strstr(s.entries[0].what, "name"));
	/* Another call's, one that only mentions it, none at all. */
	assert_int_equal(story_event_line(&s, FROM, "c-1",
					  "1-1\tx\t{\"event\":\"x\",\"at\":1,\"call\":\"c-10\"}"),
			 -1);
	assert_int_equal(story_event_line(&s, FROM, "c-1",
					  "1-1\tx\t{\"event\":\"x\",\"at\":1,\"leg\":\"c-1.1\"}"),
			 -1);
	assert_int_equal(story_event_line(&s, FROM, "c-1", "c-1"), -1);
	assert_int_equal(story_event_line(&s, FROM, "c-1", "1-1\tx\tc-1 {"), -1);
	assert_int_equal(s.count, 1);
	story_free(&s);
}

static void
messages(void **state)
{
	static const char *const lines[] = {
		"Call-ID 1@h: nodes: node a1 still has it",
		"",
		"1795427015.250000 127.0.0.1:5060 > 127.0.0.1:5061",
		"BYE sip:a@127.0.0.1:5061 SIP/2.0\r",
		"Call-ID: 1@h\r",
		"X-Mischief: 1795427015.250000 a > b c",
		"\r",
		"1795427015.260000 127.0.0.1:5061 > 127.0.0.1:5060",
		"SIP/2.0 200 OK\r",
	};
	struct story_wire wire = {0};
	struct story s = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		story_wire_line(&s, &wire, FROM, lines[i]);
	assert_int_equal(s.count, 2);
	assert_int_equal(s.entries[0].at, 250000);
	assert_string_equal(s.entries[0].what,
			    "127.0.0.1:5060 > 127.0.0.1:5061: BYE sip:a@127.0.0.1:5061 SIP/2.0");
	assert_string_equal(s.entries[1].what, "127.0.0.1:5061 > 127.0.0.1:5060: SIP/2.0 200 OK");
	story_free(&s);
}

/* SIPp wrote them in a zone two hours east, of two calls. */
static void
messages_of_sipp(void **state)
{
	static const char *const lines[] = {
		"----------------------------------------------- 2026-11-23 11:43:35.250000",
		"UDP message sent (440 bytes):",
		"",
		"INVITE sip:q@127.0.0.1 SIP/2.0\r",
		"Via: SIP/2.0/UDP 127.0.0.1:21488;branch=z9hG4bK-16325-1-0\r",
		"Call-ID: 1@h\r",
		"CSeq: 1 INVITE\r",
		"\r",
		"Call-ID: 1@h\r",
		"----------------------------------------------- 2026-11-23 11:43:35.260000",
		"UDP message sent (440 bytes):",
		"",
		"INVITE sip:q@127.0.0.1 SIP/2.0\r",
		"Call-ID: 2@h\r",
		"\r",
		"----------------------------------------------- 2026-11-23 11:43:35.270000",
		"UDP message received [256] bytes :",
		"",
		"SIP/2.0 100 trying\r",
		"i: 1@h\r",
		"\r",
		"----------------------------------------------- 2026-11-23 11:43:35.280000",
		"Mischief",
		"",
		"SIP/2.0 200 OK\r",
		"Call-ID: 1@h\r",
	};
	struct names ids = {0};
	struct story_messages m = {.ids = &ids, .witness = "them"};
	struct story s = {0};
	size_t i;

	(void)state;
	names_set(&ids, "1@h", 0);
	assert_false(story_messages_zone(&m, "no line of a log"));
	assert_true(
		story_messages_zone(&m, "2026-11-23\t11:43:35.100000\t1795427015.100000 ok 1@h 1"));
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		story_messages_line(&s, &m, FROM, lines[i]);
	assert_int_equal(s.count, 2);
	assert_int_equal(s.entries[0].at, 250000);
	assert_string_equal(s.entries[0].witness, "them");
	assert_string_equal(s.entries[0].what, "sends INVITE sip:q@127.0.0.1 SIP/2.0");
	assert_int_equal(s.entries[1].at, 270000);
	assert_string_equal(s.entries[1].what, "gets SIP/2.0 100 trying");
	names_free(&ids);
	story_free(&s);
}

/* What strangers wrote is shown on terminals and in JSON. */
static void
strangers(void **state)
{
	struct story_wire wire = {0};
	struct story s = {0};
	json_t *json;

	(void)state;
	story_wire_line(&s, &wire, FROM, "1795427015.250000 127.0.0.1:5060 > 127.0.0.1:5061");
	story_wire_line(&s, &wire, FROM, "BYE \x1b[2J\xff SIP/2.0\r");
	assert_string_equal(s.entries[0].what,
			    "127.0.0.1:5060 > 127.0.0.1:5061: BYE \\x1b[2J\\xff SIP/2.0");
	json = story_json(&s, 0);
	assert_int_equal(json_array_size(json), 1);
	json_decref(json);
	story_free(&s);
}

static void
order(void **state)
{
	static const char *const sorted[] = {"first", "second", "third", "last"};
	struct story s = {0};
	json_t *json;
	size_t i;

	(void)state;
	story_add(&s, 3000000, story_mqsd, "last");
	story_add(&s, 0, story_mqsd, "not seen");
	story_add(&s, 2000000, story_mqsd, "second");
	story_add(&s, 2000000, story_mqsd, "third");
	story_add(&s, -5, story_mqsd, "first");
	story_sort(&s);
	assert_int_equal(s.count, 4);
	for (i = 0; i < 4; i++)
		assert_string_equal(s.entries[i].what, sorted[i]);
	json = story_json(&s, 1000000);
	assert_float_equal(json_number_value(json_object_get(json_array_get(json, 3), "t")), 2,
			   0.0001);
	json_decref(json);
	story_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events),
		cmocka_unit_test(messages),
		cmocka_unit_test(messages_of_sipp),
		cmocka_unit_test(strangers),
		cmocka_unit_test(order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
