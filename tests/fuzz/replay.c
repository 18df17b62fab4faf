/* SPDX-License-Identifier: BSD-2-Clause */
/* A fuzzer without its engine: gives it the files named, for any compiler. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
give(const char *path)
{
	FILE *in = fopen(path, "rb");
	uint8_t *data = NULL;
	size_t size = 0, cap = 0, n;

	if (in == NULL) {
		perror(path);
		return 1;
	}
	do {
		cap += 65536;
		data = realloc(data, cap);
		if (data == NULL)
			abort();
		n = fread(data + size, 1, cap - size, in);
		size += n;
	} while (n > 0);
	fclose(in);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 0;
}

int
main(int argc, char **argv)
{
	int i, failed = argc < 2;

	for (i = 1; i < argc; i++)
		failed |= give(argv[i]);
	printf("%d inputs\n", argc - 1);
	return failed;
}
