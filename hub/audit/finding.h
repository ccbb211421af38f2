/* SPDX-License-Identifier: EUPL-1.2 */
/* finding - what does not verify, each with its place: file, offset where it makes sense, leaf. */
#ifndef AUDIT_FINDING_H
#define AUDIT_FINDING_H

#include <stdbool.h>
#include <stdio.h>

#include "hub/audit/source.h"

enum finding_id {
#define FINDING(id, en, bg) id,
#include "hub/audit/finding.def"
#undef FINDING
	N_FINDINGS
};

#define FINDINGS_MAX 50		/* kept; the rest is counted */
#define FINDING_NO_LEAF UINT64_MAX

struct finding {
	enum finding_id id;
	struct place place;
	uint64_t leaf;		/* FINDING_NO_LEAF: none */
	char detail[160];	/* "" or what exactly, in English */
};

struct findings { struct finding items[FINDINGS_MAX]; size_t n, more; };

struct json_t;

/* `detail` may be NULL. */
void finding_add(struct findings *f, enum finding_id id, const struct place *place, uint64_t leaf, const char *detail);
void finding_add_named(struct findings *f, enum finding_id id, const char *name, const char *detail);
const char *finding_text(enum finding_id id, enum lang lang);
const char *finding_name(enum finding_id id);		/* "FOUND_FORK" */
void finding_print(const struct findings *f, enum lang lang, FILE *to);
struct json_t *finding_json(const struct findings *f, enum lang lang);	/* an array */

#endif
