/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/chart.h"

#include <math.h>
#include <stdbool.h>

#include "loadtest/figure.h"
#include "loadtest/markup.h"

/* The drawing's own units, of which the page shows one a pixel where there is room. */
#define WIDTH	     920
#define HEIGHT	     240
#define LEFT	     60 /* the plot's edges */
#define RIGHT	     890
#define TOP	     10
#define BOTTOM	     206
#define LABEL_Y	     228 /* base line of the time's labels */
#define GRID_LINES   5
#define TIME_LABELS  10
#define SPARK_WIDTH  150
#define SPARK_HEIGHT 26
#define FLAT	     1e-9 /* a curve no higher than that is drawn as 0 */

double
chart_step(double top, int count)
{
	double power = pow(10, floor(log10(top / count)));
	static const double steps[] = {1, 2, 5, 10};
	size_t i;

	for (i = 0; i < 3 && steps[i] * power * count < top * (1 - 1e-9); i++)
		;
	return steps[i] * power;
}

double
chart_time_step(double top, int count)
{
	static const double steps[] = {1,   2,	 5,    10,   15,   30,	  60,	 120,  300,
				       600, 900, 1800, 3600, 7200, 14400, 21600, 43200};
	size_t i;

	for (i = 0; i + 1 < sizeof(steps) / sizeof(steps[0]) && steps[i] * count < top; i++)
		;
	/* Whole days. */
	if (steps[i] * count < top)
		return 86400 * chart_step(top / 86400, count);
	return steps[i];
}

double
chart_top(const json_t *y)
{
	double top = 0;
	json_t *value;
	size_t i;

	json_array_foreach(y, i, value) top = fmax(top, json_number_value(value));
	return top;
}

/* Where a value is drawn. */
struct scale {
	double t_top, y_top;
};

static double
at_x(const struct scale *s, double t)
{
	return LEFT + (RIGHT - LEFT) * t / s->t_top;
}

static double
at_y(const struct scale *s, double y)
{
	return BOTTOM - (BOTTOM - TOP) * y / s->y_top;
}

static struct scale
scale_of(const struct chart *c, double *step)
{
	struct scale s = {.t_top = chart_top(c->t)};
	size_t i;

	for (i = 0; i < c->line_count; i++)
		s.y_top = fmax(s.y_top, chart_top(c->lines[i].y));
	for (i = 0; i < c->mark_count; i++)
		s.t_top = fmax(s.t_top, c->marks[i]);
	s.y_top = s.y_top > FLAT ? s.y_top : 1;
	s.t_top = s.t_top > 0 ? s.t_top : 1;
	*step = chart_step(s.y_top, GRID_LINES);
	s.y_top = ceil(s.y_top / *step * (1 - 1e-9)) * *step;
	return s;
}

static void
draw_grid(const struct scale *s, double step, FILE *out)
{
	int decimals = step >= 1 ? 0 : (int)ceil(-log10(step) - 1e-9);
	char text[FIGURE_MAX];
	double y = 0;
	int i;

	for (i = 0; i <= GRID_LINES && y <= s->y_top + step / 2; i++, y = i * step)
		fprintf(out,
			"<line class=\"%s\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
			"<text class=\"y\" x=\"%d\" y=\"%.1f\">%s</text>\n",
			y < step / 2 ? "axis" : "grid", LEFT, RIGHT, at_y(s, y), at_y(s, y),
			LEFT - 8, at_y(s, y) + 4.5, figure_print(y, decimals, text));
}

static void
draw_times(const struct scale *s, FILE *out)
{
	double step = chart_time_step(s->t_top, TIME_LABELS), t = 0;
	const char *unit = step >= 3600 ? "h" : step >= 60 ? "min" : "s";
	double unit_s = step >= 3600 ? 3600 : step >= 60 ? 60 : 1;
	int i;

	for (i = 0; i <= TIME_LABELS && t <= s->t_top; i++, t = i * step) {
		fprintf(out, "<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>",
			at_x(s, t), at_x(s, t), BOTTOM, BOTTOM + 5);
		/* A label that would stick out of the drawing is left out. */
		if (at_x(s, t) <= WIDTH - 28)
			fprintf(out, "<text class=\"x\" x=\"%.1f\" y=\"%d\">%g%s%s</text>",
				at_x(s, t), LABEL_Y, t / unit_s, t > 0 ? "\u202f" : "",
				t > 0 ? unit : "");
		fputc('\n', out);
	}
}

