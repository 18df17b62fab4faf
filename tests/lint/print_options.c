/* SPDX-License-Identifier: BSD-2-Clause */
/* Prints the rows of mqsd/conf.c as the list in man/mqsd.conf.5. */
#include <stdio.h>
#include <string.h>

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

int
main(void)
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
	return 0;
}
