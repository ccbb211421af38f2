/* SPDX-License-Identifier: EUPL-1.2 */
/* To whom a referral goes: by service where it names one, by its settlement's municipality where that is sure, and never by a guess. */
#include "tests/support/paper_services.h"

static const char *
refer(struct paper *p, const char *id, const char *more)
{
	return paper_take(p, 0, arena_fmt(p->mem,
		"id=%s\nkind=referral\nreferral.referral_id=%s\nreferral.child.given=Проба\nreferral.child.family=Измислена\n"
		"referral.child.birth_date=2018-05-06\nreferral.child.gender=female\nreferral.service_kind=psych-counselling\n"
		"referral.reason_text=x\nreferral.risk_level=medium\nreferral.priority=routine\nreferral.disposition_wanted=take-over\n"
		"referral.legal_basis=duty-to-protect\n%s", id, id, more));
}

static bool
is_ok(const char *answer)
{
	return strncmp(answer, "OK ", 3) == 0;
}

/* A service leads to the agency that announces it, under its own name or in the place of an agency's; one that is full is told. */
static void
by_service(void **state)
{
	struct paper *p = paper_up();

	(void)state;
	assert_false(is_ok(refer(p, "R-1", "referral.target.service_id=h-1\n")));
	paper_announce_to_all(p, 1, "h-1", 3);
	p->party[0].n_sent = 0;
	assert_true(is_ok(refer(p, "R-2", "referral.target.service_id=h-1\n")));
	assert_string_equal(paper_decode(p, p->party[0].sent[0]).header.to[0], world_ids[1]);
	assert_true(is_ok(refer(p, "R-3", "target=h-1\n")));
	assert_string_equal(paper_decode(p, p->party[0].sent[1]).header.to[0], world_ids[1]);
	assert_null(strstr(p->party[0].told, "room=full"));
	p->now_ms += CLOCK_SECOND;
	paper_announce_to_all(p, 1, "h-1", 0);
	assert_true(is_ok(refer(p, "R-4", "referral.target.service_id=h-1\n")));
	assert_non_null(strstr(p->party[0].told, "room=full"));
	paper_down(p);
}

/* Where no service is named, an agency that announces others but none of the kind is told, as is one whose every service of the kind is
 * full; of one that announces nothing, or has a free place in any of them, nothing is said. */
static void
by_kind(void **state)
{
	struct paper *p = paper_up();

	(void)state;
	assert_true(is_ok(refer(p, "R-1", "target=hospital-1\n")));
	assert_null(strstr(p->party[0].told, "referral.full"));
	paper_announce_to_all(p, 1, "h-1", 0);
	assert_true(is_ok(refer(p, "R-2", "target=hospital-1\n")));
	assert_non_null(strstr(p->party[0].told, "service=psych-counselling room=full"));
	p->party[0].told[0] = '\0';
	p->now_ms += CLOCK_SECOND;
	paper_announce_to_all(p, 1, "h-2", 2);
	assert_true(is_ok(refer(p, "R-3", "target=hospital-1\n")));
	assert_null(strstr(p->party[0].told, "referral.full"));
	assert_true(is_ok(paper_take(p, 0, arena_fmt(p->mem, "id=R-4\ntarget=hospital-1\nkind=referral\nreferral.referral_id=R-4\n"
		"referral.child.given=Проба\nreferral.child.family=Измислена\nreferral.child.birth_date=2018-05-06\n"
		"referral.child.gender=female\nreferral.service_kind=immunisation\nreferral.reason_text=x\nreferral.risk_level=medium\n"
		"referral.priority=routine\nreferral.disposition_wanted=take-over\nreferral.legal_basis=duty-to-protect\n"))));
	assert_non_null(strstr(p->party[0].told, "service=immunisation room=not-offered"));
	paper_down(p);
}

/* A settlement gives the municipality that routes go by; the code that three municipalities share gives none. */
static void
by_settlement(void **state)
{
	static const struct adapter_route routes[] = { { .municipality = "PDV42", .to = "hospital-1" } };
	struct paper *p = paper_up();

	(void)state;
	p->party[0].desk.config.routes = routes;
	p->party[0].desk.config.n_routes = 1;
	assert_true(is_ok(refer(p, "R-1", "referral.child.address.ekatte=40467\n")));
	assert_non_null(strstr(refer(p, "R-2", "referral.child.address.ekatte=56784\n"), "NSK-1506"));
	assert_non_null(strstr(refer(p, "R-3", "referral.child.address.ekatte=00702\n"), "NSK-1506"));
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(by_service), cmocka_unit_test(by_kind), cmocka_unit_test(by_settlement) };

	return cmocka_run_group_tests_name("target", tests, NULL, NULL);
}
