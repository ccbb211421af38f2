/* SPDX-License-Identifier: EUPL-1.2 */
/* escalation - the report is made when its time comes, kept as an errand, and sealed when that is possible. */
#include "adapters/core/escalation.h"

#include "adapters/core/begin.h"
#include "adapters/core/casework.h"
#include "adapters/core/fill.h"
#include "adapters/core/promise.h"

/* A directory names the coordinator of an oblast under the number 00 that no municipality has: "PDV00". NULL: none, or it is we. */
static const char *
oblast_coordinator(struct adapter *a)
{
	const struct directory *d = contacts_directory(a->p.contacts);
	const struct agency *us = directory_find(d, a->p.config->agency);
	const char *found;

	if (us == NULL || strlen(us->municipality) < 3)
		return NULL;
	found = directory_coordinator(d, arena_fmt(a->mem, "%.3s00", us->municipality));
	return found && strcmp(found, us->id) != 0 ? found : NULL;
}

static bool
find_by_message(struct txn *txn, const struct thread_id *thread, const struct msgid *message, struct promise_row *row)
{
	memset(row, 0, sizeof(*row));
	while (promise_next(txn, thread, row))
		if (msgid_eq(&row->message, message))
			return true;
	return false;
}

enum err
escalation_due(struct adapter *a, struct txn *txn, const struct duty *d)
{
	struct record *version, *record = record_new(a->mem, "record");
	struct overdue *o = record_new(a->mem, "overdue");
	struct promise_row row;
	struct thread t;
	uint8_t random[8];
	char hex[2 * sizeof(random) + 1];
	uint32_t stands;
	enum err e;

	if (oblast_coordinator(a) == NULL || !casebook_find(txn, &d->thread, &t) || !t.is_initiator ||
	    !find_by_message(txn, &d->thread, &d->about, &row))
		return OK;
	if (record == NULL || o == NULL)
		return ERR_TOOBIG;
	stands = council_promise_version(&row.said, &promise_all);
	e = promise_paper(a, txn, &t.id, PAPER_VERSION, promise_version_name(a->mem, row.id, stands), a->mem, &version);
	if (e != OK || version == NULL)
		return e;
	core_random(a, random, sizeof(random));
	bytes_hex(random, sizeof(random), hex);
	*o = (struct overdue){
		.report_id = arena_fmt(a->mem, "overdue-%s", hex), .conference_id = t.referral_id, .commitment_id = row.id,
		.version = record_int(a->mem, stands), .owner_agency = row.owner, .action_code = version->commitment->action_code,
		.due = version->commitment->due,
		.state = council_promise_code(council_promise_state(&row.said, &promise_all)),
	};
	record->kind = "commitment-overdue";
	record->case_id = arena_copy(a->mem, t.case_id, sizeof(t.case_id));
	record->created = record_int(a->mem, core_now(a));
	record->source = "nasoka";
	record->overdue = o;
	return casework_keep(a, txn, &t, record);
}

enum err
escalation_report(struct adapter *a, struct txn *txn, const struct thread *t, struct record *record, struct why *why)
{
	struct intake_item item = { .record = record };
	struct thread report = { .topic = TOPIC_REPORT, .is_initiator = true, .state = STATE_REQUESTED, .base = STATE_REQUESTED, .priority = t->priority };
	const char *to = oblast_coordinator(a);
	struct outbound o;
	enum err e;

	if (to == NULL)
		return why_set(why, ERR_UNROUTABLE, "to", "the directory names no coordinator of the oblast");
	core_random(a, report.id.b, THREAD_LEN);
	memcpy(report.case_id, t->case_id, sizeof(report.case_id));
	if ((e = casebook_join(&report, to)) != OK || (e = fill_record(a, record, report.case_id, why)) != OK ||
	    (e = record_check(record, why)) != OK)
		return e;
	e = begin_open(a, txn, &item, &report, record->overdue->report_id, &o);
	*why = item.why;
	return e;
}
