/* SPDX-License-Identifier: EUPL-1.2 */
/* preview_paper - a referral that its recipient sees the preview of first: two adapters on a paper hub. Header-only. */
#ifndef SUPPORT_PREVIEW_PAPER_H
#define SUPPORT_PREVIEW_PAPER_H

#include "tests/support/paper_hub.h"

#include "adapters/core/compose.h"
#include "adapters/core/preview.h"
#include "adapters/core/preview_view.h"

#define SECRET "Измислен случай"	/* what only who opens it may read */

/* Party 1 holds what is referred to it; its door is a webhook, or it polls. R-1 has come. */
static inline struct paper *
held(bool polls)
{
	static const char *const all[] = { "all" };
	struct paper *p = paper_up();
	struct adapter_config *c = &p->party[1].desk.config;

	c->preview.services = all;
	c->preview.n_services = 1;
	if (polls)
		c->egress.referrals.door = c->egress.statuses.door = c->egress.receipts.door = ADAPTER_DOOR_POLLING;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	assert_int_equal(paper_thread(p, 1, "R-1").hold, HOLD_PREVIEW);
	return p;
}

/* What party 1's adapter answers at an address; "NSK-1405 id" where it refuses. */
static inline const char *
asked(struct paper *p, const char *method, const char *path, const char *body)
{
	struct native request = { .format = FORMAT_JSON, .method = method, .path = path, .bytes = span_str(body) }, answer = { 0 };

	assert_int_equal(adapter_request(p->party[1].desk.adapter, &request, NULL, p->mem, &answer), OK);
	return arena_strn(p->mem, answer.bytes.p, answer.bytes.n);
}

static inline void
must_have(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no %s in: %s", part, text);
}

static inline void
must_not_have(const char *text, const char *part)
{
	if (strstr(text, part) != NULL)
		fail_msg("%s in: %s", part, text);
}

/* A step of the referral by party `i`, and what comes of it. */
static inline const char *
step(struct paper *p, size_t i, const char *id, const char *to, const char *more)
{
	const char *answer = paper_take(p, i, adesk_status(p->mem, id, "R-1", to, more));

	assert_non_null(answer);
	paper_run(p);
	return answer;
}

/* Is anything left at party 1 that could be opened? */
static inline bool
has_content(struct paper *p)
{
	struct adapter *a = p->party[1].desk.adapter;
	struct thread t = paper_thread(p, 1, "R-1");
	struct txn *txn = store_read(a->p.store);
	struct span key = SPAN(t.id.b, THREAD_LEN);
	struct record *record = NULL;
	bool has = inbox_record(txn, t.place).p != NULL;

	arena_reset(a->mem);
	if (compose_open(a, "referral", key, arena_span(a->mem, txn_get(txn, TABLE_REFERRAL, key)), a->mem, &record) == OK)
		has |= strcmp(record->referral->reason_text, "–") != 0 || strcmp(record->referral->child->given, "–") != 0;
	txn_abort(txn);
	return has;
}

#endif
