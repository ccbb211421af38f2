/* SPDX-License-Identifier: EUPL-1.2 */
/* conference_paper - what people say at a conference of all agencies between which stands a hub on paper: party 0 calls it. Header-only.
 *
 * Words are "kind path=value path=value"; a path begins in the body that the kind names.
 */
#ifndef SUPPORT_CONFERENCE_PAPER_H
#define SUPPORT_CONFERENCE_PAPER_H

#include "adapters/core/flights.h"
#include "adapters/core/intake.h"
#include "adapters/core/promise.h"
#include "proto/kind.h"
#include "tests/support/paper_hub.h"

#define PAPER_CONFERENCE "К-1"

static inline struct record *
paper_record(struct paper *p, const char *words)
{
	char *text = arena_str(p->mem, words), *save = NULL;
	struct record *record = record_new(p->mem, "record");
	const char *kind = strtok_r(text, " ", &save);
	struct why why = { .text = "" };

	assert_int_equal(record_set(record, p->mem, "kind", kind, &why), OK);
	for (char *pair; (pair = strtok_r(NULL, " ", &save)) != NULL;) {
		char *value = strchr(pair, '=');

		assert_non_null(value);
		*value++ = '\0';
		if (record_set(record, p->mem, arena_fmt(p->mem, "%s.%s", kind_by_code(kind)->body, pair), value, &why) != OK)
			fail_msg("%s: %s", pair, why.text);
	}
	return record;
}

/* The system of party i says it; what the adapter makes of it. */
static inline enum err
paper_say(struct paper *p, size_t i, const char *words, struct why *ret_why)
{
	static unsigned n;
	struct adapter *a = p->party[i].desk.adapter;
	struct intake_item item = { .record = paper_record(p, words), .native_id = arena_fmt(p->mem, "said-%u", ++n) };
	struct txn *txn;

	arena_reset(a->mem);
	txn = store_write(a->p.store);
	assert_int_equal(intake_item(a, txn, &item, NULL), OK);
	if (item.e == OK)
		assert_int_equal(txn_commit(txn), OK);
	else
		txn_abort(txn);
	assert_int_equal(flights_submit(a), OK);
	if (ret_why)
		*ret_why = item.why;
	return item.e;
}

static inline void
paper_must(struct paper *p, size_t i, const char *words)
{
	struct why why;
	enum err e = paper_say(p, i, words, &why);

	if (e != OK)
		fail_msg("%s: %s at %s: %s", words, err_name(e), why.where, why.text);
	paper_run(p);
}

static inline void
paper_call(struct paper *p)
{
	const char *words = "conference-invite conference_id=" PAPER_CONFERENCE " case_ref=17 mechanism=violence urgency=urgent "
			    "start=2026-12-01T08:00:00Z place_or_link=зала";

	for (unsigned i = 0; i + 1 < PAPER_PARTIES; i++)
		words = arena_fmt(p->mem, "%s members[%u].agency=%s members[%u].role=required", words, i, world_ids[i + 1], i);
	paper_must(p, 0, words);
}

/* A commitment of party `owner`. */
static inline const char *
paper_commitment(struct paper *p, const char *id, size_t owner, const char *due, const char *more)
{
	return arena_fmt(p->mem, "commitment commitment_id=%s conference_id=" PAPER_CONFERENCE " owner_agency=%s action_code=home-visit "
			 "text=дело due=%s measurable_result=доклад %s", id, world_ids[owner], due, more);
}

static inline const char *
paper_update(struct paper *p, const char *id, const char *state, const char *more)
{
	return arena_fmt(p->mem, "commitment-update commitment_id=%s conference_id=" PAPER_CONFERENCE " state=%s %s", id, state, more);
}

/* The row of a commitment at party `i`. */
static inline struct promise_row
paper_promise(struct paper *p, size_t i, const char *id)
{
	struct thread t = paper_thread(p, i, PAPER_CONFERENCE);
	struct txn *txn = store_read(p->party[i].desk.store);
	struct promise_row row;

	(void)promise_find(txn, &t.id, id, &row);
	txn_abort(txn);
	return row;
}

/* Called, answered, decided, with a commitment A of party 1 and, where there are more than two, B of party 2, which asks for another day. */
static inline struct paper *
paper_council(void)
{
	struct paper *p = paper_up();

	paper_call(p);
	for (size_t i = 1; i < PAPER_PARTIES; i++)
		paper_must(p, i, "conference-rsvp conference_id=" PAPER_CONFERENCE " answer=accept");
	paper_must(p, 0, "conference-decision conference_id=" PAPER_CONFERENCE " result=decided text=план");
	paper_must(p, 0, paper_commitment(p, "A", 1, "2026-12-24", ""));
	paper_must(p, 1, paper_update(p, "A", "accepted", ""));
	if (PAPER_PARTIES == 2)
		return p;
	paper_must(p, 0, paper_commitment(p, "B", 2, "2026-12-24", ""));
	paper_must(p, 2, paper_update(p, "B", "accepted", ""));
	paper_must(p, 2, paper_update(p, "B", "in-progress", "new_due=2026-12-28 reason=чакане progress_text=начало"));
	return p;
}

#endif
