/* SPDX-License-Identifier: EUPL-1.2 */
/* The list of deadlines over HTTP and over the control socket: what it shows, its paging, and what it refuses. */
#include "tests/support/paper_hub.h"

#include <jansson.h>

#include "adapters/core/duty.h"
#include "adapters/core/duty_view.h"

static json_t *
get(struct paper *p, size_t i, const char *path)
{
	struct native in = { .method = "GET", .path = path }, answer = { 0 };
	json_t *said;

	assert_int_equal(adapter_request(p->party[i].desk.adapter, &in, NULL, p->mem, &answer), OK);
	assert_int_equal(answer.status, 200);
	assert_string_equal(answer.media_type, "application/json");
	said = json_loadb((const char *)answer.bytes.p, answer.bytes.n, 0, NULL);
	assert_non_null(said);
	return said;
}

static const char *
text_of(json_t *list, size_t i, const char *name)
{
	return json_string_value(json_object_get(json_array_get(json_object_get(list, "deadlines"), i), name));
}

static size_t
count(json_t *list)
{
	return json_array_size(json_object_get(list, "deadlines"));
}

static void
refer(struct paper *p, const char *id)
{
	(void)paper_take(p, 0, adesk_referral(p->mem, id, world_ids[1], "urgent", "x"));
	paper_run(p);
}

/* Both agencies see one message with their own part in it, how far it came, and until when; then, that it is late. */
static void
both_sides(void **state)
{
	struct paper *p = paper_up();
	json_t *list;

	(void)state;
	refer(p, "R-1");
	list = get(p, 0, "/v1/deadlines");
	assert_int_equal(count(list), 1);
	assert_string_equal(text_of(list, 0, "role"), "sender");
	assert_string_equal(text_of(list, 0, "to"), world_ids[1]);
	assert_string_equal(text_of(list, 0, "referral_id"), "R-1");
	assert_string_equal(text_of(list, 0, "stage"), "delivered");
	assert_string_equal(text_of(list, 0, "priority"), "urgent");
	assert_string_equal(text_of(list, 0, "fact"), "late");
	assert_string_equal(text_of(list, 0, "due"), text_of(list, 0, "registered_by"));
	json_decref(list);
	list = get(p, 0, "/v1/deadlines?late=true");
	assert_int_equal(count(list), 0);
	json_decref(list);
	p->now_ms += CLOCK_DAY;
	paper_tick(p, 1, 0);
	list = get(p, 1, "/v1/deadlines?late=true");
	assert_string_equal(text_of(list, 0, "role"), "recipient");
	assert_string_equal(json_string_value(json_object_get(json_array_get(json_object_get(json_array_get(json_object_get(list,
		"deadlines"), 0), "said"), 0), "by")), "adapter");
	json_decref(list);
	paper_down(p);
}

