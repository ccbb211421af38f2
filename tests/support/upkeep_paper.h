/* SPDX-License-Identifier: EUPL-1.2 */
/* upkeep_paper - two adapters, a referral between them, and what each says is asked for. */
#ifndef TESTS_UPKEEP_PAPER_H
#define TESTS_UPKEEP_PAPER_H

#include "tests/support/paper_hub.h"

#include "adapters/core/duty.h"
#include "adapters/core/withdraw.h"

static inline void
upkeep_say(struct paper *p, size_t i, const char *id, const char *to, const char *more)
{
	const char *answer = paper_take(p, i, adesk_status(p->mem, id, "R-1", to, more));

	assert_non_null(answer);
	if (strncmp(answer, "OK ", 3) != 0)
		fail_msg("%s", answer);
	paper_run(p);
}

static inline struct paper *
upkeep_referred(void)
{
	struct paper *p = paper_up();

	paper_refer(p, "R-1", "routine");
	paper_run(p);
	return p;
}

/* The row that asks for `fact` at party `i`, if one stands open; *ret_n: how many do. */
static inline struct duty
upkeep_asked(struct paper *p, size_t i, int fact, unsigned *ret_n)
{
	struct txn *txn = store_read(p->party[i].desk.store);
	struct duty d = { .no = 0 }, found = { .no = 0 };

	*ret_n = 0;
	while (duty_next(txn, d.no, &d))
		if (d.upkeep == fact && !d.is_kept_up) {
			found = d;
			++*ret_n;
		}
	txn_abort(txn);
	return found;
}

static inline unsigned
upkeep_n_asked(struct paper *p, size_t i, int fact)
{
	unsigned n;

	(void)upkeep_asked(p, i, fact, &n);
	return n;
}

static inline void
upkeep_both_at(struct paper *p, int64_t at_ms)
{
	for (size_t i = 0; i < 2; i++)
		paper_tick(p, i, i == 0 ? at_ms - p->now_ms : 0);
	paper_run(p);
}

static inline unsigned
upkeep_times_told(struct paper *p, size_t i, const char *text)
{
	unsigned n = 0;

	for (const char *at = p->party[i].told; (at = strstr(at, text)) != NULL; at++)
		n++;
	return n;
}

/* Party `i` takes back what it said last, and both hear of it. */
static inline void
upkeep_take_back(struct paper *p, size_t i)
{
	struct txn *txn = store_read(p->party[i].desk.store);
	struct thread t = paper_thread(p, i, "R-1");
	char id[MSGID_TEXT_LEN] = "";
	struct why why = { 0 };
	struct outbound o;

	for (uint64_t seq = 1; seq <= 64; seq++)
		if (outbox_get(txn, seq, &o) && o.class == CLASS_DATA && o.thread_seq == t.my_seq)
			msgid_format(&o.first, id);
	txn_abort(txn);
	assert_int_equal(withdraw_ask(p->party[i].desk.adapter, id, &why), OK);
	paper_run(p);
	p->party[i].n_sent = 0;
}

#endif
