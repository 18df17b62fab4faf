/* SPDX-License-Identifier: BSD-2-Clause */
#include <signal.h>
#include <stdlib.h>

#include "lib/client.h"
#include "lib/clock.h"
#include "lib/mem.h"
#include "mqsctl/api.h"
#include "mqsctl/cmd.h"
#include "mqsctl/interrupt.h"
#include "mqsctl/render.h"
#include "mqsctl/screen.h"
#include "mqsctl/shell.h"
#include "mqsctl/top_model.h"

#define DEADLINE_MS 2000 /* keys wait for it, too */
/*
 * Each question is asked again after a hundred times what it took, within these bounds: so that
 * neither mqsd nor we spend more than a hundredth of a core on it, however long the list is.
 */
#define SHARE	 100
#define AGAIN_MS 1000
#define LATE_MS	 30000

struct top {
	struct shell *shell;
	struct screen *screen;
	struct top_model *model;
	int64_t status_due, list_due; /* mono ms */
};

/* The reply's body, or NULL; *why is then a sentence, the caller's. */
static json_t *
ask(struct top *top, const char *method, const char *path, char **why)
{
	struct client_reply reply;
	struct err err;
	const json_t *error;

	*why = NULL;
	if (client_request(top->shell->client, method, path, NULL, DEADLINE_MS, &reply, &err) !=
	    0) {
		*why = mem_printf("mqsd does not answer: %s; asking again", err.text);
		return NULL;
	}
	if (reply.status >= 200 && reply.status < 300 && reply.body)
		return reply.body;
	error = json_object_get(reply.body, "error");
	*why = mem_printf("%s", *render_string(error, "message") ? render_string(error, "message")
								 : "mqsd's reply is none");
	json_decref(reply.body);
	return NULL;
}

static int64_t
again(int64_t began_us)
{
	int64_t now = clock_mono_us(), ms = (now - began_us) * SHARE / 1000;

	return now / 1000 + (ms < AGAIN_MS ? AGAIN_MS : ms > LATE_MS ? LATE_MS : ms);
}

static void
ask_status(struct top *top)
{
	int64_t began = clock_mono_us();
	char *why;
	json_t *status = ask(top, "GET", "/v1/status", &why);

	if (status)
		top_model_take_status(top->model, status);
	top_model_set_trouble(top->model, why);
	top->status_due = status ? again(began) : clock_mono_ms() + AGAIN_MS;
	free(why);
}

static void
ask_list(struct top *top)
{
	int64_t began = clock_mono_us();
	char *path = top_model_path(top->model), *why = NULL;
	json_t *list = path ? ask(top, "GET", path, &why) : NULL;

	if (list)
		top_model_take_list(top->model, list);
	else if (why && client_status(top->shell->client) != 0)
		top_model_tell(top->model, why);
	top->list_due = list ? again(began) : clock_mono_ms() + AGAIN_MS;
	free(why);
	free(path);
}

static void
do_act(struct top *top)
{
	const char *name;
	const struct top_act *act = top_model_act(top->model, &name);
	char *escaped = client_escape(name), *path = top_fill(act->path, escaped), *why, *told;
	json_t *reply = ask(top, act->method, path, &why);
	const char *undo = render_string(reply, "undo");

	if (reply) {
		why = top_fill(act->done, name);
		told = mem_printf("%s%s%s", why, *undo ? "; undo: " : "", undo);
	} else {
		told = mem_printf("not done: %s", why);
	}
	top_model_tell(top->model, told);
	top->status_due = top->list_due = 0;
	json_decref(reply);
	free(told);
	free(why);
	free(path);
	free(escaped);
}

static void
draw(struct top *top)
{
	size_t rows, columns;
	struct top_line *lines;

	screen_size(top->screen, &rows, &columns);
	lines = mem_zero((rows + 1) * sizeof(*lines));
	top_layout(top->model, rows, columns, lines);
	screen_draw(top->screen, lines, rows);
	top_lines_free(lines, rows);
	free(lines);
}

/* False: leave. */
static bool
take_key(struct top *top, int key)
{
	if (key == SCREEN_GONE)
		return false;
	if (key < 0)
		return true;
	switch (top_model_key(top->model, key)) {
	case TOP_WISH_QUIT:
		return false;
	case TOP_WISH_ASK:
		top->list_due = 0;
		break;
	case TOP_WISH_ACT:
		do_act(top);
		break;
	case TOP_WISH_DRAW:
		break;
	}
	return true;
}

static void
run(struct top *top)
{
	int64_t now, due;

	do {
		now = clock_mono_ms();
		if (now >= top->status_due)
			ask_status(top);
		if (now >= top->list_due)
			ask_list(top);
		draw(top);
		due = top->status_due < top->list_due ? top->status_due : top->list_due;
		now = clock_mono_ms();
	} while (!interrupt_seen() &&
		 take_key(top, screen_key(top->screen, due > now ? (int)(due - now) : 0)) &&
		 !interrupt_seen());
}

int
cmd_top(struct shell *shell, const struct match *match)
{
	struct top top = {.shell = shell};
	struct interrupt_saved saved;
	struct err err;

	(void)match;
	interrupt_take(&saved);
	top.screen = screen_open(&err);
	if (!top.screen) {
		interrupt_give_back(&saved);
		shell_fail(shell, "no_terminal", err.text, "status says the same in lines.");
		return SHELL_USAGE;
	}
	top.model = top_model_new();
	run(&top);
	screen_close(top.screen);
	top_model_free(top.model);
	/* Told to end, mqsctl does, now that the terminal is as it was. */
	interrupt_give_back(&saved);
	return SHELL_DONE;
}
