/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/log.h"
#include "mqsd/conf.h"
#include "mqsd/doctor_alone.h"
#include "mqsd/mqsd.h"
#include "mqsd/process.h"
#include "mqsd/token.h"

struct arguments {
	const char *path;
	bool foreground, check, alone;
	const char *token_name, *token_role; /* NULL: no token is to be made */
};

static void
usage(FILE *out)
{
	fputs("usage: mqsd [-dfnhV] [-c FILE]\n"
	      "       mqsd [-c FILE] -T NAME ROLE[@POOL][,...]\n"
	      "  -c FILE  configuration (default /etc/mqs/mqsd.conf)\n"
	      "  -f       stay in the foreground, log to stderr\n"
	      "  -n       check the configuration, print it and stop\n"
	      "  -d       ask the servers in it what is wrong, print that as JSON and stop\n"
	      "  -T NAME ROLE[@POOL][,...]\n"
	      "           make a token of the control API, add its hash to [control] token_file,\n"
	      "           print it and stop; roles: viewer supervisor admin intercept\n"
	      "  -V       print the version\n",
	      out);
}

/* The token alone goes to stdout. */
static int
make_token(const struct conf *conf, const struct arguments *arguments)
{
	char text[TOKEN_TEXT];
	struct err err;

	if (*conf->token_file == '\0')
		fatal("%s: [control] token_file names no file for it", conf->path);
	if (token_new(conf->token_file, arguments->token_name, arguments->token_role, text, &err) !=
	    0)
		fatal("%s", err.text);
	puts(text);
	fprintf(stderr,
		"Keep it: only its hash is in %s. mqsd knows it from the next SIGHUP on; remove "
		"the line of %s to take it back.\n",
		conf->token_file, arguments->token_name);
	return 0;
}

static int
run(const struct arguments *arguments)
{
	struct err err;
	struct conf *conf = conf_load(arguments->path, &err);
	int status = 0;

	if (conf == NULL)
		fatal("%s", err.text);
	if (arguments->check) {
		conf_print(conf, stdout);
	} else if (arguments->token_name != NULL) {
		status = make_token(conf, arguments);
	} else {
		if (!conf->core_dumps)
			process_keep_to_itself();
		log_setup((enum log_level)conf->log_level, true);
		if (!arguments->foreground && daemon(1, 1) != 0)
			fatal("cannot go into the background");
		status = mqsd_run(conf);
	}
	conf_free(conf);
	return status;
}

int
main(int argc, char **argv)
{
	struct arguments arguments = {.path = "/etc/mqs/mqsd.conf"};
	int opt;

	while ((opt = getopt(argc, argv, "c:dfnhT:V")) != -1) {
		switch (opt) {
		case 'c':
			arguments.path = optarg;
			break;
		case 'f':
			arguments.foreground = true;
			break;
		case 'd':
			arguments.alone = true;
			break;
		case 'n':
			arguments.check = true;
			break;
		case 'T':
			arguments.token_name = optarg;
			break;
		case 'V':
			puts("mqsd " MQS_VERSION);
			return 0;
		case 'h':
			usage(stdout);
			return 0;
		default:
			usage(stderr);
			return 2;
		}
	}
	if (arguments.token_name != NULL && optind + 1 == argc)
		arguments.token_role = argv[optind++];
	if (optind < argc || (arguments.token_name != NULL && arguments.token_role == NULL)) {
		usage(stderr);
		return 2;
	}
	log_setup(LOG_LEVEL_INFO, false);
	return arguments.alone ? doctor_alone(arguments.path) : run(&arguments);
}
