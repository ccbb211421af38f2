/* SPDX-License-Identifier: EUPL-1.2 */
/* turnover - a row in the store says of each key since when it is used and when it ends; what a start does not find is assumed in the
 * safe direction. See PROTOCOL.md 6.3.
 */
#include "adapters/core/turnover.h"

#include "adapters/core/session.h"
#include "adapters/core/storage.h"
#include "proto/base/clock.h"

#define LOOK_MS CLOCK_MINUTE			/* between two looks at what is due */
#define FAILED_MS CLOCK_HOUR			/* after a step that failed */
#define ECHO_MS (65 * CLOCK_SECOND)		/* the hub takes a new sheet a minute */
#define ECHO_MAX_MS CLOCK_HOUR
#define LAST_DAY_MS CLOCK_DAY			/* before the end that its sheet gives the newest key, it is due in any case */
#define STEPS_MAX 8
#define KEY_CLEAR SPAN_LIT("sealing-clear")
#define KEY_USE "sealing:"

/* Of a private half: since when it is sealed to, and until when; 0: no end. */
struct use { int64_t made_ms, end_ms; };

struct open_keys
turnover_keys(const struct adapter *a)
{
	struct open_keys keys = { .agency = a->p.config->agency };

	keys.sealing = keychest_keys(a->p.chest, &keys.n);
	return keys;
}

/* -- what is known of each key -- */

struct use_key { uint8_t b[sizeof(KEY_USE) - 1 + KEY_ID_LEN]; };

static struct span
use_key(const struct key_id *id, struct use_key *key)
{
	memcpy(key->b, KEY_USE, sizeof(KEY_USE) - 1);
	memcpy(key->b + sizeof(KEY_USE) - 1, id->b, KEY_ID_LEN);
	return SPAN(key->b, sizeof(key->b));
}

static bool
find_use(struct txn *txn, const struct key_id *id, struct use *ret_use)
{
	struct use_key key;
	struct cursor c;
	struct span row = txn_get(txn, TABLE_META, use_key(id, &key));

	if (row.p == NULL)
		return false;
	cursor_init(&c, row);
	ret_use->made_ms = (int64_t)cursor_u64(&c);
	ret_use->end_ms = (int64_t)cursor_u64(&c);
	return cursor_end(&c) == OK;
}

static int
place_on(const struct sheet *s, const struct key_id *id)
{
	for (size_t i = 0; i < s->n_sealing; i++)
		if (key_id_eq(&s->sealing[i].id, id))
			return (int)i;
	return -1;
}

/* The sheet's word counts for the keys that it names. Of one that it names no more and of which nothing is known, the end is no
 * later than an overlap after the sheet. */
static struct use
use_of(struct txn *txn, const struct sheet *s, const struct key_id *id)
{
	struct use use = { 0 };
	bool is_known = find_use(txn, id, &use);
	int at = place_on(s, id);

	if (!is_known)
		use = (struct use){ s->made_ms, s->made_ms + TURNOVER_OVERLAP_MS };
	if (at >= 0)
		use.end_ms = s->sealing[at].not_after_ms;
	return use;
}

static void
put_use(struct txn *txn, const struct key_id *id, const struct use *use)
{
	struct use_key key;
	struct key8 made = storage_key((uint64_t)use->made_ms), end = storage_key((uint64_t)use->end_ms);
	uint8_t value[16];

	memcpy(value, made.b, 8);
	memcpy(value + 8, end.b, 8);
	txn_put(txn, TABLE_META, use_key(id, &key), SPAN(value, sizeof(value)));
}

static bool
is_noted(struct txn *txn, const struct sheet *s, const struct key_id *id)
{
	struct use had, now = use_of(txn, s, id);

	return find_use(txn, id, &had) && had.made_ms == now.made_ms && had.end_ms == now.end_ms;
}

/* What the present sheet says, before the next one forgets it. */
static enum err
note_uses(struct adapter *a)
{
	const struct sheet *s = keychest_sheet(a->p.chest);
	bool is_new = false;
	size_t n;
	const struct key *const *keys = keychest_keys(a->p.chest, &n);
	struct txn *txn = store_read(a->p.store);

	for (size_t i = 0; i < n; i++)
		is_new |= keychest_number(a->p.chest, i) <= s->version && !is_noted(txn, s, key_id(keys[i]));
	txn_abort(txn);
	if (!is_new)
		return OK;
	txn = store_write(a->p.store);
	for (size_t i = 0; i < n; i++) {
		struct use use = use_of(txn, s, key_id(keys[i]));

		if (keychest_number(a->p.chest, i) <= s->version)
			put_use(txn, key_id(keys[i]), &use);
	}
	return txn_commit(txn);
}

void
turnover_clear(struct txn *txn, int64_t before_ms)
{
	struct key8 value = storage_key((uint64_t)before_ms);

	txn_put(txn, TABLE_META, KEY_CLEAR, SPAN(value.b, sizeof(value.b)));
}

/* -- the next sheet -- */

/* Our own sheet as the hub has it; NULL: it has not shown it yet. */
static const struct sheet *
echo_of(const struct adapter *a)
{
	return sheets_find(contacts_sheets(a->p.contacts), a->p.config->agency);
}

