/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/health/nhis_out.h"
#include "tests/unit/adapters/health/nhis_world.h"

/* The frame is well formed, in the namespace, and holds what it was given, escaped. */
static void
frame_is_well_formed(void **state)
{
	const struct xml_node *contents, *root;
	struct native native;
	struct buf b;

	buf_init(&b, *state);
	nhis_put_header(&b, &(struct nhis_header){ .recipient = "1", .recipient_id = "a\"<b>", .message_id = "m", .type = "R002",
						   .created_ms = WORLD_NOW });
	nhis_put(&b, "lrn", "„Ѝ“ & 'x'\n2");
	nhis_put(&b, "none", NULL);
	assert_int_equal(nhis_finish(&b, 200, &native), OK);
	contents = nhis_world_contents(arena_strn(*state, native.bytes.p, native.bytes.n), *state);
	root = contents->parent;
	assert_string_equal(nhis_value(root, "header/sender"), "4");
	assert_string_equal(nhis_value(root, "header/senderId"), "NASOKA");
	assert_string_equal(nhis_value(root, "header/recipientId"), "a\"<b>");
	assert_string_equal(nhis_value(root, "header/createdOn"), "2026-03-02T08:00:00Z");
	assert_string_equal(nhis_value(contents, "lrn"), "„Ѝ“ & 'x'\n2");
	assert_null(xml_child(contents, "none"));
	assert_int_equal(native.status, 200);
}

/* An error has the code first and the words second, as practices' programs look for them, with place and what to do. */
static void
error_is_told(void **state)
{
	struct why why = { .line = 3, .col = 5, .text = "is missing" };
	const struct xml_node *error;
	struct native native;
	struct buf b;

	buf_init(&b, *state);
	nhis_put_header(&b, &(struct nhis_header){ .type = "R002" });
	nhis_put_error(&b, ERR_REQUIRED, "referral/lrn", &why);
	assert_int_equal(nhis_finish(&b, 0, &native), OK);
	error = xml_child(nhis_world_contents(arena_strn(*state, native.bytes.p, native.bytes.n), *state), "error");
	assert_string_equal(xml_attr(error->first, "value"), "NSK-1301");
	assert_string_equal(error->first->next->name, "reason");
	assert_non_null(strstr(nhis_value(error, "reason"), "място: referral/lrn (ред 3, знак 5)"));
	assert_non_null(strstr(nhis_value(error, "reason"), err_remedy(ERR_REQUIRED, LANG_BG)));
}

/* A full arena is said. */
static void
full_is_told(void **state)
{
	struct arena *small = arena_new(256);
	struct native native;
	struct buf b;

	(void)state;
	buf_init(&b, small);
	nhis_put_header(&b, &(struct nhis_header){ .type = "R002" });
	nhis_put(&b, "lrn", "1");
	assert_int_equal(nhis_finish(&b, 0, &native), ERR_TOOBIG);
	arena_free(small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { NHIS_TEST(frame_is_well_formed), NHIS_TEST(error_is_told), NHIS_TEST(full_is_told) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
