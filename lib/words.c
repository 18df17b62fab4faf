/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/words.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Copies one word to out, unquoted; returns where it ends in the line. */
static const char *
take_word(const char *s, char *out, bool *open)
{
	char quote = '\0';

	for (; *s && (quote || !is_space(*s)); s++) {
		if (quote && *s == quote)
			quote = '\0';
		else if (!quote && (*s == '"' || *s == '\''))
			quote = *s;
		else if (*s == '\\' && quote != '\'' && s[1])
			*out++ = *++s;
		else
			*out++ = *s;
	}
	*out = '\0';
	*open = quote != '\0';
	return s;
}

int
words_split(struct words *words, const char *line, struct err *err)
{
	const char *s = line, *end;
	struct word *word;

	*words = (struct words){.fresh = true};
	if (strlen(line) > WORDS_LINE_MAX)
		return err_set(err, "the line is longer than %d bytes", WORDS_LINE_MAX);
	words->line = mem_dup(line);
	for (;;) {
		while (is_space(*s))
			s++, words->fresh = true;
		if (!*s)
			return 0;
		if (words->count == WORDS_MAX) {
			words_clear(words);
			return err_set(err, "the line has more than %d words", WORDS_MAX);
		}
		word = &words->word[words->count++];
		word->text = mem_alloc(strlen(s) + 1);
		end = take_word(s, word->text, &words->open);
		word->at = (size_t)(s - line);
		word->len = (size_t)(end - s);
		words->fresh = false;
		s = end;
	}
}

char *
words_quote(const char *text)
{
	char *quoted, *q;

	if (*text && !strpbrk(text, " \t\r\n\"'\\"))
		return mem_dup(text);
	q = quoted = mem_alloc(2 * strlen(text) + 3);
	*q++ = '"';
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			*q++ = '\\';
		*q++ = *text;
	}
	*q++ = '"';
	*q = '\0';
	return quoted;
}

int
words_take(struct words *words, int count, char *const *text, struct err *err)
{
	size_t len = 0, cap = 1;
	char *quoted;
	int i;

	*words = (struct words){.fresh = count == 0};
	if (count > WORDS_MAX)
		return err_set(err, "more than %d words", WORDS_MAX);
	words->line = mem_dup("");
	for (i = 0; i < count; i++) {
		quoted = words_quote(text[i]);
		cap += strlen(quoted) + 1;
		words->line = mem_grow(words->line, cap, 1);
		if (i > 0)
			words->line[len++] = ' ';
		words->word[i] = (struct word){mem_dup(text[i]), len, strlen(quoted)};
		strcpy(words->line + len, quoted);
		len += strlen(quoted);
		words->count++;
		free(quoted);
	}
	return 0;
}

void
words_drop(struct words *words, size_t i)
{
	free(words->word[i].text);
	words->count--;
	memmove(&words->word[i], &words->word[i + 1], (words->count - i) * sizeof(words->word[0]));
}

void
words_clear(struct words *words)
{
	size_t i;

	for (i = 0; i < words->count; i++)
		free(words->word[i].text);
	free(words->line);
	*words = (struct words){.fresh = true};
}
