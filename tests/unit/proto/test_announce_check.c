/* SPDX-License-Identifier: EUPL-1.2 */
/* announce_check - each rule refuses what it is there for, and names the field. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/announce_sample.h"

#define NOW INT64_C(1772445600000)

static struct announce a;

static void
begin(void)
{
	struct why why;

	a = sample_announce("cop-plovdiv", "cop-plovdiv-1", NOW);
	assert_int_equal(announce_check(&a, &why), OK);
}

static void
assert_bad(enum err code, const char *where)
{
	struct why why;

	assert_int_equal(announce_check(&a, &why), code);
	assert_string_equal(why.where, where);
	begin();
}

/* Names and codes: of their form, of their list, and the programme is the one of the kind. */
static void
test_names(void **state)
{
	(void)state;
	begin();
	a.service_id = NULL;
	assert_bad(ERR_REQUIRED, "service_id");
	a.service_id = "Cop 1";
	assert_bad(ERR_FORMAT, "service_id");
	a.agency = "hub";
	assert_bad(ERR_FORMAT, "agency");
	a.service_kind = "magic";
	assert_bad(ERR_UNKNOWN_CODE, "service_kind");
	a.programme = "P1";
	assert_bad(ERR_UNKNOWN_CODE, "programme");
	a.programme = NULL;
	assert_bad(ERR_UNKNOWN_CODE, "programme");
	a.service_kind = "other";
	assert_bad(ERR_UNKNOWN_CODE, "programme");
	a.name_bg = NULL;
	assert_bad(ERR_REQUIRED, "name_bg");
	a.name_en = "bell \a";
	assert_bad(ERR_CHARSET, "name_en");
	a.capacity_status = "perhaps";
	assert_bad(ERR_UNKNOWN_CODE, "capacity_status");
	a.unit = NULL;
	assert_bad(ERR_REQUIRED, "unit");
}

/* For whom: municipalities in order and each once, ages that are ages. */
static void
test_for_whom(void **state)
{
	const char *twice[] = { "PDV22", "PDV22" }, *wrong[] = { "Пловдив" };

	(void)state;
	begin();
	a.n_municipalities = 0;
	assert_bad(ERR_REQUIRED, "municipalities");
	a.municipalities = twice;
	a.n_municipalities = 2;
	assert_bad(ERR_UNKNOWN_CODE, "municipalities");
	a.municipalities = wrong;
	a.n_municipalities = 1;
	assert_bad(ERR_UNKNOWN_CODE, "municipalities");
	a.n_municipalities = ANNOUNCE_MUNICIPALITIES_MAX + 1;
	assert_bad(ERR_TOOMANY, "municipalities");
	a.max_age = ANNOUNCE_AGE_MAX + 1;
	assert_bad(ERR_BAD_NUMBER, "max_age");
	a.min_age = 18;
	assert_bad(ERR_BAD_NUMBER, "max_age");
}

/* A personal number in any text is refused; ten digits of a telephone in their place, and numbers that are none, are not. */
static void
test_no_personal_numbers(void **state)
{
	const char *lines[] = { "детето с ЕГН 1543079013" };
	struct announce_contact phone[] = { { "phone", "0888123456" } }, mail[] = { { "email", "1543079013@example.org" } };
	struct announce_place place[] = { { "PDV22", NULL, "1543079013" } };

	(void)state;
	begin();
	a.eligibility = "за 1543079013.";
	assert_bad(ERR_NOT_ALLOWED, "eligibility");
	a.name_bg = "1543079013";
	assert_bad(ERR_NOT_ALLOWED, "name_bg");
	a.schedule = lines;
	assert_bad(ERR_NOT_ALLOWED, "schedule[0]");
	a.contacts = mail;
	a.n_contacts = 1;
	assert_bad(ERR_NOT_ALLOWED, "contacts[0]");
	a.places = place;
	assert_bad(ERR_NOT_ALLOWED, "places[0]");
	a.contacts = phone;
	a.n_contacts = 1;
	assert_int_equal(announce_check(&a, NULL), OK);
	a.eligibility = "заповед 15430790130, дело 1543079014";
	assert_int_equal(announce_check(&a, NULL), OK);
}

/* Contacts, places and languages are of their kinds; lists and texts have limits. */
static void
test_parts(void **state)
{
	static char long_text[ANNOUNCE_TEXT_MAX + 2];
	struct announce_contact contact = { "phone", "call me" };
	struct announce_place place = { "PDV22", "5678", NULL };
	const char *languages[] = { "Bulgarian" };

	(void)state;
	begin();
	a.contacts = &contact;
	a.n_contacts = 1;
	assert_bad(ERR_FORMAT, "contacts[0]");
	contact = (struct announce_contact){ "email", "nobody" };
	a.contacts = &contact;
	a.n_contacts = 1;
	assert_bad(ERR_FORMAT, "contacts[0]");
	contact = (struct announce_contact){ "web", "ftp://example.org" };
	a.contacts = &contact;
	a.n_contacts = 1;
	assert_bad(ERR_FORMAT, "contacts[0]");
	contact = (struct announce_contact){ "pigeon", "grey" };
	a.contacts = &contact;
	a.n_contacts = 1;
	assert_bad(ERR_UNKNOWN_CODE, "contacts[0]");
	a.n_contacts = ANNOUNCE_CONTACTS_MAX + 1;
	assert_bad(ERR_TOOMANY, "contacts");
	a.places = &place;
	assert_bad(ERR_UNKNOWN_CODE, "places[0]");
	a.n_places = ANNOUNCE_PLACES_MAX + 1;
	assert_bad(ERR_TOOMANY, "places");
	a.n_schedule = ANNOUNCE_SCHEDULE_MAX + 1;
	assert_bad(ERR_TOOMANY, "schedule");
	a.languages = languages;
	a.n_languages = 1;
	assert_bad(ERR_UNKNOWN_CODE, "languages");
	a.n_languages = ANNOUNCE_LANGUAGES_MAX + 1;
	assert_bad(ERR_TOOMANY, "languages");
	memset(long_text, 'a', sizeof(long_text) - 1);
	a.eligibility = long_text;
	assert_bad(ERR_TOOLONG, "eligibility");
}

