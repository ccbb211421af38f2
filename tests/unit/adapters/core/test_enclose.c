/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/support/paper_files.h"

#include "adapters/core/enclose.h"
#include "adapters/core/upload.h"

#define SIZE (2 * WHOLE_PART_BYTES + 1000)
#define ROW(id, name, more) "id=" id "\nkind=attachment\nsource=csv\nattachment.referral_id=R-1\nattachment.filename=" name \
	"\nattachment.category=assessment\nfile=a.pdf\n" more

static struct native
table(const char *text)
{
	return (struct native){ .format = FORMAT_CSV, .bytes = span_str(text), .file = "a.csv" };
}

static struct enclosures *
set_of(struct paper *p, const char *text)
{
	struct native in = table(text);
	struct enclosures *set;

	assert_int_equal(adapter_enclosures(p->party[0].desk.adapter, &in, &set), OK);
	return set;
}

/* The bytes of the set's file come; its error, OK when it is taken. */
static enum err
bring(struct paper *p, struct enclosure *f, struct span bytes)
{
	struct adapter *a = p->party[0].desk.adapter;
	struct upload *u = NULL;
	struct why why;

	if (f->is_settled)
		return f->e;
	assert_int_equal(adapter_enclosure_begin(a, f, bytes.n, &u), OK);
	if (u != NULL) {
		for (size_t at = 0; at < bytes.n; at += 65536)
			assert_int_equal(adapter_upload_more(u, SPAN(bytes.p + at, bytes.n - at < 65536 ? bytes.n - at : 65536), &why), OK);
		assert_int_equal(adapter_enclosure_end(a, f, u), OK);
	}
	assert_true(f->is_settled);
	return f->e;
}

/* The table is taken, with its files: the answer's lines. */
static const char *
take(struct paper *p, const char *text, struct enclosures *set)
{
	struct native in = table(text), answer = { 0 };
	enum err refused;

	in.enclosed = set;
	assert_int_equal(adapter_take(p->party[0].desk.adapter, &in, "folder", NULL, p->mem, &answer, &refused), OK);
	adapter_enclosures_free(set);
	return arena_strn(p->mem, answer.bytes.p, answer.bytes.n);
}

static const char *
give(struct paper *p, const char *text, struct span bytes)
{
	struct enclosures *set = set_of(p, text);

	assert_non_null(set);
	for (size_t i = 0; i < set->n; i++)
		(void)bring(p, &set->all[i], bytes);
	return take(p, text, set);
}

static unsigned
arrived(struct paper *p)
{
	unsigned n;

	files_send(p, 0);
	paper_run(p);
	(void)files_in_inbox(p, 1, "attachment", &n);
	return n;
}

/* A row's file comes to the other side whole, as a table's; its result is the message id; other items of the message are taken beside it. */
static void
enclose_whole(void **state)
{
	struct paper *p = files_up();
	struct span file = files_make(p, SIZE);
	const char *answer = give(p, ROW("r1", "Молба.pdf", "--\nid=x\nrefuse=1505\n"), file), *id;

	(void)state;
	assert_memory_equal(answer, "OK ", 3);
	assert_non_null(strstr(answer, " new\nNSK-1505 refuse\n"));
	assert_int_equal(arrived(p), 1);
	id = files_in_inbox(p, 1, "attachment", NULL);
	assert_true(span_eq(files_read(p, 1, id), file));
	assert_non_null(strstr(files_ask(p, 1, "GET", arena_fmt(p->mem, "/v1/files/%s", id), ""), "\"filename\":\"Молба.pdf\""));
	paper_down(p);
}

