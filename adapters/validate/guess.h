/* SPDX-License-Identifier: EUPL-1.2 */
/* guess - of which format a file is, and which sector reads it, where nobody says so. */
#ifndef VALIDATE_GUESS_H
#define VALIDATE_GUESS_H

#include "adapters/core/sector.h"

/* `said`: the sector that was said, or NULL. Never FORMAT_NONE: what looks like nothing is read as JSON. */
enum format guess_format(struct span bytes, const char *file, const struct sector *said);
const struct sector *guess_sector(enum format format);	/* never NULL */

/* By their words on the command line: "json", "xml", "csv", "hl7", "fhir", "nhis", "oscar", "primero"; "social", "health", "education". */
enum format guess_format_named(const char *word);		/* FORMAT_NONE: there is none */
const struct sector *guess_sector_named(const char *word);	/* NULL: there is none, or no word */
const char *guess_word(enum format format);			/* NULL: it has none */

#endif
