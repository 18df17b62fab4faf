/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "mqsd/loop.h"
#include "mqsd/peer.h"

#define SWEEP_MS 250
#define TELL_MS	 10000
#define PACES	 256 /* sources whose pace is known; above it the one not seen for longest goes */
#define BURST_S	 2   /* seconds' worth that a source may bring at once */

struct row {
	int fd;
	ino_t inode; /* a socket has its own as long as it lives */
	char source[PEER_TEXT];
	int64_t deadline; /* mono ms; 0: a request is being answered */
};

struct pace {
	char source[PEER_TEXT];
	double credit; /* connections */
	int64_t at;    /* mono ms */
};

struct gate {
	const char *name;
	struct gate_bounds bounds;
	struct loop_timer *sweep;
	struct row *rows;
	size_t count, room;
	struct pace paces[PACES];
	int64_t told; /* mono ms */
	uint64_t refused;
};

static bool
is_open(const struct row *row)
{
	struct stat st;

	return fstat(row->fd, &st) == 0 && st.st_ino == row->inode;
}

static void
sweep(struct gate *gate)
{
	int64_t now = clock_mono_ms();
	size_t i = 0;

	while (i < gate->count) {
		struct row *row = &gate->rows[i];

		if (!is_open(row)) {
			*row = gate->rows[--gate->count];
			continue;
		}
		if (row->deadline != 0 && now >= row->deadline)
			shutdown(row->fd, SHUT_RDWR);
		i++;
	}
}

static void
on_sweep(void *arg)
{
	struct gate *gate = arg;

	sweep(gate);
	if (gate->count > 0)
		loop_timer_arm(gate->sweep, SWEEP_MS);
}

struct gate *
gate_new(struct loop *loop, const char *name, const struct gate_bounds *bounds)
{
	struct gate *gate = mem_zero(sizeof(*gate));

	gate->name = name;
	gate->bounds = *bounds;
	gate->sweep = loop_timer_new(loop, on_sweep, gate);
	return gate;
}

void
gate_free(struct gate *gate)
{
	loop_timer_free(gate->sweep);
	free(gate->rows);
	free(gate);
}

static size_t
count_of(const struct gate *gate, const char *source)
{
	size_t i, n = 0;

	for (i = 0; i < gate->count; i++)
		n += strcmp(gate->rows[i].source, source) == 0;
	return n;
}

static bool
is_too_fast(struct gate *gate, const char *source, int64_t now)
{
	struct pace *pace = NULL, *oldest = &gate->paces[0];
	double most = (double)gate->bounds.per_second * BURST_S;
	size_t i;

	if (gate->bounds.per_second == 0)
		return false;
	for (i = 0; i < PACES && pace == NULL; i++) {
		if (strcmp(gate->paces[i].source, source) == 0)
			pace = &gate->paces[i];
		else if (gate->paces[i].at < oldest->at)
			oldest = &gate->paces[i];
	}
	if (pace == NULL) {
		pace = oldest;
		snprintf(pace->source, sizeof(pace->source), "%s", source);
		pace->credit = most;
		pace->at = now;
	}
	pace->credit += (double)(now - pace->at) / 1000 * (double)gate->bounds.per_second;
	pace->at = now;
	if (pace->credit > most)
		pace->credit = most;
	if (pace->credit < 1)
		return true;
	pace->credit -= 1;
	return false;
}

static bool
refuse(struct gate *gate, int fd, const char *why, const struct peer *peer, int64_t now)
{
	shutdown(fd, SHUT_RDWR);
	gate->refused++;
	if (gate->told == 0 || now - gate->told >= TELL_MS) {
		log_warn("control: %s: a connection of %s was closed: %s; %llu were in all",
			 gate->name, peer->source, why, (unsigned long long)gate->refused);
		gate->told = now;
	}
	return false;
}

static struct row *
add(struct gate *gate)
{
	if (gate->count == gate->room) {
		gate->room = gate->room * 2 + 16;
		gate->rows = mem_grow(gate->rows, gate->room, sizeof(*gate->rows));
	}
	return &gate->rows[gate->count++];
}

bool
gate_admit(struct gate *gate, int fd, const struct peer *peer)
{
	bool bound = !peer->local || peer->uid != 0;
	int64_t now = clock_mono_ms();
	struct stat st;
	struct row *row;

	if ((int64_t)gate->count >= *gate->bounds.connections ||
	    (int64_t)count_of(gate, peer->source) >= *gate->bounds.per_source)
		sweep(gate);
	if (bound && is_too_fast(gate, peer->source, now))
		return refuse(gate, fd, "it brings too many a second", peer, now);
	if (bound && (int64_t)count_of(gate, peer->source) >= *gate->bounds.per_source)
		return refuse(gate, fd, "it has as many as one source may have", peer, now);
	if (bound && (int64_t)gate->count >= *gate->bounds.connections)
		return refuse(gate, fd, "there are as many as there may be", peer, now);
	if (fstat(fd, &st) != 0)
		return false;
	row = add(gate);
	*row = (struct row){
		.fd = fd, .inode = st.st_ino, .deadline = now + gate->bounds.request_ms};
	snprintf(row->source, sizeof(row->source), "%s", peer->source);
	if (!loop_timer_armed(gate->sweep))
		loop_timer_arm(gate->sweep, SWEEP_MS);
	return true;
}

/* A row of the same descriptor that is not open is one of a connection before. */
static struct row *
find(struct gate *gate, int fd)
{
	size_t i;

	for (i = 0; i < gate->count; i++)
		if (gate->rows[i].fd == fd && is_open(&gate->rows[i]))
			return &gate->rows[i];
	return NULL;
}

void
gate_requested(struct gate *gate, int fd)
{
	struct row *row = find(gate, fd);

	if (row != NULL)
		row->deadline = 0;
}

void
gate_replied(struct gate *gate, int fd)
{
	struct row *row = find(gate, fd);

	if (row != NULL)
		row->deadline = clock_mono_ms() + gate->bounds.request_ms;
}
