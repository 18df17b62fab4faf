/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/loop.h"

#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>

#include "lib/log.h"
#include "lib/mem.h"

#define LOOP_SIGNALS 8

struct handler {
	struct event *event;
	loop_cb *cb;
	void *arg;
};

struct loop {
	struct event_base *base;
	struct handler signals[LOOP_SIGNALS];
	size_t signal_count;
};

struct loop_timer {
	struct event *event;
	loop_cb *cb;
	void *arg;
};

static void
library_log(int severity, const char *msg)
{
	if (severity >= EVENT_LOG_WARN)
		log_warn("libevent: %s", msg);
}

struct loop *
loop_new(void)
{
	struct loop *loop = mem_zero(sizeof(*loop));
	struct event_config *config = event_config_new();

	signal(SIGPIPE, SIG_IGN);
	event_set_log_callback(library_log);
	if (config == NULL)
		fatal("no event loop: out of memory");
	/* What is waited for changes many times a round, mostly back to what it was: the kernel is
	 * told once. It forbids dup() of a socket that is waited for. */
	event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
	loop->base = event_base_new_with_config(config);
	event_config_free(config);
	if (loop->base == NULL)
		fatal("no event loop: libevent found no way to wait for sockets");
	return loop;
}

void
loop_free(struct loop *loop)
{
	size_t i;

	for (i = 0; i < loop->signal_count; i++)
		event_free(loop->signals[i].event);
	/* Frees that libevent put off run now. */
	event_base_loop(loop->base, EVLOOP_NONBLOCK);
	event_base_free(loop->base);
	libevent_global_shutdown();
	free(loop);
}

struct event_base *
loop_base(struct loop *loop)
{
	return loop->base;
}

void
loop_run(struct loop *loop)
{
	event_base_dispatch(loop->base);
}

void
loop_stop(struct loop *loop)
{
	event_base_loopbreak(loop->base);
}

static void
on_signal(evutil_socket_t signo, short what, void *arg)
{
	struct handler *handler = arg;

	(void)signo;
	(void)what;
	handler->cb(handler->arg);
}

void
loop_signal(struct loop *loop, int signo, loop_cb *cb, void *arg)
{
	struct handler *handler;

	if (loop->signal_count == LOOP_SIGNALS)
		fatal("more than %d signals", LOOP_SIGNALS);
	handler = &loop->signals[loop->signal_count++];
	handler->cb = cb;
	handler->arg = arg;
	handler->event = evsignal_new(loop->base, signo, on_signal, handler);
	evsignal_add(handler->event, NULL);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct loop_timer *timer = arg;

	(void)fd;
	(void)what;
	timer->cb(timer->arg);
}

struct loop_timer *
loop_timer_new(struct loop *loop, loop_cb *cb, void *arg)
{
	struct loop_timer *timer = mem_zero(sizeof(*timer));

	timer->cb = cb;
	timer->arg = arg;
	timer->event = evtimer_new(loop->base, on_timer, timer);
	return timer;
}

void
loop_timer_free(struct loop_timer *timer)
{
	if (timer == NULL)
		return;
	event_free(timer->event);
	free(timer);
}

void
loop_timer_arm(struct loop_timer *timer, int64_t ms)
{
	struct timeval tv;

	if (ms < 0)
		ms = 0;
	tv.tv_sec = (time_t)(ms / 1000);
	tv.tv_usec = (suseconds_t)(ms % 1000 * 1000);
	evtimer_add(timer->event, &tv);
}

void
loop_timer_stop(struct loop_timer *timer)
{
	evtimer_del(timer->event);
}

bool
loop_timer_armed(const struct loop_timer *timer)
{
	return evtimer_pending(timer->event, NULL);
}
