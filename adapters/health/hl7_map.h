/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_map - which place of an HL7 v2 message is which field of the record: one set of tables, read in both directions.
 *
 * What HL7 has a place for stands in rows of segment fields; every other field of the record travels as an OBX whose OBX-3
 * is its path in the coding system NASOKA. MAPPING-hl7.md explains the choices.
 */
#ifndef HEALTH_HL7_MAP_H
#define HEALTH_HL7_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "adapters/health/hl7_kind.h"
#include "proto/base/arena.h"
#include "proto/base/err.h"
#include "proto/record.h"

#define HL7_SYSTEM "NASOKA"		/* coding system and assigning authority of our own codes */
#define HL7_SYSTEM_SHORT "NSK"	/* read as the same */
#define HL7_AUTHORITY_EGN "GRAO"
#define HL7_AUTHORITY_LNCH "MVR"
#define HL7_VERSION "2.5.1"
/* record.source: by which family of messages it came */
#define HL7_SOURCE "hl7"
#define HL7_SOURCE_ORDER "hl7-order"
#define HL7_SOURCE_OLD_ORDER "hl7-orm"

enum hl7_conv {
	HL7_TEXT,
	HL7_DATE,
	HL7_TIME,
	HL7_CODE,		/* CE: a code of `list`, by its HL7 table, NASOKA or the concept map */
	HL7_NAME,		/* XPN as one text */
	HL7_PERSON,		/* XCN as one text */
	HL7_ADDRESS,		/* XAD */
	HL7_ADDRESSES,		/* XAD repetitions: current (C) is actual_address, the rest address */
	HL7_TELECOM,		/* XTN repetitions: phone and email below the path */
	HL7_IDS,		/* CX repetitions: ids below the path */
};

struct hl7_row {
	unsigned field, comp;
	const char *path;		/* below the table's prefix */
	enum hl7_conv conv;
	const char *list;		/* HL7_CODE */
};

struct hl7_rows {
	const char *segment, *prefix;	/* "NK1", "referral.carers[]." */
	const struct hl7_row *rows;	/* ascending, ends with field 0 */
};

extern const struct hl7_rows HL7_RF1_REFERRAL, HL7_RF1_STATUS, HL7_PID, HL7_NK1, HL7_DG1;

/* XAD: component and field of an address */
struct hl7_address_part { unsigned comp; const char *name; };
extern const struct hl7_address_part HL7_ADDRESS_PARTS[];	/* ends with comp 0 */

/* Paths that have a place of their own in that kind of message, and all below them; each ends with NULL. Every other field of the
 * body travels as an OBX. */
extern const char *const HL7_HELD_REFERRAL[], *const HL7_HELD_STATUS[], *const HL7_HELD_RRI_OF_INITIATOR[];

/* HL7's code for ours; NULL if its table has none. *ret_table is "HL70280". */
const char *hl7_code_out(const char *list, const char *ours, const char **ret_table);
const char *hl7_code_in(const char *list, const char *theirs);		/* ours; NULL if unknown */

/* RF1-1 and OBR-25 for a state, and back (result may be NULL); NULL if RF1-1 is none of A E P R. */
void hl7_state_out(const char *state, const char **ret_rf1, const char **ret_obr25);
const char *hl7_state_in(const char *rf1, const char *obr25);

/* "referral.child.birth_date" -> "PID-7", in a message of that family; NULL if the path has no place of its own. */
const char *hl7_place_of(const char *path, enum hl7_family family, struct arena *mem);
/* `path` with its first "[]" made "[index]" (or, with index < 0, left out) */
const char *hl7_path_index(const char *path, int index, struct arena *mem);

#endif
