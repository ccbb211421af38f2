/* SPDX-License-Identifier: EUPL-1.2 */
/* The Norwegian case in virtual time: an agency's system answers 200 and never confirms, or its adapter is not there at all. Sixty days
 * later, its sealing key turned over twice, the same message is still delivered and registered, once, under its first id; and on the
 * way both sides and the coordinator have been told of every deadline, once. Real adapters over a real hub core. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "adapters/core/core.h"
#include "adapters/core/turnover.h"
#include "proto/notice.h"
#include "tests/sim/office.h"

#define OFFICES 3
#define SENDER 0
#define RECIPIENT 2
#define COORDINATOR 1
#define FACTS (NOTICE_EXPIRED + 1)
#define NOTICES_MAX 64
#define REASON "Измислен случай"

/* What was heard at an office. */
struct heard {
	struct { struct msgid id; enum notice_fact fact; } notices[NOTICES_MAX];	/* that came over the wire, each once */
	size_t n_notices;
	unsigned handed;		/* referrals, to its system */
	char handed_id[MSGID_TEXT_LEN];
	unsigned stages[8];		/* that its system was told, by stage */
};

struct stage_set {
	struct world world;
	struct coordinator coordinator;
	struct lossy *wire;
	struct simhub *hub;
	struct office offices[OFFICES];
	struct heard heard[OFFICES];
	struct arena *mem;
};

static struct stage_set *s;

static void
must(enum err e)
{
	if (e != OK)
		fail_msg("%s", err_name(e));
}

/* -- what comes over the wire -- */

static void
note_notice(struct heard *h, const struct envelope *env)
{
	struct notice n;
	struct why why;

	for (size_t i = 0; i < h->n_notices; i++)
		if (msgid_eq(&h->notices[i].id, &env->header.id))
			return;		/* the same one again */
	must(notice_decode(env->body, s->mem, &n, &why));
	assert_string_equal(n.from, world_ids[SENDER]);
	assert_string_equal(n.to, world_ids[RECIPIENT]);
	assert_true(h->n_notices < NOTICES_MAX);
	h->notices[h->n_notices].id = env->header.id;
	h->notices[h->n_notices++].fact = n.fact;
}

static void
look_into(struct office *o, struct span bytes)
{
	struct envelope env;
	struct frame f;
	struct why why;

	arena_reset(s->mem);
	if (frame_decode(bytes, s->mem, &f, &why) != OK || f.kind != FRAME_DELIVER)
		return;
	for (size_t i = 0; i < f.deliver.n; i++) {
		must(envelope_decode(f.deliver.items[i].envelope, s->mem, &env, &why));
		if (env.header.class == CLASS_NOTICE)
			note_notice(&s->heard[o->desk.place], &env);
	}
}

/* The system says 200 to everything, and registers nothing. */
static enum err
hand(void *office, const struct handover *h)
{
	struct office *o = office;
	struct heard *heard = &s->heard[o->desk.place];
	const char *text = arena_strn(s->world.mem, h->native.bytes.p, h->native.bytes.n);

	if (strncmp(text, "referral ", 9) == 0) {
		heard->handed++;
		snprintf(heard->handed_id, sizeof(heard->handed_id), "%s", h->msg_id);
	}
	for (enum stage stage = STAGE_STORED; h->stage && stage <= STAGE_REFUSED; stage++) {
		static const char *const names[] = { NULL, "stored", "delivered", "registered", "seen", "refused" };

		heard->stages[stage] += strcmp(h->stage, names[stage]) == 0;
	}
	return adapter_handed(o->desk.adapter, &o->desk.door, h->cursor, OK, &(struct native){ .bytes = SPAN_LIT("taken") });
}

static int
set_up(void **state)
{
	(void)state;
	s = calloc(1, sizeof(*s));
	world_init(&s->world, 63);	/* as many children's notices were lost */
	s->coordinator = (struct coordinator){ "PDV22", world_ids[COORDINATOR] };
	s->world.d.coordinators = &s->coordinator;
	s->world.d.n_coordinators = 1;
	world_sign_directory(&s->world);
	s->mem = arena_new((size_t)64 << 20);
	s->wire = lossy_new(63, WORLD_T0);
	s->hub = simhub_new(&s->world, s->wire);
	for (size_t i = 0; i < OFFICES; i++) {
		office_init(&s->offices[i], &s->world, i, s->wire, s->hub, hand);
		s->offices[i].on_frame = look_into;
		office_start(&s->offices[i]);
	}
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < OFFICES; i++)
		office_done(&s->offices[i]);
	simhub_free(s->hub);
	lossy_free(s->wire);
	arena_free(s->mem);
	world_done(&s->world);
	free(s);
	return 0;
}

static void
live(int64_t ms)
{
	int64_t end = lossy_now(s->wire) + ms;

	while (lossy_step(s->wire, end))
		;
}

/* Days go by, a few seconds of every six hours awake: long enough for what is due to be done. */
static void
pass_days(unsigned days)
{
	for (unsigned i = 0; i < 4 * days; i++) {
		lossy_skip(s->wire, 6 * CLOCK_HOUR - 90 * CLOCK_SECOND);
		live(90 * CLOCK_SECOND);
	}
}

static const char *
say(size_t i, const char *text)
{
	const char *answer = adesk_take(&s->offices[i].desk, text, NULL, s->world.mem);

	assert_non_null(answer);
	return answer;
}

static void
refer(void)
{
	const char *answer = say(SENDER, adesk_referral(s->world.mem, "R-1", world_ids[RECIPIENT], "routine", REASON));

	if (strncmp(answer, "OK ", 3) != 0)
		fail_msg("%s", answer);
}

