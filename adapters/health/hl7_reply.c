/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_reply - what another system's answer to our message means: registered, taken, later, or never.
 *
 * Whatever comes back is told from an answer about something else first. The table is in MAPPING-hl7.md, "Answers".
 */
#include "adapters/health/hl7_sector.h"

#include <stdlib.h>

#include "adapters/health/hl7.h"
#include "adapters/health/hl7_asked.h"
#include "adapters/health/hl7_control.h"

/* Table 0008. */
static bool
is_code(const char *code)
{
	static const char *const CODES[] = { "AA", "AE", "AR", "CA", "CE", "CR" };

	for (size_t i = 0; i < sizeof(CODES) / sizeof(CODES[0]); i++)
		if (strcmp(CODES[i], code) == 0)
			return true;
	return false;
}

static bool
is_text(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* It answers our message and names another referral: a number in it may be that one's. */
static bool
names_another(const struct hl7 *m, const struct outgoing *out)
{
	const char *number = hl7_number_asked(m), *ref = NULL;

	if (out->referral && out->referral->referral)
		ref = out->referral->referral->referral_id;
	return number && ref && strcmp(number, ref) != 0 && !is_text(number, out->case_no) && !is_text(number, out->external_no);
}

/* Is it about what we sent? By MSA-2, or, since some systems put something else there, by the referral's number. */
static bool
is_ours(const struct hl7 *m, const struct outgoing *out, struct arena *mem)
{
	const char *about = hl7_get(m, hl7_find(m, "MSA", 1), 2, 1, 0), *number = hl7_number_asked(m);
	const char *sent = hl7_control_id(out, mem), *ref = NULL;

	if (about && sent && strcmp(about, sent) == 0)
		return true;
	if (out->referral && out->referral->referral)
		ref = out->referral->referral->referral_id;
	return number && ref && strcmp(number, ref) == 0;
}

/* What goes on in the thread of a referral has no number of its own: its application's AA is all the confirmation there can be. It is
 * registered under the case's number, which in the system that sent the referral is the referral's. A referral received needs
 * a number that is new. */
static const char *
own_number(const struct outgoing *out)
{
	if (!out->record || out->record->referral || !out->referral || !out->referral->referral)
		return NULL;
	return out->is_initiator ? out->referral->referral->referral_id : out->case_no;
}

/* Their error code of table 0357: ERR-3, before 2.5 ERR-1.4, else MSA-6. 0: none. */
static unsigned
their_code(const struct hl7 *m)
{
	const struct hl7_segment *err = hl7_find(m, "ERR", 1);
	const char *code = hl7_get(m, err, 3, 1, 1);

	if (!code)
		code = hl7_get(m, err, 1, 1, 4);
	if (!code)
		code = hl7_get(m, hl7_find(m, "MSA", 1), 6, 1, 1);
	return code && strlen(code) <= 3 ? (unsigned)strtoul(code, NULL, 10) : 0;
}

enum err
health_hl7_read_answer(const struct outgoing *out, const struct native *answer, struct arena *mem, const char **ret_case_no,
		       struct why *why)
{
	const char *code;
	unsigned number;
	struct hl7 m;

	*ret_case_no = NULL;
	if (answer->bytes.n == 0 || hl7_parse(answer->bytes, answer->charset, mem, &m, NULL) != OK)
		return why_set(why, ERR_PEER_REFUSED, NULL, "the answer is no HL7 message");
	if (!(code = hl7_get(&m, hl7_find(&m, "MSA", 1), 1, 1, 1)))
		return why_set(why, ERR_PEER_REFUSED, "MSA-1", "the answer has no acknowledgement code");
	if (!is_code(code))	/* no word of a refusal: nothing that could not be asked again */
		return why_set(why, ERR_PEER_REFUSED, "MSA-1", "the answer's acknowledgement code is none");
	if (!is_ours(&m, out, mem))
		return why_set(why, ERR_PEER_REFUSED, "MSA-2", "the answer is about another message");
	if (strcmp(code, "AA") == 0 || strcmp(code, "CA") == 0) {
		if (names_another(&m, out))
			return OK;
		*ret_case_no = hl7_get(&m, hl7_find(&m, "RF1", 1), 11, 1, 1);
		if (!*ret_case_no)
			*ret_case_no = hl7_get(&m, hl7_find(&m, "ORC", 1), 3, 1, 1);
		if (!*ret_case_no && strcmp(code, "AA") == 0)
			*ret_case_no = own_number(out);
		return OK;
	}
	number = their_code(&m);
	if (strcmp(code, "CE") == 0 || number == 206 || (number == 207 && strcmp(code, "AR") == 0))
		return why_set(why, ERR_PEER_REFUSED, "MSA-1", "the system cannot take it now (%u)", number);
	return why_set(why, ERR_UNSUPPORTED, "MSA-1", "the system refused it for good (%u)", number);
}
