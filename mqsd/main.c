/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/log.h"
#include "mqsd/conf.h"
#include "mqsd/mqsd.h"

static void
usage(FILE *out)
{
	fputs("usage: mqsd [-fnhV] [-c FILE]\n"
	      "  -c FILE  configuration (default /etc/mqs/mqsd.conf)\n"
	      "  -f       stay in the foreground, log to stderr\n"
	      "  -n       check the configuration, print it and stop\n"
	      "  -V       print the version\n",
	      out);
}

int
main(int argc, char **argv)
{
	const char *path = "/etc/mqs/mqsd.conf";
	bool foreground = false, check = false;
	struct conf *conf;
	struct err err;
	int opt, status;

	while ((opt = getopt(argc, argv, "c:fnhV")) != -1) {
		switch (opt) {
		case 'c':
			path = optarg;
			break;
		case 'f':
			foreground = true;
			break;
		case 'n':
			check = true;
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
	if (optind < argc) {
		usage(stderr);
		return 2;
	}
	log_setup(LOG_LEVEL_INFO, false);
	conf = conf_load(path, &err);
	if (conf == NULL)
		fatal("%s", err.text);
	if (check) {
		conf_print(conf, stdout);
		conf_free(conf);
		return 0;
	}
	log_setup((enum log_level)conf->log_level, true);
	if (!foreground && daemon(1, 1) != 0)
		fatal("cannot go into the background");
	status = mqsd_run(conf);
	conf_free(conf);
	return status;
}
