/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_fixture.h"

#include "proto/lifecycle.h"

/* Task.status and businessStatus together: a terminal status wins, a business status that only says it more exactly refines it,
 * and otherwise the business status holds; BSeR's 2.0, which many never change, says nothing. */
static void
state_of_conflicts(void **state)
{
	static const struct {
		const char *status, *system, *code, *is;
	} rows[] = {
		{ "requested", NULL, NULL, "requested" }, { "rejected", NULL, NULL, "declined" }, { "ready", NULL, NULL, "accepted" },
		{ "requested", FHIR_SYS_BSER, "7.0", "completed" },		/* BSeR's own example */
		{ "rejected", FHIR_SYS_BSER, "7.0", "declined" }, { "rejected", FHIR_SYS_STATE, "redirected", "redirected" },
		{ "cancelled", FHIR_SYS_STATE, "withdrawn", "withdrawn" }, { "cancelled", FHIR_SYS_BSER, "6.0", "cancelled" },
		{ "failed", FHIR_SYS_BSER, "6.0", "failed" }, { "completed", FHIR_SYS_STATE, "on-hold", "completed" },
		{ "in-progress", FHIR_SYS_BSER, "5.1.1", "scheduled" }, { "in-progress", FHIR_SYS_BSER, "5.2", "cancel-requested" },
		{ "on-hold", FHIR_SYS_STATE, "waitlisted", "waitlisted" }, { "received", FHIR_SYS_STATE, "info-requested", "info-requested" },
		{ "accepted", FHIR_SYS_BSER, "2.0", "accepted" }, { "received", FHIR_SYS_BSER, "2.0", "received" },
		{ NULL, FHIR_SYS_BSER, "3.0", "accepted" }, { NULL, FHIR_SYS_BSER, "2.0", "requested" },
		{ "accepted", "urn:else", "gone", "accepted" }, { "on-fire", NULL, NULL, NULL }, { NULL, NULL, NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *is = fhir_state_of(rows[i].status, rows[i].system, rows[i].code);

		if (is == NULL || rows[i].is == NULL)
			assert_ptr_equal(is, rows[i].is);
		else
			assert_string_equal(is, rows[i].is);
	}
}

/* Every state of the lifecycle has a Task.status, and comes back from it with its own business status. */
static void
state_of_every_state(void **state)
{
	(void)state;
	for (int s = STATE_DRAFT; s <= STATE_ENTERED_IN_ERROR; s++) {
		const char *code = lifecycle_state_code((enum state)s);

		if (code == NULL)
			continue;
		assert_non_null(fhir_task_status(code));
		if (s != STATE_REQUESTED && s != STATE_DRAFT)
			assert_string_equal(fhir_state_of(fhir_task_status(code), FHIR_SYS_STATE, code), code);
	}
}

/* A refusal is a failure; what nobody has opened ended as its thread did. */
static void
refused_status(void **state)
{
	(void)state;
	assert_string_equal(fhir_refused_status(ERR_CANNOT_OPEN, "declined"), "failed");
	assert_string_equal(fhir_refused_status(ERR_UNOPENED, "declined"), "rejected");
	assert_string_equal(fhir_refused_status(ERR_UNOPENED, "withdrawn"), "cancelled");
	assert_string_equal(fhir_refused_status(ERR_UNOPENED, "requested"), "failed");
	assert_string_equal(fhir_refused_status(ERR_UNOPENED, NULL), "failed");
}

/* A number is of the type that its system says, then its type code, then its digits. */
static void
id_type_order(void **state)
{
	static const struct {
		const char *system, *code, *value, *is;
	} rows[] = {
		{ "urn:nasoka:egn", NULL, "1", "EGN" }, { NULL, "NNBGR", "1543079013", "EGN" }, { NULL, "NI", "1543079013", "EGN" },
		{ NULL, "NNBGR", "1543079014", "EGN" }, { NULL, "NI", "77", "other" }, { NULL, "MR", "1543079013", "local" },
		{ NULL, "PPN", "X", "passport" }, { "http://hl7.org/fhir/sid/passport-TUR", NULL, "X", "passport" },
		{ "urn:oid:1.2.3", NULL, "1543079013", "EGN" }, { "urn:oid:1.2.3", NULL, "A-17", "local" }, { NULL, "ZZ", "A-17", "other" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(fhir_id_type(rows[i].system, rows[i].code, rows[i].value), rows[i].is);
}

/* Every relation and priority of ours has a code of FHIR's and comes back from it. */
static void
pairs_come_back(void **state)
{
	static const char *const relations[] = { "mother", "father", "guardian", "grandparent", "foster-carer", "sibling", "relative", "other" };
	static const char *const priorities[] = { "routine", "urgent", "emergency" };

	(void)state;
	for (size_t i = 0; i < sizeof(relations) / sizeof(relations[0]); i++)
		assert_string_equal(fhir_relation_of(fhir_relation_code(relations[i])), relations[i]);
	for (size_t i = 0; i < sizeof(priorities) / sizeof(priorities[0]); i++)
		assert_string_equal(fhir_priority_of(fhir_priority_code(priorities[i])), priorities[i]);
	assert_string_equal(fhir_priority_of("asap"), "urgent");
	assert_string_equal(fhir_relation_of("XYZ"), "other");
}

/* Every error of the catalogue has an HTTP status that fits its verdict, and an issue code. */
static void
http_status_of_every_error(void **state)
{
	(void)state;
	for (int e = OK + 1; e < N_ERR; e++) {
		unsigned status = fhir_http_status((enum err)e);

		assert_non_null(fhir_issue_code((enum err)e));
		if (err_verdict((enum err)e) == VERDICT_REJECT)
			assert_in_range(status, 400, 422);
		else
			assert_in_range(status, 500, 503);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(state_of_conflicts), FIXTURE_TEST(state_of_every_state), FIXTURE_TEST(refused_status), FIXTURE_TEST(id_type_order),
		FIXTURE_TEST(pairs_come_back), FIXTURE_TEST(http_status_of_every_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
