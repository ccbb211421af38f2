/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/hl7_fixture.h"

#define SIU(event) "MSH|^~\\&|HIS|UMBAL|NASOKA|OZD|20260302100000||SIU^" event "^SIU_S12|M1|P|2.5.1||||||UNICODE UTF-8\r"
#define PID "PID|1||1543079013^^^GRAO^NNBGR||Тест^Калина\r"

static const struct intake_item *item;

static const char *
get(const char *path)
{
	return world_get(item, path, mem);
}

/* Each event is its step: made, moved, called off, not kept. A new one leaves it to the core from which state. */
static void
events(void **state)
{
	static const struct { const char *text, *to, *transition; } EVENTS[] = {
		{ SIU("S12") "SCH|A|B||||||||||||||||||||||||R-1\rTQ1|1||||||20260310093000|20260310103000\r" PID, "scheduled", "" },
		{ SIU("S13") "SCH|A|B||||^Болно|||||^^^20260310093000^20260310103000|||||||||||||||R-1\r" PID, "scheduled", "T12" },
		{ SIU("S15") "SCH|A|B||||carer-refused^^NASOKA||||||||||||||||||||R-1\r" PID, "accepted", "T14" },
		{ SIU("S26") "SCH|A|B|3|||||||||||||||||||||||R-1|C-7\r" PID, "scheduled", "T13" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(EVENTS) / sizeof(EVENTS[0]); i++) {
		item = world_read_item(EVENTS[i].text, mem);
		assert_string_equal(get("kind"), "status-change");
		assert_string_equal(get("status.referral_id"), "R-1");
		assert_string_equal(get("status.to"), EVENTS[i].to);
		assert_string_equal(get("status.transition"), EVENTS[i].transition);
		if (i < 2) {
			assert_string_equal(get("status.appointment.start"), "2026-03-10T07:30:00Z");
			assert_string_equal(get("status.appointment.end"), "2026-03-10T08:30:00Z");
		}
	}
	assert_string_equal(get("status.attempt_no"), "3");
	assert_string_equal(item->case_no, "C-7");
}

/* Why it is moved or called off is a code where one is understood, else words; how it was booked is no reason. */
static void
reasons(void **state)
{
	static const struct { const char *sch6, *sch7, *code, *text; } REASONS[] = {
		{ "carer-refused^^NASOKA", "", "carer-refused", "" }, { "no-place^Няма място^L", "", "no-capacity", "Няма място" },
		{ "^Болно", "", "other", "Болно" }, { "ILL", "", "other", "ILL" }, { "ROUTINE^^HL70276", "", "", "" },
		{ "ROUTINE^^HL70276", "^Болно", "", "Болно" }, { "", "no-place^^L", "no-capacity", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(REASONS) / sizeof(REASONS[0]); i++) {
		item = world_read_item(arena_fmt(mem, SIU("S15") "SCH|A|B||||%s|%s|||||||||||||||||||R-1\r" PID, REASONS[i].sch6,
						 REASONS[i].sch7), mem);
		assert_string_equal(get("status.reason_code"), REASONS[i].code);
		assert_string_equal(get("status.reason_text"), REASONS[i].text);
	}
	item = world_read_item(SIU("S12") "SCH|A|B||||FOLLOWUP^Контролен преглед|||||^^^20260310|||||||||||||||R-1\r" PID, mem);
	assert_string_equal(get("status.reason_code"), "");
	assert_string_equal(get("status.reason_text"), "");
}

/* Time, place and person stand with the resources in some messages; a duration gives the end. */
static void
resources(void **state)
{
	(void)state;
	item = world_read_item(SIU("S12") "SCH|A|B|||||||45|min||||||||||||||||R-1\r" PID "RGS|1|A\rAIS|1|A|X|20260310093000\r"
			       "AIL|1|A|К2^12^^Център\rAIP|1|A|9^Тестова^Анна\r", mem);
	assert_string_equal(get("status.appointment.start"), "2026-03-10T07:30:00Z");
	assert_string_equal(get("status.appointment.end"), "2026-03-10T08:15:00Z");
	assert_string_equal(get("status.appointment.place"), "Център, К2, 12");
	assert_string_equal(get("status.assigned_worker.name"), "Анна Тестова");
	item = world_read_item(SIU("S12") "SCH|A|B||||||||||||||||||||||||R-1\r" PID "AIS|1|A|X|20260310093000|||2|hours\r", mem);
	assert_string_equal(get("status.appointment.end"), "2026-03-10T09:30:00Z");
	item = world_read_item(SIU("S12") "SCH|A|B|||||||99999999999|min|^^^20260310|||||||||||||||R-1\r" PID, mem);
	assert_string_equal(get("status.appointment.end"), "");
}

/* Who does not count the appointments that were not kept says the first, and the record tells that this is assumed. */
static void
attempts(void **state)
{
	(void)state;
	item = world_read_item(SIU("S26") "SCH|A|B||||||||||||||||||||||||R-1\r" PID, mem);
	assert_string_equal(get("status.attempt_no"), "1");
	assert_string_equal(get("assumed"), "status.attempt_no");
	item = world_read_item(SIU("S26") "SCH|A|B||||||||||||||||||||||||R-1\r" PID "OBX|1|NM|attempt_no^^NASOKA||2||||||F\r", mem);
	assert_string_equal(get("status.attempt_no"), "2");
	assert_string_equal(get("assumed"), "");
}

/* An appointment of no referral, without its segment, or with a time that is none is refused at its place. */
static void
bad_appointments(void **state)
{
	static const struct { const char *text; enum err e; const char *where; } BAD[] = {
		{ SIU("S12") PID, ERR_REQUIRED, "SCH" }, { SIU("S12") "SCH|A|B\r" PID, ERR_REQUIRED, "SCH-26" },
		{ SIU("S12") "SCH|A|B|||||||||^^^tomorrow|||||||||||||||R-1\r" PID, ERR_BAD_DATE, "SCH-11" },
		{ SIU("S26") "SCH|A|B|often|||||||||||||||||||||||R-1\r" PID, ERR_BAD_NUMBER, "SCH-3" },
		{ SIU("S12") "SCH|A|B||||||||||||||||||||||||R-1\r" PID "AIS|1|A|X|2026-03-10\r", ERR_BAD_DATE, "AIS-4" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		struct intake intake = world_read(BAD[i].text, mem);

		if (intake.n != 1 || intake.items[0].e != BAD[i].e || strcmp(intake.items[0].why.where, BAD[i].where) != 0)
			fail_msg("%zu: %s at %s", i, err_name(intake.items[0].e), intake.items[0].why.where);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(events, setup, teardown),
		cmocka_unit_test_setup_teardown(reasons, setup, teardown),
		cmocka_unit_test_setup_teardown(resources, setup, teardown),
		cmocka_unit_test_setup_teardown(attempts, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_appointments, setup, teardown),
	};

	return cmocka_run_group_tests_name("hl7_appointment_in", tests, NULL, NULL);
}
