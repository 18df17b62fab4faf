/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints rows of options as a manual page lists them: those of mqsd/conf.c, which man/mqsd.conf.5
 * has, or, with the word "profile", those of loadtest/profile.c for man/mqs-profile.5.
 */
#include <stdio.h>
#include <string.h>

#include "loadtest/profile.h"
#include "mqsd/conf.h"

static void
print_row(const struct option *o)
{
	char range[256];

	printf(".It Ic %s\n%s\n.Pp\nValue: %s.\n", o->name, o->help,
	       option_range(o, range, sizeof(range)));
	if (o->def == NULL)
		puts("Must be given.");
	else if (*o->def == '\0')
		puts("Default: empty.");
	else
		printf("Default:\n.Ql %s .\n", o->def);
	if (o->reload == OPTION_RESTART)
		puts("A change waits for a restart.");
	if (o->secret)
		puts("Never printed, logged or sent to operators.");
}

static void
print_conf(void)
{
	const char *section = "";
	size_t i;

	for (i = 0; i < conf_options.count; i++) {
		if (strcmp(section, conf_options.rows[i].section) != 0) {
			if (*section != '\0')
				puts(".El");
			section = conf_options.rows[i].section;
			printf(".Ss [%s]\n.Bl -tag -width Ds\n",
			       strcmp(section, "node *") == 0 ? "node NAME" : section);
		}
		print_row(&conf_options.rows[i]);
	}
	puts(".El");
}

static void
print_profile(void)
{
	size_t i;

	puts(".Bl -tag -width Ds");
	for (i = 0; i < profile_options.count; i++)
		print_row(&profile_options.rows[i]);
	puts(".El");
}

int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "profile") == 0)
		print_profile();
	else
		print_conf();
	return 0;
}
