/* SPDX-License-Identifier: EUPL-1.2 */
/* test_minimise - what is outside consent or need is dropped and counted, or refused as a whole; who, what, why and safety always go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/core/minimise.h"
#include "tests/support/record_random.h"
#include "tests/support/sample_record.h"
#include "tests/support/arena_fixture.h"

static const char *const categories[] = { "identity", "contact", "health", "education", "social", "family" };
#define N_CATEGORIES (sizeof(categories) / sizeof(categories[0]))

/* A consent to the categories of these bits; none: to all. */
static struct consent *
consent_to(unsigned bits)
{
	struct consent *c = record_new(mem, "consent");
	const char **items = arena_array(mem, N_CATEGORIES, sizeof(*items));

	c->data_categories.items = items;
	for (size_t i = 0; i < N_CATEGORIES; i++)
		if (bits & 1u << i)
			items[c->data_categories.n++] = categories[i];
	return c;
}

#define CONTACT 2u
#define HEALTH 4u
#define EDUCATION 8u
#define SOCIAL 16u
#define FAMILY 32u
#define ALL 63u
#define NO_CONSENT 64u

/* On the basis of consent to these categories, or on another; to one agency of this kind. */
static struct ground
ground(unsigned bits, const char *const *to)
{
	return (struct ground){ .legal_basis = bits == NO_CONSENT ? "duty-to-protect" : "consent", .consent = bits == NO_CONSENT ? NULL : consent_to(bits),
				.from = "ozd", .to = to, .n_to = 1 };
}

static size_t
drops(struct record *record, const struct ground *g)
{
	struct why why = { .where = "" };
	size_t n;

	if (minimise_record(record, g, &n, &why) != OK)
		fail_msg("%s: %s", why.where, why.text);
	return n;
}

static void
assert_valid(const struct record *record)
{
	struct why why;

	if (record_check(record, &why) != OK)
		fail_msg("%s: %s", why.where, why.text);
}

static const char *const school = "school", *const hospital = "hospital", *const ozd = "ozd", *const police = "mvr";

/* A school gets no diagnosis and no doctor, a hospital no attendance and no grade, another agency all. */
static void
sectors_get_what_they_need(void **state)
{
	struct record *record = sample_record(mem, "referral");
	struct ground g = ground(NO_CONSENT, &school);

	(void)state;
	assert_int_equal(drops(record, &g), 2);
	assert_int_equal(record->referral->n_diagnosis, 0);
	assert_null(record->referral->child->gp);
	assert_non_null(record->referral->attendance);
	assert_valid(record);
	record = sample_record(mem, "referral");
	g = ground(ALL, &hospital);	/* consent does not make a need of a grade */
	assert_int_equal(drops(record, &g), 2);
	assert_null(record->referral->attendance);
	assert_null(record->referral->child->school->grade);
	assert_non_null(record->referral->child->school->code);
	assert_int_equal(record->referral->n_diagnosis, 2);
	assert_valid(record);
	record = sample_record(mem, "referral");
	g = ground(0, &ozd);
	assert_int_equal(drops(record, &g), 0);
}

/* Consent that names categories lets nothing else through, once; one that names none, and another basis, drop nothing. */
static void
consent_has_categories(void **state)
{
	struct record *record = sample_record(mem, "referral");
	struct ground g = ground(HEALTH | FAMILY, &ozd);
	const struct referral *r = record->referral;

	(void)state;
	assert_int_equal(drops(record, &g), 9);
	assert_null(r->child->phone);
	assert_null(r->child->email);
	assert_null(r->child->actual_address);
	assert_null(r->child->school);
	assert_null(r->attendance);
	assert_int_equal(r->n_services_already_used, 0);
	assert_int_equal(r->n_diagnosis, 2);
	assert_int_equal(r->n_carers, 2);
	assert_non_null(r->child->ids);
	assert_non_null(r->safety);
	assert_non_null(r->consent);
	assert_valid(record);
	assert_int_equal(drops(record, &g), 0);
	g = ground(NO_CONSENT, &ozd);
	assert_int_equal(drops(sample_record(mem, "referral"), &g), 0);
}

