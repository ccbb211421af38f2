/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/hl7_fixture.h"

#define VECTORS "tests/vectors/health/"

/* Every field of a referral, but the preview that the core makes, survives the way to an order and back, in either dialect. */
static void
referral_round_trip(void **state)
{
	static const struct { enum dialect dialect; const char *type, *file; } DIALECTS[] = {
		{ DIALECT_ORDER, "|OMG^O19^OMG_O19|", VECTORS "order_full.hl7" },
		{ DIALECT_OLD_ORDER, "|ORM^O01^ORM_O01|", VECTORS "order_old_full.hl7" },
	};
	struct record *record = world_record(VECTORS "full.record", mem);
	struct outgoing out = world_outgoing(record, record);
	const char *text;

	(void)state;
	for (size_t i = 0; i < sizeof(DIALECTS) / sizeof(DIALECTS[0]); i++) {
		world_dialect = DIALECTS[i].dialect;
		text = world_write(&out, "ozd-plovdiv", mem);
		assert_non_null(strstr(text, DIALECTS[i].type));
		assert_null(strstr(text, "\rRF1|"));
		assert_null(strstr(text, "\rPRD|"));
		world_same_as_file(DIALECTS[i].file, text, mem);
		world_same_record(record, world_read_one(text, mem), mem);
	}
}

/* A reason of one short line is OBR-31, as 360X has it; a longer one a note of any length. */
static void
reasons(void **state)
{
	struct record *record = world_record(VECTORS "full.record", mem);
	struct outgoing out = world_outgoing(record, record);
	const char *text;

	(void)state;
	world_dialect = DIALECT_ORDER;
	record->referral->reason_text = "Нужда от подкрепа";
	text = world_write(&out, "ozd-plovdiv", mem);
	assert_non_null(strstr(text, "|^Нужда от подкрепа\r"));
	assert_null(strstr(text, "\rNTE|"));
	assert_string_equal(world_read_one(text, mem)->referral->reason_text, "Нужда от подкрепа");
	record->referral->reason_text = "Първо\nвторо";
	text = world_write(&out, "ozd-plovdiv", mem);
	assert_non_null(strstr(text, "\rNTE|1||Първо\\.br\\второ|"));
	assert_string_equal(world_read_one(text, mem)->referral->reason_text, "Първо\nвторо");
}

/* What ORC can say alone is an OSU; all else an order with what is more as OBX, and every field of it survives. */
static void
status_round_trip(void **state)
{
	struct record *referral = world_record(VECTORS "full.record", mem), *status = world_record(VECTORS "status_full.record", mem);
	struct outgoing out = world_outgoing(status, referral);
	const char *text;

	(void)state;
	out.is_initiator = true;
	referral->source = "hl7-orm";
	text = world_write(&out, "umbal-plovdiv", mem);
	assert_non_null(strstr(text, "|ORM^O01^ORM_O01|"));
	world_same_record(status, world_read_one(text, mem), mem);
	/* as no appointment it is none for the scheduling chapter */
	referral->source = "hl7-order";
	status->status->to = "in-progress";
	status->status->transition = "T15";
	text = world_write(&out, "umbal-plovdiv", mem);
	assert_non_null(strstr(text, "|OMG^O19^OMG_O19|"));
	world_same_record(status, world_read_one(text, mem), mem);
}

/* Each state comes back as itself, by either side, whatever ORC has to say for it. */
static void
states_round_trip(void **state)
{
	static const char *const STATES[] = { "received", "info-requested", "accepted", "waitlisted", "scheduled", "in-progress",
		"on-hold", "cancel-requested", "late-offered", "declined", "redirected", "expired", "cancelled", "withdrawn", "transferred", "completed",
		"failed", "entered-in-error" };
	struct record *referral = world_record(VECTORS "full.record", mem);

	(void)state;
	world_dialect = DIALECT_ORDER;
	referral->source = "hl7-order";
	for (size_t i = 0; i < 2 * sizeof(STATES) / sizeof(STATES[0]); i++) {
		struct record *status = record_of_lines("kind=status-change\nstatus.referral_id=R-1\n"
							"status.at=2026-03-03T09:15:00Z\n", mem);
		struct outgoing out = world_outgoing(status, referral);

		status->status->to = STATES[i / 2];
		out.is_initiator = i % 2 == 0;
		assert_string_equal(world_read_one(world_write(&out, "umbal-plovdiv", mem), mem)->status->to, STATES[i / 2]);
	}
}

