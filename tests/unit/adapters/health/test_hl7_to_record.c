/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/hl7_fixture.h"

#define VECTORS "tests/vectors/health/"
#define MSH "MSH|^~\\&|HIS|UMBAL|NASOKA|OZD|20260302100000||REF^I12^REF_I12|MSG1|P|2.5.1||||||UNICODE UTF-8\r"
#define MSH_OF(type, id, mode, version, charset) \
	"MSH|^~\\&|HIS|UMBAL|NASOKA|OZD|20260302100000||" type "|" id "|" mode "|" version "||||||" charset "\r"
#define RF1 "RF1||A|Psy|RP||R-1|20260305|20260304|20260302\r"
#define PRD "PRD|RP|Иванова^Мария\rPRD|RT|||||||\r"
#define PID "PID|1||1543079013^^^GRAO^NI||Тест^Калина^Стоянова||20150307|F\r"
#define OBR "OBR|1|R-1||psych-counselling^^NASOKA\r"
#define NTE "NTE|1||Нужда от подкрепа\r"

static const struct intake_item *
item_of(const char *text)
{
	struct intake intake = world_read(text, mem);

	assert_string_equal(intake.why.where, "");
	assert_int_equal(intake.e, OK);
	assert_int_equal(intake.n, 1);
	assert_string_equal(intake.items[0].why.where, "");
	assert_int_equal(intake.items[0].e, OK);
	return arena_copy(mem, &intake.items[0], sizeof(intake.items[0]));
}

static const char *
get(const struct intake_item *item, const char *path)
{
	const char *v = record_get(item->record, mem, path);

	return v ? v : "";
}

/* What hospital systems send, each file with its oddity, becomes the record beside it. */
static void
vectors(void **state)
{
	static const char *const FILES[] = { "ref_i12", "ref_i14_structure_lf", "ref_i11_two_rp", "rri_shifted", "rri_completed",
		"ref_i14_cancel", "ref_windows1251", "ref_iso8859_5", "ref_pid19" };

	(void)state;
	for (size_t i = 0; i < sizeof(FILES) / sizeof(FILES[0]); i++) {
		const char *text = world_file(arena_fmt(mem, VECTORS "%s.hl7", FILES[i]), mem);
		const struct intake_item *item = item_of(text);

		world_same_as_file(arena_fmt(mem, VECTORS "%s.record", FILES[i]),
			arena_fmt(mem, "%s", record_lines(item->record, mem)), mem);
	}
}

