/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "mqsd/ws.h"

#define ACCEPT_SIZE 29

static void
accept_of_the_rfc(void **state)
{
	char *out = malloc(ACCEPT_SIZE); /* exact, so that valgrind sees one byte too many */

	(void)state;
	ws_accept("dGhlIHNhbXBsZSBub25jZQ==", out); /* RFC 6455, 1.3 */
	assert_string_equal(out, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
	ws_accept("dGhlIHNhbXBsZSBub25jZR==", out);
	assert_string_not_equal(out, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
	free(out);
}

static void
accept_of_odd_keys(void **state)
{
	char *out = malloc(ACCEPT_SIZE), key[1001];

	(void)state;
	ws_accept("", out);
	assert_string_equal(out, "Kfh9QIsMVZcl6xEPYxPHzW8SZ8w=");
	memset(key, 'x', 1000);
	key[1000] = '\0';
	ws_accept(key, out);
	assert_int_equal(strlen(out), ACCEPT_SIZE - 1);
	free(out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accept_of_the_rfc),
		cmocka_unit_test(accept_of_odd_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
