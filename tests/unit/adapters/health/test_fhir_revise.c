/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_shelf.h"

struct revision {
	struct arena *mem;
	struct shelf shelf;
	struct subject stands;		/* accepted, by a step with its own reason and time */
	json_t *task;			/* as the client read it */
};

static struct revision
revision_new(struct arena *mem)
{
	struct revision r = { .mem = mem, .shelf = shelf_new(mem) };

	r.stands = shelf_item(&r.shelf, 0);
	r.stands.p.state = "accepted";
	r.stands.p.registered_ms = FIXTURE_NOW;
	r.stands.record = r.shelf.accepted;
	r.task = fhir_new_shown(&r.stands, "Task", &fixture_env, mem);
	return r;
}

static enum err
revise(struct revision *r, const char *method, json_t *body, struct span *ret_bytes)
{
	struct native text = { 0 }, in;
	struct why why = { 0 };

	assert_int_equal(fhir_finish(body, r->mem, &text), OK);
	in = (struct native){ .method = method, .path = "/fhir/Task/x", .bytes = text.bytes, .current = &r->stands };
	return fhir_revise(&in, &fixture_env, r->mem, ret_bytes, &why);
}

/* A client that reads the Task, changes its status and writes it back says that status, and nothing of the step before. */
static void
put_changed_status(void **state)
{
	struct revision r = revision_new(*state);
	struct span bytes;
	struct native in = { .method = "PUT", .path = "/fhir/Task/" FIXTURE_MSG_ID, .current = &r.stands, .media_type = FHIR_MEDIA_TYPE };
	struct intake intake;
	const struct status *s;

	json_object_set_new(r.task, "status", json_string("in-progress"));
	assert_int_equal(revise(&r, "PUT", json_incref(r.task), &bytes), OK);
	assert_null(strstr(arena_strn(r.mem, bytes.p, bytes.n), "businessStatus"));
	assert_null(strstr(arena_strn(r.mem, bytes.p, bytes.n), "transition"));
	in.bytes = span_str(json_dumps(r.task, 0));
	health_fhir_to_records(&in, &fixture_env, r.mem, &intake);
	assert_int_equal(intake.e, OK);
	assert_int_equal(intake.items[0].e, OK);
	s = intake.items[0].record->status;
	assert_string_equal(s->to, "in-progress");
	assert_null(s->transition);
	assert_null(s->from);
	assert_null(s->at);
	free((void *)(uintptr_t)in.bytes.p);
	json_decref(r.task);
}

/* Written back as it was read, it is no step and no confirmation. */
static void
put_unchanged(void **state)
{
	struct revision r = revision_new(*state);
	struct span bytes;

	assert_int_equal(revise(&r, "PUT", r.task, &bytes), OK);
	assert_int_equal(bytes.n, 0);
}

/* A Task that is not one that was read passes as it came. */
static void
put_own(void **state)
{
	struct revision r = revision_new(*state);
	struct span bytes;

	json_decref(r.task);
	assert_int_equal(revise(&r, "PUT", json_pack("{s:s, s:s, s:{s:[{s:s, s:s}]}}", "resourceType", "Task", "status", "accepted",
		"businessStatus", "coding", "system", FHIR_SYS_STAGE, "code", "registered"), &bytes), OK);
	assert_non_null(strstr(arena_strn(r.mem, bytes.p, bytes.n), "registered"));
}

/* A JSON Patch changes the Task that stands there: replace, add and remove, after its tests hold. */
static void
patch_applies(void **state)
{
	static const struct { const char *patch; enum err e; const char *has; } rows[] = {
		{ "[{\"op\":\"replace\",\"path\":\"/status\",\"value\":\"completed\"}]", OK, "\"status\":\"completed\"" },
		{ "[{\"op\":\"test\",\"path\":\"/status\",\"value\":\"accepted\"},{\"op\":\"replace\",\"path\":\"/status\",\"value\":\"on-hold\"},"
		  "{\"op\":\"add\",\"path\":\"/statusReason\",\"value\":{\"text\":\"x\"}}]", OK, "\"statusReason\":{\"text\":\"x\"}" },
		{ "[{\"op\":\"add\",\"path\":\"/extension/-\",\"value\":{\"url\":\"u\",\"valueCode\":\"a\"}}]", OK, "\"url\":\"u\"" },
		{ "[{\"op\":\"remove\",\"path\":\"/identifier/0\"}]", OK, "\"FILL\"" },
		{ "[{\"op\":\"test\",\"path\":\"/status\",\"value\":\"requested\"}]", ERR_PRECONDITION, NULL },
		{ "[{\"op\":\"remove\",\"path\":\"/no/such\"}]", ERR_PRECONDITION, NULL },
		{ "[{\"op\":\"replace\",\"path\":\"/no\",\"value\":1}]", ERR_PRECONDITION, NULL },
		{ "[{\"op\":\"replace\",\"path\":\"/identifier/77\",\"value\":1}]", ERR_PRECONDITION, NULL },
		{ "[{\"op\":\"move\",\"path\":\"/status\",\"from\":\"/a\",\"value\":1}]", ERR_UNSUPPORTED, NULL },
		{ "[{\"op\":\"replace\",\"path\":\"/status\"}]", ERR_REQUIRED, NULL },
		{ "[{\"path\":\"/status\"}]", ERR_REQUIRED, NULL },
		{ "{\"op\":\"remove\",\"path\":\"/status\"}", ERR_SYNTAX, NULL },
		{ "[]", OK, NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct revision r = revision_new(*state);
		struct span bytes = SPAN_NONE;
		enum err e = revise(&r, "PATCH", json_loads(rows[i].patch, 0, NULL), &bytes);

		if (e != rows[i].e || (rows[i].has != NULL && strstr(arena_strn(r.mem, bytes.p, bytes.n), rows[i].has) == NULL))
			fail_msg("%s: %s %.*s", rows[i].patch, err_code(e), (int)bytes.n, bytes.p);
		if (e == OK && rows[i].has == NULL)
			assert_int_equal(bytes.n, 0);
		json_decref(r.task);
	}
}

/* There is nothing to patch where nothing stands. */
static void
patch_of_nothing(void **state)
{
	struct native in = { .method = "PATCH", .bytes = span_str("[]") };
	struct span bytes;
	struct why why = { 0 };

	assert_int_equal(fhir_revise(&in, &fixture_env, *state, &bytes, &why), ERR_UNKNOWN_REFERRAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(put_changed_status), FIXTURE_TEST(put_unchanged), FIXTURE_TEST(put_own), FIXTURE_TEST(patch_applies),
		FIXTURE_TEST(patch_of_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