/* What has been done is owed no more, and its deadline is gone, whatever the row stays for; what was never asked for has none. */
static void
only_what_is_owed(void **state)
{
	static const struct { bool is_registered, is_answered, is_kept, is_kept_up; const char *there; const char *fact; } cases[] = {
		{ false, false, false, false, "registered_by respond_by expires promised acknowledge_by", "late" },
		{ true, false, false, false, "respond_by expires promised acknowledge_by", "no-answer" },
		{ false, true, false, false, "registered_by promised acknowledge_by", "late" },
		{ true, true, false, false, "promised acknowledge_by", "overdue" },
		{ true, true, true, false, "acknowledge_by", "acknowledged" },
		{ true, false, true, true, "respond_by expires", "no-answer" },
		{ false, true, true, true, "registered_by", "late" },
	};
	static const char *const names[] = { "registered_by", "respond_by", "expires", "promised", "review_by", "acknowledge_by" };
	struct paper *p = paper_up();
	struct adapter *a = p->party[1].desk.adapter;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct duty d = {
			.about.b = { (uint8_t)(i + 1) }, .from = "a", .to = "b", .is_ours = true, .created_ms = p->now_ms,
			.registered_by_ms = p->now_ms + 1000, .respond_by_ms = p->now_ms + 2000, .expires_ms = p->now_ms + 9000,
			.promised_ms = p->now_ms + 3000, .upkeep = DUTY_ACKNOWLEDGED, .upkeep_ms = p->now_ms + 4000,
			.is_registered = cases[i].is_registered, .is_answered = cases[i].is_answered, .is_kept = cases[i].is_kept,
			.is_kept_up = cases[i].is_kept_up,
		};
		struct txn *txn = store_write(a->p.store);
		json_t *list;

		duty_put(txn, p->mem, &d, p->now_ms);
		assert_int_equal(txn_commit(txn), OK);
		list = get(p, 1, "/v1/deadlines");
		assert_int_equal(count(list), i + 1);
		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++)
			assert_int_equal(text_of(list, i, names[k]) != NULL, strstr(cases[i].there, names[k]) != NULL);
		assert_string_equal(text_of(list, i, "fact"), cases[i].fact);
		assert_string_equal(text_of(list, i, "due"), text_of(list, i, strcmp(cases[i].fact, "late") == 0 ? "registered_by" :
			strcmp(cases[i].fact, "no-answer") == 0 ? "respond_by" : strcmp(cases[i].fact, "overdue") == 0 ? "promised" :
			"acknowledge_by"));
		json_decref(list);
	}
	paper_down(p);
}

/* Each thing that is asked for as time goes by has its own deadline, and is late by it, but for what the adapter does by itself. */
static void
what_is_asked_for(void **state)
{
	static const struct { int upkeep; const char *by, *fact; bool is_late; } cases[] = {
		{ DUTY_UNREVIEWED, "review_by", "unreviewed", true }, { DUTY_UNASSESSED, "assess_by", "unassessed", true },
		{ DUTY_ACKNOWLEDGED, "acknowledge_by", "acknowledged", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct paper *p = paper_up();
		struct adapter *a = p->party[1].desk.adapter;
		struct duty d = {
			.about.b = { 1 }, .from = "a", .to = "b", .is_ours = true, .is_registered = true, .is_answered = true,
			.created_ms = p->now_ms, .upkeep = cases[i].upkeep, .upkeep_ms = p->now_ms + 4000,
		};
		struct txn *txn = store_write(a->p.store);
		json_t *list;

		duty_put(txn, p->mem, &d, p->now_ms);
		assert_int_equal(txn_commit(txn), OK);
		list = get(p, 1, "/v1/deadlines");
		assert_string_equal(text_of(list, 0, "fact"), cases[i].fact);
		assert_string_equal(text_of(list, 0, "due"), text_of(list, 0, cases[i].by));
		json_decref(list);
		p->now_ms += 5000;
		list = get(p, 1, "/v1/deadlines?late=true");
		assert_int_equal(count(list), cases[i].is_late);
		json_decref(list);
		paper_down(p);
	}
}

/* So many at a time, each once, in order; the last page has no next. */
static void
pages(void **state)
{
	struct paper *p = paper_up();
	char path[64] = "/v1/deadlines?limit=2";
	json_t *list, *next = NULL;
	unsigned n = 0;

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		refer(p, arena_fmt(p->mem, "R-%u", i));
	do {
		list = get(p, 0, path);
		for (size_t i = 0; i < count(list); i++)
			assert_string_equal(text_of(list, i, "referral_id"), arena_fmt(p->mem, "R-%u", n++));
		next = json_object_get(list, "next");
		if (next)
			snprintf(path, sizeof(path), "/v1/deadlines?limit=2&after=%lld", (long long)json_integer_value(next));
		json_decref(list);
	} while (next);
	assert_int_equal(n, 5);
	paper_down(p);
}

/* A parameter that is not one is refused and named. */
static void
refused(void **state)
{
	static const char *const rows[][2] = {
		{ "limit=0", "NSK-1305 limit" }, { "limit=201", "NSK-1305 limit" }, { "limit=-1", "NSK-1305 limit" },
		{ "after=x", "NSK-1305 after" }, { "late=yes", "NSK-1303 late" },
	};
	struct paper *p = paper_up();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct native in = { .method = "GET", .path = arena_fmt(p->mem, "/v1/deadlines?%s", rows[i][0]) }, answer = { 0 };

		assert_int_equal(adapter_request(p->party[0].desk.adapter, &in, NULL, p->mem, &answer), OK);
		assert_string_equal(answer.bytes.p, rows[i][1]);
	}
	paper_down(p);
}

