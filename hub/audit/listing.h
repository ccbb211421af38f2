/* SPDX-License-Identifier: EUPL-1.2 */
/* listing - rows of history as a table, as JSON ({"events": [...]}) or as CSV (UTF-8, a header line, RFC 4180 quoting). */
#ifndef AUDIT_LISTING_H
#define AUDIT_LISTING_H

#include <stdio.h>

#include "hub/audit/history.h"

enum listing_form { LISTING_TABLE, LISTING_JSON, LISTING_CSV };

struct listing;
struct json_t;

/* `has_capsules`: columns for what capsules say. NULL only without memory. */
struct listing *listing_new(enum listing_form form, enum lang lang, bool has_capsules, FILE *to);
enum err listing_row(void *listing, const struct history_row *row) MUST_USE;	/* fits history_run */
/* Prints what is left; `ret_n`: rows. ERR_SYSTEM: it could not be written. */
enum err listing_end(struct listing *l, size_t *ret_n) MUST_USE;		/* frees */

struct json_t *listing_json(const struct history_row *row);	/* one row as an object; NULL without memory */

#endif
