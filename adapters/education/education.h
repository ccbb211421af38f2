/* SPDX-License-Identifier: EUPL-1.2 */
/* education - the sector of schools and kindergartens: tables in a folder, both ways.
 *
 * The functions are those of struct sector (adapters/core/sector.h), pure like them. MAPPING.md is the manual of the tables.
 */
#ifndef EDUCATION_EDUCATION_H
#define EDUCATION_EDUCATION_H

#include "adapters/core/sector.h"

extern const struct sector education_sector;

/* One item a row, in the order of the rows that are not empty; in a table of records one a record. */
void education_to_records(const struct native *in, const struct sector_env *env, struct arena *mem, struct intake *ret_intake);
/* The result table, in the charset and with the separator of the table that came. */
enum err education_answer(const struct native *in, const struct intake *intake, const struct sector_env *env,
			  struct arena *mem, struct native *ret_answer) MUST_USE;
/* A referral as a table of one row, a status or a registration likewise, another kind as a table of records (a file that came, as a
 * row that names it), a refusal as a result table; other stages give empty bytes. In the charset wanted (sector.h); UTF-8 has a byte order mark. */
enum err education_from_record(const struct outgoing *out, enum format format, const struct sector_env *env,
			       struct arena *mem, struct native *ret_native, struct why *why) MUST_USE;

#endif
