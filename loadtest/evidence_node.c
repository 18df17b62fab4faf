/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the nodes showed. They are asked every few seconds for as long as the run lasts, so one
 * record stands for a channel's whole life.
 */

#include <stdlib.h>

#include "lib/mem.h"
#include "loadtest/evidence_priv.h"

#define FIRST_CAP 256

/* Numbers of records plus 1 by what they are about; the newest of equal ones. */
struct marks {
	uint32_t **slots;
	size_t *cap;
	size_t count;
	bool (*same)(const struct evidence *e, size_t a, size_t b);
	uint64_t (*hash)(const struct evidence *e, size_t i);
};

/* Fibonacci hashing; cap is a power of two. */
static size_t
place_of(uint64_t key, size_t cap)
{
	return key * 11400714819323198485u >> 32 & (cap - 1);
}

static uint32_t *
slot_of(const struct evidence *e, const struct marks *m, size_t record)
{
	size_t i = place_of(m->hash(e, record), *m->cap);

	while ((*m->slots)[i] != 0 && !m->same(e, (*m->slots)[i] - 1, record))
		i = (i + 1) & (*m->cap - 1);
	return &(*m->slots)[i];
}

static void
make_room(const struct evidence *e, const struct marks *m)
{
	size_t i;

	if (4 * (m->count + 1) <= 3 * *m->cap)
		return;
	*m->cap = *m->cap != 0 ? 2 * *m->cap : FIRST_CAP;
	free(*m->slots);
	*m->slots = mem_zero(*m->cap * sizeof(**m->slots));
	for (i = 0; i < m->count; i++)
		*slot_of(e, m, i) = (uint32_t)i + 1;
}

static uint64_t
channel_key(uint32_t node, uint32_t sip_id)
{
	return (uint64_t)node << 32 | sip_id;
}

static uint64_t
channel_hash(const struct evidence *e, size_t i)
{
	return channel_key(e->sightings[i].node, e->sightings[i].sip_id);
}

/* A caller may be on two nodes at once: one of them took him late. */
static bool
same_channel(const struct evidence *e, size_t a, size_t b)
{
	return channel_hash(e, a) == channel_hash(e, b);
}

static bool
same_bridge(const struct evidence *e, size_t a, size_t b)
{
	return evidence_same(e->bridges[a].id, e->bridges[b].id) &&
	       e->bridges[a].node == e->bridges[b].node;
}

static uint64_t
bridge_hash(const struct evidence *e, size_t i)
{
	return (uint64_t)e->bridges[i].id.call << 32 | e->bridges[i].id.n;
}

static struct marks
channels(struct evidence *e)
{
	return (struct marks){&e->sighting_slots, &e->sighting_cap, e->sighting_count, same_channel,
			      channel_hash};
}

static struct marks
bridges(struct evidence *e)
{
	return (struct marks){&e->bridge_slots, &e->bridge_cap, e->bridge_count, same_bridge,
			      bridge_hash};
}

static struct look *
look_at(struct evidence *e, uint32_t node)
{
	struct look *look;
	size_t i;

	for (i = 0; i < e->look_count; i++)
		if (e->looks[i].node == node)
			return &e->looks[i];
	look = EVIDENCE_ADD(e, looks, look);
	look->node = node;
	return look;
}

/* The looks since the last one that showed it did not have it. */
static void
gone(struct sighting *s, const struct look *look)
{
	if (look->before > s->at)
		s->at = look->before;
	s->gone = true;
}

/* The Call-ID of an agent's leg, when the agents' SIPp has told of it; else it is taken for a
 * caller's. */
static uint32_t
channel_word(struct evidence *e, const char *sip_id)
{
	uint32_t word = words_find(&e->words, WORD_LEG, sip_id);

	return word != 0 ? word : words_add(&e->words, WORD_CALLER, sip_id);
}

/* Tells more of the same, and nothing else. */
static bool
goes_on(const struct sighting *known, const struct sighting *now)
{
	return known->node == now->node &&
	       (known->call == 0 || now->call == 0 || known->call == now->call) &&
	       (known->bridge.call == 0 || now->bridge.call == 0 ||
		evidence_same(known->bridge, now->bridge));
}

