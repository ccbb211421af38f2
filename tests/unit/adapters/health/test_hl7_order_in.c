/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/hl7_fixture.h"

#define MSH(type) "MSH|^~\\&|HIS|UMBAL|NASOKA|OZD|20260302100000||" type "|M1|P|2.5.1||||||UNICODE UTF-8\r"
#define PID "PID|1||1543079013^^^GRAO^NNBGR||Тест^Калина^Стоянова||20150307|F\r"
#define OBR "OBR|1|R-1||psych-counselling^^NASOKA|||||||||||||||||||||||||||^Нужда от подкрепа\r"

static const struct intake_item *item;

static const char *
get(const char *path)
{
	return world_get(item, path, mem);
}

/* A new order, as IHE 360X writes it, is a referral: numbers, due time, priority, orderer, service and reason where they stand. */
static void
new_order(void **state)
{
	static const char *const TYPES[] = { "OMG^O19^OMG_O19", "OMG^O19", "ORM^O01^ORM_O01" };

	(void)state;
	for (size_t i = 0; i < sizeof(TYPES) / sizeof(TYPES[0]); i++) {
		item = world_read_item(arena_fmt(mem, "MSH|^~\\&|HIS|UMBAL|NASOKA|OZD|20260302100000||%s|M1|P|2.5.1||||||UNICODE UTF-8\r" PID
			"NK1|1|Тестова^Мила|MTH\rORC|NW|R-1^HIS|F-9|G-1|||||20260302093000+0200|||17^Иванова^Мария^^^д-р||"
			"032 600 100|20260310||||||Детска клиника\rTQ1|1|||||||20260304120000+0200|A^^HL70485\r"
			OBR "DG1|1||F80.1^^I10|||F\r", TYPES[i]), mem);
		assert_string_equal(get("kind"), "referral");
		assert_string_equal(get("referral.referral_id"), "R-1");
		assert_string_equal(get("referral.external_id"), "F-9");
		assert_string_equal(get("referral.group_id"), "G-1");
		assert_string_equal(get("referral.authored_on"), "2026-03-02T07:30:00Z");
		assert_string_equal(get("referral.respond_by"), "2026-03-04T10:00:00Z");
		assert_string_equal(get("referral.requested_start"), "2026-03-10");
		assert_string_equal(get("referral.priority"), "urgent");
		assert_string_equal(get("referral.initiator.worker.name"), "д-р Мария Иванова");
		assert_string_equal(get("referral.initiator.worker.phone"), "032 600 100");
		assert_string_equal(get("referral.initiator.unit"), "Детска клиника");
		assert_string_equal(get("referral.service_kind"), "psych-counselling");
		assert_string_equal(get("referral.reason_text"), "Нужда от подкрепа");
		assert_string_equal(get("referral.child.given"), "Калина");
		assert_string_equal(get("referral.carers[0].relation"), "mother");
		assert_string_equal(get("referral.diagnosis[0].code"), "F80.1");
		assert_string_equal(item->target, "ozd-plovdiv");
	}
}

/* Older systems write the timing in ORC-7 or OBR-27, the orderer in OBR-16, the number in OBR-2, and no ORC at all. */
static void
old_places(void **state)
{
	(void)state;
	item = world_read_item(MSH("ORM^O01") PID "ORC|NW|R-1|||||^^^20260310^20260304120000+0200^S\r" OBR, mem);
	assert_string_equal(get("referral.requested_start"), "2026-03-10");
	assert_string_equal(get("referral.respond_by"), "2026-03-04T10:00:00Z");
	assert_string_equal(get("referral.priority"), "emergency");
	item = world_read_item(MSH("ORM^O01") PID "OBR|1|R-2||mentoring^^NASOKA|||||||||Плаче нощем|||^Иванова^Мария|||||||||||"
			       "^^^^20260304^R||||Уплашено\r", mem);
	assert_string_equal(get("referral.referral_id"), "R-2");
	assert_string_equal(get("referral.respond_by"), "2026-03-04T21:59:59Z");
	assert_string_equal(get("referral.priority"), "routine");
	assert_string_equal(get("referral.initiator.worker.name"), "Мария Иванова");
	assert_string_equal(get("referral.reason_text"), "Уплашено\nПлаче нощем");
}

