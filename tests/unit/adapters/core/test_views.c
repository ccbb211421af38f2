/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/support/paper_hub.h"

static const char *
ask(struct paper *p, size_t i, const char *method, const char *path, const char *body)
{
	struct native in = { .method = method, .path = path, .bytes = span_str(body) }, answer = { 0 };

	assert_int_equal(adapter_request(p->party[i].desk.adapter, &in, NULL, p->mem, &answer), OK);
	return (const char *)answer.bytes.p;
}

/* A path is matched segment by segment, its query apart; another method on a known path is told as that. */
static void
views_route_match(void **state)
{
	struct paper *p = paper_up();

	(void)state;
	assert_string_equal(ask(p, 0, "GET", "/document", ""), "nothing to read");
	assert_string_equal(ask(p, 0, "GET", "/document?a=b", ""), "nothing to read");
	assert_string_equal(ask(p, 0, "GET", "/documents", ""), "NSK-1006 ");
	assert_string_equal(ask(p, 0, "GET", "/documen", ""), "NSK-1006 ");
	assert_string_equal(ask(p, 0, "GET", "/referrals/", ""), "NSK-1006 ");
	assert_string_equal(ask(p, 0, "GET", "/referrals/a/b", ""), "NSK-1006 ");
	assert_string_equal(ask(p, 0, "POST", "/document", ""), "NSK-1602 ");
	assert_string_equal(ask(p, 0, "GET", "/referrals/R-9", ""), "NSK-1403 id");
	paper_down(p);
}

/* Who uses another method is told which ones the address takes. */
static void
views_methods_allowed(void **state)
{
	static const char *const rows[][2] = {
		{ "/document", "GET, HEAD" }, { "/referrals/R-9?a=b", "GET, HEAD" }, { "/inbox/x/registered", "POST" },
	};
	struct paper *p = paper_up();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct native in = { .method = "DELETE", .path = rows[i][0] }, answer = { 0 };

		assert_int_equal(adapter_request(p->party[0].desk.adapter, &in, NULL, p->mem, &answer), OK);
		assert_string_equal(answer.bytes.p, "NSK-1602 ");
		assert_string_equal(answer.allow, rows[i][1]);
	}
	paper_down(p);
}

/* Progress names the stages that were reached, by number, case number or message id, percent-encoded or not. */
static void
views_progress_stages(void **state)
{
	struct paper *p = paper_up();
	const char *id;

	(void)state;
	id = paper_take(p, 0, adesk_referral(p->mem, "R/1", world_ids[1], "routine", "x")) + 3;
	assert_string_equal(ask(p, 0, "GET", "/referrals/R%2f1", ""),
			    "R/1 requested - - stored=0 delivered=0 registered=0 seen=0 NSK-0");
	paper_run(p);
	assert_non_null(strstr(ask(p, 0, "GET", arena_fmt(p->mem, "/referrals/%.36s", id), ""), "stored=1 delivered=1 registered=0"));
	assert_non_null(strstr(ask(p, 1, "GET", arena_fmt(p->mem, "/referrals/%.36s", id), ""), "R/1 requested"));
	(void)ask(p, 1, "POST", "/inbox/x/registered", "confirms=R/1\ncase_no=C-1\n");
	paper_run(p);
	assert_non_null(strstr(ask(p, 0, "GET", "/referrals/R%2F1", ""), "- C-1 stored=1 delivered=1 registered=1 seen=0"));
	assert_non_null(strstr(ask(p, 1, "GET", "/referrals/C-1", ""), "R/1 requested C-1 -"));
	paper_down(p);
}

/* A sector may look a referral up by any of its numbers while it translates; one that is not here is told as that. */
static void
views_for_sector(void **state)
{
	struct paper *p = paper_up();
	const struct sector_env *env = &p->party[1].desk.adapter->env;
	struct progress found;

	(void)state;
	(void)paper_take(p, 0, adesk_referral(p->mem, "R/1", world_ids[1], "routine", "x"));
	assert_int_equal(env->progress_of(env->core, "R/1", p->mem, &found), ERR_UNKNOWN_REFERRAL);
	paper_run(p);
	(void)ask(p, 1, "POST", "/inbox/x/registered", "confirms=R/1\ncase_no=C-1\n");
	assert_int_equal(env->progress_of(env->core, "C-1", p->mem, &found), OK);
	assert_string_equal(found.referral->referral->referral_id, "R/1");
	assert_string_equal(found.state, "requested");
	assert_string_equal(found.case_no, "C-1");
	assert_false(found.is_initiator);
	paper_down(p);
}

/* The inbox is read by cursor, so many at a time, each entry once. */
static void
views_listing_window(void **state)
{
	struct paper *p = paper_up();
	const char *list;
	unsigned seen = 0;
	uint64_t after = 0;

	(void)state;
	for (int i = 0; i < 25; i++)
		paper_refer(p, arena_fmt(p->mem, "R-%d", i), "routine");
	paper_run(p);
	for (;;) {
		list = ask(p, 1, "GET", arena_fmt(p->mem, "/inbox?limit=10&after=%llu", (unsigned long long)after), "");
		if (*list == '\n')
			break;
		for (; *list != '\n'; list = strchr(list, '\n') + 1, seen++) {
			assert_true(strtoull(list, NULL, 10) > after);
			after = strtoull(list, NULL, 10);
		}
	}
	assert_int_equal(seen, 25);
	paper_down(p);
}

/* Bad windows are told by their name. */
static void
views_listing_bad(void **state)
{
	static const char *const bad[][2] = {
		{ "/inbox?after=x", "NSK-1305 after" }, { "/inbox?after=-1", "NSK-1305 after" }, { "/inbox?limit=0", "NSK-1305 limit" },
		{ "/inbox?limit=9x", "NSK-1305 limit" }, { "/inbox?_lastUpdated=gtyesterday", "NSK-1304 _lastUpdated" },
	};
	struct paper *p = paper_up();

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_string_equal(ask(p, 1, "GET", bad[i][0], ""), bad[i][1]);
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	assert_string_equal(ask(p, 1, "GET", "/inbox?_lastUpdated=gt2026-03-02T10:00:00Z", ""), "\n");
	assert_string_not_equal(ask(p, 1, "GET", "/inbox?_lastUpdated=ge2026-03-02T10:00:00Z", ""), "\n");
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(views_route_match),
		cmocka_unit_test(views_methods_allowed),
		cmocka_unit_test(views_progress_stages),
		cmocka_unit_test(views_for_sector),
		cmocka_unit_test(views_listing_window),
		cmocka_unit_test(views_listing_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
