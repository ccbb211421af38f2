/* SPDX-License-Identifier: EUPL-1.2 */
/* Previews as an agency's system sees them by HTTP: what is in them, page by page, and which bodies are taken. */
#include "tests/support/preview_paper.h"

/* All four fields, whose it is and until when; nothing else of it. */
static void
what_is_shown(void **state)
{
	struct paper *p = held(true);
	const char *list = asked(p, "GET", "/v1/previews", "");

	(void)state;
	must_have(list, "\"age_band\":\"7-11\"");
	must_have(list, "\"service_kind\":\"needs-assessment\"");
	must_have(list, "\"municipality\":\"PDV22\"");
	must_have(list, "\"priority\":\"routine\"");
	must_have(list, "\"referral_id\":\"R-1\"");
	must_have(list, "\"respond_by\":\"20");
	must_have(list, "\"state\":\"requested\"");
	for (size_t i = 0; i < 3; i++)
		must_not_have(list, (const char *[]){ SECRET, "Проба", "2018-05-06" }[i]);
	must_not_have(asked(p, "GET", "/referrals/R-1", ""), SECRET);
	must_have(asked(p, "GET", "/things/R-1", ""), "NSK-1405");
	must_not_have(asked(p, "GET", "/things?open=1", ""), "R-1");
	paper_down(p);
}

/* More than fit are in pages, each once. */
static void
in_pages(void **state)
{
	struct paper *p = held(true);
	const char *list, *next;
	unsigned n = 0;

	(void)state;
	for (int i = 2; i < 30; i++) {
		paper_refer(p, arena_fmt(p->mem, "R-%d", i), "routine");
		paper_run(p);
	}
	list = asked(p, "GET", "/v1/previews", "");
	for (const char *at = list; (at = strstr(at, "\"kind\":\"preview\"")) != NULL; at++)
		n++;
	assert_int_equal(n, 29);
	must_not_have(list, "\"next\"");
	next = asked(p, "GET", "/v1/previews?after=2", "");
	must_not_have(next, "\"R-1\"");
	must_have(next, "\"R-29\"");
	must_have(asked(p, "GET", "/v1/previews?after=x", ""), "NSK-1305");
	paper_down(p);
}

/* What is not said rightly changes nothing. */
static void
bodies(void **state)
{
	static const struct { const char *body, *code; } bad[] = {
		{ "{", "NSK-1501" }, { "[]", "NSK-1501" }, { "{\"reason_code\":\"magic\"}", "NSK-1303" },
		{ "{\"reason_code\":7}", "NSK-1501" }, { "{\"colour\":\"blue\"}", "NSK-1308" }, { "{\"actor\":\"x\"}", "NSK-1501" },
		{ "{\"reason_code\":\"other\"}", "NSK-1301" },
	};
	struct paper *p = held(true);
	char *long_body = arena_alloc(p->mem, PREVIEW_BODY_MAX + 2);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		must_have(asked(p, "POST", "/v1/previews/R-1/decline", bad[i].body), bad[i].code);
	memset(long_body, ' ', PREVIEW_BODY_MAX + 1);
	long_body[PREVIEW_BODY_MAX + 1] = '\0';
	must_have(asked(p, "POST", "/v1/previews/R-1/decline", long_body), "NSK-1005");
	must_have(asked(p, "POST", "/v1/previews/R-1/open", "{\"reason_code\":\"other\"}"), "NSK-1308");
	must_have(asked(p, "POST", "/v1/previews/R-9/open", ""), "NSK-1403");
	must_have(asked(p, "PUT", "/v1/previews/R-1/open", ""), "NSK-1602");
	assert_int_equal(paper_thread(p, 1, "R-1").hold, HOLD_PREVIEW);
	assert_true(has_content(p));
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_is_shown), cmocka_unit_test(in_pages), cmocka_unit_test(bodies) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
