/* SPDX-License-Identifier: BSD-2-Clause */
#include <getopt.h>
#include <langinfo.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

#include "mqsctl/complete.h"
#include "mqsctl/connect.h"
#include "mqsctl/edit.h"
#include "mqsctl/script.h"
#include "mqsctl/shell.h"

static const char usage_head[] =
	"usage: mqsctl [-n] [-s socket | --url https://host:port] [switch ...] [command ...]\n"
	"       mqsctl [-k] [-s socket] [switch ...] -f file\n"
	"       mqsctl -h | -V\n"
	"\n"
	"Without a command: a shell on a terminal, else commands from standard input, a line "
	"each.\n"
	"  -s, --socket PATH  control socket of mqsd (MQS_SOCKET, else /run/mqs/mqsd.sock)\n"
	"  --url URL          mqsd elsewhere, https://HOST:PORT (MQS_URL)\n"
	"  --ca FILE          whom to trust there, PEM (MQS_CA, else whom the system trusts)\n"
	"  --token-file FILE  the token to show (else MQS_TOKEN)\n"
	"  -f, --file PATH    read commands from a file, \"-\" being standard input\n"
	"  -k, --keep-going   go on after one that fails\n"
	"  -n, --no-rc        do not run ~/.mqsctlrc (MQSCTL_RC) when the shell begins\n"
	"  -h, --help         this text; `mqsctl help` lists the commands\n"
	"  -V, --version      the version\n"
	"Switches, here for each command, or anywhere in a command for that one:\n";

/* Options of mqsctl's own; those of switch_rows follow them, with their place there and SWITCH_BASE
 * as value. */
