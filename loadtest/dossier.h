/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_DOSSIER_H
#define LOADTEST_DOSSIER_H

#include <jansson.h>
#include <stdint.h>

#include "lib/err.h"
#include "loadtest/evidence.h"

/*
 * The directory of a run: what SIPp read and wrote, what mqsd's stream and the nodes' lists said,
 * what loadtest did. The verdict is reached from these files alone, so it can be reached again.
 *
 *   run.json     what was run, where, when
 *   *.xml, *.csv  what SIPp read: the kit (loadtest/kit.h)
 *   callers-N.*, agents-N.*, register-N.*   a SIPp's .log, .err, .stat, .out; .msg of a replay
 *   events.log nodes.log acts.log
 *   looks.log    violations that looks at the servers showed, a line of JSON each
 *   samples.jsonl  how the run stood, a line a second or each ten (sample.h)
 *   report.json  the verdict and all figures, once it was judged
 */
#define DOSSIER_META	"run.json"
#define DOSSIER_REPORT	"report.json"
#define DOSSIER_EVENTS	"events.log"
#define DOSSIER_NODES	"nodes.log"
#define DOSSIER_ACTS	"acts.log"
#define DOSSIER_LOOKS	"looks.log"
#define DOSSIER_SAMPLES "samples.jsonl"

/* "death" of a node or "drain" of a call, as it happened: for the evidence so far, and for good. */
int dossier_note(const char *dir, struct evidence *e, const char *act, const char *name,
		 int64_t at_us, struct err *err);

/* A violation that the events alone don't show. */
int dossier_violation(const char *dir, const struct checker_violation *v, struct err *err);

/* Whoever reads it meanwhile, or after a kill, finds the old one or the new one. */
int dossier_write_meta(const char *dir, const json_t *meta, struct err *err);

/* Reads all of it. meta is the caller's (json_decref). */
int dossier_load(const char *dir, struct evidence *e, json_t **meta, struct err *err);

/* One line of acts.log, of looks.log; -1 when it is broken. */
int dossier_look_line(struct evidence *e, const char *line);
int dossier_act_line(struct evidence *e, const char *line);

#endif
