/* SPDX-License-Identifier: EUPL-1.2 */
/* parcel - the content is the same for all; keys, ids and boxes are fresh for each. */
#include "tests/bench/parcel.h"

#include <sys/random.h>
#include <time.h>

#include "tests/support/record_lines.h"

#define SEAL_ARENA ((size_t)8 << 20)
#define FILLER_MAX 3900		/* of a referral's reason_text */

int64_t
parcel_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void
fill_random(void *to, size_t n)
{
	if (getrandom(to, n, 0) != (ssize_t)n)
		enrolled_die("no random bytes");
}

void
parcel_id(int64_t now_ms, uint32_t place, struct msgid *ret_id)
{
	uint8_t random[10];

	fill_random(random, 6);
	for (unsigned i = 0; i < 4; i++)
		random[6 + i] = (uint8_t)(place >> (24 - 8 * i));
	msgid_make(now_ms, random, ret_id);
}

uint32_t
parcel_place(const struct msgid *id)
{
	const uint8_t *p = id->b + MSGID_LEN - 4;

	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static struct record *
make_record(const char *from, const char *to, size_t bytes, struct arena *mem)
{
	char *filler = arena_alloc(mem, FILLER_MAX + 1);
	struct record *record;
	struct span plain;
	struct why why = { .where = "" };
	struct buf b;

	buf_init(&b, mem);
	buf_fmt(&b,
		"kind=referral\ncase_id=00112233445566778899aabbccddeeff\ncreated=2026-11-20T10:00:00Z\nreferral.referral_id=B-1\n"
		"referral.initiator.agency=%s\nreferral.target.agency=%s\nreferral.child.given=Проба\nreferral.child.family=Пробна\n"
		"referral.child.birth_date=2015-03-07\nreferral.child.gender=female\nreferral.child.address.municipality=PDV22\n"
		"referral.service_kind=psych-counselling\nreferral.risk_level=medium\nreferral.priority=routine\n"
		"referral.disposition_wanted=take-over\nreferral.legal_basis=statutory-task\n"
		"referral.respond_by=2027-03-02T10:00:00Z\nreferral.reason_text=-\n", from, to);
	record = filler ? record_of_lines(buf_text(&b), mem) : NULL;
	if (record == NULL || record_encode(record, mem, &plain, &why) != OK)
		enrolled_die("the sample record: %s: %s", why.where, why.text);
	if (bytes > plain.n + FILLER_MAX)
		enrolled_die("a record of more than %zu bytes is not made", plain.n + FILLER_MAX);
	memset(filler, 'x', bytes > plain.n ? bytes - plain.n : 1);
	record->referral->reason_text = filler;
	return record;
}

static void
keep(const struct header *h, const struct envelope *env, struct arena *mem, struct parcel *p)
{
	*p = (struct parcel){
		.id = h->id, .hash = env->hash, .header = arena_span(mem, env->header_bytes), .body = arena_span(mem, env->body),
	};
	if (p->header.p == NULL)
		enrolled_die("no memory for so many messages");
}

void
parcel_seal(const struct enrolled *en, const char *from, const char *to, const struct key *signing, uint32_t place, size_t bytes,
	    struct arena *mem, struct parcel *ret_parcel)
{
	struct arena *scratch = arena_new(SEAL_ARENA);
	struct header h = { .class = CLASS_DATA, .from = from, .to = { to }, .n_to = 1, .priority = PRIORITY_ROUTINE };
	uint32_t thread = place / PARCEL_THREAD_MESSAGES;
	struct why why = { .where = "" };
	struct envelope env;
	uint8_t cek[32];
	enum err e;

	if (scratch == NULL)
		enrolled_die("no memory");
	h.created_ms = clock_wall_ms();
	parcel_id(h.created_ms, place, &h.id);
	/* no two runs, and no two senders of one, meet in a thread */
	memcpy(h.thread.b, en->run, sizeof(en->run));
	memcpy(h.thread.b + 8, key_id(signing)->b, 4);
	for (unsigned i = 0; i < 4; i++)
		h.thread.b[12 + i] = (uint8_t)(thread >> (24 - 8 * i));
	h.seq = place % PARCEL_THREAD_MESSAGES + 1;
	h.registered_by_ms = h.created_ms + CLOCK_DAY;
	h.respond_by_ms = h.created_ms + 7 * CLOCK_DAY;
	h.expires_ms = h.created_ms + 30 * CLOCK_DAY;
	fill_random(cek, sizeof(cek));
	e = seal_record(&h, make_record(from, to, bytes, scratch), en->directory, &en->sheets, key_id(signing), cek, scratch, &env, &why);
	if (e != OK)
		enrolled_die("sealing: %s: %s", why.where, why.text);
	keep(&h, &env, mem, ret_parcel);
	arena_free(scratch);
}

void
parcel_receipt(const struct enrolled *en, const char *from, const struct envelope *about, const struct key *signing, uint32_t place,
	       struct arena *mem, struct parcel *ret_parcel)
{
	const struct header *o = &about->header;
	struct header h = {
		.class = CLASS_RECEIPT, .from = from, .to = { o->from }, .n_to = 1, .thread = o->thread, .priority = o->priority,
		.in_reply_to = o->id, .received = about->hash, .stage = STAGE_DELIVERED, .created_ms = clock_wall_ms(),
	};
	static const uint8_t no_cek[32];
	struct why why = { .where = "" };
	struct envelope env;

	parcel_id(h.created_ms, place, &h.id);
	if (seal_receipt(&h, NULL, en->directory, &en->sheets, key_id(signing), no_cek, mem, &env, &why) != OK)
		enrolled_die("a receipt: %s: %s", why.where, why.text);
	keep(&h, &env, mem, ret_parcel);
}
