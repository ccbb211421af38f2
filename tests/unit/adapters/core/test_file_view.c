/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/support/paper_files.h"

#include "adapters/core/file_view.h"

/* A file says what it is at both ends, and has its bytes where it came. */
static void
file_view_both_ends(void **state)
{
	struct paper *p = files_up();
	struct span file = files_make(p, WHOLE_PART_BYTES + 9);
	struct why why = { .where = "" };
	const char *text = NULL, *id;

	(void)state;
	assert_int_equal(files_upload(p, 0, &(struct files_ask){ 0 }, file, &text, &why), OK);
	id = arena_strn(p->mem, strstr(text, "\"msg_id\":\"") + 10, 36);
	files_send(p, 0);
	paper_run(p);
	text = files_ask(p, 0, "GET", arena_fmt(p->mem, "/v1/files/%s", id), "");
	assert_non_null(strstr(text, "\"is_ours\":true"));
	assert_non_null(strstr(text, "\"filename\":\"Писмо.pdf\""));
	assert_non_null(strstr(text, "\"category\":\"assessment\""));
	assert_null(strstr(text, "href"));
	assert_memory_equal(files_ask(p, 0, "GET", arena_fmt(p->mem, "/v1/files/%s/content", id), ""), "NSK-1006", 8);
	id = files_in_inbox(p, 1, "attachment", NULL);
	text = files_ask(p, 1, "GET", arena_fmt(p->mem, "/v1/files/%s", id), "");
	assert_non_null(strstr(text, "\"is_ours\":false"));
	assert_non_null(strstr(text, arena_fmt(p->mem, "\"href\":\"/v1/files/%s/content\"", id)));
	assert_non_null(strstr(text, "\"size\":524297"));
	assert_true(span_eq(files_read(p, 1, id), file));
	paper_down(p);
}

/* What is no file, or no message, is told as that. */
static void
file_view_none(void **state)
{
	struct paper *p = files_up();
	const char *referral = files_in_inbox(p, 1, "referral", NULL);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const char *path = i ? arena_fmt(p->mem, "/v1/files/%s/content", referral) : arena_fmt(p->mem, "/v1/files/%s", referral);

		assert_memory_equal(files_ask(p, 1, "GET", path, ""), "NSK-1006", 8);
	}
	assert_memory_equal(files_ask(p, 1, "GET", "/v1/files/R-1", ""), "NSK-1006", 8);
	assert_memory_equal(files_ask(p, 1, "POST", PAPER_FILES, "x"), "NSK-1504", 8);	/* a door that collects bodies */
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(file_view_both_ends), cmocka_unit_test(file_view_none) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
