/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/hl7_fixture.h"

#include "proto/base/clock.h"

#define VECTORS "tests/vectors/health/"

/* Every field of a referral, but the preview that the core makes, survives the way to HL7 and back; the text is the golden one. */
static void
referral_round_trip(void **state)
{
	struct record *record = world_record(VECTORS "full.record", mem);
	struct outgoing out = world_outgoing(record, record);
	const char *text = world_write(&out, "ozd-plovdiv", mem);

	(void)state;
	world_same_as_file(VECTORS "full.hl7", text, mem);
	world_same_record(record, world_read_one(text, mem), mem);
}

/* Every field of a status survives as well, and it is addressed to the system that the referral came from. */
static void
status_round_trip(void **state)
{
	struct record *referral = world_record(VECTORS "full.record", mem), *status = world_record(VECTORS "status_full.record", mem);
	struct outgoing out = world_outgoing(status, referral);
	const char *text;

	(void)state;
	out.is_initiator = true;
	out.from = "ozd-plovdiv";
	text = world_write(&out, "umbal-plovdiv", mem);
	world_same_as_file(VECTORS "status_full.hl7", text, mem);
	assert_non_null(strstr(text, "\rMSA|AA|MSG00001\r"));
	world_same_record(status, world_read_one(text, mem), mem);
}

/* Each state comes back as itself, whatever RF1-1 has to say for it. */
static void
states_round_trip(void **state)
{
	static const char *const STATES[] = { "received", "info-requested", "accepted", "waitlisted", "scheduled",
		"in-progress", "on-hold", "cancel-requested", "late-offered", "declined", "redirected", "expired", "cancelled", "withdrawn",
		"transferred", "completed", "failed", "entered-in-error" };
	struct record *referral = world_record(VECTORS "full.record", mem);

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(STATES) / sizeof(STATES[0]); i++) {
		struct record *status = record_of_lines("kind=status-change\nstatus.referral_id=R-1\n"
							"status.at=2026-03-03T09:15:00Z\n", mem);
		struct outgoing out = world_outgoing(status, referral);

		status->status->to = STATES[i / 2];
		out.is_initiator = i % 2 == 0;
		assert_string_equal(world_read_one(world_write(&out, "umbal-plovdiv", mem), mem)->status->to, STATES[i / 2]);
	}
}

/* A recipient's system hears of a cancellation as REF^I14, an initiator's as RRI^I14. */
static void
cancel_message(void **state)
{
	struct record *referral = world_record(VECTORS "full.record", mem);
	struct record *status = record_of_lines("kind=status-change\nstatus.referral_id=R-1\nstatus.to=cancelled\n"
						"status.at=2026-03-03T09:15:00Z\n", mem);
	struct outgoing out = world_outgoing(status, referral);

	(void)state;
	assert_non_null(strstr(world_write(&out, "ozd-plovdiv", mem), "|REF^I14^REF_I12|"));
	out.is_initiator = true;
	assert_non_null(strstr(world_write(&out, "umbal-plovdiv", mem), "|RRI^I14^RRI_I12|"));
}

/* An answer to questions reaches the recipient's system as REF^I13, the whole referral with the new words, and comes back as the
 * same step with the same text, time and person. */
static void
change_message(void **state)
{
	struct record *referral = world_record(VECTORS "full.record", mem);
	struct record *status = record_of_lines("kind=status-change\nstatus.referral_id=UMBAL-2026-00017\nstatus.to=received\n"
						"status.transition=T04\nstatus.at=2026-03-03T09:15:00Z\n"
						"status.actor.name=Иван Петров\nstatus.reason_text=Оценката е готова.\n", mem);
	struct outgoing out = world_outgoing(status, referral);
	struct progress known = { .state = "info-requested", .is_initiator = true, .referral = referral };
	const char *text = world_write(&out, "ozd-plovdiv", mem);

	(void)state;
	world_known = &known;
	assert_non_null(strstr(text, "|REF^I13^REF_I12|"));
	assert_non_null(strstr(text, "\rNK1|"));
	world_same_record(status, world_read_one(text, mem), mem);
	world_known = NULL;
}