/* nasokactl's table says of each row what is to be done: the answer that is asked for first, and what else is open. */
static void
says_what_it_asks_for(void **state)
{
	static const struct { struct duty d; const char *asks; } cases[] = {
		{ { .registered_by_ms = 1, .respond_by_ms = 1, .ask = ASK_REFERRAL }, "referral" },
		{ { .respond_by_ms = 1, .ask = ASK_OFFER, .is_registered = true }, "late-offer" },
		{ { .registered_by_ms = 1, .respond_by_ms = 1, .ask = ASK_REFERRAL, .is_answered = true }, "registration" },
		{ { .respond_by_ms = 1, .is_registered = true }, "answer" },
		{ { .promised_ms = 1, .is_registered = true }, "commitment" },
		{ { .upkeep = DUTY_UNREVIEWED, .upkeep_ms = 1, .is_registered = true }, "review" },
		{ { .upkeep = DUTY_UNASSESSED, .upkeep_ms = 1, .is_registered = true }, "assessment" },
		{ { .upkeep = DUTY_ACKNOWLEDGED, .upkeep_ms = 1, .is_registered = true }, "acknowledgement" },
	};
	struct paper *p = paper_up();
	struct adapter *a = p->party[1].desk.adapter;
	size_t n = sizeof(cases) / sizeof(cases[0]);
	struct txn *txn = store_write(a->p.store);
	json_t *list;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct duty d = cases[i].d;

		d.about.b[0] = (uint8_t)(i + 1);
		d.is_ours = true;
		duty_put(txn, p->mem, &d, p->now_ms);
	}
	assert_int_equal(txn_commit(txn), OK);
	list = duty_view_rows(a, NULL, false);
	assert_int_equal(count(list), n);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(text_of(list, i, "asks"), cases[i].asks);
	json_decref(list);
	paper_down(p);
}

/* nasokactl's table has the late ones first, of one agency if it is asked so; the status counts them. */
static void
for_operators(void **state)
{
	struct paper *p = paper_up();
	struct adapter_status st;
	json_t *list;

	(void)state;
	refer(p, "R-1");
	p->now_ms += CLOCK_DAY;
	refer(p, "R-2");
	paper_tick(p, 0, 0);
	list = duty_view_rows(p->party[0].desk.adapter, NULL, false);
	assert_int_equal(json_integer_value(json_object_get(list, "late")), 1);
	assert_int_equal(count(list), 2);
	assert_true(json_is_true(json_object_get(json_array_get(json_object_get(list, "deadlines"), 0), "late")));
	assert_true(json_is_true(json_object_get(list, "all")));
	json_decref(list);
	list = duty_view_rows(p->party[0].desk.adapter, world_ids[2], false);
	assert_int_equal(count(list), 0);
	json_decref(list);
	adapter_status(p->party[0].desk.adapter, &st);
	assert_int_equal(st.deadlines, 2);
	assert_int_equal(st.late, 1);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_sides), cmocka_unit_test(only_what_is_owed), cmocka_unit_test(what_is_asked_for),
		cmocka_unit_test(pages), cmocka_unit_test(refused), cmocka_unit_test(for_operators),
		cmocka_unit_test(says_what_it_asks_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