static uint64_t
next_version(const struct adapter *a)
{
	const struct sheet *echo = echo_of(a);
	uint64_t version = keychest_sheet(a->p.chest)->version;

	return (echo && echo->version > version ? echo->version : version) + 1;
}

/* The newest key first, then those that have not ended, one that gives way now for the overlap. */
static enum err
put_sheet(struct adapter *a, struct why *why)
{
	const struct sheet *old = keychest_sheet(a->p.chest);
	struct sheet s = *old;
	int64_t now = core_now(a);
	size_t n;
	const struct key *const *keys = keychest_keys(a->p.chest, &n);
	struct txn *txn = store_read(a->p.store);
	enum err e;

	s.version = next_version(a);
	if (s.version < keychest_number(a->p.chest, 0))
		s.version = keychest_number(a->p.chest, 0);
	s.made_ms = now;
	s.n_sealing = 0;
	memset(s.sealing, 0, sizeof(s.sealing));
	for (size_t i = 0; i < n && s.n_sealing < SHEET_SEALING_MAX; i++) {
		struct use use = use_of(txn, old, key_id(keys[i]));

		if (i == 0)
			use.end_ms = 0;
		else if (key_id_eq(key_id(keys[i]), &old->sealing[0].id))
			use.end_ms = now + TURNOVER_OVERLAP_MS;
		if (i > 0 && use.end_ms <= now)
			continue;
		s.sealing[s.n_sealing].pub = *key_public(keys[i]);
		s.sealing[s.n_sealing++].not_after_ms = use.end_ms;
	}
	txn_abort(txn);
	if ((e = keychest_put_sheet(a->p.chest, &s, why)) == OK)
		core_tell(a, LOG_SHEET_NEW, "version=%llu keys=%zu", (unsigned long long)s.version, s.n_sealing);
	return e;
}

static enum err
make_key(struct adapter *a, struct why *why)
{
	uint64_t number = next_version(a), last = keychest_number(a->p.chest, 0);
	uint8_t seed[KEY_LEN];
	char hex[2 * KEY_ID_LEN + 1];
	struct key *key;
	enum err e;

	core_random(a, seed, sizeof(seed));
	e = key_from_seed(KEY_SEALING, seed, &key);
	explicit_bzero(seed, sizeof(seed));
	if (e != OK)
		return e;
	bytes_hex(key_id(key)->b, KEY_ID_LEN, hex);
	if ((e = keychest_add(a->p.chest, key, number > last ? number : last + 1, why)) == OK)
		core_tell(a, LOG_SEALING_NEW, "key=%s", hex);
	return e;
}

/* -- what is due -- */

static bool
is_unfinished(const struct adapter *a)
{
	return keychest_number(a->p.chest, 0) > keychest_sheet(a->p.chest)->version;
}

static bool
has_all(const struct adapter *a, const struct sheet *s)
{
	for (size_t i = 0; i < s->n_sealing; i++)
		if (keychest_find(a->p.chest, &s->sealing[i].id) == NULL)
			return false;
	return true;
}

/* A sheet of ours from before this machine had its present files: only with keys that are all here may it be followed by ours. */
static bool
is_behind(struct adapter *a)
{
	const struct sheet *echo = echo_of(a), *own = keychest_sheet(a->p.chest);

	if (echo == NULL || echo->version < own->version || hash_eq(&echo->hash, &own->hash))
		return false;
	if (has_all(a, echo))
		return true;
	if (a->foreign_version != echo->version)
		core_tell(a, LOG_SHEET_FOREIGN, "version=%llu own=%llu", (unsigned long long)echo->version,
			  (unsigned long long)own->version);
	a->foreign_version = echo->version;
	return false;
}

/* Of itself only once the hub has the sheet before: a hub out of reach must not make keys pile up. */
static bool
is_new_key_due(struct adapter *a)
{
	const struct sheet *own = keychest_sheet(a->p.chest), *echo = echo_of(a);
	int64_t now = core_now(a), age = a->p.config->sealing_days * CLOCK_DAY;
	struct txn *txn;
	struct use use;

	if (a->is_turnover_asked || keychest_find(a->p.chest, &own->sealing[0].id) == NULL)
		return true;
	if (age == 0 || echo == NULL || !hash_eq(&echo->hash, &own->hash))
		return false;
	txn = store_read(a->p.store);
	use = use_of(txn, own, &own->sealing[0].id);
	txn_abort(txn);
	return now >= use.made_ms + age || (use.end_ms != 0 && now >= use.end_ms - LAST_DAY_MS);
}

/* While the hub shows a sheet of ours that names the key without this end, others still seal to it. */
static bool
is_end_known(const struct adapter *a, const struct key_id *id, const struct use *use)
{
	const struct sheet *echo = echo_of(a);
	int at = echo ? place_on(echo, id) : -1;

	return echo && (at < 0 || (echo->sealing[at].not_after_ms != 0 && echo->sealing[at].not_after_ms <= use->end_ms));
}