/* The same row with the same bytes is the same file, in this run or the next; with other bytes another one, unless the agency numbered it. */
static void
enclose_again(void **state)
{
	struct paper *p = files_up();
	const char *text = ROW("r1", "a.pdf", ""), *named = ROW("n1", "a.pdf", "named=\n"), *first, *again;

	(void)state;
	first = give(p, text, files_make(p, SIZE));
	adesk_stop(&p->party[0].desk);
	adesk_start(&p->party[0].desk);
	paper_greet(p, 0, 1000);
	again = give(p, text, files_make(p, SIZE));
	assert_memory_equal(first, again, 39);		/* "OK " and the id */
	assert_non_null(strstr(again, " again\n"));
	assert_int_equal(arrived(p), 1);
	again = give(p, text, files_make(p, SIZE + 1));
	assert_non_null(strstr(again, " new\n"));
	assert_int_equal(arrived(p), 2);
	assert_non_null(strstr(give(p, named, files_make(p, 100)), " new\n"));
	assert_non_null(strstr(give(p, named, files_make(p, 100)), " again\n"));
	assert_string_equal(give(p, named, files_make(p, 101)), "NSK-1404 attachment.native_id\n");
	assert_string_equal(give(p, ROW("n1", "b.pdf", "named=\n"), files_make(p, 100)), "NSK-1404 attachment.native_id\n");
	assert_int_equal(arrived(p), 3);
	paper_down(p);
}

/* Of a row that was taken the file need not be there any more; of any other it must. */
static void
enclose_put_away(void **state)
{
	struct paper *p = files_up();
	const char *text = ROW("r1", "a.pdf", ""), *first;
	struct enclosures *set = set_of(p, text);

	(void)state;
	assert_false(set->all[0].is_known);
	adapter_enclosure_refuse(&set->all[0], ERR_FILE_MISSING, NULL);
	assert_string_equal(take(p, text, set), "NSK-1509 file\n");
	first = give(p, text, files_make(p, SIZE));
	set = set_of(p, text);
	assert_true(set->all[0].is_known);
	adapter_enclosure_refuse(&set->all[0], ERR_FILE_MISSING, NULL);
	assert_memory_equal(take(p, text, set), first, 39);
	set = set_of(p, text);
	adapter_enclosure_refuse(&set->all[0], ERR_FILE_CHANGING, NULL);
	assert_string_equal(take(p, text, set), "NSK-1510 file\n");
	assert_int_equal(arrived(p), 1);
	paper_down(p);
}

/* What is wrong with a row or its file is told in the row's own terms, and nothing of it stays. */
static void
enclose_refused(void **state)
{
	static const struct { const char *row; size_t n; const char *said; } rows[] = {
		{ ROW("1", "a.pdf", "attachment.media_type=image/png\n"), 100, "NSK-1603 file\n" },
		{ ROW("2", "a.pdf", ""), WHOLE_BYTES_MAX + 1, "NSK-1005 file\n" },
		{ ROW("3", "a.pdf", ""), 0, "NSK-1503 file\n" },
		{ ROW("4", "a.pdf", "attachment.size=99\n"), 100, "NSK-1309 attachment.size\n" },
		{ ROW("5", "a.pdf", "attachment.sha256=47DEQpj8HBSa\n"), 100, "NSK-1101 attachment.sha256\n" },
		{ ROW("6", "a.pdf", "attachment.sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"), 100,
		  "NSK-1309 attachment.sha256\n" },
		{ ROW("7", "a.pdf", "attachment.referral_id=R-9\n"), 100, "NSK-1403 attachment.referral_id\n" },
		{ ROW("8", "a.pdf", "file=a.exe\n"), 100, "NSK-1603 file\n" }, { ROW("9", "a.pdf", "file=../a.pdf\n"), 100, "NSK-1511 file\n" },
		{ ROW("10", "a.pdf", "file=a\\b.pdf\n"), 100, "NSK-1511 file\n" },
		{ ROW("11", "a/b.pdf", ""), 100, "NSK-1101 attachment.filename\n" }, { ROW("12", "a.pdf", "refuse=1303\n"), 100, "NSK-1303 refuse\n" },
		{ "id=13\nkind=attachment\nattachment.filename=a.pdf\nfile=a.pdf\n", 100, "NSK-1301 attachment.referral_id\n" },
	};
	struct paper *p = files_up();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_string_equal(give(p, rows[i].row, files_make(p, rows[i].n)), rows[i].said);
		assert_int_equal(paper_count(p, 0, TABLE_FILE) + paper_count(p, 0, TABLE_STAGED), 0);
	}
	assert_int_equal(arrived(p), 0);
	paper_down(p);
}

