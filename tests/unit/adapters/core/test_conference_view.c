/* SPDX-License-Identifier: EUPL-1.2 */
/* What a conference looks like to an agency's system, and to an operator, who sees no word of it. */
#include "tests/support/conference_paper.h"

#include <jansson.h>
#include <stdlib.h>

#include "adapters/core/conference_view.h"

static json_t *
get(struct paper *p, size_t i, const char *path, unsigned status)
{
	struct native in = { .method = "GET", .path = path }, answer = { 0 };
	json_t *said;

	assert_int_equal(adapter_request(p->party[i].desk.adapter, &in, NULL, p->mem, &answer), OK);
	if (status != 200)
		return NULL;
	assert_int_equal(answer.status, 200);
	said = json_loadb((const char *)answer.bytes.p, answer.bytes.n, 0, NULL);
	assert_non_null(said);
	return said;
}

static const char *
text(json_t *o, const char *name)
{
	return json_string_value(json_object_get(o, name));
}

/* Both members see the same: who comes, what was decided, and each commitment with its words and how it stands. */
static void
answer_both(void **state)
{
	struct paper *p = paper_up();
	json_t *all, *one;

	(void)state;
	paper_call(p);
	paper_must(p, 1, "conference-rsvp conference_id=" PAPER_CONFERENCE " answer=tentative reason=още");
	paper_must(p, 0, "conference-decision conference_id=" PAPER_CONFERENCE " result=decided text=план lead_agency=hospital-1");
	paper_must(p, 0, paper_commitment(p, "A", 1, "2026-12-24", ""));
	paper_must(p, 1, paper_update(p, "A", "refused", "reason=болест"));
	for (size_t i = 0; i < 2; i++) {
		all = get(p, i, "/v1/conferences/%D0%9A-1", 200);
		assert_string_equal(text(all, "state"), "decided");
		assert_string_equal(text(all, "coordinator"), world_ids[0]);
		assert_true(json_is_true(json_object_get(all, "is_coordinator")) == (i == 0));
		one = json_array_get(json_object_get(all, "members"), 0);
		assert_string_equal(text(one, "answer"), "tentative");
		assert_string_equal(text(one, "reason"), "още");
		assert_string_equal(text(json_object_get(all, "decision"), "lead_agency"), "hospital-1");
		one = json_array_get(json_object_get(all, "commitments"), 0);
		assert_string_equal(text(one, "state"), "refused");
		assert_string_equal(text(one, "text"), "дело");
		assert_string_equal(text(one, "reason"), "болест");
		assert_true(json_is_false(json_object_get(one, "overdue")));
		json_decref(all);
	}
	(void)get(p, 0, "/v1/conferences/none", 404);
	paper_down(p);
}

/* For an operator: numbers, agencies, answers, states, and nothing that was said. */
static void
rows_silent(void **state)
{
	struct paper *p = paper_up();
	json_t *rows;
	char *said;

	(void)state;
	paper_call(p);
	paper_must(p, 0, paper_commitment(p, "A", 1, "2026-12-24", ""));
	rows = conference_view_rows(p->party[0].desk.adapter, NULL);
	assert_int_equal(json_array_size(rows), 1);
	json_decref(rows);
	rows = conference_view_rows(p->party[0].desk.adapter, "none");
	assert_int_equal(json_array_size(rows), 0);
	json_decref(rows);
	rows = conference_view_rows(p->party[0].desk.adapter, PAPER_CONFERENCE);
	assert_int_equal(json_array_size(rows), 1);
	said = json_dumps(rows, JSON_COMPACT);
	assert_non_null(strstr(said, "\"proposed\""));
	assert_null(strstr(said, "дело"));
	assert_null(strstr(said, "зала"));
	free(said);
	json_decref(rows);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(answer_both), cmocka_unit_test(rows_silent) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
