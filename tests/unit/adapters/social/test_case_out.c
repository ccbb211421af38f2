/* SPDX-License-Identifier: EUPL-1.2 */
/* test_case_out - what a case management system is handed: its shape and ours behind it; and what both shapes hold comes back unchanged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "adapters/social/case.h"
#include "tests/support/record_random.h"
#include "tests/unit/adapters/social/case_world.h"

#define ROUNDS 400

static struct record *
referral_of(const char *number)
{
	struct record *record = record_new(mem, "record");
	struct why why;
	static const char *const values[][2] = {
		{ "kind", "referral" }, { "created", "2026-03-02T10:00:00Z" }, { "referral.child.given", "Калина" },
		{ "referral.child.family", "Пробна \"П\"" }, { "referral.child.birth_date", "2015-03-07" }, { "referral.child.gender", "unknown" },
		{ "referral.child.ids[0].type", "other" }, { "referral.child.ids[0].value", "01GA9PSXKEMHVWH7HQZ7XXCRJC" },
		{ "referral.child.ids[1].type", "local" }, { "referral.child.ids[1].value", "cf57954649fc4352afc66c2636392077" },
		{ "referral.child.address.ekatte", "00702" }, { "referral.service_kind", "psych-counselling" },
		{ "referral.reason_text", "Нужда" }, { "referral.risk_level", "no-action" }, { "referral.priority", "urgent" },
		{ "referral.legal_basis", "court-order" }, { "referral.initiator.agency", "plovdiv-ozd" },
		{ "referral.initiator.worker.name", "Мария" }, { "referral.carers[0].name", "Баба" },
	};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		assert_int_equal(record_set(record, mem, values[i][0], values[i][1], &why), OK);
	assert_int_equal(record_set(record, mem, "referral.referral_id", number, &why), OK);
	return record;
}

static struct record *
status_of(const char *to)
{
	struct record *record = record_new(mem, "record");

	record->kind = "status-change";
	record->status = record_new(mem, "status");
	record->status->to = to;
	return record;
}

static json_t *
written(enum format format, const struct outgoing *out)
{
	struct native native;
	struct why why;
	json_t *root;

	assert_int_equal(social_from_record(out, format, &case_env, mem, &native, &why), OK);
	assert_int_equal(native.format, format);
	assert_string_equal(native.media_type, "application/json");
	assert_string_equal(native.method, "POST");
	root = json_loadb((const char *)native.bytes.p, native.bytes.n, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	return root;
}

static const char *
text_at(const json_t *object, const char *a, const char *b)
{
	const json_t *in = json_object_get(object, a);

	if (json_is_array(in))
		in = json_array_get(in, 0);
	return json_string_value(json_object_get(in, b));
}

/* A referral comes as a client with one service, that has still to be answered; what the shape does not hold stands behind it. */
static void
a_referral_comes_in_either_shape(void **state)
{
	struct record *record = referral_of("ПР-1");
	struct outgoing out = { .msg_id = STANDING_ID, .thread = "ff", .from = "plovdiv-ozd", .record = record, .referral = record,
				.state = "requested", .cursor = 3, .at_ms = 1 };
	json_t *root = written(FORMAT_OSCAR, &out), *client = json_object_get(root, "organization"), *item;

	(void)state;
	assert_string_equal(json_string_value(json_object_get(client, "external_id")), "ПР-1");
	assert_string_equal(json_string_value(json_object_get(client, "global_id")), "01GA9PSXKEMHVWH7HQZ7XXCRJC");
	assert_string_equal(json_string_value(json_object_get(client, "family_name")), "Пробна \"П\"");
	assert_string_equal(json_string_value(json_object_get(client, "gender")), "prefer_not_to_say");
	assert_string_equal(json_string_value(json_object_get(client, "level_of_risk")), "no action");
	assert_string_equal(json_string_value(json_object_get(client, "location_current_village_code")), "00702");
	assert_string_equal(json_string_value(json_object_get(client, "organization_name")), "ours");
	assert_string_equal(json_string_value(json_object_get(client, "date_of_referral")), "2026-03-02");
	assert_true(json_is_true(json_object_get(client, "is_referred")));
	assert_string_equal(text_at(client, "services", "uuid"), "ПР-1");
	assert_string_equal(text_at(client, "services", "name"), "Арт терапия");
	assert_string_equal(text_at(client, "services", "referral_status"), "Referred");
	item = json_object_get(root, "nasoka");
	assert_int_equal(json_integer_value(json_object_get(item, "cursor")), 3);
	assert_string_equal(text_at(json_object_get(item, "record"), "carers", "name"), "Баба");
	json_decref(root);

	root = written(FORMAT_PRIMERO, &out);
	client = json_object_get(root, "data");
	assert_string_equal(json_string_value(json_object_get(client, "case_id")), "cf579546-49fc-4352-afc6-6c2636392077");
	assert_string_equal(json_string_value(json_object_get(client, "date_of_birth")), "2015/03/07");
	assert_string_equal(json_string_value(json_object_get(client, "risk_level")), "no_action");
	assert_true(json_is_true(json_object_get(client, "consent_overridden")));
	assert_true(json_is_false(json_object_get(client, "consent_for_services")));
	assert_string_equal(json_string_value(json_object_get(client, "legal_basis")), "court-order");
	assert_string_equal(text_at(client, "services_section", "unique_id"), "ПР-1");
	assert_string_equal(text_at(client, "services_section", "service_type"), "psych_counselling");
	assert_string_equal(text_at(client, "services_section", "service_response_timeframe"), "1_day");
	assert_string_equal(text_at(client, "services_section", "referral_status_edf41f2"), "in behandeling");
	assert_non_null(json_object_get(root, "nasoka"));
	json_decref(root);
}

