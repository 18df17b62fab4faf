/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mem.h"
#include "loadtest/node_watch.h"
#include "loadtest/witness_errors.h"
#include "loadtest/witness_event.h"
#include "loadtest/witness_node.h"
#include "loadtest/witness_sipp.h"
#include "loadtest/witness_stat.h"

#define AT(s) "2026-11-23\t09:45:49.309425\t" s " "

static void
stamps(void **state)
{
	(void)state;
	assert_int_equal(witness_sipp_stamp("1795427149.309425"), 1795427149309425);
	assert_int_equal(witness_sipp_stamp("1795427149.000001: x"), 1795427149000001);
	assert_int_equal(witness_sipp_stamp("1795427149"), 0);
	assert_int_equal(witness_sipp_stamp(""), 0);
	assert_int_equal(witness_sipp_stamp("x.1"), 0);
	assert_int_equal(witness_sipp_stamp("99999999999999999999.1"), 0);
}

static void
log_lines(void **state)
{
	char id[EVIDENCE_ID_MAX];
	struct evidence e = {0};

	(void)state;
	assert_int_equal(witness_sipp_line(&e, SIPP_CALLERS, AT("10.000001") "invite 1-7@h 4930"),
			 0);
	assert_int_equal(witness_sipp_line(&e, SIPP_CALLERS, AT("11.000002") "ok 1-7@h 4930"), 0);
	assert_int_equal(witness_sipp_line(&e, SIPP_CALLERS, AT("12.000000") "ok 1-7@h 4930"), 0);
	assert_int_equal(e.caller_count, 1);
	assert_string_equal(evidence_text(&e, e.callers[0].number), "4930");
	assert_int_equal(e.callers[0].invite, 10000001);
	assert_int_equal(e.callers[0].ok, 11000002); /* the second is a retransmission */
	assert_int_equal(witness_sipp_line(&e, SIPP_CALLERS, AT("11.0") "ack 1-7@h 4930"), -1);
	assert_int_equal(
		witness_sipp_line(&e, SIPP_AGENTS, AT("13.000003") "invite x@n a00001 12-3.4"), 0);
	assert_string_equal(evidence_id(&e, e.legs[0].id, id), "12-3.4");
	assert_string_equal(evidence_text(&e, e.legs[0].id.call), "12-3");
	assert_string_equal(evidence_text(&e, e.legs[0].agent), "a00001");
	/* A stranger without our header is a leg of no call. */
	assert_int_equal(witness_sipp_line(&e, SIPP_AGENTS, AT("13.0") "invite y@n a00001"), 0);
	assert_int_equal(e.legs[1].id.call, 0);
	assert_int_equal(witness_sipp_line(&e, SIPP_REGISTER, AT("9.5") "registered r@n a00001"),
			 0);
	assert_string_equal(evidence_text(&e, e.logins[0].agent), "a00001");
	assert_int_equal(witness_sipp_line(&e, SIPP_CALLERS, ""), -1);
	assert_int_equal(witness_sipp_line(&e, SIPP_CALLERS, "a b c d"), -1);
	assert_int_equal(witness_sipp_line(&e, SIPP_CALLERS, AT("10.1") "dance 1-7@h 4930"), -1);
	assert_int_equal(e.caller_count, 1);
	evidence_free(&e);
}

static const char *
failure(const struct evidence *e, size_t caller)
{
	return evidence_text(e, evidence_failure(e, e->callers[caller].failure)->text);
}

/* Written a few bytes at a time, as SIPp may. */
static void
read_errors(struct evidence *e, const char *text)
{
	char path[] = "/tmp/test-errors-XXXXXX";
	struct witness_errors errors;
	int fd = mkstemp(path);
	size_t i, n;

	assert_true(fd >= 0);
	witness_errors_open(&errors, path, SIPP_CALLERS);
	for (i = 0; i < strlen(text); i += n) {
		n = strlen(text + i) < 7 ? strlen(text + i) : 7;
		assert_int_equal(write(fd, text + i, n), n);
		witness_errors_read(&errors, e);
	}
	witness_errors_close(&errors, e);
	close(fd);
	unlink(path);
}

