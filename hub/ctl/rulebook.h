/* SPDX-License-Identifier: EUPL-1.2 */
/* rulebook - the programme's rules as people write them (YAML) to rules that a directory can hold.
 *
 * The same keys stand in a file of their own (`directory propose --rules`) and under `rules:` in the registrars' draft. Codes are held
 * to the programme's lists here, before anybody signs. Called by dirreview.c and draft.c.
 */
#ifndef CTL_RULEBOOK_H
#define CTL_RULEBOOK_H

#include <stdio.h>

#include "config/binder.h"
#include "config/setting.h"
#include "proto/rules.h"

struct rulebook_send { const char *from; const char *const *service, *const *to; size_t n_service, n_to; };
struct rulebook_deadline {
	unsigned priority;
	const char *service_kind, *municipality;
	struct setting_term registered_by, respond_by, expires;
};
/* As bound: in the order of the file. */
struct rulebook {
	const char *const *kinds;
	size_t n_kinds;
	struct rulebook_send *sends;
	size_t n_sends;
	struct rulebook_deadline *deadlines;
	size_t n_deadlines;
};

/* The rows of a rulebook that stands at `offset` in what is bound, under `prefix` (each a full path). */
#define RULEBOOK_ROWS(prefix, base) \
	{ prefix "kinds", BIND_TEXTS, 0, 0, .offset = (base) + offsetof(struct rulebook, kinds), .size = sizeof(const char *const *), \
	  .n_offset = (base) + offsetof(struct rulebook, n_kinds), .max = RULES_KINDS_MAX, .form = &rulebook_form_service, \
	  .help = "the kinds of service in force; all if not given" }, \
	{ prefix "send", BIND_LIST, 0, 0, .offset = (base) + offsetof(struct rulebook, sends), .size = sizeof(struct rulebook_send), \
	  .n_offset = (base) + offsetof(struct rulebook, n_sends), .max = RULES_SENDS_MAX, .items = rulebook_send_rows, \
	  .help = "who may refer what to whom" }, \
	{ prefix "deadlines", BIND_LIST, 0, 0, .offset = (base) + offsetof(struct rulebook, deadlines), \
	  .size = sizeof(struct rulebook_deadline), .n_offset = (base) + offsetof(struct rulebook, n_deadlines), \
	  .max = RULES_DEADLINES_MAX, .items = rulebook_deadline_rows, .help = "how soon, where an agency's configuration says nothing" }

extern const struct form rulebook_form_service;
extern const struct bind_row rulebook_send_rows[], rulebook_deadline_rows[];

/* Sorted, each service a row of its own. ERR_TOOBIG. */
enum err rulebook_put(const struct rulebook *book, struct arena *mem, struct rules *ret_rules) MUST_USE;
/* A file of rules. ERR_CONFIG: its problems were printed to `err`. */
enum err rulebook_load(const char *file, enum lang lang, FILE *err, struct arena *mem, struct rules *ret_rules) MUST_USE;

#endif
