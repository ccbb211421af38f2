/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_asked - MSH-15 and MSH-16 decide. A commit acknowledgement says that the message is taken or refused as a message, an
 * application acknowledgement that its content is; who asks for no word of a bad content is told of it by the commit.
 *
 * Called by hl7_answer.c and hl7_to_record.c.
 */
#include "adapters/health/hl7_asked.h"

#include <string.h>

#include "adapters/core/charset.h"

void
hl7_read_asked(struct span bytes, const char *charset, struct arena *mem, struct hl7_asked *a)
{
	const struct hl7_segment *msh;
	struct hl7 m;
	struct why why;

	*a = (struct hl7_asked){ .charset = CHARSET_UTF8 };
	if (hl7_parse(bytes, charset, mem, &m, &why) != OK && m.n == 0)
		return;
	if (!(msh = hl7_find(&m, "MSH", 1)))
		return;
	a->app = hl7_get(&m, msh, 3, 1, 1);
	a->facility = hl7_get(&m, msh, 4, 1, 1);
	a->to_app = hl7_get(&m, msh, 5, 1, 1);
	a->to_facility = hl7_get(&m, msh, 6, 1, 1);
	a->type = hl7_get(&m, msh, 9, 1, 1);
	a->event = hl7_get(&m, msh, 9, 1, 2);
	a->control_id = hl7_get(&m, msh, 10, 1, 0);
	a->processing = hl7_get(&m, msh, 11, 1, 1);
	a->version = hl7_get(&m, msh, 12, 1, 1);
	a->accept = hl7_get(&m, msh, 15, 1, 1);
	a->application = hl7_get(&m, msh, 16, 1, 1);
	a->charset = m.charset;
	if (m.charset_rep > 0)
		a->charset_said = hl7_get(&m, msh, 18, m.charset_rep, 0);
	a->kind = hl7_kind_of(a->type, a->event);
	a->act = a->kind ? a->kind->act : HL7_STEP;
	if (a->act == HL7_BY_CONTROL && !hl7_kind_by_control(hl7_get(&m, hl7_find(&m, "ORC", 1), 1, 1, 1), &a->act))
		a->act = HL7_STEP;
	a->number = hl7_number_asked(&m);
	a->m = arena_copy(mem, &m, sizeof(m));
}

const char *
hl7_number_asked(const struct hl7 *m)
{
	static const struct { const char *segment; unsigned field; } PLACES[] = {
		{ "RF1", 6 }, { "ORC", 2 }, { "SCH", 26 }, { "OBR", 2 },
	};
	const char *number = NULL;

	for (size_t i = 0; !number && i < sizeof(PLACES) / sizeof(PLACES[0]); i++)
		number = hl7_get(m, hl7_find(m, PLACES[i].segment, 1), PLACES[i].field, 1, 1);
	return number;
}

/* Table 0155. What is none of it counts as AL: a word too many is read past, a refusal that nobody hears is a loss. */
static bool
is_wanted(const char *condition, bool is_error)
{
	if (!condition || strcmp(condition, "NE") == 0)
		return false;
	if (strcmp(condition, "ER") == 0)
		return is_error;
	return strcmp(condition, "SU") != 0 || !is_error;
}

/* Is it not the content, but the form, the kind, or our own trouble? */
static bool
is_about_message(enum err e, const char *where)
{
	return err_verdict(e) != VERDICT_REJECT || e == ERR_SYNTAX || e == ERR_CUT_OFF || e == ERR_CHARSET ||
	       e == ERR_TOOBIG || e == ERR_UNSUPPORTED || e == ERR_VERSION || strncmp(where, "MSH", 3) == 0;
}

void
hl7_acks_due(const struct hl7_asked *a, enum err e, const char *where, struct hl7_due *due)
{
	bool is_form = e != OK && is_about_message(e, where);

	*due = (struct hl7_due){ .commit = NULL };
	if (a->type && (strcmp(a->type, "ACK") == 0 || strcmp(a->type, "MCF") == 0))
		return;		/* answering these would never end */
	if (!a->accept && !a->application) {
		due->application = e == OK ? "AA" : is_form ? "AR" : "AE";
		return;
	}
	if (e == OK || (!is_form && is_wanted(a->application, true))) {
		due->commit = is_wanted(a->accept, false) ? "CA" : NULL;
		due->application = is_wanted(a->application, e != OK) ? (e == OK ? "AA" : "AE") : NULL;
		return;
	}
	if (is_wanted(a->accept, true))
		due->commit = err_verdict(e) == VERDICT_REJECT ? "CR" : "CE";
	else if (is_wanted(a->application, true))
		due->application = "AR";
}