void
evidence_sight(struct evidence *e, int64_t at, const char *node, const char *sip_id,
	       const char *call, const char *bridge)
{
	struct sighting *s, *known;
	struct marks m = channels(e);
	uint32_t *slot;

	make_room(e, &m);
	s = EVIDENCE_ADD(e, sightings, sighting);
	s->first = s->at = at;
	s->node = evidence_word(e, node);
	s->sip_id = channel_word(e, sip_id);
	s->call = words_add(&e->words, WORD_CALL, call);
	s->bridge = evidence_number(e, bridge);
	if (s->sip_id == 0)
		return;
	slot = slot_of(e, &m, e->sighting_count - 1);
	known = *slot != 0 ? &e->sightings[*slot - 1] : NULL;
	if (known == NULL || !goes_on(known, s)) {
		if (known != NULL && !known->gone)
			gone(known, look_at(e, known->node));
		*slot = (uint32_t)e->sighting_count;
		return;
	}
	known->at = s->at;
	known->gone = false;
	if (known->call == 0)
		known->call = s->call;
	if (known->bridge.call == 0)
		known->bridge = s->bridge;
	e->sighting_count--;
}

void
evidence_sight_bridge(struct evidence *e, int64_t at, const char *node, const char *id)
{
	struct marks m = bridges(e);
	struct bridge *b;
	uint32_t *slot;

	make_room(e, &m);
	b = EVIDENCE_ADD(e, bridges, bridge);
	b->first = b->at = at;
	b->node = evidence_word(e, node);
	b->id = evidence_number(e, id);
	slot = slot_of(e, &m, e->bridge_count - 1);
	if (*slot == 0) {
		*slot = (uint32_t)e->bridge_count;
		return;
	}
	e->bridges[*slot - 1].at = b->at;
	e->bridges[*slot - 1].gone = false;
	e->bridge_count--;
}

void
evidence_look(struct evidence *e, int64_t at, const char *node)
{
	struct look *look = look_at(e, evidence_word(e, node));

	look->before = look->at;
	look->at = at;
}

/* The newest of a channel's; NULL: that node did not show it. */
static struct sighting *
shown(struct evidence *e, uint32_t node, uint32_t sip_id)
{
	size_t i;

	if (sip_id == 0 || e->sighting_cap == 0)
		return NULL;
	for (i = place_of(channel_key(node, sip_id), e->sighting_cap); e->sighting_slots[i] != 0;
	     i = (i + 1) & (e->sighting_cap - 1)) {
		struct sighting *s = &e->sightings[e->sighting_slots[i] - 1];

		if (s->sip_id == sip_id && s->node == node)
			return s;
	}
	return NULL;
}

void
evidence_gone(struct evidence *e, const char *node, const char *sip_id)
{
	const struct look *look = look_at(e, evidence_word(e, node));
	/* When it was seen first, the agents' SIPp may not have told of it yet. */
	const uint32_t words[] = {words_find(&e->words, WORD_LEG, sip_id),
				  words_find(&e->words, WORD_CALLER, sip_id)};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct sighting *s = shown(e, look->node, words[i]);

		if (s != NULL && !s->gone)
			gone(s, look);
	}
}

void
evidence_gone_bridge(struct evidence *e, const char *node, const char *id)
{
	const struct look *look = look_at(e, evidence_word(e, node));
	struct marks m = bridges(e);
	struct bridge *b;
	uint32_t slot;

	make_room(e, &m);
	b = EVIDENCE_ADD(e, bridges, bridge);
	b->node = look->node;
	b->id = evidence_number(e, id);
	slot = *slot_of(e, &m, e->bridge_count - 1);
	e->bridge_count--;
	b = slot != 0 ? &e->bridges[slot - 1] : NULL;
	if (b == NULL || b->gone)
		return;
	if (look->before > b->at)
		b->at = look->before;
	b->gone = true;
}

void
evidence_looked(struct evidence *e)
{
	size_t i;

	for (i = 0; i < e->sighting_count; i++)
		if (!e->sightings[i].gone)
			e->sightings[i].at = look_at(e, e->sightings[i].node)->at;
	for (i = 0; i < e->bridge_count; i++)
		if (!e->bridges[i].gone)
			e->bridges[i].at = look_at(e, e->bridges[i].node)->at;
}