static const struct option own_options[] = {
	{"socket", required_argument, NULL, 's'},     {"file", required_argument, NULL, 'f'},
	{"keep-going", no_argument, NULL, 'k'},	      {"no-rc", no_argument, NULL, 'n'},
	{"url", required_argument, NULL, 'u'},	      {"ca", required_argument, NULL, 'a'},
	{"token-file", required_argument, NULL, 't'}, {"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
};

#define OWN_COUNT   (sizeof(own_options) / sizeof(own_options[0]))
#define SWITCH_BASE 1000

struct arguments {
	struct connect connect;
	const char *file;
	struct switches all;
	bool keep_going, no_rc, complete;
	int done; /* an exit status, when there is nothing more to do; else -1 */
};

static void
print_usage(FILE *out)
{
	const struct switch_row *row;
	char letter[8];
	size_t i;

	fputs(usage_head, out);
	for (i = 0; i < SWITCH_COUNT; i++) {
		row = &switch_rows[i];
		snprintf(letter, sizeof(letter), row->letter ? "-%c," : "", row->letter);
		fprintf(out, "  %-3s %-14s %s\n", letter, row->name, row->help);
	}
}

/* Names come as UTF-8 whatever the locale is called. */
static void
use_utf8(void)
{
	if (!setlocale(LC_CTYPE, "") || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_CTYPE, "C.UTF-8");
}

static bool
take_connect(struct connect *connect, int c)
{
	if (c == 's') {
		connect->socket = optarg;
		connect->url = NULL;
	} else if (c == 'u') {
		connect->url = optarg;
	} else if (c == 'a') {
		connect->ca_file = optarg;
	} else if (c == 't') {
		connect->token_file = optarg;
	} else {
		return false;
	}
	return true;
}

static void
take_option(struct arguments *arguments, int c, const char *word)
{
	struct err err;
	size_t i;

	if (take_connect(&arguments->connect, c))
		return;
	switch (c) {
	case 'f':
		arguments->file = optarg;
		return;
	case 'k':
		arguments->keep_going = true;
		return;
	case 'n':
		arguments->no_rc = true;
		return;
	case 'h':
		print_usage(stdout);
		arguments->done = SHELL_DONE;
		return;
	case 'V':
		puts("mqsctl " MQS_VERSION);
		arguments->done = SHELL_DONE;
		return;
	}
	for (i = 0; i < SWITCH_COUNT; i++)
		if (c == SWITCH_BASE + (int)i ||
		    (switch_rows[i].letter && c == switch_rows[i].letter)) {
			if (switch_take(&arguments->all, i, optarg, &err) == 0)
				return;
			word = err.text;
			break;
		}
	arguments->done = SHELL_USAGE;
	if (arguments->complete)
		return;
	fprintf(stderr, "mqsctl: %s: no such option, or its value is missing\n", word);
	print_usage(stderr);
}

/* optind is at the command afterwards. */
static void
take_options(struct arguments *arguments, int argc, char **argv)
{
	struct option options[OWN_COUNT + SWITCH_COUNT + 1] = {0};
	/* "+": options after the first word belong to the command. */
	char letters[16 + 2 * SWITCH_COUNT] = "+s:f:knhV", *letter = letters + strlen(letters);
	size_t i;
	int c, has_value;

	memcpy(options, own_options, sizeof(own_options));
	for (i = 0; i < SWITCH_COUNT; i++) {
		has_value = switch_rows[i].value ? required_argument : no_argument;
		options[OWN_COUNT + i] = (struct option){switch_rows[i].name + strlen("--"),
							 has_value, NULL, SWITCH_BASE + (int)i};
		if (switch_rows[i].letter)
			*letter++ = (char)switch_rows[i].letter;
		if (switch_rows[i].letter && switch_rows[i].value)
			*letter++ = ':';
	}
	opterr = 0;
	while (arguments->done < 0 && (c = getopt_long(argc, argv, letters, options, NULL)) != -1)
		take_option(arguments, c, argv[optind - 1]);
	if (arguments->done < 0 && arguments->file && optind < argc) {
		fputs("mqsctl: either a file of commands or a command\n", stderr);
		print_usage(stderr);
		arguments->done = SHELL_USAGE;
	}
}

static void
complete_option(const char *typed)
{
	size_t i, len = strlen(typed);

	for (i = 0; i < OWN_COUNT; i++)
		if (strncmp(typed, "--", len < 2 ? len : 2) == 0 &&
		    (len < 2 || strncmp(own_options[i].name, typed + 2, len - 2) == 0))
			printf("--%s\t\n", own_options[i].name);
	for (i = 0; i < SWITCH_COUNT; i++)
		if (strncmp(switch_rows[i].name, typed, len) == 0)
			printf("%s\t%s\n", switch_rows[i].name, switch_rows[i].help);
}

/* For the completion files: argv as it is typed, up to the word under the cursor. */
static void
complete(struct shell *shell, int argc, char **argv)
{
	if (optind + 1 == argc && argv[optind][0] == '-')
		complete_option(argv[optind]);
	else
		complete_words(stdout, shell->grammar, shell->client, argc - optind, argv + optind);
}

int
main(int argc, char **argv)
{
	struct arguments arguments = {.done = -1};
	struct client *client;
	struct shell shell;
	struct err err;
	int rc;

	connect_take_environment(&arguments.connect);
	/* "mqsctl --complete WORD...": the last word may be the beginning of an option. */
	arguments.complete = argc > 2 && strcmp(argv[1], "--complete") == 0;
	if (arguments.complete) {
		argc--;
		argv++;
	}
	take_options(&arguments, arguments.complete ? argc - 1 : argc, argv);
	if (arguments.done >= 0)
		return arguments.done;
	use_utf8();
	client = connect_open(&arguments.connect, &err);
	if (!client) {
		fprintf(stderr, "mqsctl: %s\n", err.text);
		return SHELL_USAGE;
	}
	shell_open(&shell, client, connect_where(&arguments.connect));
	shell.all = arguments.all;
	rc = SHELL_DONE;
	if (arguments.complete)
		complete(&shell, argc, argv);
	else if (optind < argc)
		rc = shell_run_words(&shell, argc - optind, argv + optind);
	else if (!arguments.file && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		rc = edit_run(&shell, !arguments.no_rc);
	else
		rc = script_file(&shell, arguments.file ? arguments.file : "-",
				 arguments.keep_going);
	rc = shell_end(&shell, rc);
	shell_close(&shell);
	return rc;
}