/* What is said of room does not contradict itself, and has a time of which and until which it is true. */
static void
test_room(void **state)
{
	(void)state;
	begin();
	a.available = 21;
	assert_bad(ERR_BAD_NUMBER, "available");
	a.funded = 21;
	assert_bad(ERR_BAD_NUMBER, "funded");
	a.available = 0;
	assert_bad(ERR_BAD_NUMBER, "available");
	a.capacity_status = "no-capacity";
	assert_bad(ERR_BAD_NUMBER, "available");
	a.waiting = -2;
	assert_bad(ERR_BAD_NUMBER, "waiting");
	a.waiting = ANNOUNCE_COUNT_MAX + 1;
	assert_bad(ERR_BAD_NUMBER, "waiting");
	a.as_of_ms = 0;
	assert_bad(ERR_REQUIRED, "as_of");
	a.valid_until_ms = 0;
	assert_bad(ERR_REQUIRED, "valid_until");
	a.valid_until_ms = a.as_of_ms;
	assert_bad(ERR_BAD_DATE, "valid_until");
	a.valid_until_ms = a.as_of_ms + ANNOUNCE_VALID_MAX_MS + 1;
	assert_bad(ERR_BAD_DATE, "valid_until");
	a.capacity_status = "additional-assessment-required";
	assert_int_equal(announce_check(&a, NULL), OK);
}

/* What an agency says itself is of today and of places that there are; that it ends its service it may say at any time. */
static void
test_sense(void **state)
{
	const int64_t now_ms = INT64_C(1772445600000), day = CLOCK_DAY;
	const struct { int64_t as_of, until; bool is_ended; enum err e; const char *where; } TIMES[] = {
		{ now_ms, now_ms + day, false, OK, "" }, { now_ms - 31 * day, now_ms + day, false, OK, "" },
		{ now_ms - 31 * day - 1, now_ms + day, false, ERR_OVER, "as_of" }, { now_ms - 300 * day, now_ms + day, false, ERR_OVER, "as_of" },
		{ now_ms + CLOCK_HOUR, now_ms + day, false, OK, "" }, { now_ms + 2 * day, now_ms + 3 * day, false, ERR_YET_TO_COME, "as_of" },
		{ now_ms - day, now_ms, false, ERR_OVER, "valid_until" }, { now_ms - 300 * day, now_ms - day, true, OK, "" },
	};
	static const struct { const char *served, *place, *ekatte; enum err e; const char *where; } PLACES[] = {
		{ "PDV99", "PDV22", "56784", ERR_UNKNOWN_CODE, "municipalities[0]" }, { "SOF46", "PDV22", "56784", OK, "" },
		{ "PDV22", "PDV99", NULL, ERR_UNKNOWN_CODE, "places[0]" }, { "PDV22", "PDV01", "56784", ERR_PLACE_DISAGREES, "places[0]" },
		{ "PDV22", "PDV26", "56784", OK, "" }, { "PDV22", "PDV01", NULL, OK, "" },
	};
	struct why why;

	(void)state;
	for (size_t i = 0; i < sizeof(TIMES) / sizeof(TIMES[0]); i++) {
		a = sample_announce("cop-1", "cop-1-psy", now_ms);
		a.as_of_ms = TIMES[i].as_of;
		a.valid_until_ms = TIMES[i].until;
		a.is_ended = TIMES[i].is_ended;
		why = (struct why){ .where = "" };
		assert_int_equal(announce_check(&a, NULL), OK);
		assert_int_equal(announce_check_sense(&a, now_ms, &why), TIMES[i].e);
		assert_string_equal(why.where, TIMES[i].where);
	}
	for (size_t i = 0; i < sizeof(PLACES) / sizeof(PLACES[0]); i++) {
		const char *served[] = { PLACES[i].served };
		struct announce_place place = { PLACES[i].place, PLACES[i].ekatte, NULL };

		a = sample_announce("cop-1", "cop-1-psy", now_ms);
		a.municipalities = served;
		a.n_municipalities = 1;
		a.places = &place;
		why = (struct why){ .where = "" };
		assert_int_equal(announce_check(&a, NULL), OK);
		assert_int_equal(announce_check_sense(&a, now_ms, &why), PLACES[i].e);
		assert_string_equal(why.where, PLACES[i].where);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sense), cmocka_unit_test(test_names), cmocka_unit_test(test_for_whom), cmocka_unit_test(test_no_personal_numbers),
		cmocka_unit_test(test_parts), cmocka_unit_test(test_room),
	};

	return cmocka_run_group_tests_name("announce_check", tests, NULL, NULL);
}