/* Ended, and nothing open that came or was submitted before its end: neither here nor by the hub's statement. Receipts are in no
 * statement, so the session must have stood for a while after the end: what waited for us has come. */
static bool
may_go(struct adapter *a, struct txn *txn, const struct use *use)
{
	int64_t settled = use->end_ms + TURNOVER_SETTLE_MS, now = core_now(a);
	struct span clear = txn_get(txn, TABLE_META, KEY_CLEAR);
	struct inbound in;

	if (use->end_ms == 0 || now < settled || a->link != LINK_UP || now - a->up_ms < TURNOVER_SETTLE_MS)
		return false;
	if (clear.n != 8 || (int64_t)storage_number(clear) < settled)
		return false;
	return !inbox_unregistered(txn, &in) || in.at_ms >= settled;
}

/* The place in the chest of a key that nothing can need any more; 0: none (the newest never). */
static size_t
find_old(struct adapter *a)
{
	const struct sheet *own = keychest_sheet(a->p.chest);
	size_t n, found = 0;
	const struct key *const *keys = keychest_keys(a->p.chest, &n);
	struct txn *txn = store_read(a->p.store);

	for (size_t i = n; i-- > 1 && found == 0;) {
		struct use use = use_of(txn, own, key_id(keys[i]));

		if (is_end_known(a, key_id(keys[i]), &use) && may_go(a, txn, &use))
			found = i;
	}
	txn_abort(txn);
	return found;
}

static enum err
destroy(struct adapter *a, size_t at, struct why *why)
{
	size_t n;
	const struct key_id id = *key_id(keychest_keys(a->p.chest, &n)[at]);
	struct use_key key;
	char hex[2 * KEY_ID_LEN + 1];
	struct txn *txn;
	enum err e;

	if (place_on(keychest_sheet(a->p.chest), &id) >= 0)
		return put_sheet(a, why);	/* without it; it goes in the next step */
	if ((e = keychest_destroy(a->p.chest, keychest_number(a->p.chest, at), why)) != OK)
		return e;
	bytes_hex(id.b, KEY_ID_LEN, hex);
	core_tell(a, LOG_SEALING_GONE, "key=%s", hex);
	txn = store_write(a->p.store);
	txn_del(txn, TABLE_META, use_key(&id, &key));
	return txn_commit(txn);
}

enum err
turnover_step(struct adapter *a, bool *ret_moved, struct why *why)
{
	size_t old;
	enum err e;

	*ret_moved = true;
	if ((e = note_uses(a)) != OK)
		return e;
	if (is_unfinished(a) || is_behind(a)) {
		a->is_turnover_asked = false;
		return put_sheet(a, why);
	}
	if (is_new_key_due(a))
		return make_key(a, why);
	if ((old = find_old(a)) > 0)
		return destroy(a, old, why);
	*ret_moved = false;
	return OK;
}

/* -- the hub learns of it -- */

/* A sheet travels in HELLO: greeted anew where a session stands. Again, ever later, while the hub does not show it to us. */
static void
bring_sheet(struct adapter *a)
{
	const struct sheet *own = keychest_sheet(a->p.chest), *echo = echo_of(a);
	int64_t now = core_now(a);
	bool is_new = own->version != a->brought_version;

	if (echo && hash_eq(&echo->hash, &own->hash)) {
		a->brought_version = own->version;
		a->echo_ms = ECHO_MS;
		return;
	}
	if (a->link != LINK_UP || (!is_new && now - a->up_ms < a->echo_ms))
		return;
	a->echo_ms = is_new || a->echo_ms == 0 ? ECHO_MS : a->echo_ms < ECHO_MAX_MS / 2 ? 2 * a->echo_ms : ECHO_MAX_MS;
	a->brought_version = own->version;
	session_drop(a);
	a->hello_ms = now;
}

/* A key file that cannot be written ends nothing: the keys at hand serve on. The store's errors end the process. */
static bool
is_of_store(enum err e)
{
	return err_is_fatal(e) && e != ERR_KEYFILE;
}

enum err
turnover_run(struct adapter *a)
{
	struct why why = { .where = "" };
	bool moved = true;
	enum err e = OK;

	if (core_now(a) >= a->turnover_ms) {
		a->turnover_ms = core_now(a) + LOOK_MS;
		for (int i = 0; i < STEPS_MAX && moved && e == OK; i++)
			e = turnover_step(a, &moved, &why);
		if (e != OK && !is_of_store(e)) {
			core_tell(a, LOG_SEALING_FAILED, "code=%s where=%s why=\"%s\"", err_code(e), why.where, why.text);
			a->turnover_ms = core_now(a) + FAILED_MS;
			e = OK;
		}
	}
	if (e == OK)
		bring_sheet(a);
	return e;
}

enum err
turnover_now(struct adapter *a, struct why *why)
{
	uint64_t version = keychest_sheet(a->p.chest)->version;
	bool moved = true;
	enum err e = OK;

	a->is_turnover_asked = true;
	while (e == OK && moved && keychest_sheet(a->p.chest)->version == version)
		e = turnover_step(a, &moved, why);
	a->is_turnover_asked = false;
	if (e == OK)
		bring_sheet(a);
	return e;
}
