/* SPDX-License-Identifier: EUPL-1.2 */
/* Notices of the hub, and our own clock: what is noted, once, and what is passed over. */
#include "tests/support/paper_hub.h"

#include "adapters/core/duty.h"
#include "adapters/core/notices.h"
#include "proto/notice.h"

/* A referral of party 0 that party 1 has, and its DATA. */
static struct envelope
referred(struct paper *p, const char *priority)
{
	struct span data;

	(void)paper_take(p, 0, adesk_referral(p->mem, "R-1", world_ids[1], priority, "x"));
	data = p->party[0].sent[p->party[0].n_sent - 1];
	assert_int_equal(paper_accept(p, 0, data, LIE_NOT), OK);
	assert_int_equal(paper_deliver(p, 1, data, LIE_NOT), OK);
	return paper_decode(p, data);
}

static struct notice
about(const struct paper *p, const struct envelope *env, enum notice_fact fact)
{
	return (struct notice){
		.fact = fact, .about = env->header.id, .env_hash = env->hash, .from = world_ids[0], .to = world_ids[1],
		.thread = env->header.thread, .priority = env->header.priority, .submitted_ms = env->header.created_ms,
		.due_ms = env->header.registered_by_ms, .at_ms = p->now_ms, .stages = 1u << STAGE_DELIVERED, .leaf = 0,
	};
}

/* A NOTICE with this body as bytes; `salt` makes another id, `key` signs. */
static struct span
said_so(struct paper *p, const struct notice *n, uint8_t salt, const struct key *key, enum priority header_priority, struct span body)
{
	struct envelope env = { .body = body }, *batch[1] = { &env };
	uint8_t random[10] = { salt };
	struct span bytes;

	env.header = (struct header){
		.version = ENVELOPE_VERSION, .class = CLASS_NOTICE, .from = AGENCY_HUB, .to = { world_ids[0], world_ids[1] }, .n_to = 2,
		.thread = n->thread, .priority = header_priority, .created_ms = p->now_ms, .in_reply_to = n->about,
		.directory_version = p->world.d.version, .signing_key = *key_id(key),
	};
	msgid_make(p->now_ms, random, &env.header.id);
	assert_int_equal(header_encode(&env.header, p->mem, &env.header_bytes), OK);
	envelope_hash(env.header_bytes, env.body, &env.hash);
	assert_int_equal(envelope_sign(batch, 1, key, p->mem), OK);
	assert_int_equal(envelope_encode(&env, p->mem, &bytes), OK);
	return bytes;
}

static struct span
said(struct paper *p, const struct notice *n, uint8_t salt, const struct key *key, enum priority header_priority)
{
	struct span body;

	assert_int_equal(notice_encode(n, p->mem, &body), OK);
	return said_so(p, n, salt, key, header_priority, body);
}

static bool
duty_at_party(struct paper *p, size_t i, const struct envelope *env, struct duty *ret)
{
	struct txn *txn = store_read(p->party[i].desk.store);
	bool found = duty_find(txn, &env->header.thread, &env->header.id, world_ids[1], ret);

	txn_abort(txn);
	return found;
}

static unsigned
times_told(struct paper *p, size_t i, const char *what)
{
	unsigned n = 0;

	for (const char *at = p->party[i].told; (at = strstr(at, what)) != NULL; at++)
		n++;
	return n;
}

/* A notice is noted in the row of its message, at both agencies, and told once, however often it comes. */
static void
notice_is_noted_once(void **state)
{
	struct paper *p = paper_up();
	struct envelope env = referred(p, "routine");
	struct notice n = about(p, &env, NOTICE_HALF_TIME);
	struct duty d;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct span bytes = said(p, &n, 1, p->world.notice, n.priority);

		assert_int_equal(paper_deliver(p, i, bytes, LIE_NOT), OK);
		assert_int_equal(paper_deliver(p, i, bytes, LIE_NOT), OK);
		assert_int_equal(paper_deliver(p, i, said(p, &n, 2, p->world.notice, n.priority), LIE_NOT), OK);
		assert_true(duty_at_party(p, i, &env, &d));
		assert_true(d.is_ours && d.said[NOTICE_HALF_TIME].is_hubs && d.said[NOTICE_HALF_TIME].at_ms == p->now_ms);
		assert_int_equal(duty_fact(&d), NOTICE_HALF_TIME);
		assert_int_equal(times_told(p, i, "fact=half-time"), 1);
	}
	paper_down(p);
}