static struct thread
thread_at(size_t i)
{
	struct txn *txn = store_read(s->offices[i].desk.store);
	struct thread t = { .state = STATE_NONE };

	assert_true(casebook_by_number(txn, "R-1", NULL, &t));
	txn_abort(txn);
	return t;
}

static struct outbound
sent(void)
{
	struct txn *txn = store_read(s->offices[SENDER].desk.store);
	struct outbound o;

	assert_true(outbox_get(txn, 1, &o));
	txn_abort(txn);
	return o;
}

static uint64_t
unregistered(size_t i)
{
	struct adapter_status status;

	adapter_status(s->offices[i].desk.adapter, &status);
	return status.unregistered;
}

/* Both sides and the coordinator were told of each deadline, once. */
static void
assert_told_once(bool is_recipient_there)
{
	for (size_t i = 0; i < OFFICES; i++) {
		unsigned facts[FACTS] = { 0 };

		for (size_t k = 0; k < s->heard[i].n_notices; k++)
			facts[s->heard[i].notices[k].fact]++;
		for (enum notice_fact fact = NOTICE_HALF_TIME; fact <= NOTICE_EXPIRED; fact++)
			if (facts[fact] != (i == RECIPIENT && !is_recipient_there ? 0 : 1))
				fail_msg("%s was told %u times: %s", world_ids[i], facts[fact], notice_fact_name(fact));
	}
}

/* The system registers at last: its number reaches the sender, and nothing came twice. */
static void
register_at_last(void)
{
	struct outbound o;
	char first[MSGID_TEXT_LEN];

	assert_int_equal(s->heard[RECIPIENT].handed, 1);
	assert_int_equal(thread_at(SENDER).registered_ms, 0);
	assert_int_equal(strncmp(say(RECIPIENT, "confirms=R-1\ncase_no=C-63\n"), "OK ", 3), 0);
	live(CLOCK_MINUTE);
	assert_string_equal(thread_at(SENDER).external_no, "C-63");
	assert_string_equal(thread_at(RECIPIENT).case_no, "C-63");
	assert_true(thread_at(SENDER).registered_ms >= WORLD_T0 + 60 * CLOCK_DAY);
	assert_int_equal(thread_at(SENDER).refused, OK);
	for (enum stage stage = STAGE_STORED; stage <= STAGE_REGISTERED; stage++)
		assert_int_equal(s->heard[SENDER].stages[stage], 1);
	assert_int_equal(s->heard[SENDER].stages[STAGE_REFUSED], 0);
	assert_int_equal(unregistered(RECIPIENT), 0);
	o = sent();
	msgid_format(&o.first, first);
	assert_string_equal(s->heard[RECIPIENT].handed_id, first);
}

/* A system that answers 200 and never confirms: for 60 days all know, both sealing keys turn over twice, and it is registered at last;
 * then the old keys go. */
static void
never_confirms(void **state)
{
	(void)state;
	s->offices[SENDER].desk.config.sealing_days = s->offices[RECIPIENT].desk.config.sealing_days = 25;
	live(CLOCK_MINUTE);
	refer();
	live(CLOCK_MINUTE);
	assert_int_equal(s->heard[SENDER].stages[STAGE_DELIVERED], 1);
	assert_int_equal(unregistered(RECIPIENT), 1);
	pass_days(61);
	assert_int_equal(keychest_sheet(s->offices[RECIPIENT].desk.chest)->version, 3);
	assert_int_equal(turnover_keys(s->offices[SENDER].desk.adapter).n, 2);	/* nothing needed its first one */
	assert_int_equal(turnover_keys(s->offices[RECIPIENT].desk.adapter).n, 3);	/* what it was sealed to is kept for it */
	assert_int_equal(unregistered(RECIPIENT), 1);
	assert_told_once(true);
	register_at_last();
	assert_int_equal(sent().again, 0);
	pass_days(5);	/* statements are daily */
	assert_int_equal(turnover_keys(s->offices[RECIPIENT].desk.adapter).n, 1);
	assert_int_equal(turnover_keys(s->offices[SENDER].desk.adapter).n, 1);
	assert_int_equal(keychest_sheet(s->offices[RECIPIENT].desk.chest)->n_sealing, 1);
}

/* An adapter that is not there for 60 days, its machine and keys replaced twice meanwhile: what was sealed to the first key is asked
 * for when it comes back, goes again under the third, and is registered. */
static void
adapter_is_gone(void **state)
{
	struct adesk *d = &s->offices[RECIPIENT].desk;
	struct why why;

	(void)state;
	live(CLOCK_MINUTE);
	office_stop(&s->offices[RECIPIENT]);
	refer();
	live(CLOCK_MINUTE);
	assert_int_equal(s->heard[SENDER].stages[STAGE_STORED], 1);
	assert_int_equal(s->heard[SENDER].stages[STAGE_DELIVERED], 0);
	pass_days(20);
	adesk_rekey(d, 2);
	must(hub_put_sheet(simhub_core(s->hub), s->world.sheets[RECIPIENT], lossy_now(s->wire), &why));	/* by its operator */
	hub_flush(simhub_core(s->hub), lossy_now(s->wire));
	pass_days(20);
	adesk_rekey(d, 3);	/* this one it brings itself */
	pass_days(21);
	assert_told_once(false);
	office_start(&s->offices[RECIPIENT]);
	live(2 * CLOCK_MINUTE);
	assert_int_equal(s->heard[SENDER].stages[STAGE_DELIVERED], 1);
	assert_true(sent().again >= 1);
	assert_told_once(true);
	register_at_last();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(never_confirms), TEST(adapter_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