/* Street, town and postal code need the category contact; municipality, settlement, oblast and country always go. What is empty then is not there. */
static void
an_address_beyond_its_settlement_is_contact(void **state)
{
	struct record *record = sample_record(mem, "transfer-offer");
	const struct address *home = record->transfer->child->address;
	struct ground g = ground(ALL & ~CONTACT, &ozd);

	(void)state;
	assert_int_equal(drops(record, &g), 6);
	assert_null(home->line);
	assert_null(home->city);
	assert_null(home->postal);
	assert_string_equal(home->municipality, "PDV22");
	assert_string_equal(home->ekatte, "00702");
	assert_non_null(home->country);
	assert_non_null(home->county);
	assert_valid(record);
	record = sample_record(mem, "transfer-offer");
	record->transfer->child->address = record_new(mem, "address");
	record->transfer->child->address->line = "ул. Измислена 1";
	assert_int_equal(drops(record, &g), 4);
	assert_null(record->transfer->child->address);
	assert_valid(record);
}

/* A secret address goes to who protects the child, on whatever basis; health and education get municipality and settlement, and the carers without theirs. */
static void
a_secret_address_goes_to_few(void **state)
{
	const struct { const char *const *to; bool is_told; } cases[] = { { &school, false }, { &hospital, false }, { &ozd, true }, { &police, true } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (unsigned k = 0; k < 2; k++) {
			struct record *record = sample_record(mem, "referral");
			struct ground g = ground(k == 0 ? ALL : NO_CONSENT, cases[i].to);
			const struct referral *r = record->referral;

			g.has_secret_address = true;
			(void)drops(record, &g);
			assert_int_equal(r->child->address->line != NULL, cases[i].is_told);
			assert_int_equal(r->child->actual_address != NULL, cases[i].is_told);
			assert_int_equal(r->carers[1]->address != NULL, cases[i].is_told);
			assert_non_null(r->carers[1]->name);
			assert_string_equal(r->child->address->ekatte, "00702");
			assert_non_null(r->safety->contact_via);
			assert_valid(record);
		}
}

/* One body goes to all members, so what one of them has no need for goes to none; without a known consent it covers who the child is. */
static void
a_conference_gets_what_all_need(void **state)
{
	const char *const members[] = { "hospital", "ozd", "school" };
	struct record *record = sample_record(mem, "conference-invite");
	struct ground g = ground(NO_CONSENT, members);
	const struct conference *c = record->conference;

	(void)state;
	g.to = members + 1;
	assert_int_equal(drops(record, &g), 0);
	g.n_to = 2;
	assert_int_equal(drops(record, &g), 1);
	assert_null(c->child->gp);
	assert_non_null(c->child->school->grade);
	g.to = members;
	assert_int_equal(drops(record, &g), 1);
	assert_null(c->child->school->grade);
	assert_non_null(c->carer_takes_part);
	g.legal_basis = "consent";
	assert_int_equal(drops(record, &g), 8);
	assert_null(c->child->school);
	assert_null(c->carer_takes_part);
	assert_non_null(c->child->ids);
	assert_string_equal(c->child->address->municipality, "PDV22");
	assert_valid(record);
}

/* An assessment of a kind. */
static struct record *
assessment(const char *kind)
{
	struct record *record = sample_record(mem, "assessment-result");

	record->assessment->assessment_kind = kind;
	return record;
}

/* An assessment whose category consent does not cover is refused whole, and says which; nothing of it is dropped before. On another basis it goes. */
static void
an_assessment_is_of_a_category(void **state)
{
	static const struct { const char *kind; unsigned category; const char *name; } cases[] = {
		{ "medical", HEALTH, "health" }, { "psychological", HEALTH, "health" }, { "developmental", HEALTH, "health" },
		{ "school-functional", EDUCATION, "education" }, { "preliminary", SOCIAL, "social" }, { "individual-needs", SOCIAL, "social" },
		{ "risk", SOCIAL, "social" }, { "foster-family", FAMILY, "family" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct record *record = assessment(cases[i].kind), *same = assessment(cases[i].kind);
		struct ground g = ground(ALL & ~cases[i].category, &ozd);
		struct why why = { .where = "" };
		size_t n = 99;

		g.is_asked = true;	/* who asks does not agree for the family */
		assert_int_equal(minimise_record(record, &g, &n, &why), ERR_CONSENT_CATEGORY);
		assert_int_equal(n, 0);
		assert_string_equal(why.where, "assessment.assessment_kind");
		assert_non_null(strstr(why.text, cases[i].name));
		assert_true(sample_same(record_type(), record, same, mem));
		g.consent = consent_to(ALL);
		assert_int_equal(drops(record, &g), 0);
		g = ground(NO_CONSENT, &ozd);
		assert_int_equal(drops(record, &g), 0);
	}
}

/* What was measured of a child's health goes to a school that asked for it, or where consent names health; else its conclusions and plan. */
static void
findings_go_where_they_are_needed(void **state)
{
	static const struct { const char *kind; const char *const *to; unsigned consent; bool is_asked; size_t n; } cases[] = {
		{ "medical", &school, NO_CONSENT, false, 1 }, { "medical", &school, NO_CONSENT, true, 0 }, { "medical", &school, 0, false, 1 },
		{ "medical", &school, HEALTH | FAMILY, false, 0 }, { "medical", &hospital, NO_CONSENT, false, 0 },
		{ "school-functional", &hospital, NO_CONSENT, false, 1 }, { "school-functional", &school, NO_CONSENT, false, 0 },
		{ "individual-needs", &school, NO_CONSENT, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct record *record = assessment(cases[i].kind);
		struct ground g = ground(cases[i].consent, cases[i].to);

		g.is_asked = cases[i].is_asked;
		assert_int_equal(drops(record, &g), cases[i].n);
		assert_int_equal(record->assessment->n_domains, cases[i].n ? 0 : 2);
		assert_non_null(record->assessment->plan);
		assert_int_equal(record->assessment->n_recommended_services, 2);
		assert_valid(record);
	}
}

/* A code of ICD-10 or ICF is a finding wherever it stands: the item that has it goes, its neighbour stays; another code is none. */
static void
codes_of_findings_are_health(void **state)
{
	static const struct { const char *code; bool is_finding; } cases[] = {
		{ "F80.1", true }, { "Z63", true }, { "R62.0", true }, { "A00*", true }, { "d720", true }, { "b1670", true }, { "e310.2", true },
		{ "1A", false }, { "D1", false }, { "F800", false }, { "емоции", false }, { "d7", false }, { "domain", false }, { "E12345", false },
		{ "SDQ", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct record *a = assessment("individual-needs"), *o = sample_record(mem, "outcome-report"), *r = sample_record(mem, "referral");
		struct ground g = ground(ALL & ~HEALTH, &ozd);
		size_t n = cases[i].is_finding;

		a->assessment->domains[0]->code = o->outcome_report->measures[1]->code = r->referral->goals[0]->code = cases[i].code;
		a->assessment->plan->goals[1]->code = cases[i].code;
		assert_int_equal(drops(a, &g), 2 * n);
		assert_int_equal(a->assessment->n_domains, 2 - n);
		assert_string_equal(a->assessment->domains[0]->code, n ? "дете" : cases[i].code);
		assert_non_null(a->assessment->plan->goals[1]->text);
		assert_int_equal(drops(o, &g), n);
		assert_int_equal(o->outcome_report->n_measures, 2 - n);
		(void)drops(r, &g);
		assert_int_equal(r->referral->goals[0]->code == NULL, n);
		assert_valid(a);
		assert_valid(o);
		assert_valid(r);
	}
}

/* An answer that is such a code cannot go without it: where consent does not cover it, the whole is refused. */
static void
an_answer_goes_whole(void **state)
{
	struct record *record = sample_record(mem, "info-response");
	struct ground g = ground(ALL & ~HEALTH, &school);
	struct why why = { .where = "" };
	size_t n;

	(void)state;
	assert_int_equal(drops(record, &g), 0);
	record->info_response->answers[1]->code = "F80.1";
	assert_int_equal(minimise_record(record, &g, &n, &why), ERR_CONSENT_CATEGORY);
	assert_string_equal(why.where, "info_response.answers.code");
	g = ground(NO_CONSENT, &school);
	assert_int_equal(drops(record, &g), 0);
}

/* Of what stays as it was for a child in a family each item is of its own category. */
static void
continuity_is_by_item(void **state)
{
	struct record *record = sample_record(mem, "status-change");
	struct ground g = ground(HEALTH, &ozd);

	(void)state;
	record->status->continuity[0]->item = "doctor";
	record->status->continuity[1]->item = "school";
	assert_int_equal(drops(record, &g), 1);
	assert_int_equal(record->status->n_continuity, 1);
	assert_string_equal(record->status->continuity[0]->item, "doctor");
	g = ground(NO_CONSENT, &school);
	assert_int_equal(drops(record, &g), 1);
	assert_int_equal(record->status->n_continuity, 0);
	assert_valid(record);
}

/* A file is of one category, by what it is; what nobody says is of its sender's sector; the form of consent always goes. */
static void
files_are_of_a_category(void **state)
{
	static const struct { const char *file, *from; unsigned category; } cases[] = {
		{ "assessment", "school", HEALTH }, { "certificate", "ozd", 1 }, { "photo", "ozd", 1 }, { "court-act", "court", FAMILY },
		{ "other", "hospital", HEALTH }, { "other", "school", EDUCATION }, { "other", "ozd", SOCIAL }, { "other", "court", SOCIAL },
		{ NULL, "gp", HEALTH }, { "consent-form", "ozd", 0 },
	};
	struct why why = { .where = "" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ground g = ground(ALL & ~cases[i].category, &school);

		g.from = cases[i].from;
		assert_int_equal(minimise_file(cases[i].file, &g, "here", &why), cases[i].category ? ERR_CONSENT_CATEGORY : OK);
		if (cases[i].category)
			assert_string_equal(why.where, "here");
		g.consent = consent_to(cases[i].category);
		assert_int_equal(minimise_file(cases[i].file, &g, "here", &why), OK);
		g.consent = NULL;
		assert_int_equal(minimise_file(cases[i].file, &g, "here", &why), cases[i].category ? ERR_CONSENT_CATEGORY : OK);
		g.legal_basis = "court-order";
		assert_int_equal(minimise_file(cases[i].file, &g, "here", &why), OK);
	}
}

/* Whatever a record says, on whatever ground and to whomever: what is left is valid, saying it twice drops nothing more, and a wider consent drops no
 * more than a narrower one. */
static void
what_is_left_is_valid(void **state)
{
	static const char *const kinds[] = { "school", "hospital", "ozd", "mvr" };
	struct record_random random = { .state = 2026, .mem = mem };
	size_t n_dropped = 0, n_refused = 0;

	(void)state;
	for (unsigned round = 0; round < 3000; round++) {
		const struct kind *kind = kind_by_code(sample_kinds[random_below(&random, 19)]);
		unsigned bits = 1 + random_below(&random, ALL), more = bits | 1u << random_below(&random, N_CATEGORIES);
		struct ground g = ground(bits, &kinds[random_below(&random, 4)]), wider = g;
		uint64_t seed = random.state;
		struct record *record = random_record(&random, kind), *again;
		struct why why = { .where = "" };
		size_t n, n_again, n_wider;
		bool was_valid;
		enum err e;

		record->case_id = (const uint8_t *)"0123456789abcdef";
		record->created = record_int(mem, RANDOM_TIME);
		was_valid = record_check(record, NULL) == OK;
		random.state = seed;
		again = random_record(&random, kind);
		g.is_asked = wider.is_asked = random_below(&random, 2);
		g.has_secret_address = wider.has_secret_address = random_below(&random, 2);
		wider.consent = consent_to(more);
		e = minimise_record(record, &g, &n, &why);
		if (e != OK) {
			assert_int_equal(e, ERR_CONSENT_CATEGORY);
			n_refused++;
		} else {
			assert_int_equal(minimise_record(record, &g, &n_again, &why), OK);
			assert_int_equal(n_again, 0);
			assert_int_equal(minimise_record(again, &wider, &n_wider, &why), OK);
			if (!g.has_secret_address)	/* there carers that stay lose their addresses, one each */
				assert_true(n_wider <= n);
			n_dropped += n;
		}
		if (was_valid)
			assert_valid(record);
		arena_reset(mem);
	}
	assert_true(n_dropped > 500);
	assert_true(n_refused > 20);
}

/* Every kind of agency has a sector. */
static void
kinds_have_sectors(void **state)
{
	(void)state;
	assert_string_equal(minimise_sector("gp"), "health");
	assert_string_equal(minimise_sector("kindergarten"), "education");
	assert_string_equal(minimise_sector("crisis-centre"), "social");
	assert_string_equal(minimise_sector("mvr"), "social");
	assert_string_equal(minimise_sector("no-such-kind"), "social");
	assert_string_equal(minimise_sector(NULL), "social");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sectors_get_what_they_need, setup, teardown),
		cmocka_unit_test_setup_teardown(consent_has_categories, setup, teardown),
		cmocka_unit_test_setup_teardown(an_address_beyond_its_settlement_is_contact, setup, teardown),
		cmocka_unit_test_setup_teardown(a_secret_address_goes_to_few, setup, teardown),
		cmocka_unit_test_setup_teardown(a_conference_gets_what_all_need, setup, teardown),
		cmocka_unit_test_setup_teardown(an_assessment_is_of_a_category, setup, teardown),
		cmocka_unit_test_setup_teardown(findings_go_where_they_are_needed, setup, teardown),
		cmocka_unit_test_setup_teardown(codes_of_findings_are_health, setup, teardown),
		cmocka_unit_test_setup_teardown(an_answer_goes_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(continuity_is_by_item, setup, teardown),
		cmocka_unit_test_setup_teardown(files_are_of_a_category, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_left_is_valid, setup, teardown),
		cmocka_unit_test_setup_teardown(kinds_have_sectors, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