/* What is not signed with the hub's notice key, or says something else than its header, changes nothing and stops nothing. */
static void
notice_refused(void **state)
{
	struct paper *p = paper_up();
	struct envelope env = referred(p, "routine");
	struct notice n = about(p, &env, NOTICE_LATE_REGISTERED);
	struct duty d;

	(void)state;
	assert_int_equal(paper_deliver(p, 0, said(p, &n, 1, p->world.log, n.priority), LIE_NOT), OK);
	assert_int_equal(times_told(p, 0, "notice.refused"), 1);
	assert_int_equal(paper_deliver(p, 0, said(p, &n, 2, p->world.notice, PRIORITY_URGENT), LIE_NOT), OK);
	assert_int_equal(times_told(p, 0, "notice.refused"), 2);
	assert_true(duty_at_party(p, 0, &env, &d));
	assert_int_equal(duty_fact(&d), 0);
	/* and without a leaf of its own there is no session */
	assert_int_equal(paper_deliver(p, 0, said(p, &n, 3, p->world.notice, n.priority), LIE_TYPE), OK);
	assert_non_null(strstr(p->party[0].told, "uplink.down"));
	paper_down(p);
}

/* A fact that this version does not know, rightly signed by a newer hub, is taken and told once, and what comes behind it counts. */
static void
unknown_fact(void **state)
{
	struct paper *p = paper_up();
	struct envelope env = referred(p, "routine");
	struct notice n = about(p, &env, NOTICE_HALF_TIME);
	struct span body, bytes;
	size_t taken = p->party[0].n_taken;
	uint8_t *fact;
	struct duty d;

	(void)state;
	assert_int_equal(notice_encode(&n, p->mem, &body), OK);
	body = arena_span(p->mem, body);
	fact = (uint8_t *)(uintptr_t)body.p + 1;	/* field 1 stands first */
	assert_int_equal(*fact, NOTICE_HALF_TIME);
	*fact = 77;
	bytes = said_so(p, &n, 1, p->world.notice, n.priority, body);
	assert_int_equal(paper_deliver(p, 0, bytes, LIE_NOT), OK);
	assert_int_equal(paper_deliver(p, 0, bytes, LIE_NOT), OK);
	assert_int_equal(p->party[0].n_taken, taken + 2);
	assert_int_equal(times_told(p, 0, "notice.refused"), 1);
	assert_int_equal(times_told(p, 0, "where=fact"), 1);
	assert_true(duty_at_party(p, 0, &env, &d));
	assert_int_equal(duty_fact(&d), 0);
	assert_int_equal(paper_deliver(p, 0, said(p, &n, 2, p->world.notice, n.priority), LIE_NOT), OK);
	assert_true(duty_at_party(p, 0, &env, &d));
	assert_int_equal(duty_fact(&d), NOTICE_HALF_TIME);
	paper_down(p);
}

/* Both sides see what is late by their own clocks, while the hub is silent; what it says of the same later is the same fact. */
static void
own_clock(void **state)
{
	struct paper *p = paper_up();
	struct envelope env = referred(p, "routine");
	struct notice n = about(p, &env, NOTICE_LATE_REGISTERED);
	struct duty d;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		paper_tick(p, i, 0);
		assert_true(duty_at_party(p, i, &env, &d) && duty_fact(&d) == 0);
	}
	p->now_ms += CLOCK_DAY;
	for (size_t i = 0; i < 2; i++) {
		paper_tick(p, i, 0);
		assert_true(duty_at_party(p, i, &env, &d));
		assert_int_equal(duty_fact(&d), NOTICE_LATE_REGISTERED);
		assert_false(d.said[NOTICE_LATE_REGISTERED].is_hubs);
		paper_greet(p, i, 64);
		assert_int_equal(paper_deliver(p, i, said(p, &n, (uint8_t)(5 + i), p->world.notice, n.priority), LIE_NOT), OK);
		assert_true(duty_at_party(p, i, &env, &d) && d.said[NOTICE_LATE_REGISTERED].is_hubs);
		assert_int_equal(times_told(p, i, "fact=late"), 1);
	}
	paper_down(p);
}

/* An agency's system that stays silent is told of at its own adapter, beside the deadline. */
static void
silent_system(void **state)
{
	struct paper *p = paper_up();
	struct envelope env = referred(p, "routine");
	struct duty d;

	(void)state;
	p->now_ms += 2 * CLOCK_DAY;
	paper_tick(p, 1, 0);
	assert_true(duty_at_party(p, 1, &env, &d) && d.said[DUTY_SILENT].at_ms != 0);
	paper_tick(p, 0, 0);
	assert_true(duty_at_party(p, 0, &env, &d) && d.said[DUTY_SILENT].at_ms == 0);
	paper_down(p);
}

