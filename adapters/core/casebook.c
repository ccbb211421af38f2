/* SPDX-License-Identifier: EUPL-1.2 */
/* casebook - rows of threads and of the numbers that lead to them.
 *
 * Number keys: role u8 ('i' ours, 'r' received, 'c' case number, 'g' group), number, NUL, other agency. A number that two senders use, or
 * a case number of two referrals (its row is empty then), names none of them: a status must never go to the wrong child.
 */
#include "adapters/core/casebook.h"

#include <stdio.h>

#include "adapters/core/storage.h"

#define THREAD_VERSION 9
#define THREAD_WITHOUT_PAST 8	/* the versions before: read, not written */
#define THREAD_WITHOUT_STEPS 7
#define CASE_KEY (16 + THREAD_LEN)
#define NUMBER_KEY_MAX (1 + NUMBER_LEN + AGENCY_ID_MAX + 1)

struct thread_party *
casebook_party(struct thread *t, const char *agency)
{
	for (size_t i = 0; i < t->n_others; i++)
		if (strcmp(t->others[i].agency, agency) == 0)
			return &t->others[i];
	return NULL;
}

enum err
casebook_join(struct thread *t, const char *agency)
{
	struct thread_party *p;

	if (casebook_party(t, agency))
		return OK;
	if (t->n_others == ENVELOPE_TO_MAX)
		return ERR_TOOMANY;
	p = &t->others[t->n_others++];
	*p = (struct thread_party){ .taken = 0 };
	snprintf(p->agency, sizeof(p->agency), "%s", agency);
	return OK;
}

struct span
casebook_place(const struct thread_id *thread, const char *agency, uint64_t seq, struct thread_place *place)
{
	size_t n = strnlen(agency, AGENCY_ID_MAX), at = THREAD_LEN + 1 + n;
	struct key8 k = storage_key(seq);

	memcpy(place->b, thread->b, THREAD_LEN);
	place->b[THREAD_LEN] = (uint8_t)n;
	memcpy(place->b + THREAD_LEN + 1, agency, n);
	memcpy(place->b + at, k.b, sizeof(k.b));
	return SPAN(place->b, at + (seq ? sizeof(k.b) : 0));
}

const char *
casebook_state(const struct thread *t)
{
	if (t->topic == TOPIC_REPORT)
		return "reported";
	return t->topic == TOPIC_CONFERENCE ? council_state_code(t->conference) : lifecycle_state_code(t->state);
}

static void
parties_decode(struct cursor *c, struct thread *t)
{
	t->n_others = cursor_u8(c);
	if (t->n_others > ENVELOPE_TO_MAX) {
		c->e = ERR_FORMAT;
		t->n_others = 0;
	}
	for (size_t i = 0; i < t->n_others; i++) {
		storage_text(c, t->others[i].agency, sizeof(t->others[i].agency));
		t->others[i].taken = cursor_u64(c);
		t->others[i].basis = cursor_u64(c);
		t->others[i].known = cursor_u64(c);
	}
}

static void
parties_encode(struct buf *b, const struct thread *t)
{
	buf_u8(b, (uint8_t)t->n_others);
	for (size_t i = 0; i < t->n_others; i++) {
		buf_var(b, span_str(t->others[i].agency));
		buf_u64(b, t->others[i].taken);
		buf_u64(b, t->others[i].basis);
		buf_u64(b, t->others[i].known);
	}
}

static void
steps_decode(struct cursor *c, uint8_t version, struct thread *t)
{
	t->base = (enum state)cursor_u8(c);
	t->n_steps = cursor_u8(c);
	if (t->n_steps > THREAD_STEPS_MAX) {
		c->e = ERR_FORMAT;
		t->n_steps = 0;
	}
	for (size_t i = 0; i < t->n_steps; i++) {
		struct thread_step *s = &t->steps[i];
		uint8_t bits;

		cursor_copy(c, s->id.b, MSGID_LEN);
		s->from = (enum state)cursor_u8(c);
		s->to = (enum state)cursor_u8(c);
		bits = cursor_u8(c);
		s->is_ours = bits & 1;
		s->is_beside = bits & 2;
		s->is_no_show = bits & 4;
	}
	if (version == THREAD_WITHOUT_PAST) {
		t->before = LIFECYCLE_PAST_UNKNOWN;
		return;
	}
	t->before.no_shows = cursor_u8(c);
	t->before.is_handed_on = cursor_u8(c) != 0;
}

static void
steps_encode(struct buf *b, const struct thread *t)
{
	buf_u8(b, (uint8_t)t->base);
	buf_u8(b, (uint8_t)t->n_steps);
	for (size_t i = 0; i < t->n_steps; i++) {
		const struct thread_step *s = &t->steps[i];

		buf_add(b, s->id.b, MSGID_LEN);
		buf_u8(b, (uint8_t)s->from);
		buf_u8(b, (uint8_t)s->to);
		buf_u8(b, (uint8_t)(s->is_ours | s->is_beside << 1 | s->is_no_show << 2));
	}
	buf_u8(b, (uint8_t)t->before.no_shows);
	buf_u8(b, t->before.is_handed_on);
}

