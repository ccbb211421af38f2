/* SPDX-License-Identifier: EUPL-1.2 */
/* duty - rows by place, found by thread, message and recipient, and by the moment when they are to be looked at again.
 *
 * One row of the index for each duty: so that a tick looks at what is due, however many stand.
 */
#include "adapters/core/duty.h"

#include <stdio.h>

#include "adapters/core/storage.h"
#include "proto/base/clock.h"

#define DUTY_VERSION 6
#define DUTY_WITHOUT_ASSESSMENT 5	/* the versions before: read, not written */
#define DUTY_WITHOUT_KEEPERS 4
#define DUTY_WITHOUT_ANSWERS 3
#define NEVER INT64_MAX
#define BIT(fact) (1u << (fact))

/* -- rows -- */

static void
ids_encode(struct buf *b, const struct msgid *ids, unsigned n)
{
	buf_u8(b, (uint8_t)n);
	for (unsigned i = 0; i < n; i++)
		buf_add(b, ids[i].b, MSGID_LEN);
}

static struct span
duty_encode(const struct duty *d, struct arena *mem)
{
	struct buf b;

	buf_init(&b, mem);
	buf_u8(&b, DUTY_VERSION);
	buf_add(&b, d->about.b, MSGID_LEN);
	buf_add(&b, d->thread.b, THREAD_LEN);
	buf_var(&b, span_str(d->from));
	buf_var(&b, span_str(d->to));
	buf_u8(&b, (uint8_t)d->priority);
	buf_u8(&b, (uint8_t)d->ask);
	buf_u64(&b, (uint64_t)d->created_ms);
	buf_u64(&b, (uint64_t)d->registered_by_ms);
	buf_u64(&b, (uint64_t)d->respond_by_ms);
	buf_u64(&b, (uint64_t)d->expires_ms);
	buf_u64(&b, (uint64_t)d->silent_ms);
	buf_u64(&b, (uint64_t)d->promised_ms);
	buf_u64(&b, (uint64_t)d->escalate_ms);
	buf_u8(&b, (uint8_t)(d->is_ours | d->is_registered << 1 | d->is_answered << 2 | d->is_kept << 3 | d->is_kept_up << 4));
	buf_u8(&b, (uint8_t)d->upkeep);
	buf_u64(&b, (uint64_t)d->upkeep_ms);
	buf_u64(&b, (uint64_t)d->settled_ms);
	buf_u32(&b, d->stages);
	for (int fact = 1; fact < DUTY_FACTS; fact++) {
		buf_u64(&b, (uint64_t)d->said[fact].at_ms);
		buf_u64(&b, (uint64_t)d->said[fact].due_ms);
		buf_u8(&b, d->said[fact].is_hubs);
	}
	buf_u32(&b, d->unmailed);
	buf_u32(&b, d->digested);
	buf_u64(&b, (uint64_t)d->due_ms);
	ids_encode(&b, d->answers, d->n_answers);
	ids_encode(&b, d->keepers, d->n_keepers);
	return buf_bytes(&b);
}

/* False: too many. */
static bool
ids_decode(struct cursor *c, struct msgid *ids, unsigned *ret_n)
{
	*ret_n = cursor_u8(c);
	if (*ret_n > DUTY_ANSWERS)
		return false;
	for (unsigned i = 0; i < *ret_n; i++)
		cursor_copy(c, ids[i].b, MSGID_LEN);
	return true;
}