/* A coordinator hears of a thread that it is no party to: it is kept, and forgotten a month after the last word. */
static void
of_others(void **state)
{
	struct paper *p = paper_up();
	struct envelope env = referred(p, "routine");
	struct notice n = about(p, &env, NOTICE_LATE_REGISTERED);
	struct duty d;

	(void)state;
	n.about.b[15] ^= 1;
	memset(n.thread.b, 9, THREAD_LEN);
	n.from = world_ids[2];
	env.header.thread = n.thread;
	env.header.id = n.about;
	assert_int_equal(paper_deliver(p, 0, said(p, &n, 1, p->world.notice, n.priority), LIE_NOT), OK);
	assert_true(duty_at_party(p, 0, &env, &d));
	assert_true(!d.is_ours && duty_fact(&d) == NOTICE_LATE_REGISTERED);
	p->now_ms += DUTY_FORGET_DAYS * CLOCK_DAY - 1;
	paper_tick(p, 0, 0);
	assert_true(duty_at_party(p, 0, &env, &d));
	paper_tick(p, 0, 1);
	assert_false(duty_at_party(p, 0, &env, &d));
	paper_down(p);
}

/* Referrals ask for no assessment there: their rows end with their answers. */
static struct paper *
paper_up_asking_nothing(void)
{
	struct paper *p = paper_up();

	for (size_t i = 0; i < 2; i++)
		p->party[i].desk.config.deadlines.assessment = (struct setting_term){ .ms = 0 };
	return p;
}

/* Registered and answered, nothing is owed; when the answer is registered, too, the row is gone, and a notice that comes too late makes no new one. */
static void
settled(void **state)
{
	struct paper *p = paper_up_asking_nothing();
	struct envelope env = referred(p, "routine"), answer;
	struct notice n = about(p, &env, NOTICE_HALF_TIME);
	char id[MSGID_TEXT_LEN];
	struct duty d;

	(void)state;
	(void)paper_take(p, 1, adesk_status(p->mem, "S-1", "R-1", "accepted", "status.case_no=C-1\n"));
	for (size_t i = p->party[1].n_sent; i-- > 0;) {
		answer = paper_decode(p, p->party[1].sent[i]);
		if (answer.header.class == CLASS_DATA)
			break;
	}
	assert_int_equal(answer.header.n_closes, 1);
	assert_true(msgid_eq(&answer.header.closes[0], &env.header.id));
	assert_true(duty_at_party(p, 1, &env, &d) && !duty_owes(&d));
	for (size_t i = 0; i < p->party[1].n_sent; i++)
		assert_int_equal(paper_deliver(p, 0, p->party[1].sent[i], LIE_NOT), OK);
	assert_true(duty_at_party(p, 0, &env, &d) && !duty_owes(&d));
	msgid_format(&answer.header.id, id);
	p->party[0].n_sent = 0;
	assert_int_equal(strncmp(paper_take(p, 0, arena_fmt(p->mem, "confirms=%s\ncase_no=7\n", id)), "OK ", 3), 0);
	assert_true(duty_at_party(p, 0, &env, &d));	/* not before the hub has it: a withdrawal may have been first */
	assert_int_equal(paper_accept(p, 0, p->party[0].sent[p->party[0].n_sent - 1], LIE_NOT), OK);
	assert_false(duty_at_party(p, 0, &env, &d));
	assert_int_equal(paper_deliver(p, 1, p->party[0].sent[p->party[0].n_sent - 1], LIE_NOT), OK);
	assert_false(duty_at_party(p, 1, &env, &d));
	assert_int_equal(paper_deliver(p, 0, said(p, &n, 1, p->world.notice, n.priority), LIE_NOT), OK);
	assert_false(duty_at_party(p, 0, &env, &d));
	paper_down(p);
}

/* Of what is done the hub's late word is no news, though the row stands for something else that is owed. */
static void
done_before_it_was_said(void **state)
{
	struct paper *p = paper_up();
	struct envelope env = referred(p, "routine");
	struct notice n = about(p, &env, NOTICE_LATE_RESPONSE);
	struct duty d;

	(void)state;
	(void)paper_take(p, 1, adesk_status(p->mem, "S-1", "R-1", "accepted", "status.case_no=C-1\n"));
	p->party[1].told[0] = '\0';
	assert_int_equal(paper_deliver(p, 1, said(p, &n, 1, p->world.notice, n.priority), LIE_NOT), OK);
	assert_true(duty_at_party(p, 1, &env, &d) && duty_owes(&d));
	assert_int_equal(d.said[NOTICE_LATE_RESPONSE].at_ms, 0);
	assert_null(strstr(p->party[1].told, "no-answer"));
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notice_is_noted_once), cmocka_unit_test(notice_refused), cmocka_unit_test(unknown_fact),
		cmocka_unit_test(own_clock),
		cmocka_unit_test(silent_system), cmocka_unit_test(of_others), cmocka_unit_test(settled), cmocka_unit_test(done_before_it_was_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
