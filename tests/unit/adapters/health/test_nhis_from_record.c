/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/core/xml_record.h"
#include "tests/unit/adapters/health/nhis_world.h"

#include "tests/support/record_random.h"
#include "tests/support/sample_record.h"

static struct record *
full(struct arena *mem)
{
	struct intake intake = nhis_world_read(world_file(NHIS_VECTOR("nhis-r001.xml"), mem), mem);

	return nhis_world_complete(intake.items[0].record, mem);
}

static struct outgoing
out_of(const struct record *record, const struct record *referral)
{
	return (struct outgoing){ .msg_id = NHIS_ID, .thread = "00", .from = "school-1", .record = record, .referral = referral,
				  .state = "requested", .at_ms = WORLD_NOW, .cursor = 1 };
}

/* A referral that came as R001 leaves as one that reads as the same record, but for what names its senders and what was dropped. */
static void
r001_survives(void **state)
{
	struct record *record = full(*state), *again;
	struct outgoing out = out_of(record, record);
	const char *text = nhis_world_write(&out, *state);
	struct intake intake = nhis_world_read(text, *state);

	assert_non_null(nhis_world_contents(text, *state));
	assert_non_null(strstr(text, "<!-- nasoka: 5 fields have no place in R001: risk_level, "));	/* and the defaults' others */
	assert_int_equal(intake.items[0].e, OK);
	assert_null(intake.items[0].record->dropped);	/* of what our own side writes all is read */
	again = nhis_world_complete(intake.items[0].record, *state);
	again->dropped = record->dropped = NULL;
	again->source = record->source;
	assert_string_equal(record_lines(again, *state), record_lines(record, *state));
	world_same_as_file(NHIS_VECTOR("nhis-r001.out.xml"), text, *state);
}

/* Of an R001 that our own side writes all is read, whatever stands in the referral. */
static void
own_r001_counts_nothing(void **state)
{
	unsigned n = 0;

	for (unsigned i = 0; i < 100; i++) {
		struct record_random random = { .state = i, .mem = *state, .is_plain = i % 2 == 0 };
		struct record *record = random_record(&random, kind_by_code("referral")), *whole = full(*state);
		struct outgoing out = out_of(record, record);
		struct intake intake;
		const char *text;

		record->referral->service_kind = whole->referral->service_kind;
		record->referral->service_text = whole->referral->service_text;
		record->referral->child->gender = "male";
		record->referral->child->ids = whole->referral->child->ids;
		record->referral->child->n_ids = whole->referral->child->n_ids;
		record->referral->diagnosis = whole->referral->diagnosis;
		record->referral->n_diagnosis = whole->referral->n_diagnosis;
		text = nhis_world_write(&out, *state);
		if (nhis_world_contents(text, *state) == NULL)
			continue;
		n++;
		intake = nhis_world_read(text, *state);
		assert_int_equal(intake.e, OK);
		if (intake.items[0].e == OK && intake.items[0].record->dropped != NULL)
			fail_msg("%lld of %s", (long long)*intake.items[0].record->dropped, text);
		assert_int_equal(intake.items[0].e, OK);
		arena_reset(*state);
	}
	assert_true(n > 50);
}

/* What has no place is counted and named, and never its value; safety and the reason are said in the first note. */
static void
losses_are_counted(void **state)
{
	struct record *record = full(*state);
	struct outgoing out = out_of(record, record);
	const char *text, *note;
	struct why why;

	assert_int_equal(record_set(record, *state, "referral.carers[0].name", "Тайно Име", &why), OK);
	assert_int_equal(record_set(record, *state, "referral.carers[0].relation", "mother", &why), OK);
	assert_int_equal(record_set(record, *state, "referral.safety.do_not_contact_carer", "true", &why), OK);
	assert_int_equal(record_set(record, *state, "referral.safety.secret_address", "true", &why), OK);
	assert_int_equal(record_set(record, *state, "referral.safety.do_not_visit_alone", "false", &why), OK);
	text = nhis_world_write(&out, *state);
	assert_non_null(strstr(text, "<!-- nasoka: 7 fields have no place in R001: carers.name, carers.relation, risk_level, priority, "
				     "disposition_wanted, legal_basis, respond_by -->"));
	assert_null(strstr(text, "Тайно"));
	note = nhis_value(nhis_world_contents(text, *state), "referral/diagnosis/note");
	assert_non_null(strstr(note, "не търсете грижещия"));
	assert_non_null(strstr(note, "адресът е поверителен"));
	assert_null(strstr(note, "сами"));
	assert_non_null(strstr(note, record->referral->reason_text));
}

