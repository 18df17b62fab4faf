/* SPDX-License-Identifier: BSD-2-Clause */
#include <getopt.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mqsctl/edit.h"
#include "mqsctl/shell.h"

#define DEFAULT_SOCKET "/run/mqs/mqsd.sock"

static const char usage[] =
	"usage: mqsctl [-s socket] [--json] [command ...]\n"
	"       mqsctl -h | -V\n"
	"\n"
	"Without a command: a shell on a terminal, else commands from standard input, a line "
	"each.\n"
	"  -s, --socket PATH  control socket of mqsd (MQS_SOCKET, else " DEFAULT_SOCKET ")\n"
	"  -j, --json         print what mqsd said, as JSON\n"
	"  -h, --help         this text; `mqsctl help` lists the commands\n"
	"  -V, --version      the version\n";

/* Names come as UTF-8 whatever the locale is called. */
static void
use_utf8(void)
{
	if (!setlocale(LC_CTYPE, "") || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_CTYPE, "C.UTF-8");
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {{"socket", required_argument, NULL, 's'},
						{"json", no_argument, NULL, 'j'},
						{"help", no_argument, NULL, 'h'},
						{"version", no_argument, NULL, 'V'},
						{NULL, 0, NULL, 0}};
	const char *env = getenv("MQS_SOCKET");
	const char *path = env && *env ? env : DEFAULT_SOCKET;
	struct shell shell;
	bool json = false;
	int c, rc;

	opterr = 0;
	/* "+": options after the first word belong to the command. */
	while ((c = getopt_long(argc, argv, "+s:jhV", options, NULL)) != -1) {
		switch (c) {
		case 's':
			path = optarg;
			break;
		case 'j':
			json = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return SHELL_DONE;
		case 'V':
			puts("mqsctl " MQS_VERSION);
			return SHELL_DONE;
		default:
			fprintf(stderr, "mqsctl: %s: no such option, or its value is missing\n",
				argv[optind - 1]);
			fputs(usage, stderr);
			return SHELL_USAGE;
		}
	}
	use_utf8();
	shell_open(&shell, path);
	shell.all_json = json;
	if (optind < argc)
		rc = shell_run_words(&shell, argc - optind, argv + optind);
	else if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		rc = edit_run(&shell);
	else
		rc = shell_run_script(&shell, stdin);
	shell_close(&shell);
	return rc;
}
