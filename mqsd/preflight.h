/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_PREFLIGHT_H
#define MQSD_PREFLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What is looked at in a Redis before the pool is opened under it, as a table of checks. Nothing
 * here talks to Redis: inspect.c gathers the facts.
 */
#define PREFLIGHT_UNKNOWN (-1)

struct preflight_facts {
	/* INFO; "" or PREFLIGHT_UNKNOWN where it says nothing */
	char run_id[64], version[32], role[16], policy[32];
	int64_t maxmemory; /* bytes; 0: no bound */
	int64_t used_memory;
	int64_t replicas;
	int64_t cluster, aof, aof_ok, rdb_ok; /* 0 or 1 */
	/* CONFIG GET */
	int64_t save;	      /* 0 or 1: any save points */
	int64_t min_replicas; /* min-replicas-to-write */
	int64_t max_lag;      /* min-replicas-max-lag, s */
	bool config_forbidden;
	/* ours */
	int64_t ping_us;
	int64_t stream_max; /* events */
	bool sentinel;
	char forbidden[200]; /* commands that the rehearsal was not allowed */
};

void preflight_facts_clear(struct preflight_facts *facts);

/* Takes what it knows from the text of INFO; the rest is left alone. */
void preflight_take_info(struct preflight_facts *facts, const char *text, size_t len);

/* One name and value of CONFIG GET. */
void preflight_take_config(struct preflight_facts *facts, const char *name, const char *value);

enum preflight_severity {
	PREFLIGHT_WARNING,
	PREFLIGHT_CRITICAL,
	PREFLIGHT_REFUSE, /* the pool is not opened: calls would be lost, or nothing would work */
};

struct preflight_check {
	const char *id;
	enum preflight_severity severity;
	/* True when the facts fail the check, with the sentence in `text`. */
	bool (*fails)(const struct preflight_facts *facts, char *text, size_t size);
	const char *hint;
};

extern const struct preflight_check preflight_checks[];
extern const size_t preflight_check_count;

#define PREFLIGHT_FINDINGS_MAX 16
struct preflight_finding {
	const struct preflight_check *check;
	char text[240];
};

/* What fails, in the order of the table; at most PREFLIGHT_FINDINGS_MAX. Returns their number. */
size_t preflight_judge(const struct preflight_facts *facts, struct preflight_finding *findings);

/* "warning" or "critical", as the API names them. */
const char *preflight_severity_name(enum preflight_severity severity);

#endif