/* Without specialty, diagnosis, number or a gender that R001 has, the record goes as our own XML, whole. */
static void
unsayable_is_our_xml(void **state)
{
	for (int i = 0; i < 4; i++) {
		struct record *record = full(*state);
		struct outgoing out = out_of(record, record);
		const struct xml_node *root;
		const char *text;

		if (i == 0) {
			record->referral->service_kind = "mentoring";
			record->referral->service_text = NULL;
		}
		if (i == 1)
			record->referral->n_diagnosis = 0;
		if (i == 2)
			record->referral->child->ids[0]->type = "local";
		if (i == 3)
			record->referral->child->gender = "unknown";
		text = nhis_world_write(&out, *state);
		assert_int_equal(xml_parse(span_str(text), NULL, *state, &root, NULL), OK);
		assert_string_equal(root->ns, XML_RECORD_NS);
		assert_string_equal(xml_child(xml_child(root, "referral"), "referral_id")->text, record->referral->referral_id);
	}
}

/* The configuration's concepts give the specialty where the referral has none of its own. */
static void
specialty_by_concept(void **state)
{
	struct record *record = full(*state);
	struct outgoing out = out_of(record, record);

	record->referral->service_kind = "psych-counselling";
	record->referral->service_text = NULL;
	assert_string_equal(nhis_value(nhis_world_contents(nhis_world_write(&out, *state), *state),
				       "referral/consultation/qualification"), "1055");
}

static struct record *
status(const char *to, struct arena *mem)
{
	struct record *record = record_new(mem, "record");
	struct why why;

	assert_int_equal(record_set(record, mem, "kind", "status-change", &why), OK);
	assert_int_equal(record_set(record, mem, "status.referral_id", "PDV22-17", &why), OK);
	assert_int_equal(record_set(record, mem, "status.to", to, &why), OK);
	assert_int_equal(record_set(record, mem, "status.reason_text", "Детето се премести", &why), OK);
	return record;
}

/* A referral taken back by its sender is an R007 under the practice's own number; any other step is our XML. */
static void
taken_back_is_r007(void **state)
{
	static const char *const BACK[] = { "cancelled", "cancel-requested", "withdrawn", "entered-in-error", "expired" };
	struct record *referral = full(*state);
	const struct xml_node *contents, *root;
	struct outgoing out;

	for (size_t i = 0; i < sizeof(BACK) / sizeof(BACK[0]); i++) {
		out = out_of(status(BACK[i], *state), referral);
		out.case_no = "23061A000124";
		contents = nhis_world_contents(nhis_world_write(&out, *state), *state);
		assert_string_equal(nhis_value(contents->parent, "header/messageType"), "R007");
		assert_string_equal(nhis_value(contents, "nrnReferral"), "23061A000124");
		assert_string_equal(nhis_value(contents, "cancelReason"), "Детето се премести");
	}
	out = out_of(sample_record(*state, "cancellation"), referral);
	out.record->cancellation->type = "consent-withdrawn";
	contents = nhis_world_contents(nhis_world_write(&out, *state), *state);
	assert_string_equal(nhis_value(contents->parent, "header/messageType"), "R007");
	assert_string_equal(nhis_value(contents, "cancelReason"), out.record->cancellation->reason);
	assert_string_equal(nhis_value(contents, "lrn"), out.record->cancellation->referral_id);
	out.record->cancellation->type = "cancel-refused";
	assert_int_equal(xml_parse(span_str(nhis_world_write(&out, *state)), NULL, *state, &root, NULL), OK);
	assert_string_equal(root->ns, XML_RECORD_NS);
	out = out_of(status("accepted", *state), referral);
	out.is_initiator = true;
	assert_int_equal(xml_parse(span_str(nhis_world_write(&out, *state)), NULL, *state, &root, NULL), OK);
	assert_string_equal(root->ns, XML_RECORD_NS);
}

/* "registered" and "refused" of our own R001 come home as R002; other stages have no message. */
static void
stages_are_r002(void **state)
{
	struct record *referral = full(*state);
	struct outgoing out = out_of(NULL, referral);
	const struct xml_node *contents;

	out.is_initiator = true;
	out.stage = "registered";
	out.external_no = "ОЗД-12";
	contents = nhis_world_contents(nhis_world_write(&out, *state), *state);
	assert_string_equal(nhis_value(contents, "nrnReferral"), "ОЗД-12");
	assert_string_equal(nhis_value(contents, "lrn"), referral->referral->referral_id);
	out.stage = "refused";
	out.stage_err = ERR_UNKNOWN_AGENCY;
	contents = nhis_world_contents(nhis_world_write(&out, *state), *state);
	assert_string_equal(nhis_value(contents, "error/code"), "NSK-1203");
	out.stage = "delivered";
	assert_string_equal(nhis_world_write(&out, *state), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		NHIS_TEST(r001_survives), NHIS_TEST(losses_are_counted),
		NHIS_TEST(own_r001_counts_nothing), NHIS_TEST(unsayable_is_our_xml), NHIS_TEST(specialty_by_concept),
		NHIS_TEST(taken_back_is_r007), NHIS_TEST(stages_are_r002),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
