/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/core/sheet_files.h"

#include "tests/support/paper_hub.h"

static void
put_file(const char *dir, const char *name, struct span bytes)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "wb");
	assert_non_null(f);
	if (bytes.n > 0)
		assert_int_equal(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
	fclose(f);
}

/* Good sheets of a folder are known before the hub was ever reached; what is no sheet beside them hinders none; a folder that is
 * not there is told. */
static void
sheet_files_take_folder(void **state)
{
	struct paper *p = calloc(1, sizeof(*p));
	char dir[] = "/tmp/nasoka-sheets-XXXXXX", command[64];
	struct adesk *desk;
	const char *agency;

	(void)state;
	assert_non_null(p);
	paper_init(p);
	desk = &p->party[0].desk;
	agency = world_ids[0];
	assert_null(sheets_find(contacts_sheets(desk->contacts), agency));
	assert_non_null(mkdtemp(dir));
	put_file(dir, "good.sheet", p->world.sheets[0]);
	put_file(dir, "torn.sheet", SPAN(p->world.sheets[0].p, p->world.sheets[0].n / 2));
	put_file(dir, "empty.sheet", SPAN_NONE);
	put_file(dir, "notes.txt", SPAN_LIT("nothing"));
	assert_int_equal(sheet_files_take(dir, desk->contacts, p->now_ms, NULL), OK);
	assert_non_null(sheets_find(contacts_sheets(desk->contacts), agency));
	assert_int_equal(sheet_files_take("/nonexistent", desk->contacts, p->now_ms, NULL), ERR_NOTFOUND);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	assert_int_equal(system(command), 0);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(sheet_files_take_folder) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