/* The plain steps are OSU^O51 with the codes that 360X gives them. */
static void
plain_steps(void **state)
{
	static const struct { const char *to; bool is_home; const char *orc; } STEPS[] = {
		{ "accepted", true, "\rORC|OK|R-1|C-7||IP||||2026030311" }, { "declined", true, "\rORC|UA|R-1|C-7||CA|" },
		{ "cancelled", true, "\rORC|CR|R-1|C-7||CA|" }, { "cancelled", false, "\rORC|CA|R-1|||||||2026" },
	};
	struct record *referral = world_record(VECTORS "full.record", mem);

	(void)state;
	world_dialect = DIALECT_ORDER;
	referral->source = "hl7-order";
	for (size_t i = 0; i < sizeof(STEPS) / sizeof(STEPS[0]); i++) {
		struct record *status = record_of_lines("kind=status-change\nstatus.referral_id=R-1\nstatus.reason_text=Дума\n"
							"status.actor.name=Иван Петров\nstatus.at=2026-03-03T09:15:00Z\n", mem);
		struct outgoing out = world_outgoing(status, referral);
		const char *text;

		status->status->to = STEPS[i].to;
		out.is_initiator = STEPS[i].is_home;
		out.external_no = "C-7";
		text = world_write(&out, "umbal-plovdiv", mem);
		assert_non_null(strstr(text, "|OSU^O51^OSU_O51|"));
		assert_non_null(strstr(text, STEPS[i].orc));
		assert_null(strstr(text, "\rOBX|"));
		assert_string_equal(world_read_one(text, mem)->status->actor->name, "Иван Петров");
		assert_string_equal(world_read_one(text, mem)->status->reason_text, "Дума");
	}
}

/* An answer to questions reaches the recipient as a changed order, and comes back as the same step. */
static void
change_message(void **state)
{
	struct record *referral = world_record(VECTORS "full.record", mem);
	struct record *status = record_of_lines("kind=status-change\nstatus.referral_id=UMBAL-2026-00017\nstatus.to=received\n"
						"status.transition=T04\nstatus.at=2026-03-03T09:15:00Z\n"
						"status.actor.name=Иван Петров\nstatus.reason_text=Оценката е готова.\n", mem);
	struct outgoing out = world_outgoing(status, referral);
	struct progress known = { .state = "info-requested", .is_initiator = true, .referral = referral };
	const char *text;

	(void)state;
	world_dialect = DIALECT_ORDER;
	text = world_write(&out, "ozd-plovdiv", mem);
	world_known = &known;
	assert_non_null(strstr(text, "\rORC|XO|UMBAL-2026-00017|"));
	world_same_record(status, world_read_one(text, mem), mem);
}

/* The sender of an order hears of its registration and of a refusal as the status of that order. */
static void
stages(void **state)
{
	static const struct { const char *source, *type; } SOURCES[] = { { "hl7-order", "|OSU^O51^OSU_O51|" }, { "hl7-orm", "|ORM^O01^ORM_O01|" } };
	struct record *referral = world_record(VECTORS "full.record", mem);
	struct outgoing out = world_outgoing(NULL, referral);
	const struct intake_item *item;
	const char *text;

	(void)state;
	out.is_initiator = true;
	for (size_t i = 0; i < sizeof(SOURCES) / sizeof(SOURCES[0]); i++) {
		referral->source = SOURCES[i].source;
		out.stage = "registered";
		out.external_no = "OZD-2026-311";
		text = world_write(&out, "umbal-plovdiv", mem);
		assert_non_null(strstr(text, SOURCES[i].type));
		item = world_read_item(text, mem);
		assert_null(item->record);
		assert_string_equal(item->case_no, "OZD-2026-311");
		out.stage = "refused";
		out.stage_err = ERR_CANNOT_OPEN;
		text = world_write(&out, "umbal-plovdiv", mem);
		assert_non_null(strstr(text, "\rORC|UA|UMBAL-2026-00017|||CA|||||||||||NSK-1105^"));
	}
}

/* The sender is answered in the way it wrote, whatever the agency's configuration says of others. */
static void
answered_as_written(void **state)
{
	static const struct { const char *source; enum dialect dialect; const char *type; } CASES[] = {
		{ "hl7", DIALECT_ORDER, "|RRI^I12^" }, { "hl7-order", DIALECT_REFERRAL, "|OSU^O51^" }, { "hl7-orm", DIALECT_ORDER, "|ORM^O01^" },
		{ "fhir", DIALECT_ORDER, "|OSU^O51^" }, { "fhir", DIALECT_REFERRAL, "|RRI^I12^" },
	};
	struct record *referral = world_record(VECTORS "full.record", mem);
	struct record *status = record_of_lines("kind=status-change\nstatus.referral_id=R-1\nstatus.to=accepted\n"
						"status.at=2026-03-03T09:15:00Z\n", mem);
	struct outgoing out = world_outgoing(status, referral);

	(void)state;
	out.is_initiator = true;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		referral->source = CASES[i].source;
		world_dialect = CASES[i].dialect;
		assert_non_null(strstr(world_write(&out, "umbal-plovdiv", mem), CASES[i].type));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(referral_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(reasons, setup, teardown),
		cmocka_unit_test_setup_teardown(status_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(states_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(plain_steps, setup, teardown),
		cmocka_unit_test_setup_teardown(change_message, setup, teardown),
		cmocka_unit_test_setup_teardown(stages, setup, teardown),
		cmocka_unit_test_setup_teardown(answered_as_written, setup, teardown),
	};

	return cmocka_run_group_tests_name("hl7_order_out", tests, NULL, NULL);
}