/* A status of what OSCaR sent names the child and the referral as OSCaR does, whatever of the two it had counted. */
static void
a_status_comes_home_in_oscars_words(void **state)
{
	static const struct { const char *number, *slug, *uuid; int id; } numbers[] = {
		{ "lxis-1762/1193", "lxis-1762", NULL, 1193 }, { "lxis-1762/11226c6d", "lxis-1762", "11226c6d", 0 },
		{ "0f0a3165-baf3", NULL, "0f0a3165-baf3", 0 }, { "01GA9PSXKEMHVWH7HQZ7XXCRJC/1193", NULL, NULL, 1193 },
		{ "cf579546-49fc-4352-afc6-6c2636392077/7", NULL, NULL, 7 }, { "slug/0123", "slug", "0123", 0 },
		{ "slug/1234567890123456", "slug", "1234567890123456", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct outgoing out = { .msg_id = STANDING_ID, .thread = "ff", .from = "plovdiv-cop", .record = status_of("accepted"),
					.referral = referral_of(numbers[i].number), .state = "accepted", .is_initiator = true };
		json_t *root = written(FORMAT_OSCAR, &out), *said = json_array_get(json_object_get(root, "data"), 0);

		assert_int_equal(json_array_size(json_object_get(root, "data")), 1);
		assert_string_equal(json_string_value(json_object_get(said, "referral_status")), "Accepted");
		assert_string_equal(json_string_value(json_object_get(said, "client_global_id")), "01GA9PSXKEMHVWH7HQZ7XXCRJC");
		assert_string_equal(json_string_value(json_object_get(said, "external_id")), "cf579546-49fc-4352-afc6-6c2636392077");
		assert_int_equal(json_integer_value(json_object_get(said, "referral_id")), numbers[i].id);
		if (numbers[i].slug != NULL)
			assert_string_equal(json_string_value(json_object_get(said, "slug")), numbers[i].slug);
		else
			assert_null(json_object_get(said, "slug"));
		if (numbers[i].uuid != NULL)
			assert_string_equal(json_string_value(json_object_get(said, "uuid")), numbers[i].uuid);
		else
			assert_null(json_object_get(said, "uuid"));
		json_decref(root);
	}
}

/* A decline and a completion say why; Primero hears it at the service and at its referral. */
static void
reasons_come_home(void **state)
{
	struct record *declined = status_of("declined"), *completed = status_of("completed");
	struct outgoing out = { .msg_id = STANDING_ID, .thread = "ff", .from = "plovdiv-cop", .record = declined, .referral = referral_of("u-1"),
				.state = "declined", .is_initiator = true };
	json_t *root, *data;

	(void)state;
	declined->status->reason_code = "no-capacity";
	root = written(FORMAT_OSCAR, &out);
	assert_string_equal(text_at(root, "data", "referral_status"), "Exited");
	assert_string_equal(text_at(root, "data", "reason_for_exiting"), "no-capacity");
	json_decref(root);
	declined->status->reason_text = "Няма места";
	root = written(FORMAT_PRIMERO, &out);
	data = json_object_get(root, "data");
	assert_string_equal(text_at(data, "services_section", "unique_id"), "u-1");
	assert_string_equal(text_at(data, "services_section", "referral_status_edf41f2"), "rejected");
	assert_string_equal(text_at(data, "services_section", "note_on_referral_from_provider"), "Няма места");
	assert_string_equal(text_at(data, "referrals", "service_record_id"), "u-1");
	assert_string_equal(text_at(data, "referrals", "status"), "rejected");
	assert_string_equal(text_at(data, "referrals", "rejected_reason"), "Няма места");
	json_decref(root);
	completed->status->outcome = record_new(mem, "outcome");
	completed->status->outcome->outcome = "not-met";
	completed->status->outcome->text = "Не дойде";
	out.record = completed;
	out.state = "completed";
	root = written(FORMAT_PRIMERO, &out);
	data = json_object_get(root, "data");
	assert_string_equal(text_at(data, "referrals", "status"), "done");
	assert_string_equal(text_at(data, "referrals", "success_status"), "not_successful");
	assert_string_equal(text_at(data, "services_section", "note_on_referral_from_provider"), "Не дойде");
	assert_null(text_at(data, "referrals", "rejected_reason"));
	json_decref(root);
}

/* How far ours came is told by the same words; that it was refused or taken back before an answer is its end. */
static void
stages_are_told(void **state)
{
	static const struct { const char *stage, *state, *oscar, *primero; } stages[] = {
		{ "registered", "requested", "Referred", "in behandeling" }, { "seen", "requested", "Referred", "in behandeling" },
		{ "refused", "requested", "Exited", "rejected" }, { "withdrawn", "requested", "Exited", "revoked" },
		{ "refused", "accepted", "Accepted", "accepted_340953" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		struct outgoing out = { .msg_id = STANDING_ID, .thread = "ff", .from = "plovdiv-cop", .referral = referral_of("u-1"),
					.state = stages[i].state, .is_initiator = true, .stage = stages[i].stage,
					.stage_err = strcmp(stages[i].stage, "refused") == 0 ? ERR_SYSTEM_REFUSED : OK };
		json_t *root = written(FORMAT_OSCAR, &out);

		assert_string_equal(text_at(root, "data", "referral_status"), stages[i].oscar);
		assert_string_equal(json_string_value(json_object_get(json_object_get(root, "nasoka"), "stage")), stages[i].stage);
		json_decref(root);
		root = written(FORMAT_PRIMERO, &out);
		assert_string_equal(text_at(json_object_get(root, "data"), "referrals", "status"), stages[i].primero);
		json_decref(root);
	}
}

/* What the other side says of a referral that came here is told under the number that this system was given. */
static void
a_word_on_what_came_has_the_number_given(void **state)
{
	struct outgoing out = { .msg_id = STANDING_ID, .thread = "ff", .from = "plovdiv-ozd", .record = status_of("cancelled"),
				.referral = referral_of("slug/1193"), .state = "cancelled" };
	json_t *root = written(FORMAT_OSCAR, &out);

	(void)state;
	assert_string_equal(text_at(root, "data", "external_id"), "slug/1193");
	assert_string_equal(text_at(root, "data", "uuid"), "slug/1193");
	assert_string_equal(text_at(root, "data", "referral_status"), "Exited");
	json_decref(root);
}

/* What has no shape of theirs, and what is held or gone, comes as our own item alone: no word of it is lost, or made up. */
static void
the_rest_is_our_own_item(void **state)
{
	struct record *invite = record_new(mem, "record"), *held = record_new(mem, "record");
	struct outgoing outs[] = {
		{ .msg_id = STANDING_ID, .thread = "ff", .from = "a", .record = invite, .referral = invite, .state = "called" },
		{ .msg_id = STANDING_ID, .thread = "ff", .from = "a", .referral = held, .state = "requested", .stage = "preview" },
		{ .msg_id = STANDING_ID, .thread = "ff", .from = "a", .referral = referral_of("1"), .state = "withdrawn", .stage = "erased" },
	};

	(void)state;
	invite->kind = "conference-rsvp";
	invite->rsvp = record_new(mem, "rsvp");
	invite->rsvp->conference_id = "К-1";
	held->kind = "referral";
	held->referral = record_new(mem, "referral");
	held->referral->referral_id = "1";
	held->referral->preview = record_new(mem, "preview");
	for (size_t i = 0; i < sizeof(outs) / sizeof(outs[0]); i++) {
		json_t *root = written(i == 0 ? FORMAT_PRIMERO : FORMAT_OSCAR, &outs[i]);

		assert_int_equal(json_object_size(root), 1);
		assert_non_null(json_object_get(json_object_get(root, "nasoka"), "msg_id"));
		json_decref(root);
	}
}

/* What the shape has a member for; `more` is only Primero's. */
static const struct { const char *path; bool more; } held_paths[] = {
	{ "referral.referral_id", false }, { "referral.child.given", false }, { "referral.child.family", false },
	{ "referral.child.birth_date", false }, { "referral.child.gender", false }, { "referral.child.address.ekatte", false },
	{ "referral.service_kind", false }, { "referral.service_text", false }, { "referral.reason_text", false },
	{ "referral.risk_level", false }, { "referral.legal_basis", false }, { "referral.initiator.worker.name", false },
	{ "referral.initiator.worker.phone", false }, { "referral.child.ids[0].type", false }, { "referral.child.ids[0].value", false },
	{ "referral.child.ids[1].type", false }, { "referral.child.ids[1].value", false },
	{ "referral.child.ids[2].value", true }, { "referral.child.middle", true }, { "referral.child.address.line", true },
	{ "referral.priority", true }, { "referral.authored_on", true },
};

static void
compare(const struct record *a, const struct record *b, bool is_primero)
{
	for (size_t i = 0; i < sizeof(held_paths) / sizeof(held_paths[0]); i++) {
		const char *x = record_get(a, mem, held_paths[i].path), *y = record_get(b, mem, held_paths[i].path);

		if (held_paths[i].more && !is_primero)
			continue;
		if ((x == NULL) != (y == NULL) || (x != NULL && strcmp(x, y) != 0))
			fail_msg("%s: %s, and not %s", held_paths[i].path, y != NULL ? y : "-", x != NULL ? x : "-");
	}
}

static struct record *
random_referral(struct record_random *r)
{
	struct record *record = random_record(r, kind_by_code("referral"));
	struct person *child = record->referral->child;
	struct why why;

	child->ids = NULL;
	child->n_ids = 0;
	child->address = child->actual_address = NULL;
	assert_int_equal(record_set(record, mem, "referral.child.ids[0].type", "other", &why), OK);
	assert_int_equal(record_set(record, mem, "referral.child.ids[0].value", "01GA9PSXKEMHVWH7HQZ7XXCRJC", &why), OK);
	assert_int_equal(record_set(record, mem, "referral.child.ids[1].type", "EGN", &why), OK);
	assert_int_equal(record_set(record, mem, "referral.child.ids[1].value", "1543079013", &why), OK);
	assert_int_equal(record_set(record, mem, "referral.child.ids[2].type", "local", &why), OK);
	assert_int_equal(record_set(record, mem, "referral.child.ids[2].value", "cf57954649fc4352afc66c2636392077", &why), OK);
	assert_int_equal(record_set(record, mem, "referral.child.address.ekatte", arena_fmt(mem, "%05u", 1 + random_below(r, 99999)), &why), OK);
	if (random_below(r, 2) != 0)
		assert_int_equal(record_set(record, mem, "referral.child.address.line", random_text(r, 100), &why), OK);
	return record;
}

/* Any referral, written in a shape and read again, keeps every field that the shape has a member for. */
static void
what_a_shape_holds_comes_back(void **state)
{
	static const struct sector_env plain = { .agency = "plovdiv-ngo", .agency_of = world_agency, .alias_of = world_alias };
	struct record_random r = { .state = 7, .mem = mem };

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		enum format format = i % 2 == 0 ? FORMAT_OSCAR : FORMAT_PRIMERO;
		struct record *record = random_referral(&r);
		struct outgoing out = { .msg_id = STANDING_ID, .thread = "ff", .from = "a", .record = record, .referral = record, .state = "requested" };
		struct native native, in = { .format = format, .path = "/v1/x" };
		struct intake intake;
		struct why why;

		assert_int_equal(social_from_record(&out, format, &plain, mem, &native, &why), OK);
		in.bytes = native.bytes;
		social_to_records(&in, &plain, mem, &intake);
		if (intake.e != OK || intake.n != 1 || intake.items[0].e != OK)
			fail_msg("round %d: %s %s\n%.*s", i, err_name(intake.n > 0 ? intake.items[0].e : intake.e),
				 intake.n > 0 ? intake.items[0].why.where : intake.why.where, (int)native.bytes.n, (const char *)native.bytes.p);
		compare(record, intake.items[0].record, format == FORMAT_PRIMERO);
		arena_reset(mem);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_referral_comes_in_either_shape, setup, teardown),
		cmocka_unit_test_setup_teardown(a_status_comes_home_in_oscars_words, setup, teardown),
		cmocka_unit_test_setup_teardown(reasons_come_home, setup, teardown),
		cmocka_unit_test_setup_teardown(stages_are_told, setup, teardown),
		cmocka_unit_test_setup_teardown(a_word_on_what_came_has_the_number_given, setup, teardown),
		cmocka_unit_test_setup_teardown(the_rest_is_our_own_item, setup, teardown),
		cmocka_unit_test_setup_teardown(what_a_shape_holds_comes_back, setup, teardown),
	};

	return cmocka_run_group_tests_name("case_out", tests, NULL, NULL);
}