/* ORC-1 and ORC-5 say which step it is, ORC-16 why, ORC-3 under which number, ORC-19 who. */
static void
steps(void **state)
{
	static const struct { const char *orc, *to, *code, *text, *case_no; } STEPS[] = {
		{ "OK|R-1|C-5||IP", "accepted", "", "", "C-5" }, { "SC|R-1|||IP", "accepted", "", "", NULL },
		{ "UA|R-1||||||||||||||no-place^Няма място^L", "declined", "no-capacity", "Няма място", NULL },
		{ "UA|R-1|||CA|||||||||||^Няма място", "declined", "other", "Няма място", NULL },
		{ "OH|R-1|||HD", "on-hold", "", "", NULL }, { "SC|R-1|||A", "in-progress", "", "", NULL },
		{ "SC|R-1|||CM", "completed", "", "", NULL }, { "CA|R-1||||||||||||||^Headache disappeared|", "cancelled", "other",
		"Headache disappeared", NULL }, { "DC|R-1", "cancelled", "", "", NULL }, { "CR|R-1|||CA", "cancelled", "", "", NULL },
		{ "sc|R-1|||sc", "scheduled", "", "", NULL },
	};
	static const char *const TYPES[] = { "OSU^O51^OSU_O51", "OMG^O19^OMG_O19", "ORM^O01^ORM_O01" };

	(void)state;
	for (size_t i = 0; i < 3 * sizeof(STEPS) / sizeof(STEPS[0]); i++) {
		item = world_read_item(arena_fmt(mem, "MSH|^~\\&|A|B|C|D|2026||%s|M1|P|2.5||||||UNICODE UTF-8\r" PID "ORC|%s\r", TYPES[i % 3],
						 STEPS[i / 3].orc), mem);
		assert_string_equal(get("status.referral_id"), "R-1");
		assert_string_equal(get("status.to"), STEPS[i / 3].to);
		assert_string_equal(get("status.reason_code"), STEPS[i / 3].code);
		assert_string_equal(get("status.reason_text"), STEPS[i / 3].text);
		assert_true(STEPS[i / 3].case_no ? strcmp(item->case_no, STEPS[i / 3].case_no) == 0 : !item->case_no);
	}
	item = world_read_item(MSH("OSU^O51") PID "ORC|OK|R-1|||||||20260303111500+0200|||||032 600 200|20260310||||^Петров^Иван\r", mem);
	assert_string_equal(get("status.at"), "2026-03-03T09:15:00Z");
	assert_string_equal(get("status.expected_start"), "2026-03-10");
	assert_string_equal(get("status.actor.name"), "Иван Петров");
	assert_string_equal(get("status.actor.phone"), "032 600 200");
}

/* A number that is assigned and no state is a registration, and nothing more. */
static void
registration(void **state)
{
	(void)state;
	item = world_read_item(MSH("OSU^O51") PID "ORC|NA|R-1|C-5\r", mem);
	assert_null(item->record);
	assert_string_equal(item->confirms, "R-1");
	assert_string_equal(item->case_no, "C-5");
}

/* A changed order is the answer to questions, as REF^I13 is. */
static void
changed_order(void **state)
{
	struct progress p = { .state = "info-requested", .is_initiator = true };

	(void)state;
	item = world_read_item(MSH("OMG^O19") PID "ORC|NW|R-1\r" OBR, mem);
	p.referral = item->record;
	world_known = &p;
	item = world_read_item(MSH("OMG^O19") PID "ORC|XO|R-1||||||||||^Иванова^Мария\r"
			       "OBR|1|R-1||speech-therapy^^NASOKA|||||||||||||||||||||||||||^Нужда от подкрепа\r", mem);
	assert_string_equal(get("status.transition"), "T04");
	assert_string_equal(get("status.reason_text"), "service_kind: speech-therapy");
	assert_string_equal(get("status.actor.name"), "Мария Иванова");
}