/* The path of a curve, torn where it has no value. */
static void
draw_path(const json_t *t, const json_t *y, double (*x_of)(const struct scale *, double),
	  double (*y_of)(const struct scale *, double), const struct scale *s, FILE *out)
{
	bool pen_down = false;
	json_t *value;
	size_t i;

	fputs("d=\"", out);
	json_array_foreach(y, i, value)
	{
		if (!json_is_number(value)) {
			pen_down = false;
			continue;
		}
		fprintf(out, "%s%.1f %.1f", pen_down ? "L" : "M",
			x_of(s, json_number_value(json_array_get(t, i))),
			y_of(s, json_number_value(value)));
		/* A single point between gaps is a dot. */
		if (!pen_down)
			fputs("h0", out);
		pen_down = true;
	}
	fputs("\"/>\n", out);
}

static void
draw_legend(const struct chart *c, FILE *out)
{
	size_t i;

	fputs("<p class=\"legend\">", out);
	for (i = 0; i < c->line_count; i++) {
		fprintf(out, "<span><i class=\"k%zu\"></i>", i % CHART_COLORS);
		markup_text(out, c->lines[i].name);
		fputs("</span> ", out);
	}
	if (c->mark_count > 0) {
		fputs("<span><i class=\"kmark\"></i>", out);
		markup_text(out, c->mark_name);
		fputs("</span>", out);
	}
	fputs("</p>\n", out);
}

void
chart_draw(const struct chart *c, FILE *out)
{
	double step;
	struct scale s = scale_of(c, &step);
	size_t i;

	fputs("<figure><figcaption>", out);
	markup_text(out, c->title);
	fputs(" <small>", out);
	markup_text(out, c->unit);
	fputs("</small></figcaption>\n", out);
	draw_legend(c, out);
	fprintf(out, "<div class=\"wide\"><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"",
		WIDTH, HEIGHT);
	markup_text(out, c->title);
	fputs("\">\n", out);
	draw_grid(&s, step, out);
	draw_times(&s, out);
	for (i = 0; i < c->mark_count; i++)
		fprintf(out, "<line class=\"mark\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>\n",
			at_x(&s, c->marks[i]), at_x(&s, c->marks[i]), TOP, BOTTOM);
	for (i = 0; i < c->line_count; i++) {
		fprintf(out, "<path class=\"c%zu\" data-curve=\"", i % CHART_COLORS);
		markup_text(out, c->lines[i].name);
		fprintf(out, "\" data-top=\"%g\" ", s.y_top);
		draw_path(c->t, c->lines[i].y, at_x, at_y, &s, out);
	}
	fputs("</svg></div></figure>\n", out);
}

static double
spark_x(const struct scale *s, double t)
{
	return 1 + (SPARK_WIDTH - 2) * t / s->t_top;
}

static double
spark_y(const struct scale *s, double y)
{
	return SPARK_HEIGHT - 2 - (SPARK_HEIGHT - 4) * y / s->y_top;
}

void
chart_spark(const json_t *t, const json_t *y, double top, FILE *out)
{
	struct scale s = {.t_top = fmax(chart_top(t), 1), .y_top = top > 0 ? top : 1};

	fprintf(out,
		"<svg class=\"spark\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
		"aria-hidden=\"true\"><line class=\"grid\" x1=\"0\" x2=\"%d\" y1=\"%d\" "
		"y2=\"%d\"/><path class=\"c0\" ",
		SPARK_WIDTH, SPARK_HEIGHT, SPARK_WIDTH, SPARK_HEIGHT, SPARK_WIDTH, SPARK_HEIGHT - 2,
		SPARK_HEIGHT - 2);
	draw_path(t, y, spark_x, spark_y, &s, out);
	fputs("</svg>", out);
}