/* An entry of any length is one, and the next is found behind it. */
static void
long_errors(void **state)
{
	struct evidence e = {.from_us = 1795427000000000};
	size_t size = 5 * WITNESS_ERRORS_MAX, n;
	char *text = mem_alloc(size + 256);

	(void)state;
	n = (size_t)sprintf(text,
			    "2026-11-23\t09:44:06.628522\t1795427046.628522: Aborting call on "
			    "unexpected message for Call-Id '1-7@h': ");
	memset(text + n, 'x', size - n);
	sprintf(text + size, "2026-11-23\t09:44:07.000000\t1795427047.000000: Aborting call "
			     "for Call-ID '2-7@h'");
	evidence_caller(&e, "1-7@h");
	evidence_caller(&e, "2-7@h");
	read_errors(&e, text);
	assert_int_equal(evidence_failure(&e, e.callers[0].failure)->at, 46628522);
	assert_int_equal(evidence_failure(&e, e.callers[1].failure)->at, 47000000);
	assert_int_equal(e.stray_count, 0);
	free(text);
	evidence_free(&e);
}

#define AA                                                                                         \
	"2026-11-23\t09:44:10.000000\t1795427050.000000: Automatic response mode for an "          \
	"unexpected "                                                                              \
	"INFO, NOTIFY, OPTIONS or UPDATE for call: 3-7@h"

/* Keep-alives leave holes in the file while it grows; what says something stays. */
static void
keep_alives(void **state)
{
	struct evidence e = {.from_us = 1795427000000000};
	char path[] = "/tmp/test-errors-XXXXXX";
	struct witness_errors errors;
	FILE *out = fdopen(mkstemp(path), "a");
	struct stat st;
	int i;

	(void)state;
	evidence_caller(&e, "2-7@h");
	witness_errors_open(&errors, path, SIPP_CALLERS);
	errors.holes = true;
	for (i = 0; i < 60000; i++) {
		if (i == 20000)
			fputs("2026-11-23\t09:44:07.000000\t1795427047.000000: Aborting call for "
			      "Call-ID '2-7@h'",
			      out);
		fputs(AA, out);
		if (i % 1000 == 0) {
			fflush(out);
			witness_errors_read(&errors, &e);
		}
	}
	fclose(out);
	witness_errors_read(&errors, &e);
	witness_errors_close(&errors, &e);
	assert_int_equal(evidence_failure(&e, e.callers[0].failure)->at, 47000000);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size > 8000000);
	assert_true(st.st_blocks * 512 < 3000000);
	/* Read again, holes and all. */
	e.callers[0].failure = 0;
	witness_errors_open(&errors, path, SIPP_CALLERS);
	witness_errors_read(&errors, &e);
	witness_errors_close(&errors, &e);
	assert_int_equal(evidence_failure(&e, e.callers[0].failure)->at, 47000000);
	assert_int_equal(e.stray_count, 0);
	unlink(path);
	evidence_free(&e);
}

