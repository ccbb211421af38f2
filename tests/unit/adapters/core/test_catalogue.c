/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/core/catalogue.h"
#include "tests/support/paper_hub.h"

static struct native
ask(struct paper *p, size_t i, const char *method, const char *path, const char *body, const struct request_head *head)
{
	struct native in = { .method = method, .path = path, .bytes = span_str(body), .head = head }, answer = { 0 };

	assert_int_equal(adapter_request(p->party[i].desk.adapter, &in, NULL, p->mem, &answer), OK);
	return answer;
}

static const char *
things(struct paper *p, size_t i)
{
	return (const char *)ask(p, i, "GET", "/things?open=1", "", NULL).bytes.p;
}

static void
register_it(struct paper *p)
{
	(void)ask(p, 1, "POST", "/inbox/x/registered", "confirms=R-1\ncase_no=C-1\n", NULL);
	paper_run(p);
}

/* Both sides see the referral as it stands; its steps are messages where they came, and not listed where they were sent. */
static void
catalogue_both_sides(void **state)
{
	struct paper *p = paper_up();
	const char *list;

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	register_it(p);
	assert_memory_equal(things(p, 0), "o1 R-1 referral ours requested ", 31);
	assert_memory_equal(things(p, 1), "i1 R-1 referral theirs requested ", 33);
	assert_non_null(paper_take(p, 1, adesk_status(p->mem, "S-1", "R-1", "accepted", "")));
	paper_run(p);
	list = things(p, 1);
	assert_memory_equal(list, "i1 R-1 referral theirs accepted ", 32);
	assert_non_null(strstr(list, " referral status-change\n"));
	assert_null(strchr(strchr(list, '\n') + 1, '\n'));
	list = things(p, 0);
	assert_non_null(strstr(list, "R-1 message theirs accepted "));
	assert_non_null(strstr(list, "o1 R-1 referral ours accepted "));
	assert_true(strstr(list, "message theirs") < strstr(list, "referral ours"));
	paper_down(p);
}

/* One is found by its message id or its number, with its version and time; a sent step by the id that it was given. */
static void
catalogue_one(void **state)
{
	struct paper *p = paper_up();
	struct native got;
	const char *id;

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	register_it(p);
	got = ask(p, 0, "GET", "/things/R-1", "", NULL);
	assert_non_null(got.etag);
	assert_true(got.modified_ms > 0);
	assert_non_null(strstr((const char *)got.bytes.p, " R-1 requested referral -"));
	assert_non_null(strstr((const char *)ask(p, 1, "GET", "/things/C-1", "", NULL).bytes.p, " R-1 requested referral -"));
	id = arena_strn(p->mem, paper_take(p, 1, adesk_status(p->mem, "S-1", "R-1", "accepted", "")) + 3, 36);
	got = ask(p, 1, "GET", arena_fmt(p->mem, "/things/%s", id), "", NULL);
	assert_memory_equal(got.bytes.p, id, 36);
	assert_non_null(strstr((const char *)got.bytes.p, " R-1 accepted message status-change -"));
	paper_run(p);
	assert_non_null(strstr((const char *)ask(p, 1, "GET", arena_fmt(p->mem, "/things/%s", id), "", NULL).bytes.p,
			       " message status-change delivered"));
	assert_string_equal(ask(p, 1, "GET", "/things/R-9", "", NULL).bytes.p, "NSK-1403 id");
	paper_down(p);
}

/* The version is another after every change, and the same while nothing changes. */
static void
catalogue_version(void **state)
{
	struct paper *p = paper_up();
	const char *before, *after;

	(void)state;
	paper_refer(p, "R-1", "routine");
	before = ask(p, 0, "GET", "/things/R-1", "", NULL).etag;
	assert_string_equal(ask(p, 0, "GET", "/things/R-1", "", NULL).etag, before);
	paper_run(p);
	after = ask(p, 0, "GET", "/things/R-1", "", NULL).etag;
	assert_string_not_equal(after, before);
	register_it(p);
	before = after;
	after = ask(p, 0, "GET", "/things/R-1", "", NULL).etag;
	assert_string_not_equal(after, before);
	(void)paper_take(p, 0, adesk_status(p->mem, "S-1", "R-1", "cancel-requested", "status.reason_text=x\n"));
	assert_string_not_equal(ask(p, 0, "GET", "/things/R-1", "", NULL).etag, after);
	paper_down(p);
}

/* If-Match lets through the version that stands and no other; what was made of it is told as it stands then. */
static void
catalogue_if_match(void **state)
{
	struct paper *p = paper_up();
	struct request_head head = { .if_match = "W/\"0-0-0-0\"" };
	const char *etag, *step = adesk_status(p->mem, "S-1", "R-1", "accepted", "");
	struct native got;

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	assert_string_equal(ask(p, 1, "PUT", "/things/R-1", step, &head).bytes.p, "NSK-1608 If-Match");
	assert_string_equal(ask(p, 1, "PUT", "/things/R-9", step, &head).bytes.p, "NSK-1608 If-Match");
	etag = ask(p, 1, "GET", "/things/R-1", "", NULL).etag;
	head.if_match = arena_fmt(p->mem, "\"a\", %s", etag);
	got = ask(p, 1, "PUT", "/things/R-1", step, &head);
	assert_non_null(strstr((const char *)got.bytes.p, " R-1 accepted referral status-change"));
	assert_string_not_equal(got.etag, etag);
	head.if_match = etag;
	assert_string_equal(ask(p, 1, "PUT", "/things/R-1", step, &head).bytes.p, "NSK-1608 If-Match");
	paper_down(p);
}

/* If-None-Exist: what is there is the answer and nothing is made; where nothing fits it is made; several are refused. */
static void
catalogue_if_none_exist(void **state)
{
	struct paper *p = paper_up();
	struct request_head head = { .if_none_exist = "requested" };
	const char *more = adesk_referral(p->mem, "R-2", world_ids[1], "routine", "x");

	(void)state;
	assert_memory_equal(ask(p, 0, "POST", "/things", adesk_referral(p->mem, "R-1", world_ids[1], "routine", "x"), &head).bytes.p, "OK ", 3);
	assert_memory_equal(ask(p, 0, "POST", "/things", more, &head).bytes.p, "o1 R-1 ", 7);
	assert_int_equal(paper_count(p, 0, TABLE_THREAD), 1);
	assert_memory_equal(ask(p, 0, "POST", "/things", more, NULL).bytes.p, "OK ", 3);
	assert_string_equal(ask(p, 0, "POST", "/things", more, &head).bytes.p, "NSK-1608 state");
	paper_down(p);
}

/* What was destroyed is told to be gone. */
static void
catalogue_gone(void **state)
{
	struct paper *p = paper_up();
	struct thread t;
	struct txn *txn;

	(void)state;
	paper_refer(p, "R-1", "routine");
	t = paper_thread(p, 0, "R-1");
	txn = store_write(p->party[0].desk.store);
	txn_del(txn, TABLE_REFERRAL, SPAN(t.id.b, THREAD_LEN));
	assert_int_equal(txn_commit(txn), OK);
	assert_string_equal(ask(p, 0, "GET", "/things/R-1", "", NULL).bytes.p, "NSK-1609 id");
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(catalogue_both_sides),
		cmocka_unit_test(catalogue_one),
		cmocka_unit_test(catalogue_version),
		cmocka_unit_test(catalogue_if_match),
		cmocka_unit_test(catalogue_if_none_exist),
		cmocka_unit_test(catalogue_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