static bool
duty_decode(struct span bytes, struct duty *d)
{
	struct cursor c;
	uint8_t bits, version;
	int n_facts;

	memset(d, 0, sizeof(*d));
	cursor_init(&c, bytes);
	version = cursor_u8(&c);
	if (version < DUTY_WITHOUT_ANSWERS || version > DUTY_VERSION)
		return false;
	n_facts = version > DUTY_WITHOUT_ASSESSMENT ? DUTY_FACTS : DUTY_UNASSESSED;
	cursor_copy(&c, d->about.b, MSGID_LEN);
	cursor_copy(&c, d->thread.b, THREAD_LEN);
	storage_text(&c, d->from, sizeof(d->from));
	storage_text(&c, d->to, sizeof(d->to));
	d->priority = (enum priority)cursor_u8(&c);
	d->ask = (enum ask)cursor_u8(&c);
	d->created_ms = (int64_t)cursor_u64(&c);
	d->registered_by_ms = (int64_t)cursor_u64(&c);
	d->respond_by_ms = (int64_t)cursor_u64(&c);
	d->expires_ms = (int64_t)cursor_u64(&c);
	d->silent_ms = (int64_t)cursor_u64(&c);
	d->promised_ms = (int64_t)cursor_u64(&c);
	d->escalate_ms = (int64_t)cursor_u64(&c);
	bits = cursor_u8(&c);
	d->is_ours = (bits & 1) != 0;
	d->is_registered = (bits & 2) != 0;
	d->is_answered = (bits & 4) != 0;
	d->is_kept = (bits & 8) != 0;
	d->is_kept_up = (bits & 16) != 0;
	d->upkeep = cursor_u8(&c);
	d->upkeep_ms = (int64_t)cursor_u64(&c);
	d->settled_ms = (int64_t)cursor_u64(&c);
	d->stages = cursor_u32(&c);
	for (int fact = 1; fact < n_facts; fact++) {
		d->said[fact].at_ms = (int64_t)cursor_u64(&c);
		d->said[fact].due_ms = (int64_t)cursor_u64(&c);
		d->said[fact].is_hubs = cursor_u8(&c) != 0;
	}
	d->unmailed = cursor_u32(&c);
	d->digested = cursor_u32(&c);
	d->due_ms = (int64_t)cursor_u64(&c);
	if ((version > DUTY_WITHOUT_ANSWERS && !ids_decode(&c, d->answers, &d->n_answers)) ||
	    (version > DUTY_WITHOUT_KEEPERS && !ids_decode(&c, d->keepers, &d->n_keepers)))
		return false;
	return cursor_end(&c) == OK;
}

static size_t
name_key(uint8_t key[THREAD_LEN + MSGID_LEN + AGENCY_ID_MAX], const struct duty *d)
{
	size_t n = strlen(d->to);

	memcpy(key, d->thread.b, THREAD_LEN);
	memcpy(key + THREAD_LEN, d->about.b, MSGID_LEN);
	memcpy(key + THREAD_LEN + MSGID_LEN, d->to, n);
	return THREAD_LEN + MSGID_LEN + n;
}

static void
due_key(uint8_t key[16], const struct duty *d)
{
	struct key8 due = storage_key((uint64_t)d->due_ms), no = storage_key(d->no);

	memcpy(key, due.b, 8);
	memcpy(key + 8, no.b, 8);
}

bool
duty_get(struct txn *txn, uint64_t no, struct duty *ret_duty)
{
	struct key8 key = storage_key(no);
	struct span row = txn_get(txn, TABLE_DUTY, SPAN(key.b, 8));

	if (row.p == NULL || !duty_decode(row, ret_duty))
		return false;
	ret_duty->no = no;
	return true;
}

bool
duty_find(struct txn *txn, const struct thread_id *thread, const struct msgid *about, const char *to, struct duty *ret_duty)
{
	struct duty named = { .thread = *thread, .about = *about };
	uint8_t key[THREAD_LEN + MSGID_LEN + AGENCY_ID_MAX];
	struct span no;

	snprintf(named.to, sizeof(named.to), "%s", to);
	no = txn_get(txn, TABLE_DUTY_NAME, SPAN(key, name_key(key, &named)));
	return no.n == 8 && duty_get(txn, storage_number(no), ret_duty);
}

bool
duty_next(struct txn *txn, uint64_t after, struct duty *ret_duty)
{
	struct key8 key = storage_key(after + 1);
	struct walk w;
	bool found = walk_from(txn, TABLE_DUTY, SPAN(key.b, 8), &w) && duty_decode(w.value, ret_duty);

	if (found)
		ret_duty->no = storage_number(w.key);
	walk_end(&w);
	return found;
}

bool
duty_of_thread(struct txn *txn, const struct thread_id *thread, struct duty_at *state, struct duty *ret_duty)
{
	struct walk w;
	uint64_t no = 0;
	bool found;

	if (state->n == 0) {
		memcpy(state->key, thread->b, THREAD_LEN);
		state->n = THREAD_LEN;
	}
	found = walk_from(txn, TABLE_DUTY_NAME, SPAN(state->key, state->n), &w);
	if (found && w.key.n == state->n && memcmp(w.key.p, state->key, state->n) == 0)
		found = walk_next(&w);
	found = found && w.key.n <= sizeof(state->key) && w.key.n > THREAD_LEN && memcmp(w.key.p, thread->b, THREAD_LEN) == 0;
	if (found) {
		state->n = w.key.n;
		memcpy(state->key, w.key.p, w.key.n);
		no = storage_number(w.value);
	}
	walk_end(&w);
	return found && duty_get(txn, no, ret_duty);
}

