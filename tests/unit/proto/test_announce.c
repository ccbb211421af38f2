/* SPDX-License-Identifier: EUPL-1.2 */
/* announce - what is said of a service comes back whole, in one form only, and goes stale by the clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/announce_sample.h"
#include "tests/support/arena_fixture.h"

#define NOW INT64_C(1772445600000)

static struct announce
there_and_back(const struct announce *a)
{
	struct announce back;
	struct span bytes;
	struct why why;

	assert_int_equal(announce_encode(a, mem, &bytes, &why), OK);
	assert_int_equal(announce_decode(bytes, mem, &back, &why), OK);
	return back;
}

/* Every part of a whole announcement is there after the way. */
static void
test_whole(void **state)
{
	struct announce a = sample_announce("cop-plovdiv", "cop-plovdiv-1", NOW), b = there_and_back(&a);

	(void)state;
	assert_string_equal(b.service_id, a.service_id);
	assert_string_equal(b.agency, a.agency);
	assert_string_equal(b.service_kind, a.service_kind);
	assert_string_equal(b.programme, "P2");
	assert_string_equal(b.name_bg, a.name_bg);
	assert_string_equal(b.name_en, a.name_en);
	assert_string_equal(b.eligibility, a.eligibility);
	assert_true(b.n_municipalities == 3 && strcmp(b.municipalities[2], "PDV26") == 0);
	assert_true(b.n_schedule == 1 && strcmp(b.schedule[0], a.schedule[0]) == 0);
	assert_true(b.n_languages == 2 && strcmp(b.languages[1], "rom") == 0);
	assert_true(b.n_contacts == 2 && strcmp(b.contacts[1].kind, "email") == 0 &&
		    strcmp(b.contacts[1].value, a.contacts[1].value) == 0);
	assert_true(b.n_places == 1 && strcmp(b.places[0].ekatte, "56784") == 0 &&
		    strcmp(b.places[0].address, a.places[0].address) == 0);
	assert_string_equal(b.capacity_status, "capacity");
	assert_string_equal(b.unit, "place");
	assert_true(b.min_age == 3 && b.max_age == 17 && b.total == 20 && b.funded == 20 && b.available == 4 && b.waiting == 0 &&
		    b.median_wait_days == ANNOUNCE_UNSAID);
	assert_true(b.as_of_ms == a.as_of_ms && b.valid_until_ms == a.valid_until_ms && !b.requires_napravlenie && !b.is_ended);
}

/* What is not said stays unsaid, and a zero stays a zero. */
static void
test_unsaid(void **state)
{
	struct announce a = sample_announce("cop-plovdiv", "cop-plovdiv-1", NOW), b;

	(void)state;
	a.min_age = 0;
	a.max_age = a.total = a.funded = a.available = ANNOUNCE_UNSAID;
	a.name_en = a.eligibility = NULL;
	a.n_schedule = a.n_contacts = a.n_languages = a.n_places = 0;
	a.requires_napravlenie = a.is_ended = true;
	b = there_and_back(&a);
	assert_true(b.min_age == 0 && b.max_age == ANNOUNCE_UNSAID && b.total == ANNOUNCE_UNSAID && b.available == ANNOUNCE_UNSAID);
	assert_null(b.name_en);
	assert_null(b.eligibility);
	assert_true(b.n_schedule == 0 && b.n_contacts == 0 && b.n_languages == 0 && b.n_places == 0);
	assert_true(b.requires_napravlenie && b.is_ended);
}

/* One content has one form: other bytes for the same are refused, and so is every cut. */
static void
test_canonical(void **state)
{
	struct announce a = sample_announce("cop-plovdiv", "cop-plovdiv-1", NOW), b;
	struct span bytes;
	struct why why;
	struct buf more;

	(void)state;
	assert_int_equal(announce_encode(&a, mem, &bytes, &why), OK);
	buf_init(&more, mem);
	buf_span(&more, bytes);
	buf_add(&more, "\xc8\x01\x00", 3);	/* ended, written though it is false */
	assert_int_equal(announce_decode(buf_bytes(&more), mem, &b, &why), ERR_FORMAT);
	buf_init(&more, mem);
	buf_span(&more, bytes);
	buf_add(&more, "\xd0\x01\x01", 3);	/* a field that nobody knows */
	assert_int_equal(announce_decode(buf_bytes(&more), mem, &b, &why), ERR_FORMAT);
	for (size_t n = 0; n < bytes.n; n++)
		assert_int_not_equal(announce_decode(SPAN(bytes.p, n), mem, &b, &why), OK);
	assert_int_equal(announce_decode(SPAN(bytes.p, ANNOUNCE_BODY_MAX + 1), mem, &b, &why), ERR_TOOBIG);
}

/* Free is what is said to be free, until the moment that it is said for; from then on it is stale, whatever was said. */
static void
test_room(void **state)
{
	struct announce a = sample_announce("cop-plovdiv", "cop-plovdiv-1", NOW);

	(void)state;
	assert_int_equal(announce_room(&a, NOW), ANNOUNCE_FREE);
	assert_int_equal(announce_room(&a, a.valid_until_ms - 1), ANNOUNCE_FREE);
	assert_int_equal(announce_room(&a, a.valid_until_ms), ANNOUNCE_STALE);
	a.capacity_status = "no-capacity";
	assert_int_equal(announce_room(&a, NOW), ANNOUNCE_FULL);
	a.capacity_status = "waitlist";
	assert_int_equal(announce_room(&a, NOW), ANNOUNCE_WAITLIST);
	a.capacity_status = "additional-assessment-required";
	assert_int_equal(announce_room(&a, NOW), ANNOUNCE_ASSESSMENT_FIRST);
	assert_int_equal(announce_room(&a, a.valid_until_ms), ANNOUNCE_STALE);
	assert_string_equal(announce_room_name(ANNOUNCE_STALE), "stale");
	assert_string_equal(announce_room_name(ANNOUNCE_FREE), "free");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole), cmocka_unit_test(test_unsaid), cmocka_unit_test(test_canonical), cmocka_unit_test(test_room),
	};

	return cmocka_run_group_tests_name("announce", tests, setup, teardown);
}