/* Where nothing lies beside the message, as over HTTP, its rows with files are refused; so are those beyond the bound, and no others. */
static void
enclose_bounds(void **state)
{
	struct paper *p = files_up();
	struct native none = table("id=x\nconfirms=R-1\ncase_no=1\n");
	static const char three[] = ROW("1", "a.pdf", "--\n") ROW("2", "a.pdf", "--\n") ROW("3", "a.pdf", "");
	struct enclosures *set;

	(void)state;
	assert_string_equal(take(p, ROW("r1", "a.pdf", ""), NULL), "NSK-1504 file\n");
	assert_int_equal(adapter_enclosures(p->party[0].desk.adapter, &none, &set), OK);
	assert_null(set);
	set = set_of(p, three);
	assert_int_equal(set->n, 3);
	set->n = 2;	/* as if the third were beyond ENCLOSURES_MAX, for which this sector has no room */
	for (size_t i = 0; i < set->n; i++)
		assert_int_equal(bring(p, &set->all[i], files_make(p, 100)), OK);
	assert_non_null(strstr(take(p, three, set), "new\nNSK-1307 file\n"));
	paper_down(p);
}

/* Not now is no refusal: asked again, the file is taken. */
static void
enclose_later(void **state)
{
	struct paper *p = files_up();
	struct adapter *a = p->party[0].desk.adapter;
	const char *text = ROW("r1", "a.pdf", "");
	struct native request = { .method = "POST", .path = PAPER_FILES, .media_type = "application/pdf" };
	struct enclosures *set = set_of(p, text);
	struct upload *others[UPLOADS_MAX], *u;
	struct why why;

	(void)state;
	for (size_t i = 0; i < UPLOADS_MAX; i++)
		assert_int_equal(adapter_upload_begin(a, &request, NULL, 1000, &others[i], &why), OK);
	assert_int_equal(adapter_enclosure_begin(a, &set->all[0], 100, &u), ERR_OVERLOAD);
	assert_false(set->all[0].is_settled);
	for (size_t i = 0; i < UPLOADS_MAX; i++)
		assert_int_equal(adapter_upload_drop(others[i]), OK);
	assert_int_equal(bring(p, &set->all[0], files_make(p, 100)), OK);
	assert_non_null(strstr(take(p, text, set), " new\n"));
	paper_down(p);
}

/* Which names may be files of a table. */
static void
enclose_beside(void **state)
{
	struct paper *p = files_up();
	const struct adapter *a = p->party[0].desk.adapter;

	(void)state;
	assert_int_equal(adapter_beside(a, "молба.PDF"), BESIDE_ONLY);
	assert_int_equal(adapter_beside(a, "a.jpeg"), BESIDE_ONLY);
	assert_int_equal(adapter_beside(a, "a.TXT"), BESIDE_MAYBE);
	assert_int_equal(adapter_beside(a, "a.xlsx"), BESIDE_MAYBE);
	assert_int_equal(adapter_beside(a, "a.csv"), BESIDE_NOT);
	assert_int_equal(adapter_beside(a, "a.exe"), BESIDE_NOT);
	assert_int_equal(adapter_beside(a, ".pdf"), BESIDE_NOT);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(enclose_whole), cmocka_unit_test(enclose_again), cmocka_unit_test(enclose_put_away),
		cmocka_unit_test(enclose_refused), cmocka_unit_test(enclose_bounds), cmocka_unit_test(enclose_later),
		cmocka_unit_test(enclose_beside),
	};

	return cmocka_run_group_tests_name("enclose", tests, NULL, NULL);
}