/* Each way to be wrong has its own error and place. */
static void
bad_inputs(void **state)
{
	static const struct { const char *name, *text; enum err e; const char *where; } BAD[] = {
		{ "nothing", "", ERR_CUT_OFF, "" },
		{ "no HL7", "hello", ERR_SYNTAX, "MSH" },
		{ "JSON", "{\"a\": 1}", ERR_SYNTAX, "MSH" },
		{ "cut off in MSH", "MSH|^~", ERR_CUT_OFF, "MSH-2" },
		{ "letters as delimiters", "MSHabcde|x\r", ERR_SYNTAX, "MSH-1" },
		{ "twice the same delimiter", "MSH|^^\\&|x\r", ERR_SYNTAX, "MSH-2" },
		{ "no type", MSH_OF("", "1", "P", "2.5.1", "") PID, ERR_REQUIRED, "MSH-9" },
		{ "no MSH-10", MSH_OF("REF^I12", "", "P", "2.5.1", "") RF1 PRD PID, ERR_REQUIRED, "MSH-10" },
		{ "an admission", MSH_OF("ADT^A01^ADT_A01", "1", "P", "2.5.1", "") PID, ERR_UNSUPPORTED, "MSH-9" },
		{ "a change of nothing that is here", MSH_OF("REF^I13^REF_I12", "1", "P", "2.5.1", "") RF1 PRD PID, ERR_UNKNOWN_REFERRAL, "RF1-6" },
		{ "a change without a number", MSH_OF("REF^I13^REF_I12", "1", "P", "2.5.1", "") PRD PID, ERR_REQUIRED, "RF1-6" },
		{ "a question without a number", MSH_OF("REF^I15^REF_I12", "1", "P", "2.5.1", "") PRD PID, ERR_REQUIRED, "RF1-6" },
		{ "a question about nothing that is here", MSH_OF("REF^I15^REF_I12", "1", "P", "2.5.1", "") RF1 PRD PID, ERR_UNKNOWN_REFERRAL, "RF1-6" },
		{ "version 3", MSH_OF("REF^I12", "1", "P", "3.0", "") PID, ERR_VERSION, "MSH-12" },
		{ "training", MSH_OF("REF^I12", "1", "T", "2.5.1", "") PID, ERR_NOT_ALLOWED, "MSH-11" },
		{ "debugging", MSH_OF("REF^I12", "1", "D", "2.5.1", "") PID, ERR_NOT_ALLOWED, "MSH-11" },
		{ "unknown charset", MSH_OF("REF^I12", "1", "P", "2.5.1", "KOI-8") PID, ERR_CHARSET, "MSH-18" },
		{ "UTF-8 that is none", MSH "PID|1||1||\xCF\xE5\r", ERR_CHARSET, "" },
		{ "said ASCII and is not", MSH_OF("REF^I12", "1", "P", "2.5.1", "ASCII") PID, ERR_CHARSET, "" },
		{ "a line that is no segment", MSH "hello world\r" PID, ERR_SYNTAX, "" },
		{ "two messages in one frame", MSH PID MSH PID, ERR_SYNTAX, "MSH" },
		{ "no PID", MSH RF1 PRD OBR, ERR_REQUIRED, "PID" },
		{ "no referral number", MSH PRD PID, ERR_REQUIRED, "RF1-6" },
		{ "month 13", MSH RF1 PRD "PID|1||1||T^K||19761325|F\r" OBR, ERR_BAD_DATE, "PID-7" },
		{ "a date with dashes", MSH RF1 PRD "PID|1||1||T^K||2015-03-07|F\r" OBR, ERR_BAD_DATE, "PID-7" },
		{ "a letter in a date", MSH RF1 PRD "PID|1||1||T^K||201503O7|F\r" OBR, ERR_BAD_DATE, "PID-7" },
		{ "a date of seven digits", MSH "RF1||A||RP||R-1|2026120\r" PRD PID OBR, ERR_BAD_DATE, "RF1-7" },
		{ "a beginning in some month", MSH "RF1||A||RP||R-1|202612\r" PRD PID OBR, ERR_BAD_DATE, "RF1-7" },
		{ "a deadline in some year", MSH "RF1||A||RP||R-1||2027\r" PRD PID OBR, ERR_BAD_DATE, "RF1-8" },
		{ "a consent of some year", MSH RF1 PRD PID OBR "OBX|1|DT|consent.given_on^^NASOKA||2026\r", ERR_BAD_DATE, "OBX-5" },
		{ "a consent's last day with a letter", MSH RF1 PRD PID OBR "OBX|1|DT|consent.valid_until^^NASOKA||2027021O\r", ERR_BAD_DATE, "OBX-5" },
		{ "30 February", MSH RF1 PRD "PID|1||1||T^K||20150230|F\r" OBR, ERR_BAD_DATE, "PID-7" },
		{ "a deadline in words", MSH "RF1||A||||R-1||tomorrow\r" PRD PID OBR, ERR_BAD_DATE, "RF1-8" },
		{ "hour 25", MSH "RF1||A||||R-1||2026030225\r" PRD PID OBR, ERR_BAD_DATE, "RF1-8" },
		{ "priority Q", MSH "RF1||Q||||R-1\r" PRD PID OBR, ERR_UNKNOWN_CODE, "RF1-2" },
		{ "disposition XX", MSH "RF1||A||XX||R-1\r" PRD PID OBR, ERR_UNKNOWN_CODE, "RF1-4" },
		{ "gender X", MSH RF1 PRD "PID|1||1||T^K||20150307|X\r" OBR, ERR_UNKNOWN_CODE, "PID-8" },
		{ "wrong EGN", MSH RF1 PRD "PID|1||1543079014^^^GRAO^NI||T^K||20150307|F\r" OBR, ERR_BAD_ID, "PID-3" },
		{ "wrong LNCH", MSH RF1 PRD "PID|1||1000000000^^^MVR^NI||T^K||20150307|F\r" OBR, ERR_BAD_ID, "PID-3" },
		{ "unknown need", MSH RF1 PRD PID OBR "OBX|1|CE|need^^NASOKA||hunger\r", ERR_UNKNOWN_CODE, "OBX-5" },
		{ "unknown field", MSH RF1 PRD PID OBR "OBX|1|CE|case_id^^NASOKA||1\r", ERR_UNKNOWN_FIELD, "OBX-3" },
		{ "a number in words", MSH RF1 PRD PID OBR "OBX|1|NM|household_size^^NASOKA||five\r", ERR_BAD_NUMBER, "OBX-5" },
		{ "status without RF1", MSH_OF("RRI^I12", "1", "P", "2.5.1", "") PID, ERR_REQUIRED, "RF1" },
		{ "status without state", MSH_OF("RRI^I12", "1", "P", "2.5.1", "") "RF1||||||R-1\r", ERR_REQUIRED, "RF1-1" },
		{ "status Z", MSH_OF("RRI^I12", "1", "P", "2.5.1", "") "RF1|Z|||||R-1\r", ERR_UNKNOWN_CODE, "RF1-1" },
		{ "status without number", MSH_OF("RRI^I12", "1", "P", "2.5.1", "") "RF1|A\r", ERR_REQUIRED, "RF1-6" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		struct intake intake = world_read(BAD[i].text, mem);
		enum err e = intake.n ? intake.items[0].e : intake.e;
		const struct why *why = intake.n ? &intake.items[0].why : &intake.why;

		if (e != BAD[i].e || strcmp(why->where, BAD[i].where) != 0)
			fail_msg("%s: %s at %s", BAD[i].name, err_name(e), why->where);
		assert_true(!intake.n || (!intake.items[0].record && !intake.items[0].confirms));
	}
}

/* Every beginning of a good message is either taken or refused, and never read beyond its end. */
static void
any_prefix(void **state)
{
	const char *text = world_file(VECTORS "full.hl7", mem);
	size_t n = strlen(text);

	(void)state;
	for (size_t i = 0; i <= n; i += 3) {
		struct arena *own = arena_new(1 << 20);
		struct sector_env env = world_env("umbal-plovdiv");
		uint8_t *exact = malloc(i ? i : 1);
		struct native in = { .format = FORMAT_HL7, .bytes = SPAN(exact, i) }, answer;
		struct intake intake;

		memcpy(exact, text, i);
		health_hl7_to_records(&in, &env, own, &intake);
		assert_int_equal(health_hl7_answer(&in, &intake, &env, own, &answer), OK);
		assert_true(answer.bytes.n > 0);
		free(exact);
		arena_free(own);
	}
}

/* Wherever the memory of a message ends, it is refused as too big and nothing is half taken. */
static void
any_memory(void **state)
{
	const char *text = world_file(VECTORS "full.hl7", mem);
	struct sector_env env = world_env("umbal-plovdiv");
	struct native in = { .format = FORMAT_HL7, .bytes = span_str(text) };
	struct intake intake = { .e = ERR_TOOBIG };
	enum err e = ERR_TOOBIG;

	(void)state;
	for (size_t cap = 512; e != OK; cap += 512) {
		struct arena *small = arena_new(cap);

		health_hl7_to_records(&in, &env, small, &intake);
		e = intake.n ? intake.items[0].e : intake.e;
		assert_true(e == OK || e == ERR_TOOBIG);
		arena_free(small);
	}
}

/* What a message says twice, or in a place of another version, is found: RF1 in shifted fields, deadlines from TQ1. */
static void
tolerant_places(void **state)
{
	const struct intake_item *item;

	(void)state;
	item = item_of(MSH "RF1|P|Med^Medical^HL70281|SO|O|R-9\rTQ1|1|||||||20260310\r" PRD PID OBR NTE);
	assert_string_equal(get(item, "referral.referral_id"), "R-9");
	assert_string_equal(get(item, "referral.disposition_wanted"), "second-opinion");
	assert_string_equal(get(item, "referral.respond_by"), "2026-03-10T21:59:59Z");
	assert_string_equal(item->target, "ozd-plovdiv");
	assert_string_equal(item->native_id, "HIS|UMBAL|MSG1");
}

/* A service that nobody has mapped stays readable: other, with the sender's words; a mapped one is ours. */
static void
services(void **state)
{
	const struct intake_item *item;

	(void)state;
	item = item_of(MSH RF1 PRD PID "OBR|1|||XYZ^Хипотерапия^LOCAL\r");
	assert_string_equal(get(item, "referral.service_kind"), "other");
	assert_string_equal(get(item, "referral.service_text"), "Хипотерапия");
	item = item_of(MSH RF1 PRD PID "OBR|1|||LOGO^Логопед^LOCAL\r");
	assert_string_equal(get(item, "referral.service_kind"), "speech-therapy");
	item = item_of(MSH "RF1||A|mentoring^^NASOKA|||R-1\r" PRD PID);
	assert_string_equal(get(item, "referral.service_kind"), "mentoring");
}

/* Of two OBX of the same field the first is read, and of two of the same item. */
static void
said_twice(void **state)
{
	const struct intake_item *item = item_of(MSH RF1 PRD PID OBR "OBX|1|ST|consent.evidence^^NASOKA||първо\r"
		"OBX|2|ST|consent.evidence^^NSK||второ\rOBX|3|ST|goals.text^^NASOKA|2|Две\rOBX|4|ST|goals.text^^NASOKA|1|Едно\r"
		"OBX|5|ST|goals.text^^NASOKA|2|Друго\rOBX|6|ST|safety.contact_via^^NASOKA||\rOBX|7|ST|safety.contact_via^^NASOKA||тук\r");

	(void)state;
	assert_string_equal(get(item, "referral.consent.evidence"), "първо");
	assert_string_equal(get(item, "referral.goals[0].text"), "Едно");
	assert_string_equal(get(item, "referral.goals[1].text"), "Две");
	assert_int_equal(item->record->referral->n_goals, 2);
	assert_string_equal(get(item, "referral.safety.contact_via"), "тук");
}

/* What OBX-11 takes back is no value: the one that is left counts, and the items of a list are those that are. */
static void
taken_back(void **state)
{
	const struct intake_item *item = item_of(MSH "RF1||A||RP||R-1\r" PRD PID OBR "OBX|1|CE|risk_level^^NASOKA||low^^NASOKA||||||C\r"
		"OBX|2|CE|risk_level^^NASOKA||high^^NASOKA||||||W\rOBX|3|ST|goals.text^^NASOKA|1|Едно||||||D\r"
		"OBX|4|ST|goals.text^^NASOKA|2|Две||||||F\rOBX|5|FT|1^x^L||Не е така||||||X\rOBX|6|FT|1^x^L||Така е||||||F\r"
		"OBX|7|TX|reason_text^^NASOKA||Друго||||||F\r");

	(void)state;
	assert_string_equal(get(item, "referral.risk_level"), "low");
	assert_int_equal(item->record->referral->n_goals, 1);
	assert_string_equal(get(item, "referral.goals[0].text"), "Две");
	assert_string_equal(get(item, "referral.reason_text"), "Така е");
	assert_string_equal(get(item, "referral.initiator.agency"), "umbal-plovdiv");
	assert_int_equal(*item->record->dropped, 4);
	item = item_of(MSH RF1 PRD PID OBR "OBX|1|TX|reason_text^^NASOKA||Друго||||||W\rOBX|2|TX|reason_text^^NASOKA||Това||||||F\r");
	assert_string_equal(get(item, "referral.reason_text"), "Това");
}

/* Numbers without a type are known by their check digit. */
static void
identifiers(void **state)
{
	const struct intake_item *item;

	(void)state;
	item = item_of(MSH RF1 PRD "PID|1||1543079013~~77-1^^^^MR~~AB1^^^^PPN^^^^GRC||T^K||2015|F\r" OBR);
	assert_string_equal(get(item, "referral.child.ids[0].type"), "EGN");
	assert_string_equal(get(item, "referral.child.ids[1].type"), "local");
	assert_string_equal(get(item, "referral.child.ids[2].type"), "passport");
	assert_string_equal(get(item, "referral.child.ids[2].country"), "GRC");
	assert_string_equal(get(item, "referral.child.birth_date"), "2015-01-01");
	assert_string_equal(get(item, "referral.child.birth_date_accuracy"), "year");
	/* what only looks like one is of another day than the child; one that is said to be an EGN stays one, for others to refuse */
	item = item_of(MSH RF1 PRD "PID|1||1543079013~1543079013^^^^NNBGR||T^K||20140307|F\r" OBR);
	assert_string_equal(get(item, "referral.child.ids[0].type"), "local");
	assert_string_equal(get(item, "referral.child.ids[1].type"), "EGN");
	/* PID-19 where PID-3 has none, and its check digit is right */
	item = item_of(MSH RF1 PRD "PID|1||77-1^^^^MR||T^K||20150307|F|||||||||||1543079013\r" OBR);
	assert_string_equal(get(item, "referral.child.ids[1].type"), "EGN");
	assert_string_equal(get(item, "referral.child.ids[1].value"), "1543079013");
	item = item_of(MSH RF1 PRD "PID|1||||T^K||20150307|F|||||||||||1543079013\r" OBR);
	assert_string_equal(get(item, "referral.child.ids[0].type"), "EGN");
	item = item_of(MSH RF1 PRD "PID|1||77-1^^^^MR||T^K||20150307|F|||||||||||1543079014\r" OBR);
	assert_int_equal(item->record->referral->child->n_ids, 1);
	item = item_of(MSH RF1 PRD "PID|1||7523169263^^^GRAO^NI||T^K||18750316|M|||||||||||1543079013\r" OBR);
	assert_int_equal(item->record->referral->child->n_ids, 1);
}

/* Escapes and line breaks, single and doubled, come out as text; what is no escape stays. */
static void
escapes(void **state)
{
	const struct intake_item *item;

	(void)state;
	item = item_of(MSH RF1 PRD PID OBR
		       "NTE|1||a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f\\.br\\g\\\\.br\\\\h\\X41D09F\\i C:\\temp\\Zq\\ \\H\\j\\N\\\r");
	assert_string_equal(get(item, "referral.reason_text"), "a|b^c&d~e\\f\ng\nhAПi C:\\temp\\Zq\\ j");
	item = item_of(MSH RF1 PRD PID OBR "NTE|1||\\XD09A\\алина\rOBX|1|FT|1^doc^L||първо\\.br\\второ\rOBX|2|NM|2^x^L||5\r");
	assert_string_equal(get(item, "referral.reason_text"), "първо\nвторо\nКалина");
	assert_string_equal(get(item, "dropped"), "2");	/* the number, and RF1-3 */
}

/* Fields that nobody needs are left out and counted. */
static void
minimised(void **state)
{
	const struct intake_item *item;

	(void)state;
	item = item_of(MSH RF1 PRD "PID|1||1543079013^^^GRAO^NI||T^K|Моминско|20150307|F||2106-3\r" OBR
		       "AL1|1|DA|^пеницилин\rIN1|1|P1|C1\r");
	assert_string_equal(get(item, "dropped"), "9");	/* PID-6, PID-10, three each of AL1 and IN1, and RF1-3: another code than OBR-4 */
	assert_null(strstr(record_lines(item->record, mem), "пеницилин"));
}

/* A remark in RF1-24 belongs to the reason; the number of an authorisation is the recipient's where RF1-11 names none. */
static void
remark_and_authorisation(void **state)
{
	const struct intake_item *item;

	(void)state;
	item = item_of(MSH "RF1||A|needs-assessment^^NASOKA|RP||R-1||||||||страх|||||||||| не спи\r" PRD PID "AUT||1||||2508011234\r" OBR);
	assert_string_equal(get(item, "referral.reason_text"), "страх\nне спи");
	assert_string_equal(get(item, "referral.external_id"), "2508011234");
	item = item_of(MSH "RF1||A|needs-assessment^^NASOKA|RP||R-1|||||F-1|||||||||||||само бележка\r" PRD PID "AUT||||||2\r" OBR);
	assert_string_equal(get(item, "referral.reason_text"), "само бележка");
	assert_string_equal(get(item, "referral.external_id"), "F-1");
}

/* RF1-11 in an RRI is the agency's own number: with RF1-1 a status and a confirmation, without it a confirmation only. */
static void
confirmations(void **state)
{
	const char *msh = MSH_OF("RRI^I12^RRI_I12", "7", "P", "2.5.1", "");
	const struct intake_item *item;

	(void)state;
	item = item_of(arena_fmt(mem, "%sRF1||||||R-1|||||C-5\r", msh));
	assert_null(item->record);
	assert_string_equal(item->confirms, "R-1");
	assert_string_equal(item->case_no, "C-5");
	item = item_of(arena_fmt(mem, "%sRF1|A|||||R-1|20260310||||C-5\r", msh));
	assert_string_equal(item->confirms, "R-1");
	assert_string_equal(get(item, "status.to"), "accepted");
	assert_string_equal(get(item, "status.expected_start"), "2026-03-10");
	item = item_of(arena_fmt(mem, "%sRF1|R|||||R-1||||no-place^Няма място^L\r", msh));
	assert_string_equal(get(item, "status.reason_code"), "no-capacity");
	item = item_of(arena_fmt(mem, "%sRF1|R|||||R-1\rNTE|1||no room\r", msh));
	assert_string_equal(get(item, "status.reason_code"), "other");
	assert_string_equal(get(item, "status.reason_text"), "no room");
	assert_null(item->confirms);
}

#define GOAL(path, key, value) "OBX|1|ST|goals." path "^^NASOKA|" key "|" value "||||||F\r"

/* Items of a list keep the order of their numbers, whatever comes first in the message, and the order of appearance where
 * they have none; one that says nothing is no item. */
static void
list_order(void **state)
{
	static const struct { const char *obx, *texts[2], *code; } LISTS[] = {
		{ GOAL("code", "2", "c") GOAL("text", "1", "a") GOAL("text", "2", "b"), { "a", "b" }, "c" },
		{ GOAL("text", "10", "b") GOAL("text", "9", "a") GOAL("code", "10", "c"), { "a", "b" }, "c" },
		{ GOAL("text", "y", "a") GOAL("code", "x", "c") GOAL("text", "x", "b"), { "a", "b" }, "c" },
		{ GOAL("text", "1", "") GOAL("text", "2", "a") GOAL("text", "3", "b") GOAL("code", "3", "c"), { "a", "b" }, "c" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(LISTS) / sizeof(LISTS[0]); i++) {
		const struct intake_item *item = item_of(arena_fmt(mem, MSH RF1 PRD PID OBR "%s" NTE, LISTS[i].obx));

		assert_string_equal(get(item, "referral.goals[0].text"), LISTS[i].texts[0]);
		assert_string_equal(get(item, "referral.goals[1].text"), LISTS[i].texts[1]);
		assert_string_equal(get(item, "referral.goals[0].code"), "");
		assert_string_equal(get(item, "referral.goals[1].code"), LISTS[i].code);
	}
}

/* A changed referral is the answer to the recipient's questions: what is new in it, in words, and who says so. */
static void
change_is_an_answer(void **state)
{
	struct progress p = { .state = "info-requested", .is_initiator = true };
	const char *head = MSH_OF("REF^I13^REF_I12", "8", "P", "2.5.1", "");
	const struct intake_item *item;

	(void)state;
	p.referral = item_of(MSH RF1 PRD PID OBR NTE)->record;
	world_known = &p;
	item = item_of(arena_fmt(mem, "%s" RF1 "PRD|RP|Петров^Иван\r"
				 "PID|1||1543079013^^^GRAO^NI||Тест^Калина^Стоянова||20150307|F|||||032000001\r" OBR
				 "NTE|1||Има направена оценка\r", head));
	assert_string_equal(get(item, "kind"), "status-change");
	assert_string_equal(get(item, "status.referral_id"), "R-1");
	assert_string_equal(get(item, "status.to"), "received");
	assert_string_equal(get(item, "status.transition"), "T04");
	assert_string_equal(get(item, "status.reason_text"), "Има направена оценка\nchild.phone: 032000001");
	assert_string_equal(get(item, "status.actor.name"), "Иван Петров");
	assert_int_equal(world_read(arena_fmt(mem, "%s" RF1 PRD PID OBR NTE, head), mem).items[0].e, ERR_REQUIRED);
	world_known = NULL;
}

/* -- what senders found in the wild do, by the numbers of the list of them -- */

/* Segments end with LF alone, no CR in the whole message. */
static void
quirk_1_line_feeds(void **state)
{
	const char *text = MSH RF1 PRD PID OBR NTE;
	char *lf = arena_str(mem, text);

	(void)state;
	for (char *p = lf; *p; p++)
		if (*p == '\r')
			*p = '\n';
	assert_string_equal(record_lines(item_of(lf)->record, mem), record_lines(item_of(text)->record, mem));
}

/* A cancellation whose structure is called REF_I14, where the standard has REF_I12; and none at all. */
static void
quirk_2_structure(void **state)
{
	static const char *const TYPES[] = { "REF^I14^REF_I14", "REF^I14^REF_I12", "REF^I14" };

	(void)state;
	for (size_t i = 0; i < sizeof(TYPES) / sizeof(TYPES[0]); i++)
		assert_string_equal(get(item_of(arena_fmt(mem, "MSH|^~\\&|A|B|C|D|2026||%s|1|P|2.5\rRF1||||||R-1\r" PRD PID, TYPES[i])), "status.to"),
				    "cancelled");
}

/* HL7's own examples: I11, two RP, U+2011 in a phone, <cr> as text at the ends, and a time of 13 digits. */
static void
quirk_3_own_examples(void **state)
{
	const struct intake_item *item = item_of("MSH|^~\\&|HIS|UMBAL|NASOKA||2026030210000||REF^I11|M3|P|2.4|<cr>\nRF1||R||AM||77124||20260316<cr>\n"
		"PRD|RP|Иванова^Мария|||032\xE2\x80\x91" "600\xE2\x80\x91" "100<cr>\nPRD|RP|Приемащ^Център|||||OZD<cr>\n" PID);

	(void)state;
	assert_string_equal(get(item, "referral.referral_id"), "77124");
	assert_string_equal(get(item, "referral.initiator.worker.phone"), "032-600-100");
	assert_string_equal(item->target, "ozd-plovdiv");
}

/* An answer whose MSA-2 is not our MSH-10 is known by the referral that it names; in an RRI that comes in MSA-2 counts for nothing. */
static void
quirk_4_other_message_named(void **state)
{
	const struct intake_item *item = item_of(MSH_OF("RRI^I12", "TUMM1", "P", "2.4", "") "MSA|AA|TUMM7900\rRF1|A|||||R-1\r" PRD PID);

	(void)state;
	assert_string_equal(get(item, "status.to"), "accepted");
	assert_string_equal(item->native_id, "HIS|UMBAL|TUMM1");
}

/* RF1 shifted by one field; an RRI without MSA; the target as CP or as PP; a birth date in month 13. */
static void
quirk_5_shifted(void **state)
{
	const struct intake_item *item = item_of(MSH_OF("RRI^I12", "7", "P", "2.4", "")
		"RF1|A^Accepted^HL70283|MED^Medical^HL70280|AM^^HL70282|O|R-1|||||C-1\rPRD|CP|Петров^Иван\r" PID);
	static const char *const ROLES[] = { "CP", "PP" };

	(void)state;
	assert_string_equal(get(item, "status.referral_id"), "R-1");
	assert_string_equal(item->case_no, "C-1");
	assert_string_equal(get(item, "status.actor.name"), "Иван Петров");
	for (size_t i = 0; i < 2; i++) {
		item = item_of(arena_fmt(mem, "MSH|^~\\&|HIS|UMBAL|||2026||REF^I12|1|P|2.4\r" RF1 "PRD|RP\rPRD|%s||||||OZD\r" PID OBR NTE, ROLES[i]));
		assert_string_equal(item->target, "ozd-plovdiv");
	}
	assert_int_equal(world_read(MSH RF1 PRD "PID|1||1||T^K||19761325|F\r" OBR, mem).items[0].e, ERR_BAD_DATE);
}

/* CRLF; RF1-6 a bare number; PID-3 full of empties; NTE-4 a section's code. A message without its number (MSH-10) is refused,
 * for without it a repetition could not be told from a new one. */
static void
quirk_6_empties(void **state)
{
	const struct intake_item *item = item_of("MSH|^~\\&|HIS|UMBAL|NASOKA|OZD|2026||REF^I12|9|P|2.3\r\nRF1||||||12345\r\nPRD|RP\r\n"
		"PID|||^^^^~^^^^MR~77-1^^^UMBAL^MR~||T^K||20150307|F\r\nNTE|1|P|Текст|HPI\r\n");
	struct intake intake = world_read("MSH|^~\\&|HIS|UMBAL|NASOKA|OZD|2026||REF^I12||P|2.3\r\nRF1||||||12345\r\n" PID, mem);

	(void)state;
	assert_string_equal(get(item, "referral.referral_id"), "12345");
	assert_string_equal(get(item, "referral.child.ids[0].value"), "77-1");
	assert_int_equal(item->record->referral->child->n_ids, 1);
	assert_string_equal(get(item, "referral.reason_text"), "Текст");
	assert_int_equal(intake.e, ERR_REQUIRED);
	assert_string_equal(intake.why.where, "MSH-10");
}

/* Line breaks in an FT, single and with their escape character doubled. */
static void
quirk_7_breaks(void **state)
{
	(void)state;
	assert_string_equal(get(item_of(MSH RF1 PRD PID OBR "OBX|1|FT|1^x^L||Първи\\.br\\втори\\\\.br\\\\трети\r"), "referral.reason_text"),
			    "Първи\nвтори\nтрети");
}

/* A PDF as ED in base64 is an attachment, and no text. */
static void
quirk_8_pdf(void **state)
{
	struct intake intake = world_read(MSH RF1 PRD PID OBR "OBX|1|ED|PDF^Писмо^L||^application^pdf^Base64^JVBERi0xLjQK||||||F\r" NTE, mem);

	(void)state;
	assert_int_equal(intake.n, 2);
	assert_string_equal(intake.items[1].record->attachment->filename, "Писмо.pdf");
	assert_memory_equal(intake.items[1].record->attachment->data->p, "%PDF-1.4", 8);
	assert_string_equal(intake.items[0].record->referral->reason_text, "Нужда от подкрепа");
}

/* A settlement's code that lost its zeros is not guessed at: the answer names PID-11 and what to write. */
static void
quirk_13_lost_zeros(void **state)
{
	const char *text = MSH RF1 PRD "PID|1||1||T^K||20150307|F|||^^Асеновград^^^^H^^PDV01^702\r" OBR NTE;
	struct sector_env env = world_env("umbal-plovdiv");
	struct native in = { .format = FORMAT_HL7, .bytes = span_str(text) }, answer;
	struct intake intake = world_read(text, mem);
	struct record *record = intake.items[0].record;

	(void)state;
	record->case_id = arena_copy(mem, "0123456789abcdef", 16);
	record->created = record_int(mem, WORLD_NOW);
	record->referral->risk_level = "low";
	record->referral->legal_basis = "statutory-task";
	intake.items[0].e = record_check(record, &intake.items[0].why);
	assert_string_equal(intake.items[0].why.where, "referral.child.address.ekatte");
	assert_int_equal(health_hl7_answer(&in, &intake, &env, mem, &answer), OK);
	assert_non_null(strstr(arena_strn(mem, answer.bytes.p, answer.bytes.n), "\rERR||PID^1^11^1|"));
	assert_non_null(strstr(arena_strn(mem, answer.bytes.p, answer.bytes.n), "702 is 00702"));
}

/* A name is the same in each charset that has its letters, with a byte order mark or without, and the answer is in that charset and
 * says so; ѝ is in UTF-8 alone. */
static void
charsets(void **state)
{
	static const struct { const char *said, *expected, *name, *text; } CHARSETS[] = {
		{ "UNICODE UTF-8", "UTF-8", "Калина ѝ", "Калина ѝ" }, { "UNICODE", "UTF-8", "Калина ѝ", "Калина ѝ" },
		{ "", "UTF-8", "Калина ѝ", "Калина ѝ" }, { "8859/5", "ISO-8859-5", "\xBA\xD0\xDB\xD8\xDD\xD0", "Калина" },
		{ "windows-1251", "windows-1251", "\xCA\xE0\xEB\xE8\xED\xE0", "Калина" }, { "CP1251", "windows-1251", "\xCA\xE0\xEB", "Кал" },
	};
	struct sector_env env = world_env("umbal-plovdiv");
	const char *said;

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(CHARSETS) / sizeof(CHARSETS[0]); i++) {
		const char *text = arena_fmt(mem, "%sMSH|^~\\&|%s|U|||2026||REF^I12|1|P|2.5||||||%s\rRF1||||||R-1\rPRD|RP\rPID|1||77-1||T^%s||20150307|F\r",
					     i % 2 && strncmp(CHARSETS[i / 2].expected, "UTF", 3) == 0 ? "\xEF\xBB\xBF" : "", CHARSETS[i / 2].name,
					     CHARSETS[i / 2].said, CHARSETS[i / 2].name);
		struct native in = { .format = FORMAT_HL7, .bytes = span_str(text) }, answer;
		struct intake intake;

		health_hl7_to_records(&in, &env, mem, &intake);
		assert_int_equal(intake.e, OK);
		assert_string_equal(get(&intake.items[0], "referral.child.given"), CHARSETS[i / 2].text);
		assert_int_equal(health_hl7_answer(&in, &intake, &env, mem, &answer), OK);
		assert_string_equal(answer.charset, CHARSETS[i / 2].expected);
		said = arena_strn(mem, answer.bytes.p, answer.bytes.n);
		assert_non_null(strstr(said, arena_fmt(mem, "|%s|U|", CHARSETS[i / 2].name)));
		if (*CHARSETS[i / 2].said)
			assert_non_null(strstr(said, arena_fmt(mem, "|%s\rMSA|", CHARSETS[i / 2].said)));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(vectors, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_inputs, setup, teardown),
		cmocka_unit_test_setup_teardown(any_prefix, setup, teardown),
		cmocka_unit_test_setup_teardown(any_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(tolerant_places, setup, teardown),
		cmocka_unit_test_setup_teardown(services, setup, teardown),
		cmocka_unit_test_setup_teardown(said_twice, setup, teardown),
		cmocka_unit_test_setup_teardown(taken_back, setup, teardown),
		cmocka_unit_test_setup_teardown(identifiers, setup, teardown),
		cmocka_unit_test_setup_teardown(escapes, setup, teardown),
		cmocka_unit_test_setup_teardown(minimised, setup, teardown),
		cmocka_unit_test_setup_teardown(confirmations, setup, teardown),
		cmocka_unit_test_setup_teardown(list_order, setup, teardown),
		cmocka_unit_test_setup_teardown(change_is_an_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(remark_and_authorisation, setup, teardown),
		cmocka_unit_test_setup_teardown(quirk_1_line_feeds, setup, teardown),
		cmocka_unit_test_setup_teardown(quirk_2_structure, setup, teardown),
		cmocka_unit_test_setup_teardown(quirk_3_own_examples, setup, teardown),
		cmocka_unit_test_setup_teardown(quirk_4_other_message_named, setup, teardown),
		cmocka_unit_test_setup_teardown(quirk_5_shifted, setup, teardown),
		cmocka_unit_test_setup_teardown(quirk_6_empties, setup, teardown),
		cmocka_unit_test_setup_teardown(quirk_7_breaks, setup, teardown),
		cmocka_unit_test_setup_teardown(quirk_8_pdf, setup, teardown),
		cmocka_unit_test_setup_teardown(quirk_13_lost_zeros, setup, teardown),
		cmocka_unit_test_setup_teardown(charsets, setup, teardown),
	};

	return cmocka_run_group_tests_name("hl7_to_record", tests, NULL, NULL);
}