/* Each way to be wrong has its own error and place. */
static void
bad_orders(void **state)
{
	static const struct { const char *text; enum err e; const char *where; } BAD[] = {
		{ MSH("OMG^O19") PID "ORC|ZZ|R-1\r" OBR, ERR_UNKNOWN_CODE, "ORC-1" },
		{ MSH("OMG^O19") PID "ORC||R-1\r" OBR, ERR_REQUIRED, "ORC-1" },
		{ MSH("OSU^O51") PID, ERR_REQUIRED, "ORC-1" },
		{ MSH("OMG^O19") PID "ORC|NW|R-1\r" OBR "ORC|NW|R-2\r" OBR, ERR_TOOMANY, "ORC[2]" },
		{ MSH("OMG^O19") PID "ORC|NW\rOBR|1||C-1|x\r", ERR_REQUIRED, "ORC-2" },
		{ MSH("OMG^O19") "ORC|NW|R-1\r" OBR, ERR_REQUIRED, "PID" },
		{ MSH("OMG^O19") PID "ORC|NW|R-1\rTQ1|1|||||||tomorrow\r" OBR, ERR_BAD_DATE, "TQ1-8" },
		{ MSH("OMG^O19") PID "ORC|NW|R-1\rTQ1|1||||||||Q\r" OBR, ERR_UNKNOWN_CODE, "TQ1-9" },
		{ MSH("ORM^O01") PID "ORC|NW|R-1|||||^^^^^Q\r" OBR, ERR_UNKNOWN_CODE, "ORC-7" },
		{ MSH("OSU^O51") PID "ORC|SC|R-1|||ZZ\r", ERR_UNKNOWN_CODE, "ORC-5" },
		{ MSH("OSU^O51") PID "ORC|SC|R-1\r", ERR_REQUIRED, "ORC-5" },
		{ MSH("OSU^O51") PID "ORC|OK|\r", ERR_REQUIRED, "ORC-2" },
		{ MSH("OSU^O51") PID "ORC|OK|R-1|||||||32\r", ERR_BAD_DATE, "ORC-9" },
		{ MSH("OMG^O19") PID "ORC|XO|R-1\r" OBR, ERR_UNKNOWN_REFERRAL, "ORC-2" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		struct intake intake = world_read(BAD[i].text, mem);
		enum err e = intake.n ? intake.items[0].e : intake.e;
		const struct why *why = intake.n ? &intake.items[0].why : &intake.why;

		if (e != BAD[i].e || strcmp(why->where, BAD[i].where) != 0)
			fail_msg("%zu: %s at %s", i, err_name(e), why->where);
	}
}

/* What the core finds wrong is told by the order's own place. */
static void
placed_answer(void **state)
{
	const char *text = MSH("OMG^O19") PID "ORC|NW|R-1\r" OBR;
	struct sector_env env = world_env("umbal-plovdiv");
	struct native in = { .format = FORMAT_HL7, .bytes = span_str(text) }, answer;
	struct intake intake = world_read(text, mem);

	(void)state;
	intake.items[0].e = why_set(&intake.items[0].why, ERR_REQUIRED, "referral.respond_by", "-");
	assert_int_equal(health_hl7_answer(&in, &intake, &env, mem, &answer), OK);
	assert_non_null(strstr(arena_strn(mem, answer.bytes.p, answer.bytes.n), "\rERR||TQ1^1^8^1|101^^HL70357|"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(new_order, setup, teardown),
		cmocka_unit_test_setup_teardown(old_places, setup, teardown),
		cmocka_unit_test_setup_teardown(steps, setup, teardown),
		cmocka_unit_test_setup_teardown(registration, setup, teardown),
		cmocka_unit_test_setup_teardown(changed_order, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_orders, setup, teardown),
		cmocka_unit_test_setup_teardown(placed_answer, setup, teardown),
	};

	return cmocka_run_group_tests_name("hl7_order_in", tests, NULL, NULL);
}
