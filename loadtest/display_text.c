/* SPDX-License-Identifier: BSD-2-Clause */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "loadtest/display.h"
#include "loadtest/figure.h"

#define LINE_MAX_BYTES 512
#define NAME_COLUMNS   10
#define CELL_COLUMNS   36 /* of a process: "callers-1    0.18 cores    41 MB    " */
#define BAR_COLUMNS    30
#define BOLD	       "\033[1m"
#define RED	       "\033[1;31m"
#define PLAIN	       "\033[m"

/* The view as it grows: lines of at most `columns` characters, at most `rows`. */
struct page {
	FILE *out;
	int columns, rows, used;
	bool color;
};

/* style: an escape sequence for the whole line, NULL: none. */
__attribute__((format(printf, 3, 4))) static void
put(struct page *page, const char *style, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	va_list ap;

	if (page->used == page->rows)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (!page->color)
		style = NULL;
	fprintf(page->out, "%s%.*s%s\n", style != NULL ? style : "", page->columns, line,
		style != NULL ? PLAIN : "");
	page->used++;
}

static char *
bar(double done, char out[BAR_COLUMNS + 1])
{
	int full = (int)(done * BAR_COLUMNS);

	memset(out, '.', BAR_COLUMNS);
	memset(out, '#', (size_t)full);
	out[BAR_COLUMNS] = '\0';
	return out;
}

/* NAN and the like, too, are nothing done. */
static double
fraction(const struct view *v)
{
	return v->done > 1 ? 1 : v->done > 0 ? v->done : 0;
}

/* s to go, as the first guess has it, or as what was done so far shows; NAN: unknown. */
static double
to_go(const struct view *v)
{
	double done = fraction(v);

	if (done > 0.2)
		return v->elapsed_s * (1 - done) / done;
	return v->expected_s > v->elapsed_s ? v->expected_s - v->elapsed_s : NAN;
}

static void
put_progress(struct page *page, const struct view *v)
{
	char elapsed[FIGURE_MAX], left[FIGURE_MAX], shape[BAR_COLUMNS + 1];
	double s = to_go(v);

	figure_lasted(v->elapsed_s, elapsed);
	if (isnan(s))
		put(page, BOLD, "%s  [%s] %3.0f %%  %s", v->name, bar(fraction(v), shape),
		    floor(100 * fraction(v)), elapsed);
	else
		put(page, BOLD, "%s  [%s] %3.0f %%  %s, about %s to go", v->name,
		    bar(fraction(v), shape), floor(100 * fraction(v)), elapsed,
		    figure_lasted(s, left));
}

static void
put_counts(struct page *page, const struct traffic_counts *n)
{
	char up[FIGURE_MAX], waiting[FIGURE_MAX], talking[FIGURE_MAX], completed[FIGURE_MAX];

	put(page, NULL, "%-*s%s in progress, %s waiting, %s talking, %s completed", NAME_COLUMNS,
	    "calls", figure_print((double)n->up, 0, up),
	    figure_print((double)n->waiting, 0, waiting),
	    figure_print((double)n->talking, 0, talking),
	    figure_print((double)n->completed, 0, completed));
	put(page, n->dropped > 0 ? RED : NULL, "%-*s%lld", NAME_COLUMNS, "dropped",
	    (long long)n->dropped);
}

/* Over the ring's samples. */
static double
rate(const struct display *d, size_t offset)
{
	size_t count = d->taken < DISPLAY_PACE ? d->taken : DISPLAY_PACE, first, last;
	double passed;

	if (count < 2)
		return 0;
	first = d->taken < DISPLAY_PACE ? 0 : d->taken % DISPLAY_PACE;
	last = (d->taken - 1) % DISPLAY_PACE;
	passed = d->pace[last].t - d->pace[first].t;
	if (passed <= 0)
		return 0;
	return (double)(*(const int64_t *)((const char *)&d->pace[last].counts + offset) -
			*(const int64_t *)((const char *)&d->pace[first].counts + offset)) /
	       passed;
}

#define RATE(d, field) rate(d, offsetof(struct traffic_counts, field))

static void
put_latency(struct page *page, const char *name, const struct sample_latency *l)
{
	if (l->count == 0)
		put(page, NULL, "%-*s-", NAME_COLUMNS, name);
	else
		put(page, NULL, "%-*sp50 %.1f ms, p99 %.1f ms, max %.1f ms", NAME_COLUMNS, name,
		    l->p50, l->p99, l->max);
}

static void
put_procs(struct page *page, const struct sample *s)
{
	size_t across = (size_t)(page->columns / CELL_COLUMNS), i;
	char line[LINE_MAX_BYTES];
	int n = 0;

	across = across < 1 ? 1 : across > 6 ? 6 : across;
	for (i = 0; i < s->proc_count; i++) {
		const struct sample_proc *p = &s->procs[i];

		n += snprintf(line + n, sizeof(line) - (size_t)n,
			      "%-12.12s%5.2f cores %5.0f MB    ", p->name, p->cpu, p->rss / 1e6);
		if ((i + 1) % across != 0 && i + 1 < s->proc_count)
			continue;
		put(page, NULL, "%s", line);
		n = 0;
	}
}

char *
display_text(const struct display *d, const struct view *v, int columns, int rows)
{
	struct page page = {.columns = columns - 1, .rows = rows - 1, .color = d->color};
	size_t size;
	char *text;

	page.out = open_memstream(&text, &size);
	put_progress(&page, v);
	put_counts(&page, &v->counts);
	put(&page, NULL, "%-*s%.1f arriving, %.1f answered, %.1f completed a second", NAME_COLUMNS,
	    "rates", RATE(d, arrived), RATE(d, answered), RATE(d, completed));
	put_latency(&page, "offer", &d->offer);
	put_latency(&page, "connect", &d->connect);
	if (v->sample != NULL)
		put_procs(&page, v->sample);
	fclose(page.out);
	return text;
}

char *
display_line(const struct display *d, const struct view *v)
{
	const struct sample_proc *mqsd =
		v->sample != NULL ? sample_proc(v->sample, "mqsd-1") : NULL;
	const struct traffic_counts *n = &v->counts;
	char elapsed[FIGURE_MAX], offer[32] = "", cpu[64] = "";

	if (d->offer.count > 0)
		snprintf(offer, sizeof(offer), ", offer p99 %.1f ms", d->offer.p99);
	if (mqsd != NULL)
		snprintf(cpu, sizeof(cpu), ", mqsd %.2f cores %.0f MB", mqsd->cpu, mqsd->rss / 1e6);
	return mem_printf("%10s  %lld calls: %lld waiting, %lld talking, %lld over, %lld "
			  "dropped%s%s",
			  figure_lasted(v->elapsed_s, elapsed), (long long)n->arrived,
			  (long long)n->waiting, (long long)n->talking, (long long)n->over,
			  (long long)n->dropped, offer, cpu);
}
