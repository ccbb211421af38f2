/* SPDX-License-Identifier: EUPL-1.2 */
/* place - line and column, in an agency's own file, of what a fault is about.
 *
 * Faults name a path of the record or a place of the format; this looks for it in the text. A place that is missing gives the
 * nearest one around it. Pure; texts are UTF-8 or single-byte, columns count characters of the file.
 */
#ifndef VALIDATE_PLACE_H
#define VALIDATE_PLACE_H

#include "proto/base/bytes.h"

struct place { unsigned line, col; };	/* 1-based; 0: unknown */

/* The value at `path` ("child.ids[0].value") of a JSON text, from the byte `from` on. */
struct place place_in_json(struct span text, size_t from, const char *path);
/* Where the JSON object of that resourceType begins; 0 if there is none. For a FHIR path "Patient.birthDate". */
struct place place_in_fhir(struct span text, const char *path);
/* "PID-7", "NK1[2]-3": the field in its segment. */
struct place place_in_hl7(struct span text, const char *where);
/* The cell of the `column`th (0-based) column, in the row that begins at `line`. */
struct place place_in_csv(struct span text, unsigned line, unsigned column, char separator);

#endif
