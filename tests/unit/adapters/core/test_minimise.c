/* SPDX-License-Identifier: EUPL-1.2 */
/* test_minimise - what is outside consent or need is dropped and counted; who, what, why and safety never are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/core/minimise.h"
#include "tests/support/sample_record.h"
#include "tests/support/arena_fixture.h"

/* A referral with every field, on the basis of consent to the categories given. */
static struct referral *
with_consent(const char *first, const char *second)
{
	struct record *record = sample_record(mem, "referral");

	record->referral->consent->data_categories.n = 0;
	sample_set(record, mem, "referral.legal_basis", "consent");
	if (first != NULL)
		sample_set(record, mem, "referral.consent.data_categories[0]", first);
	if (second != NULL)
		sample_set(record, mem, "referral.consent.data_categories[1]", second);
	return record->referral;
}

static void
assert_whole(const struct referral *r)
{
	struct record record = { .kind = "referral", .case_id = (const uint8_t *)"0123456789abcdef", .created = r->respond_by };
	struct referral copy = *r;
	struct why why;

	record.referral = &copy;
	assert_int_equal(record_check(&record, &why), OK);
	assert_non_null(r->child->ids);
	assert_non_null(r->safety);
	assert_non_null(r->reason_text);
	assert_non_null(r->consent);
}

/* A school gets no diagnosis and no doctor, a hospital no attendance and no grade, another agency all. */
static void
sectors_get_what_they_need(void **state)
{
	struct referral *r = with_consent(NULL, NULL);

	(void)state;
	assert_int_equal(minimise_referral(r, "school"), 2);
	assert_int_equal(r->n_diagnosis, 0);
	assert_null(r->child->gp);
	assert_non_null(r->attendance);
	assert_whole(r);
	r = with_consent(NULL, NULL);
	assert_int_equal(minimise_referral(r, "hospital"), 2);
	assert_null(r->attendance);
	assert_null(r->child->school->grade);
	assert_non_null(r->child->school->code);
	assert_int_equal(r->n_diagnosis, 2);
	assert_whole(r);
	r = with_consent(NULL, NULL);
	assert_int_equal(minimise_referral(r, "ozd"), 0);
}

/* Consent that names categories lets nothing else through; one that names none, and another basis, drop nothing. */
static void
consent_has_categories(void **state)
{
	struct referral *r = with_consent("health", "family");

	(void)state;
	assert_int_equal(minimise_referral(r, "ozd"), 6);
	assert_null(r->child->phone);
	assert_null(r->child->email);
	assert_null(r->child->actual_address);
	assert_null(r->child->school);
	assert_null(r->attendance);
	assert_int_equal(r->n_services_already_used, 0);
	assert_int_equal(r->n_diagnosis, 2);
	assert_int_equal(r->n_carers, 2);
	assert_whole(r);
	assert_int_equal(minimise_referral(r, "ozd"), 0);
	r = with_consent("identity", NULL);
	r->legal_basis = "duty-to-protect";
	assert_int_equal(minimise_referral(r, "ozd"), 0);
}

/* An offer of transfer is no way around it: of its child goes what the consent of the offer covers, and who it is. */
static void
a_transfer_gets_no_more(void **state)
{
	struct transfer *tr = sample_record(mem, "transfer-offer")->transfer;
	const char *family = "family";

	(void)state;
	assert_non_null(tr->consent);
	tr->consent->data_categories.items = &family;
	tr->consent->data_categories.n = 1;
	tr->legal_basis = "duty-to-protect";
	assert_int_equal(minimise_transfer(tr, "ozd"), 0);
	tr->legal_basis = "consent";
	assert_int_equal(minimise_transfer(tr, "ozd"), 5);
	assert_null(tr->child->phone);
	assert_null(tr->child->email);
	assert_null(tr->child->actual_address);
	assert_null(tr->child->school);
	assert_null(tr->child->gp);
	assert_non_null(tr->child->ids);
	assert_non_null(tr->child->address);
	assert_non_null(tr->handover_summary);
}

/* An invitation with every field, on this basis. */
static struct conference *
invitation(const char *legal_basis)
{
	struct record *record = sample_record(mem, "conference-invite");

	sample_set(record, mem, "conference.legal_basis", legal_basis);
	return record->conference;
}

/* One body goes to all members, so what one of them has no need for goes to none; without such a member it stays. */
static void
a_conference_gets_what_all_need(void **state)
{
	struct conference *c = invitation("duty-to-protect");

	(void)state;
	assert_int_equal(minimise_conference(c, NULL, (const char *[]){ "ozd", "police" }, 2), 0);
	assert_non_null(c->child->gp);
	assert_int_equal(minimise_conference(c, NULL, (const char *[]){ "ozd", "school" }, 2), 1);
	assert_null(c->child->gp);
	assert_non_null(c->child->school->grade);
	c = invitation("duty-to-protect");
	assert_int_equal(minimise_conference(c, NULL, (const char *[]){ "hospital", "ozd", "school" }, 3), 2);
	assert_null(c->child->gp);
	assert_null(c->child->school->grade);
	assert_non_null(c->child->ids);
	assert_non_null(c->carer_takes_part);
}

/* On the basis of consent its categories count, those of the referral that it is about; where that is not known, who the child is goes alone. */
static void
a_conference_by_consent(void **state)
{
	const char *ozd = "ozd", *health = "health";
	struct consent consent = { .data_categories = { .items = &health, .n = 1 } };
	struct conference *c = invitation("consent");

	(void)state;
	assert_int_equal(minimise_conference(c, &consent, &ozd, 1), 5);
	assert_non_null(c->child->gp);
	assert_null(c->child->school);
	assert_null(c->child->phone);
	assert_null(c->carer_takes_part);
	assert_int_equal(minimise_conference(c, NULL, &ozd, 1), 1);
	assert_null(c->child->gp);
	assert_non_null(c->child->given);
	assert_non_null(c->child->address);
	c = invitation("consent");
	consent.data_categories.n = 0;
	assert_int_equal(minimise_conference(c, &consent, &ozd, 1), 0);
}

/* Every kind of agency has a sector. */
static void
kinds_have_sectors(void **state)
{
	(void)state;
	assert_string_equal(minimise_sector("gp"), "health");
	assert_string_equal(minimise_sector("kindergarten"), "education");
	assert_string_equal(minimise_sector("crisis-centre"), "social");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sectors_get_what_they_need, setup, teardown),
		cmocka_unit_test_setup_teardown(consent_has_categories, setup, teardown),
		cmocka_unit_test_setup_teardown(a_transfer_gets_no_more, setup, teardown),
		cmocka_unit_test_setup_teardown(a_conference_gets_what_all_need, setup, teardown),
		cmocka_unit_test_setup_teardown(a_conference_by_consent, setup, teardown),
		cmocka_unit_test_setup_teardown(kinds_have_sectors, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