/* -- what comes next: pure -- */

static void
earlier(int64_t *at, int64_t due_ms, bool is_wanted)
{
	if (is_wanted && due_ms != 0 && due_ms < *at)
		*at = due_ms;
}

static int64_t
last_said(const struct duty *d)
{
	int64_t last = d->created_ms;

	for (int fact = 1; fact < DUTY_FACTS; fact++)
		if (d->said[fact].at_ms > last)
			last = d->said[fact].at_ms;
	return last;
}

static int64_t
forget_at(const struct duty *d)
{
	int64_t from = d->settled_ms ? d->settled_ms : d->is_ours ? 0 : last_said(d);

	return from == 0 ? NEVER : from + DUTY_FORGET_DAYS * CLOCK_DAY;
}

static int64_t
look_at(const struct duty *d)
{
	int64_t at = forget_at(d);
	bool is_open = d->is_ours && d->settled_ms == 0;

	earlier(&at, d->silent_ms, is_open && !d->is_registered && d->said[DUTY_SILENT].at_ms == 0);
	earlier(&at, d->registered_by_ms, is_open && !d->is_registered && d->said[NOTICE_LATE_REGISTERED].at_ms == 0);
	earlier(&at, d->respond_by_ms, is_open && !d->is_answered && d->said[NOTICE_LATE_RESPONSE].at_ms == 0);
	earlier(&at, d->promised_ms, is_open && !d->is_kept && d->said[DUTY_OVERDUE].at_ms == 0);
	earlier(&at, d->escalate_ms, is_open && !d->is_kept && d->said[DUTY_ESCALATED].at_ms == 0);
	earlier(&at, d->upkeep_ms, is_open && d->upkeep != 0 && !d->is_kept_up && d->said[d->upkeep].at_ms == 0);
	return at;
}

static unsigned
say(struct duty *d, int fact, int64_t due_ms, bool is_wanted, int64_t now_ms)
{
	if (!is_wanted || due_ms == 0 || due_ms > now_ms || d->said[fact].at_ms != 0)
		return 0;
	d->said[fact] = (struct said){ .at_ms = now_ms, .due_ms = due_ms };
	return BIT(fact);
}

unsigned
duty_turn(struct duty *d, int64_t now_ms)
{
	if (!d->is_ours || d->settled_ms != 0)
		return 0;
	return say(d, DUTY_SILENT, d->silent_ms, !d->is_registered, now_ms) |
	       say(d, NOTICE_LATE_REGISTERED, d->registered_by_ms, !d->is_registered, now_ms) |
	       say(d, NOTICE_LATE_RESPONSE, d->respond_by_ms, !d->is_answered, now_ms) |
	       say(d, DUTY_OVERDUE, d->promised_ms, !d->is_kept, now_ms) |
	       say(d, DUTY_ESCALATED, d->escalate_ms, !d->is_kept, now_ms) |
	       (d->upkeep != 0 ? say(d, d->upkeep, d->upkeep_ms, !d->is_kept_up, now_ms) : 0);
}

bool
duty_is_over(const struct duty *d, int64_t now_ms)
{
	return forget_at(d) <= now_ms;
}

/* As the hub judges it. */
bool
duty_holds(const struct duty *d, int fact)
{
	bool is_of_answer = fact == NOTICE_LATE_RESPONSE || (fact == NOTICE_HALF_TIME && d->registered_by_ms == 0) ||
			    ((fact == NOTICE_EXPIRING || fact == NOTICE_EXPIRED) && d->respond_by_ms != 0);

	if (fact == DUTY_OVERDUE || fact == DUTY_ESCALATED)
		return !d->is_kept;
	if (fact == DUTY_UNREVIEWED || fact == DUTY_ACKNOWLEDGED || fact == DUTY_UNASSESSED)
		return !d->is_kept_up;
	return is_of_answer ? !d->is_answered : !d->is_registered;
}