/* Of the first of them: which states were undone. Where it stands is where it begins. */
static void
states_pass(struct cursor *c, struct thread *t)
{
	for (int list = 0; list < 2; list++)
		(void)cursor_take(c, 2 * (size_t)cursor_u8(c));
	t->base = t->state;
	t->before = LIFECYCLE_PAST_UNKNOWN;
}

static bool
thread_decode(struct span bytes, struct thread *t)
{
	struct cursor c;
	uint8_t version;

	memset(t, 0, sizeof(*t));
	cursor_init(&c, bytes);
	version = cursor_u8(&c);
	if (version < THREAD_WITHOUT_STEPS || version > THREAD_VERSION)
		return false;
	cursor_copy(&c, t->id.b, THREAD_LEN);
	t->topic = (enum topic)cursor_u8(&c);
	t->is_initiator = cursor_u8(&c) != 0;
	parties_decode(&c, t);
	t->state = (enum state)cursor_u8(&c);
	t->conference = (enum conference_state)cursor_u8(&c);
	t->decided_seq = cursor_u64(&c);
	t->ended_seq = cursor_u64(&c);
	t->priority = (enum priority)cursor_u8(&c);
	t->my_seq = cursor_u64(&c);
	t->place = cursor_u64(&c);
	cursor_copy(&c, t->referral.b, MSGID_LEN);
	storage_text(&c, t->referral_id, sizeof(t->referral_id));
	storage_text(&c, t->case_no, sizeof(t->case_no));
	storage_text(&c, t->external_no, sizeof(t->external_no));
	cursor_copy(&c, t->case_id, sizeof(t->case_id));
	t->queued_ms = (int64_t)cursor_u64(&c);
	t->stored_ms = (int64_t)cursor_u64(&c);
	t->delivered_ms = (int64_t)cursor_u64(&c);
	t->registered_ms = (int64_t)cursor_u64(&c);
	t->seen_ms = (int64_t)cursor_u64(&c);
	t->refused_ms = (int64_t)cursor_u64(&c);
	t->refused = err_by_number(cursor_u16(&c));
	t->is_seen_sent = cursor_u8(&c) != 0;
	t->changed_ms = (int64_t)cursor_u64(&c);
	t->is_step_ours = cursor_u8(&c) != 0;
	t->step = cursor_u64(&c);
	t->hold = (enum hold)cursor_u8(&c);
	if (version == THREAD_WITHOUT_STEPS)
		states_pass(&c, t);
	else
		steps_decode(&c, version, t);
	return cursor_end(&c) == OK;
}

static struct span
thread_encode(const struct thread *t, struct arena *mem)
{
	struct buf b;

	buf_init(&b, mem);
	buf_u8(&b, THREAD_VERSION);
	buf_add(&b, t->id.b, THREAD_LEN);
	buf_u8(&b, (uint8_t)t->topic);
	buf_u8(&b, t->is_initiator);
	parties_encode(&b, t);
	buf_u8(&b, (uint8_t)t->state);
	buf_u8(&b, (uint8_t)t->conference);
	buf_u64(&b, t->decided_seq);
	buf_u64(&b, t->ended_seq);
	buf_u8(&b, (uint8_t)t->priority);
	buf_u64(&b, t->my_seq);
	buf_u64(&b, t->place);
	buf_add(&b, t->referral.b, MSGID_LEN);
	buf_var(&b, span_str(t->referral_id));
	buf_var(&b, span_str(t->case_no));
	buf_var(&b, span_str(t->external_no));
	buf_add(&b, t->case_id, sizeof(t->case_id));
	buf_u64(&b, (uint64_t)t->queued_ms);
	buf_u64(&b, (uint64_t)t->stored_ms);
	buf_u64(&b, (uint64_t)t->delivered_ms);
	buf_u64(&b, (uint64_t)t->registered_ms);
	buf_u64(&b, (uint64_t)t->seen_ms);
	buf_u64(&b, (uint64_t)t->refused_ms);
	buf_u16(&b, (uint16_t)err_number(t->refused));
	buf_u8(&b, t->is_seen_sent);
	buf_u64(&b, (uint64_t)t->changed_ms);
	buf_u8(&b, t->is_step_ours);
	buf_u64(&b, t->step);
	buf_u8(&b, (uint8_t)t->hold);
	steps_encode(&b, t);
	return buf_bytes(&b);
}

static size_t
number_key(char *key, char role, const char *number, const char *other)
{
	int n = snprintf(key, NUMBER_KEY_MAX, "%c%.*s", role, NUMBER_LEN - 1, number);
	size_t at = (size_t)n + 1;	/* its NUL separates */

	memcpy(key + at, other, strlen(other));
	return at + strlen(other);
}

bool
casebook_find(struct txn *txn, const struct thread_id *id, struct thread *ret_thread)
{
	struct span row = txn_get(txn, TABLE_THREAD, SPAN(id->b, THREAD_LEN));

	return row.p != NULL && thread_decode(row, ret_thread);
}

