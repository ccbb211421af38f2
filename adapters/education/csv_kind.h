/* SPDX-License-Identifier: EUPL-1.2 */
/* csv_kind - the table of records: every kind that has no table of its own, a column for each path of the record.
 *
 * No kind and no field is named here: the record's own description gives the columns in both directions. A row with a `kind` begins a
 * record, a row without one goes on with it: of each list an element a row. MAPPING.md, "Records", is the manual. The bytes of an
 * attachment are in no cell: its row names a file that lies beside the table. Pure; called by to_record.c, from_record.c and csv_result.c.
 */
#ifndef EDUCATION_CSV_KIND_H
#define EDUCATION_CSV_KIND_H

#include <stdbool.h>
#include <stddef.h>

#include "adapters/education/csv.h"
#include "adapters/education/csv_row.h"
#include "proto/kind.h"

#define CSV_KIND "kind"			/* the columns that are no path */
#define CSV_KIND_ID "record_id"		/* the school's own, for what it says: the same again is the same message */
#define CSV_KIND_MSG "msg_id"		/* written only, as the next */
#define CSV_KIND_FROM "from_agency"
#define CSV_KIND_FILE "file"		/* of an attachment: the name of the file beside the table */
#define CSV_KIND_HREF "href"		/* and where its bytes are to be had by HTTP: written only */
#define CSV_KIND_REFERRAL "referral_no"	/* as the other tables call it: referral_id */

bool csv_kind_has_rows(const struct kind *kind);	/* NULL is fine */
bool csv_kind_is_file(const struct kind *kind);		/* does its row name a file? NULL is fine */
bool csv_kind_has_column(const struct kind *kind, const struct field *f);	/* no bytes, and nothing of how a file is cut */
bool csv_kind_goes_on(const struct csv_row *r, const char *id);	/* with the record above, whose record_id is `id` or NULL */
/* Read a row into r->item and r->record: with `is_first` the record is made, otherwise it is added to. *id is the record's
 * record_id, *hash runs over all of its rows. */
void csv_kind_read(struct csv_row *r, bool is_first, const char **id, uint64_t *hash);
/* The header and the rows of a record. ERR_TOOBIG: a row would be longer than is read. */
enum err csv_kind_write(struct csv_writer *w, const struct outgoing *out, const struct sector_env *env, struct arena *mem,
			struct why *why) MUST_USE;
/* The column that a path stands in ("info_request.questions[0].text" -> "questions.text"); NULL: of no kind that has rows. */
const char *csv_kind_column(const char *path, struct arena *mem);

#endif