int
duty_fact(const struct duty *d)
{
	static const int gravest_first[] = {
		DUTY_ESCALATED, DUTY_OVERDUE, NOTICE_EXPIRED, NOTICE_LATE_RESPONSE, NOTICE_LATE_REGISTERED, DUTY_UNASSESSED, DUTY_UNREVIEWED,
		NOTICE_EXPIRING, DUTY_SILENT, NOTICE_HALF_TIME, DUTY_ACKNOWLEDGED,
	};

	if (d->settled_ms != 0)
		return 0;
	for (size_t i = 0; i < sizeof(gravest_first) / sizeof(gravest_first[0]); i++) {
		int fact = gravest_first[i];

		if (d->said[fact].at_ms != 0 && duty_holds(d, fact))
			return fact;
	}
	return 0;
}

bool
duty_owes(const struct duty *d)
{
	return !d->is_registered || (!d->is_answered && d->respond_by_ms != 0) || (!d->is_kept && d->promised_ms != 0) ||
	       (!d->is_kept_up && d->upkeep != 0);
}

const char *
duty_fact_name(int fact)
{
	static const char *const ours[DUTY_FACTS] = {
		[DUTY_SILENT] = "silent", [DUTY_OVERDUE] = "overdue", [DUTY_ESCALATED] = "escalated",
		[DUTY_UNREVIEWED] = "unreviewed", [DUTY_ACKNOWLEDGED] = "acknowledged",
		[DUTY_UNASSESSED] = "unassessed",
	};

	return fact > 0 && fact < DUTY_FACTS && ours[fact] ? ours[fact] : notice_fact_name((enum notice_fact)fact);
}

/* -- changes -- */

static void
unindex(struct txn *txn, const struct duty *d)
{
	uint8_t key[16];

	due_key(key, d);
	if (d->due_ms != 0 && d->due_ms != NEVER)
		txn_del(txn, TABLE_DUTY_DUE, SPAN(key, sizeof(key)));
}

void
duty_del(struct txn *txn, struct duty *d)
{
	uint8_t key[THREAD_LEN + MSGID_LEN + AGENCY_ID_MAX];
	struct key8 no = storage_key(d->no);

	if (d->no == 0)
		return;
	unindex(txn, d);
	txn_del(txn, TABLE_DUTY_NAME, SPAN(key, name_key(key, d)));
	txn_del(txn, TABLE_DUTY, SPAN(no.b, 8));
	txn_del(txn, TABLE_MAIL, SPAN(no.b, 8));
	d->no = 0;
}

static bool
is_anything_said(const struct duty *d)
{
	for (int fact = 1; fact < DUTY_FACTS; fact++)
		if (d->said[fact].at_ms != 0)
			return true;
	return false;
}

/* Places are never given twice, not even after the last row is gone. */
static uint64_t
next_place(struct txn *txn)
{
	struct span last = txn_get(txn, TABLE_META, SPAN_LIT("duty-last"));
	uint64_t no = last.n == 8 ? storage_number(last) + 1 : 1;
	struct key8 key = storage_key(no);

	txn_put(txn, TABLE_META, SPAN_LIT("duty-last"), SPAN(key.b, 8));
	return no;
}

void
duty_put(struct txn *txn, struct arena *mem, struct duty *d, int64_t now_ms)
{
	uint8_t name[THREAD_LEN + MSGID_LEN + AGENCY_ID_MAX], due[16];
	struct key8 no;

	if (d->settled_ms == 0 && !duty_owes(d) && d->n_answers == 0 && d->n_keepers == 0)
		d->settled_ms = now_ms;
	if (d->settled_ms != 0 && !is_anything_said(d)) {
		duty_del(txn, d);
		return;
	}
	if (d->no == 0)
		d->no = next_place(txn);
	else
		unindex(txn, d);
	d->due_ms = look_at(d);
	no = storage_key(d->no);
	txn_put(txn, TABLE_DUTY, SPAN(no.b, 8), duty_encode(d, mem));
	txn_put(txn, TABLE_DUTY_NAME, SPAN(name, name_key(name, d)), SPAN(no.b, 8));
	due_key(due, d);
	if (d->due_ms != NEVER)
		txn_put(txn, TABLE_DUTY_DUE, SPAN(due, sizeof(due)), SPAN(no.b, 8));
}

bool
duty_due(struct txn *txn, int64_t now_ms, uint64_t *ret_no)
{
	struct walk w;
	bool found = walk_from(txn, TABLE_DUTY_DUE, SPAN_NONE, &w) && w.key.n == 16 && (int64_t)storage_number(w.key) <= now_ms;

	if (found)
		*ret_no = storage_number(w.value);
	walk_end(&w);
	return found;
}
