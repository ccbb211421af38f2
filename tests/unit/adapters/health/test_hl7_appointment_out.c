/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/hl7_fixture.h"

#define VECTORS "tests/vectors/health/"

static struct record *referral;

static const char *
write(struct record *status)
{
	struct outgoing out = world_outgoing(status, referral);

	out.is_initiator = true;
	return world_write(&out, "umbal-plovdiv", mem);
}

/* Every field of a step survives the way to the scheduling chapter and back; the text is the golden one. */
static void
round_trip(void **state)
{
	struct record *status = world_record(VECTORS "status_full.record", mem);
	const char *text;

	(void)state;
	referral = world_record(VECTORS "full.record", mem);
	referral->source = "hl7-order";
	text = write(status);
	world_same_as_file(VECTORS "appointment_full.hl7", text, mem);
	world_same_record(status, world_read_one(text, mem), mem);
}

/* Each step about an appointment has its event, and comes back as itself. */
static void
events(void **state)
{
	static const struct { const char *from, *to, *transition, *event, *filler; } EVENTS[] = {
		{ "accepted", "scheduled", "T11", "|SIU^S12^SIU_S12|", "|Booked^^HL70278|" },
		{ "waitlisted", "scheduled", "T09", "|SIU^S12^SIU_S12|", "|Booked^^HL70278|" },
		{ "scheduled", "scheduled", "T12", "|SIU^S13^SIU_S12|", "|Booked^^HL70278|" },
		{ "scheduled", "scheduled", "T13", "|SIU^S26^SIU_S12|", "|Noshow^^HL70278|" },
		{ "scheduled", "accepted", "T14", "|SIU^S15^SIU_S12|", "|Cancelled^^HL70278|" },
	};
	const char *text;

	(void)state;
	referral = world_record(VECTORS "full.record", mem);
	referral->source = "hl7-order";
	for (size_t i = 0; i < sizeof(EVENTS) / sizeof(EVENTS[0]); i++) {
		struct record *status = record_of_lines(arena_fmt(mem, "kind=status-change\nstatus.referral_id=R-1\nstatus.from=%s\n"
			"status.to=%s\nstatus.transition=%s\nstatus.at=2026-03-03T09:15:00Z\nstatus.reason_text=Болно\n%s%s", EVENTS[i].from,
			EVENTS[i].to, EVENTS[i].transition, i < 3 ? "status.appointment.start=2026-03-10T07:30:00Z\n" : "",
			i == 3 ? "status.attempt_no=2\n" : ""), mem);

		text = write(status);
		assert_non_null(strstr(text, EVENTS[i].event));
		assert_non_null(strstr(text, EVENTS[i].filler));
		world_same_record(status, world_read_one(text, mem), mem);
	}
}

/* What has no time yet, or is no appointment, is told as the status of the order. */
static void
no_appointment(void **state)
{
	struct record *status = record_of_lines("kind=status-change\nstatus.referral_id=R-1\nstatus.to=accepted\nstatus.transition=T09\n"
						"status.at=2026-03-03T09:15:00Z\n", mem);

	(void)state;
	referral = world_record(VECTORS "full.record", mem);
	referral->source = "hl7-order";
	assert_non_null(strstr(write(status), "|OSU^O51^"));
	status->status->to = "scheduled";
	assert_non_null(strstr(write(status), "|OSU^O51^"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(events, setup, teardown),
		cmocka_unit_test_setup_teardown(no_appointment, setup, teardown),
	};

	return cmocka_run_group_tests_name("hl7_appointment_out", tests, NULL, NULL);
}
