/* SPDX-License-Identifier: EUPL-1.2 */
/* judge - what is wrong with a file of an agency's system, before it is sent: all that the adapter would find, and more of it
 * at once.
 *
 * The sector's own translator reads it, the record's own rules and the core's judge it; nothing is decided here a second time. What the core
 * would fill in is filled in, what the agency's defaults would, by its configuration or told as a note. Called by main.c.
 */
#ifndef VALIDATE_JUDGE_H
#define VALIDATE_JUDGE_H

#include "adapters/core/sector.h"

#define JUDGE_FINDINGS_MAX 200		/* of a file; then it says that there are more */
#define JUDGE_CODES_MAX 200		/* distinct codes that no concept maps */
#define JUDGE_ARENA ((size_t)256 * 1024 * 1024)

struct adapter_config;

struct judge_request {
	struct span bytes;
	const char *file;			/* its name tells a table; never NULL */
	const char *sector;			/* "social", "health", "education"; NULL: find out */
	enum format format;			/* FORMAT_NONE: find out */
	int64_t now_ms;				/* days that end are judged by it; 0: they are not */
	const struct adapter_config *config;	/* concepts, aliases, defaults of the agency; NULL: none */
};

struct finding {
	enum err e;
	struct why why;			/* `where` in the terms of the format; line and column where they can be found */
	unsigned row;			/* of a table; 0 otherwise */
	bool is_note;			/* fine if the agency's defaults give the field */
};

struct unmapped { const char *system, *code; };

struct judgement {
	const char *sector, *format;
	size_t n_items;			/* records, rows and confirmations in it */
	uint64_t n_left_out;		/* fields of them that have no place in the record */
	struct finding *findings;
	size_t n_findings, n_errors;	/* notes are no errors */
	bool has_more;
	struct unmapped *codes;
	size_t n_codes;
};

/* ERR_NOMEM only. */
enum err judge(const struct judge_request *request, struct arena *mem, struct judgement *ret_judgement) MUST_USE;

#endif