static bool
find_number(struct txn *txn, char role, const char *number, const char *other, struct thread *ret_thread)
{
	char key[NUMBER_KEY_MAX];
	size_t prefix = number_key(key, role, number, "");
	size_t n = other ? number_key(key, role, number, other) : prefix;
	struct thread_id id;
	struct walk w;
	bool found = walk_from(txn, TABLE_NUMBER, SPAN(key, n), &w) && w.key.n >= n && memcmp(w.key.p, key, n) == 0 &&
		     (!other || w.key.n == n) && w.value.n == THREAD_LEN;

	if (found)
		memcpy(id.b, w.value.p, THREAD_LEN);
	if (found && !other && walk_next(&w) && w.key.n >= n && memcmp(w.key.p, key, n) == 0)
		found = false;
	walk_end(&w);
	return found && casebook_find(txn, &id, ret_thread);
}

bool
casebook_ours(struct txn *txn, const char *number, struct thread *ret_thread)
{
	return strlen(number) < NUMBER_LEN && *number != '\0' && find_number(txn, 'i', number, "", ret_thread);
}

bool
casebook_theirs(struct txn *txn, const char *number, const char *other, struct thread *ret_thread)
{
	return strlen(number) < NUMBER_LEN && *number != '\0' &&
	       (find_number(txn, 'r', number, other, ret_thread) || find_number(txn, 'c', number, "", ret_thread));
}

bool
casebook_by_number(struct txn *txn, const char *number, const char *other, struct thread *ret_thread)
{
	return casebook_ours(txn, number, ret_thread) || casebook_theirs(txn, number, other, ret_thread);
}

bool
casebook_is_of_two(struct txn *txn, const char *number)
{
	struct thread ours, theirs;

	return casebook_ours(txn, number, &ours) && casebook_theirs(txn, number, NULL, &theirs) && memcmp(ours.id.b, theirs.id.b, THREAD_LEN) != 0;
}

bool
casebook_is_used(struct txn *txn, const char *referral_id, const char *by)
{
	struct thread t;

	/* a referral that was refused here may come again under its number */
	return find_number(txn, by ? 'r' : 'i', referral_id, by ? by : "", &t) && (by == NULL || t.refused == OK);
}

static struct span
case_key_of(uint8_t key[CASE_KEY], const uint8_t case_id[16], const struct thread_id *thread)
{
	memcpy(key, case_id, 16);
	memcpy(key + 16, thread->b, THREAD_LEN);
	return SPAN(key, CASE_KEY);
}

bool
casebook_of_case(struct txn *txn, const uint8_t case_id[16], const struct thread_id *after, struct thread *ret_thread)
{
	uint8_t key[CASE_KEY];
	struct span from = case_key_of(key, case_id, after);
	struct thread_id id;
	struct walk w;
	bool found = walk_from(txn, TABLE_CASE, from, &w);

	if (found && span_eq(w.key, from))
		found = walk_next(&w);
	found = found && w.key.n == CASE_KEY && memcmp(w.key.p, case_id, 16) == 0;
	if (found)
		memcpy(id.b, w.key.p + 16, THREAD_LEN);
	walk_end(&w);
	return found && casebook_find(txn, &id, ret_thread);
}

bool
casebook_of_group(struct txn *txn, const char *group_id, struct thread *ret_thread)
{
	return find_number(txn, 'g', group_id, "", ret_thread);
}

void
casebook_join_group(struct txn *txn, const char *group_id, const struct thread *t)
{
	struct thread first;
	char key[NUMBER_KEY_MAX];

	if (!casebook_of_group(txn, group_id, &first))
		txn_put(txn, TABLE_NUMBER, SPAN(key, number_key(key, 'g', group_id, "")), SPAN(t->id.b, THREAD_LEN));
}

void
casebook_put(struct txn *txn, struct arena *mem, const struct thread *t)
{
	struct span id = SPAN(t->id.b, THREAD_LEN), case_key, had;
	char key[NUMBER_KEY_MAX];

	uint8_t of_case[CASE_KEY];

	txn_put(txn, TABLE_THREAD, id, thread_encode(t, mem));
	txn_put(txn, TABLE_CASE, case_key_of(of_case, t->case_id, &t->id), SPAN_LIT("1"));
	txn_put(txn, TABLE_NUMBER,
		SPAN(key, number_key(key, t->is_initiator ? 'i' : 'r', t->referral_id, t->is_initiator ? "" : t->others[0].agency)), id);
	if (t->case_no[0] == '\0')
		return;
	case_key = SPAN(key, number_key(key, 'c', t->case_no, ""));
	had = txn_get(txn, TABLE_NUMBER, case_key);
	if (had.p == NULL)
		txn_put(txn, TABLE_NUMBER, case_key, id);
	else if (!span_eq(had, id))
		txn_put(txn, TABLE_NUMBER, case_key, SPAN_LIT(""));
}
