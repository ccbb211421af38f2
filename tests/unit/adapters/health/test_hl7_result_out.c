/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/hl7_fixture.h"
#include "tests/unit/adapters/health/hl7_world.h"
#include "tests/support/record_random.h"

#define VECTORS "tests/vectors/health/"
#define TRIES 300

static const struct record *
back(const char *text)
{
	struct intake intake = world_read(text, mem);

	if (intake.e != OK || intake.n != 1 || intake.items[0].e != OK)
		fail_msg("%s %s: %s", err_name(intake.e), intake.n ? err_name(intake.items[0].e) : "", intake.items[0].why.where);
	if (intake.items[0].record->dropped)	/* of what our own side writes nothing is left out */
		fail_msg("%lld of %s", (long long)*intake.items[0].record->dropped, text);
	return intake.items[0].record;
}

/* Every field of every kind that has no message of its own survives the way to an ORU and back, whatever stands in it. */
static void
every_kind(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TRIES; i++) {
		struct record_random r = { .state = i, .mem = mem };

		for (unsigned k = 3; k <= 18; k++) {
			const struct field *f = record_field(record_type(), "kind");
			const struct kind *kind = NULL;
			struct record *record, *referral = world_record(VECTORS "full.record", mem);
			struct outgoing out;
			const char *text;

			for (const char *const *code = f->codes; *code; code++)
				if (kind_by_code(*code)->number == k)
					kind = kind_by_code(*code);
			assert_non_null(kind);
			if (!kind)
				return;
			record = random_record(&r, kind);
			if (record->attachment) {	/* an ED gives what it is by itself, where it is a whole file */
				record->attachment->conference_id = NULL;
				record->attachment->referral_id = "R-1";
				record->attachment->part = record_int(mem, 1);
				record->attachment->parts = record_int(mem, 2);
			}
			if (record->consent_change)	/* it names one of three */
				record->consent_change->referral_id = record->consent_change->transfer_id = NULL;
			if (record->consent_change)
				record->consent_change->conference_id = "R-1";
			if (record->consent_answer)
				record->consent_answer->referral_id = record->consent_answer->conference_id = NULL;
			if (record->consent_answer)
				record->consent_answer->transfer_id = "R-1";
			out = world_outgoing(record, kind->topic == TOPIC_REFERRAL ? referral : NULL);
			out.is_initiator = i % 2 == 0;
			text = world_write(&out, "umbal-plovdiv", mem);
			assert_non_null(strstr(text, "|ORU^R01^ORU_R01|"));
			world_same_record(record, back(text), mem);
		}
		arena_reset(mem);
	}
}

/* Every field of a status survives each of the ways that it may be written. */
static void
every_status(void **state)
{
	static const char *const SOURCES[] = { "hl7", "hl7-order", "hl7-orm" };
	static const struct { const char *transition, *to; } BOOKED[] = {	/* what is an SIU */
		{ "T09", "scheduled" }, { "T11", "scheduled" }, { "T12", "scheduled" }, { "T13", "scheduled" }, { "T14", "accepted" },
	};

	(void)state;
	for (unsigned i = 0; i < TRIES; i++) {
		struct record_random r = { .state = i, .mem = mem, .is_plain = true };
		struct record *record = random_record(&r, kind_by_code("status-change")), *referral = world_record(VECTORS "full.record", mem);
		struct outgoing out = world_outgoing(record, referral);

		referral->source = SOURCES[i % 3];
		world_dialect = (enum dialect)(i % 3);
		out.is_initiator = i % 2 == 0;
		if (strcmp(record->status->transition, "T04") == 0)	/* a changed referral: test_hl7_from_record */
			record->status->transition = "T05";
		if (i % 4 == 3) {
			record->status->transition = BOOKED[i / 4 % 5].transition;
			record->status->to = BOOKED[i / 4 % 5].to;
		}
		if (!record->status->attempt_no)	/* T13 without one is told as assumed */
			record->status->attempt_no = record_int(mem, 1 + i % 9);
		record->status->reason_code = "incomplete";
		record->status->milestone = "x";	/* so that an order has OBX */
		if (!record->status->case_no)
			record->status->case_no = "C-1";
		world_same_record(record, back(world_write(&out, "umbal-plovdiv", mem)), mem);
		arena_reset(mem);
	}
}

/* And every field of a referral, as REF, OMG and ORM. */
static void
every_referral(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TRIES; i++) {
		struct record_random r = { .state = i, .mem = mem, .is_plain = true };
		struct record *record = random_record(&r, kind_by_code("referral"));
		struct referral *ref = record->referral;
		struct outgoing out = world_outgoing(record, record);

		world_dialect = (enum dialect)(i % 3);
		/* who it is from and to is the environment's, numbers have check digits, and v2 wants a diagnosis to say its use */
		assert_int_equal(record_set(record, mem, "referral.initiator.agency", "umbal-plovdiv", NULL), OK);
		assert_int_equal(record_set(record, mem, "referral.target.agency", "ozd-plovdiv", NULL), OK);
		ref->preview = NULL;
		ref->child->birth_date_accuracy = NULL;
		for (size_t k = 0; k < ref->child->n_ids; k++)
			*ref->child->ids[k] = (struct person_id){ .type = "local", .value = arena_fmt(mem, "%zu", k) };
		for (size_t k = 0; k < ref->n_diagnosis; k++)
			ref->diagnosis[k]->use = "A";
		world_same_record(record, back(world_write(&out, "ozd-plovdiv", mem)), mem);
		arena_reset(mem);
	}
}

/* No list of the record lies within another: the number in OBX-4 is all that an item needs. */
static void
lists_are_flat(void **state)
{
	const struct record_type *record = record_type();

	(void)state;
	for (size_t i = 0; i < record->n_fields; i++) {
		const struct record_type *body = record->fields[i].of;

		for (size_t k = 0; body && k < body->n_fields; k++)
			for (size_t j = 0; body->fields[k].kind == FIELD_MSGS && j < body->fields[k].of->n_fields; j++)
				assert_int_not_equal(body->fields[k].of->fields[j].kind, FIELD_MSGS);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_kind, setup, teardown),
		cmocka_unit_test_setup_teardown(every_status, setup, teardown),
		cmocka_unit_test_setup_teardown(every_referral, setup, teardown),
		cmocka_unit_test_setup_teardown(lists_are_flat, setup, teardown),
	};

	return cmocka_run_group_tests_name("hl7_result_out", tests, NULL, NULL);
}
