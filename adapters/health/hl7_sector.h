/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_sector - HL7 v2 as one of the health sector's formats: REF and RRI, OMG, ORM and OSU, SIU and ORU in and out, alone and in
 * batches; ACK and RRI as answers.
 *
 * The four functions are those of struct sector (adapters/core/sector.h), pure like them; health/sector.c calls them for
 * FORMAT_HL7. `bytes` is one message, or coming in one batch, without the MLLP frame, in the charset that MSH-18 names. MAPPING-hl7.md is the manual.
 */
#ifndef HEALTH_HL7_SECTOR_H
#define HEALTH_HL7_SECTOR_H

#include "adapters/core/sector.h"

/* One message to one item and one for each part of its files; of a batch each message is a row. A status request gives none.
 * ret_intake->control_id is MSH-10 even when the message is refused, NULL if it has none. */
void health_hl7_to_records(const struct native *in, const struct sector_env *env, struct arena *mem, struct intake *ret_intake);
/* The acknowledgement, without MLLP frame: ACK with MSA (and ERR), in the charset of the message; where two are due the second is
 * in ret_answer->then, but for a folder's file and a batch, which hold both. Empty bytes when MSH-15 and MSH-16 ask for none. Whatever `in`
 * holds, even no MSH at all, gets an answer. */
enum err health_hl7_answer(const struct native *in, const struct intake *intake, const struct sector_env *env,
			   struct arena *mem, struct native *ret_answer) MUST_USE;
/* A referral to REF^I12, a status to RRI^I12 (to the initiator) or REF^I13 and I14 (to the recipient), or both to orders and
 * appointments (MAPPING-hl7.md says when), any other kind to ORU^R01; version 2.5.1, in the charset wanted (sector.h); the stages
 * "registered" and "refused" to RRI^I12 or an order's status. Other stages give empty bytes. */
enum err health_hl7_from_record(const struct outgoing *out, enum format format, const struct sector_env *env,
				struct arena *mem, struct native *ret_native, struct why *why) MUST_USE;
/* The answer to what from_record made. OK with *ret_case_no: AA and RF1-11 stands in it. OK with NULL: taken (CA or AA).
 * ERR_PEER_REFUSED: CE, or no answer at all: again later. A REJECT verdict: AE, AR, CR, or an answer to something else. */
enum err health_hl7_read_answer(const struct outgoing *out, const struct native *answer, struct arena *mem,
				const char **ret_case_no, struct why *why) MUST_USE;

#endif