/* Of the stages the sender's system is told the registration, with the other's number, and a refusal, with its code. */
static void
stages(void **state)
{
	struct record *referral = world_record(VECTORS "full.record", mem);
	struct outgoing out = world_outgoing(NULL, referral);
	struct intake intake;
	const char *text;

	(void)state;
	out.is_initiator = true;
	out.stage = "delivered";
	assert_string_equal(world_write(&out, "umbal-plovdiv", mem), "");
	out.stage = "registered";
	assert_string_equal(world_write(&out, "umbal-plovdiv", mem), "");
	out.external_no = "OZD-2026-311";
	intake = world_read(world_write(&out, "umbal-plovdiv", mem), mem);
	assert_int_equal(intake.items[0].e, OK);
	assert_null(intake.items[0].record);
	assert_string_equal(intake.items[0].confirms, "UMBAL-2026-00017");
	assert_string_equal(intake.items[0].case_no, "OZD-2026-311");
	out.stage = "refused";
	out.stage_err = ERR_CANNOT_OPEN;
	text = world_write(&out, "umbal-plovdiv", mem);
	assert_non_null(strstr(text, "RF1|R^^HL70283|||||UMBAL-2026-00017||||NSK-1105^"));
}

/* The names that the configuration gives to both applications stand in MSH-3 to MSH-6. */
static void
configured_names(void **state)
{
	struct record *record = world_record(VECTORS "full.record", mem);
	struct outgoing out = world_outgoing(record, record);
	struct sector_env env = world_env("ozd-plovdiv");
	struct native native = { .charset = "windows-1251" };

	(void)state;
	env.our_application = "HUB";
	env.our_facility = "PDV";
	env.their_application = "HIS";
	env.their_facility = "UMBAL";
	assert_int_equal(health_hl7_from_record(&out, FORMAT_HL7, &env, mem, &native, NULL), OK);
	assert_memory_equal(native.bytes.p, "MSH|^~\\&|HUB|PDV|HIS|UMBAL|", 27);
	assert_string_equal(native.charset, "windows-1251");
	assert_non_null(strstr(arena_strn(mem, native.bytes.p, native.bytes.n), "|2.5.1||||||windows-1251\rRF1|"));
}

/* A retry of the same message carries the same MSH-10, of at most 20 characters. */
static void
same_control_id(void **state)
{
	struct record *record = world_record(VECTORS "full.record", mem);
	struct outgoing out = world_outgoing(record, record);
	const char *text = world_write(&out, "ozd-plovdiv", mem);

	(void)state;
	assert_non_null(strstr(text, "|Nc3b9d426f0e1a2b3c4d|P|2.5.1"));
	assert_string_equal(text, world_write(&out, "ozd-plovdiv", mem));
}

/* A record that does not fit into the memory of one message is refused, wherever the memory ends, and never cut. */
static void
too_big(void **state)
{
	struct record *record = world_record(VECTORS "full.record", mem);
	struct outgoing out = world_outgoing(record, record);
	struct sector_env env = world_env("ozd-plovdiv");
	struct native native = { .charset = NULL };
	enum err e = ERR_TOOBIG;

	(void)state;
	for (size_t cap = 256; e != OK; cap += 256) {
		struct arena *small = arena_new(cap);

		e = health_hl7_from_record(&out, FORMAT_HL7, &env, small, &native, NULL);
		assert_true(e == OK || (e == ERR_TOOBIG && native.bytes.n == 0));
		arena_free(small);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(referral_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(status_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(states_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(cancel_message, setup, teardown),
		cmocka_unit_test_setup_teardown(change_message, setup, teardown),
		cmocka_unit_test_setup_teardown(stages, setup, teardown),
		cmocka_unit_test_setup_teardown(configured_names, setup, teardown),
		cmocka_unit_test_setup_teardown(same_control_id, setup, teardown),
		cmocka_unit_test_setup_teardown(too_big, setup, teardown),
	};

	return cmocka_run_group_tests_name("hl7_from_record", tests, NULL, NULL);
}
