/* SPDX-License-Identifier: EUPL-1.2 */
/* capsule - what auditors see: codes, never a person; one form for one content. */
#include "trust_world.h"

#include "proto/capsule.h"

static bool
has(const uint8_t *bytes, size_t n, const char *text)
{
	for (size_t i = 0; i + strlen(text) <= n; i++)
		if (memcmp(bytes + i, text, strlen(text)) == 0)
			return true;
	return false;
}

/* A referral's capsule has its codes and case, and none of the record's personal texts. */
static void
test_of_referral(void **state)
{
	static const char *const secrets[] = { "Проба", "Измислена", "2018", "R-2026-17", "Измислен", "plovdiv" };
	struct world *w = world_new();
	uint8_t bytes[CAPSULE_LEN];
	struct capsule c, back;

	(void)state;
	capsule_of(w->record, &c);
	assert_int_equal(capsule_encode(&c, bytes), OK);
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		assert_false(has(bytes, sizeof(bytes), secrets[i]));
	assert_int_equal(capsule_decode(bytes, w->mem, &back), OK);
	assert_string_equal(back.kind, "referral");
	assert_string_equal(back.state_from, "draft");
	assert_string_equal(back.transition, "T01");
	assert_string_equal(back.legal_basis, "duty-to-protect");
	assert_null(back.reason_code);
	world_free(w);
}

/* The place where the child is counts, not where it is registered. */
static void
test_municipality(void **state)
{
	struct world *w = world_new();
	struct capsule c;
	struct why why;

	(void)state;
	assert_int_equal(record_set(w->record, w->mem, "referral.child.actual_address.municipality", "PDV01", &why), OK);
	capsule_of(w->record, &c);
	assert_string_equal(c.municipality, "PDV01");
	world_free(w);
}

/* A status change's capsule tells the step with its reason and outcome. */
static void
test_of_status(void **state)
{
	struct world *w = world_new();
	struct record *r = record_new(w->mem, "record");
	struct capsule c;
	struct why why;

	(void)state;
	assert_int_equal(record_set(r, w->mem, "kind", "status-change", &why), OK);
	assert_int_equal(record_set(r, w->mem, "status.from", "accepted", &why), OK);
	assert_int_equal(record_set(r, w->mem, "status.to", "completed", &why), OK);
	assert_int_equal(record_set(r, w->mem, "status.transition", "T23", &why), OK);
	assert_int_equal(record_set(r, w->mem, "status.outcome.outcome", "need-met", &why), OK);
	capsule_of(r, &c);
	assert_string_equal(c.state_from, "accepted");
	assert_string_equal(c.state_to, "completed");
	assert_string_equal(c.transition, "T23");
	assert_string_equal(c.outcome, "need-met");
	assert_null(c.municipality);
	world_free(w);
}

/* Too much text does not fit, whether in one field or in all. */
static void
test_too_big(void **state)
{
	char one[257], half[130];
	struct capsule c = { .kind = one };
	uint8_t bytes[CAPSULE_LEN];

	(void)state;
	memset(one, 'a', 256);
	one[256] = '\0';
	assert_int_equal(capsule_encode(&c, bytes), ERR_TOOBIG);
	memset(half, 'a', 129);
	half[129] = '\0';
	c = (struct capsule){ .kind = half, .outcome = half };
	assert_int_equal(capsule_encode(&c, bytes), ERR_TOOBIG);
}

/* Another version, a length beyond the end, a bad text, and anything after the last text but zeroes are refused. */
static void
test_strict(void **state)
{
	struct world *w = world_new();
	uint8_t bytes[CAPSULE_LEN], bad[CAPSULE_LEN];
	struct capsule c;

	(void)state;
	capsule_of(w->record, &c);
	assert_int_equal(capsule_encode(&c, bytes), OK);
	memcpy(bad, bytes, sizeof(bad));
	bad[0] = 2;
	assert_int_equal(capsule_decode(bad, w->mem, &c), ERR_VERSION);
	memcpy(bad, bytes, sizeof(bad));
	bad[CAPSULE_LEN - 1] = 1;
	assert_int_equal(capsule_decode(bad, w->mem, &c), ERR_FORMAT);
	memcpy(bad, bytes, sizeof(bad));
	bad[17] = 255;
	assert_int_equal(capsule_decode(bad, w->mem, &c), ERR_FORMAT);
	memcpy(bad, bytes, sizeof(bad));
	bad[18] = 0xff;
	assert_int_equal(capsule_decode(bad, w->mem, &c), ERR_FORMAT);
	for (const char *p = "\x1b\n\r =-+@,;\"\x7f"; *p; p++) {
		bad[18] = (uint8_t)*p;	/* no code begins so, and an auditor's table or CSV must not show it */
		assert_int_equal(capsule_decode(bad, w->mem, &c), ERR_FORMAT);
	}
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_of_referral), cmocka_unit_test(test_municipality), cmocka_unit_test(test_of_status),
		cmocka_unit_test(test_too_big),	    cmocka_unit_test(test_strict),
	};

	return cmocka_run_group_tests_name("capsule", tests, NULL, NULL);
}