/* The next entry follows without a line's end; it is none of this one's. */
static void
errors_end_in_time(void **state)
{
	static const struct {
		const char *text, *next;
		bool found;
	} rows[] = {
		{"Aborting call for call: 2-7@h", "2026-11-23\t09:44:07.000000", true},
		{"Unexpected, Call-ID: 2-7@h\tand more", "", true},
		{"Call-Id '2-7@h", "'", true},
		{"Dead call", " 2-7@h", false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct evidence e = {0};
		char *text = mem_printf("%s%s", rows[i].text, rows[i].next);

		evidence_caller(&e, "2-7@h");
		assert_true(witness_sipp_error(&e, SIPP_CALLERS, 5, text, strlen(rows[i].text)));
		if (rows[i].found)
			assert_int_equal(evidence_failure(&e, e.callers[0].failure)->at, 5);
		assert_int_equal(e.stray_count, !rows[i].found);
		evidence_free(&e);
		free(text);
	}
}

/* As SIPp 3.6.1 writes it: no line end between entries, messages in the middle of them. */
static void
errors(void **state)
{
	static const char text[] =
		"The following events occurred:\n"
		"2026-11-23\t09:44:06.628522\t1795427046.628522: Aborting call on UDP "
		"retransmission "
		"timeout for Call-ID '1-7@h'2026-11-23\t09:44:07.000000\t1795427047.000000: "
		"Aborting "
		"call on unexpected message for Call-Id '2-7@h': while sending (index 12), "
		"received "
		"'SIP/2.0 503 No Node\r\nCall-ID: "
		"2-7@h\r\n'2026-11-23\t09:44:08.000000\t1795427048.000000: "
		"Dead call 2-7@h (aborted at index 12), received 'SIP/2.0 200 OK'"
		"2026-11-23\t09:44:09.000000\t1795427049.000000: Overload warning"
		"2026-11-23\t09:44:10.000000\t1795427050.000000: Automatic response mode for an "
		"unexpected INFO, NOTIFY, OPTIONS or UPDATE for call: 3-7@h";
	struct evidence e = {.from_us = 1795427000000000};

	(void)state;
	evidence_caller(&e, "1-7@h");
	evidence_caller(&e, "2-7@h");
	evidence_caller(&e, "3-7@h");
	read_errors(&e, text);
	assert_int_equal(evidence_failure(&e, e.callers[0].failure)->at, 46628522);
	assert_non_null(strstr(failure(&e, 0), "retransmission timeout"));
	assert_non_null(strstr(failure(&e, 1), "503 No Node"));
	assert_null(strchr(failure(&e, 1), '\r'));
	assert_int_equal(e.callers[2].failure, 0);
	assert_int_equal(e.stray_count, 1);
	assert_string_equal(evidence_text(&e, e.strays[0].text), "Overload warning");
	evidence_free(&e);
}

/* Of a caller whom two nodes had, what was told of the late one counts no more. */
static void
late_end(void **state)
{
	static const char *const lines[] = {
		"1-0\tcall_entered\t{\"at\":5000,\"call\":\"1-1\",\"queue\":\"q\",\"sip_call_id\":"
		"\"s\"}",
		"1-1\tcall_entered\t{\"at\":5001,\"call\":\"1-2\",\"queue\":\"q\",\"sip_call_id\":"
		"\"s\"}",
		"1-2\tcall_ended\t{\"at\":5002,\"call\":\"1-2\",\"queue\":\"q\",\"reason\":"
		"\"late\"}",
	};
	struct evidence e = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_int_equal(witness_event_line(&e, "q", 0, lines[i]), 0);
	assert_true(evidence_late(&e, &e.tolds[1]));
	assert_int_equal(evidence_told_of_caller(&e, evidence_caller(&e, "s")), 0);
	evidence_free(&e);
}

static void
events(void **state)
{
	static const char *const lines[] = {
		"1-0\tcall_entered\t{\"at\":5000,\"call\":\"12-3\",\"queue\":\"1000\",\"node\":"
		"\"n1\","
		"\"sip_call_id\":\"1-7@h\"}",
		"1-1\tcall_bridged\t{\"at\":6000,\"call\":\"12-3\",\"queue\":\"1000\",\"agent\":"
		"\"a1\","
		"\"leg\":\"12-3.4\"}",
		"1-2\tcall_ended\t{\"at\":7000,\"call\":\"12-3\",\"queue\":\"1000\",\"reason\":"
		"\"agent_left\"}",
	};
	static const char *const others[] = {
		"",
		"x",
		"1-0\tcall_entered\t{",
		"1-0\tcall_entered\t{}",
		"1-0\tcall_entered\t{\"at\":5000,\"call\":\"9\",\"queue\":\"2000\"}",
		"1-0\tcall_entered\t{\"at\":10,\"call\":\"9\",\"queue\":\"1000\"}",
		"1-0\tagent_state\t{\"at\":5000,\"agent\":\"a1\"}",
	};
	struct evidence e = {.from_us = 1000000};
	char id[EVIDENCE_ID_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(witness_event_line(&e, "1000", NULL, others[i]), -1);
	assert_int_equal(e.told_count, 0);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_int_equal(witness_event_line(&e, "1000", NULL, lines[i]), 0);
	assert_int_equal(e.told_count, 1);
	assert_int_equal(evidence_told_of_caller(&e, evidence_caller(&e, "1-7@h")), 0);
	assert_string_equal(evidence_text(&e, e.tolds[0].reason), "agent_left");
	assert_string_equal(evidence_id(&e, e.tolds[0].leg, id), "12-3.4");
	assert_int_equal(e.tolds[0].entered, 4000500);
	evidence_free(&e);
}

/* Redis was emptied: of the bridge itself no event is left, or none came. */
static void
adopted(void **state)
{
	static const char alone[] = "1-1\tcall_adopted\t{\"at\":8000,\"call\":\"12-3\",\"queue\":"
				    "\"1000\",\"agent\":\"a1\",\"leg\":\"12-3.4\"}";
	static const char both[] = "1-2\tcall_adopted\t{\"at\":8000,\"call\":\"12-3\",\"queue\":"
				   "\"1000\",\"agent\":\"a1\",\"leg\":\"12-3.4\",\"bridged_ms\":"
				   "6000}";
	static const char seen[] = "1-0\tcall_bridged\t{\"at\":5500,\"call\":\"12-3\",\"queue\":"
				   "\"1000\",\"agent\":\"a1\",\"leg\":\"12-3.4\"}";
	struct evidence e = {.from_us = 1000000};
	char id[EVIDENCE_ID_MAX];

	(void)state;
	assert_int_equal(witness_event_line(&e, "1000", NULL, alone), 0);
	assert_int_equal(e.tolds[0].bridged, 0);
	assert_int_equal(witness_event_line(&e, "1000", NULL, both), 0);
	assert_int_equal(e.tolds[0].bridged, 5000500);
	assert_true(e.tolds[0].adopted);
	assert_string_equal(evidence_text(&e, e.tolds[0].agent), "a1");
	assert_string_equal(evidence_id(&e, e.tolds[0].leg, id), "12-3.4");
	assert_int_equal(witness_event_line(&e, "1000", NULL, seen), 0);
	assert_int_equal(witness_event_line(&e, "1000", NULL, both), 0);
	assert_int_equal(e.tolds[0].bridged, 4500500);
	assert_false(e.tolds[0].adopted);
	evidence_free(&e);
}

static void
node_lists(void **state)
{
	json_t *channels = json_loads("[{\"id\":\"ch1\",\"protocol_id\":\"1-7@h\",\"channelvars\":"
				      "{\"MQS_CALL\":\"1:1795457530181000-3:0:1795457530181:q\"}},{"
				      "\"id\":\"ch2\",\"protocol_id\":\"l@n\"}]",
				      0, NULL);
	json_t *bridges = json_loads(
		"[{\"id\":\"1795457530181000-3.5\",\"channels\":[\"ch1\",\"ch2\"]}]", 0, NULL);
	char id[EVIDENCE_ID_MAX];
	struct evidence e = {0};
	struct node_watch watch = {0};
	char *line = node_watch_line(&watch, 77, "n1", channels, bridges);

	(void)state;
	assert_int_equal(witness_node_line(&e, line), 2);
	assert_string_equal(evidence_text(&e, e.sightings[0].sip_id), "1-7@h");
	assert_string_equal(evidence_text(&e, e.sightings[0].call), "1795457530181000-3");
	assert_string_equal(evidence_id(&e, e.sightings[1].bridge, id), "1795457530181000-3.5");
	assert_int_equal(e.sightings[1].call, 0);
	assert_int_equal(e.sightings[1].at, 77);
	assert_string_equal(evidence_id(&e, e.bridges[0].id, id), "1795457530181000-3.5");
	assert_int_equal(witness_node_line(&e, "{}"), -1);
	assert_int_equal(witness_node_line(&e, "nonsense"), -1);
	free(line);
	/* Nothing new: still there, of which the records know when the last look was read. */
	line = node_watch_line(&watch, 88, "n1", channels, bridges);
	assert_int_equal(witness_node_line(&e, line), 0);
	free(line);
	assert_int_equal(e.sightings[1].at, 77);
	evidence_looked(&e);
	assert_int_equal(e.sightings[1].at, 88);
	assert_int_equal(e.bridges[0].at, 88);
	/* One has left its bridge, the other is gone since, and so is the bridge. */
	json_array_remove(channels, 1);
	json_array_clear(bridges);
	line = node_watch_line(&watch, 99, "n1", channels, bridges);
	assert_int_equal(witness_node_line(&e, line), 1);
	free(line);
	evidence_looked(&e);
	assert_int_equal(e.sighting_count, 2);
	assert_int_equal(e.sightings[0].at, 99);
	assert_int_equal(e.sightings[1].at, 88);
	assert_int_equal(e.bridges[0].at, 88);
	node_watch_close(&watch);
	json_decref(channels);
	json_decref(bridges);
	evidence_free(&e);
}

static void
statistics(void **state)
{
	struct witness_stat stat = {0};

	(void)state;
	assert_int_equal(witness_stat_line(&stat, "Start;Retransmissions(P);Retransmissions(C);X;"),
			 0);
	assert_int_equal(witness_stat_line(&stat, "2026-11-23\t21:01:05.4;1;7;0;"), 0);
	assert_int_equal(stat.retransmissions, 7);
	/* Cut off in the middle of the figure, or before it. */
	assert_int_equal(witness_stat_line(&stat, "2026-11-23;1;12"), -1);
	assert_int_equal(witness_stat_line(&stat, "2026-11-23;1"), -1);
	assert_int_equal(witness_stat_line(&stat, ""), -1);
	assert_int_equal(stat.retransmissions, 7);
	stat = (struct witness_stat){0};
	assert_int_equal(witness_stat_line(&stat, "Start;Other(C);"), -1);
	assert_int_equal(witness_stat_line(&stat, "1;2;"), -1);
	assert_int_equal(stat.retransmissions, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stamps),      cmocka_unit_test(log_lines),
		cmocka_unit_test(errors),      cmocka_unit_test(errors_end_in_time),
		cmocka_unit_test(long_errors), cmocka_unit_test(keep_alives),
		cmocka_unit_test(events),      cmocka_unit_test(adopted),
		cmocka_unit_test(late_end),    cmocka_unit_test(node_lists),
		cmocka_unit_test(statistics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
