/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/support/paper_files.h"

#include "adapters/core/upload.h"
#include "adapters/core/withdraw.h"
#include "proto/base/clock.h"

#define SIZE (2 * WHOLE_PART_BYTES + 1000)

static unsigned
stages(struct paper *p, const char *stage)
{
	unsigned n;

	(void)files_in_inbox(p, 0, stage, &n);
	return n;
}

/* A whole file is durable with its first message, goes in parts, and comes to the other side as it was; at rest nothing of it is in clear. */
static void
upload_whole(void **state)
{
	struct paper *p = files_up();
	struct span file = files_make(p, SIZE), back;
	struct why why = { .where = "" };
	const char *text, *id;
	unsigned n;

	(void)state;
	assert_int_equal(files_upload(p, 0, &(struct files_ask){ 0 }, file, &text, &why), OK);
	assert_non_null(strstr(text, "\"state\":\"sending\""));
	assert_non_null(strstr(text, "\"parts\":3"));
	assert_int_equal(paper_count(p, 0, TABLE_STAGED), 3);	/* what is said, and two parts */
	files_send(p, 0);
	assert_int_equal(paper_count(p, 0, TABLE_STAGED), 1);
	assert_int_equal(paper_count(p, 0, TABLE_FILE_OPEN), 0);
	paper_run(p);
	assert_non_null(id = files_in_inbox(p, 1, "attachment", &n));
	assert_int_equal(n, 1);
	back = files_read(p, 1, id);
	assert_true(span_eq(back, file));
	paper_down(p);
}

/* The other side's number, and the confirmation of the one that it sees, are those of all parts; our system hears each stage once. */
static void
upload_stages_of_whole(void **state)
{
	struct paper *p = files_up();
	struct why why = { .where = "" };
	const char *text, *id;

	(void)state;
	assert_int_equal(files_upload(p, 0, &(struct files_ask){ 0 }, files_make(p, SIZE), &text, &why), OK);
	id = arena_strn(p->mem, strstr(text, "\"msg_id\":\"") + 10, 36);
	assert_int_equal(stages(p, "stored"), 1);	/* the referral's */
	paper_run(p);
	assert_int_equal(stages(p, "stored"), 1);	/* the first part alone is no news */
	files_send(p, 0);
	paper_run(p);
	assert_int_equal(stages(p, "stored"), 2);
	assert_int_equal(stages(p, "delivered"), 2);
	assert_string_equal(files_in_inbox(p, 0, "delivered", NULL), id);
	text = files_ask(p, 0, "GET", arena_fmt(p->mem, "/v1/files/%s", id), "");
	assert_non_null(strstr(text, "\"delivered\""));
	assert_null(strstr(text, "\"registered\""));
	(void)files_ask(p, 1, "POST", "/inbox/x/registered",
			arena_fmt(p->mem, "confirms=%s\ncase_no=F-1\n", files_in_inbox(p, 1, "attachment", NULL)));
	paper_run(p);
	assert_int_equal(stages(p, "registered"), 1);
	text = files_ask(p, 0, "GET", arena_fmt(p->mem, "/v1/files/%s", id), "");
	assert_non_null(strstr(text, "\"registered\""));
	assert_int_equal(paper_count(p, 1, TABLE_UNREGISTERED), 1);	/* the referral */
	paper_down(p);
}

/* What is wrong with it is told, and leaves nothing: neither rows nor messages. */
static void
upload_refused(void **state)
{
	static const struct { struct files_ask ask; enum err e; const char *where; } rows[] = {
		{ { .type = "image/png" }, ERR_MEDIA_TYPE, "body" }, { { .type = "image/gif" }, ERR_MEDIA_TYPE, "Content-Type" },
		{ { .digest = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:" }, ERR_FILE_DIFFERS, "Content-Digest" },
		{ { .path = "/v1/referrals/R-9/files?filename=a.pdf" }, ERR_UNKNOWN_REFERRAL, "id" },
		{ { .path = "/v1/referrals/R-1/files" }, ERR_REQUIRED, "filename" },
		{ { .path = "/v1/referrals/R-1/files?filename=%2e%2e%2fa" }, ERR_FORMAT, "filename" },
		{ { .path = "/v1/referrals/R-1/files?filename=a&category=x" }, ERR_UNKNOWN_CODE, "attachment_category" },
		{ { .path = "/v1/referrals/R-1/files?filename=a&confidentiality=x" }, ERR_UNKNOWN_CODE, "confidentiality" },
		{ { .path = "/v1/referrals/R-1/files?filename=a&retain_until=x" }, ERR_BAD_DATE, "attachment.retain_until" },
	};
	struct paper *p = files_up();
	uint64_t sent = paper_count(p, 0, TABLE_OUTBOX);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct why why = { .where = "" };

		assert_int_equal(files_upload(p, 0, &rows[i].ask, files_make(p, SIZE), NULL, &why), rows[i].e);
		assert_string_equal(why.where, rows[i].where);
		assert_int_equal(paper_count(p, 0, TABLE_FILE) + paper_count(p, 0, TABLE_STAGED), 0);
	}
	assert_int_equal(paper_count(p, 0, TABLE_OUTBOX), sent);
	paper_down(p);
}

/* A byte too much is refused when it comes, whether or not the head said it; an empty file is none. */
static void
upload_too_big(void **state)
{
	struct paper *p = files_up();
	struct native request = { .method = "POST", .path = PAPER_FILES, .media_type = "text/plain" }, answer;
	struct adapter *a = p->party[0].desk.adapter;
	struct upload *u;
	struct why why;
	uint8_t *block = arena_alloc(p->mem, WHOLE_PART_BYTES);
	enum err e = OK;

	(void)state;
	memset(block, 'a', WHOLE_PART_BYTES);
	assert_int_equal(adapter_upload_begin(a, &request, NULL, WHOLE_BYTES_MAX + 1, &u, &why), ERR_TOOBIG);
	assert_int_equal(adapter_upload_begin(a, &request, NULL, 1, &u, &why), OK);
	for (unsigned i = 0; i < WHOLE_PARTS_MAX && e == OK; i++)
		e = adapter_upload_more(u, SPAN(block, WHOLE_PART_BYTES), &why);
	assert_int_equal(e, OK);
	assert_int_equal(adapter_upload_more(u, SPAN(block, 1), &why), ERR_TOOBIG);
	assert_int_equal(adapter_upload_drop(u), OK);
	assert_int_equal(adapter_upload_begin(a, &request, NULL, 1, &u, &why), OK);
	assert_int_equal(adapter_upload_end(u, p->mem, &answer, &why), ERR_REQUIRED);
	assert_int_equal(paper_count(p, 0, TABLE_FILE) + paper_count(p, 0, TABLE_STAGED), 0);
	paper_down(p);
}

/* So many come in at once, and so many of one thread wait; one more is asked to come later. */
static void
upload_limits(void **state)
{
	struct paper *p = files_up();
	struct native request = { .method = "POST", .path = PAPER_FILES, .media_type = "application/pdf" };
	struct upload *u[UPLOADS_MAX + 1] = { NULL };
	struct why why;

	(void)state;
	for (size_t i = 0; i < UPLOADS_MAX; i++)
		assert_int_equal(adapter_upload_begin(p->party[0].desk.adapter, &request, NULL, 1000, &u[i], &why), OK);
	assert_int_equal(adapter_upload_begin(p->party[0].desk.adapter, &request, NULL, 1000, &u[UPLOADS_MAX], &why), ERR_OVERLOAD);
	for (size_t i = 0; i < UPLOADS_MAX; i++)
		assert_int_equal(adapter_upload_drop(u[i]), OK);
	for (size_t i = 0; i < UPLOAD_THREAD_MAX; i++)
		assert_int_equal(files_upload(p, 0, &(struct files_ask){ 0 }, files_make(p, WHOLE_PART_BYTES + 1), NULL, &why), OK);
	assert_int_equal(files_upload(p, 0, &(struct files_ask){ 0 }, files_make(p, WHOLE_PART_BYTES + 1), NULL, &why), ERR_OVERLOAD);
	files_send(p, 0);
	assert_int_equal(files_upload(p, 0, &(struct files_ask){ 0 }, files_make(p, WHOLE_PART_BYTES + 1), NULL, &why), OK);
	paper_down(p);
}

/* Files of too many bytes that wait: one more is asked to come later. */
static void
upload_waiting_bytes(void **state)
{
	struct paper *p = files_up();
	struct file f = { .state = FILE_SENDING, .is_ours = true, .thread = { { 9 } }, .whole = { .size = UPLOAD_WAITING_MAX - 999 } };
	struct native request = { .method = "POST", .path = PAPER_FILES, .media_type = "application/pdf" };
	struct txn *txn = store_write(p->party[0].desk.store);
	struct upload *u;
	struct why why;

	(void)state;
	filebook_add(txn, p->mem, &f);
	assert_int_equal(txn_commit(txn), OK);
	assert_int_equal(adapter_upload_begin(p->party[0].desk.adapter, &request, NULL, 1000, &u, &why), ERR_OVERLOAD);
	assert_int_equal(adapter_upload_begin(p->party[0].desk.adapter, &request, NULL, 999, &u, &why), OK);
	assert_int_equal(adapter_upload_drop(u), OK);
	paper_down(p);
}

/* Under the same key the same file is sent once, and answered as the first time; another one is refused. */
static void
upload_again(void **state)
{
	struct paper *p = files_up();
	struct span file = files_make(p, SIZE);
	struct why why = { .where = "" };
	const char *first, *second;
	unsigned n;

	(void)state;
	assert_int_equal(files_upload(p, 0, &(struct files_ask){ .key = "k" }, file, &first, &why), OK);
	assert_int_equal(files_upload(p, 0, &(struct files_ask){ .key = "k", .piece = 1 << 20 }, file, &second, &why), OK);
	assert_memory_equal(strstr(first, "msg_id"), strstr(second, "msg_id"), 40);
	assert_int_equal(files_upload(p, 0, &(struct files_ask){ .key = "k" }, files_make(p, SIZE + 1), NULL, &why), ERR_DUPLICATE);
	files_send(p, 0);
	paper_run(p);
	(void)files_in_inbox(p, 1, "attachment", &n);
	assert_int_equal(n, 1);
	assert_int_equal(files_upload(p, 0, &(struct files_ask){ .key = "k" }, file, &second, &why), OK);
	assert_non_null(strstr(second, "\"state\":\"sent\""));
	paper_down(p);
}

/* A process that dies while it comes in leaves nothing of it; one that dies while it goes out goes on in the next run. */
static void
upload_dies(void **state)
{
	struct paper *p = files_up();
	struct native request = { .method = "POST", .path = PAPER_FILES, .media_type = "application/pdf" };
	struct span file = files_make(p, SIZE);
	struct why why = { .where = "" };
	struct upload *u;
	struct file f;
	struct txn *txn;
	unsigned n;

	(void)state;
	assert_int_equal(adapter_upload_begin(p->party[0].desk.adapter, &request, "k", file.n, &u, &why), OK);
	assert_int_equal(adapter_upload_more(u, file, &why), OK);
	assert_int_equal(paper_count(p, 0, TABLE_STAGED), 2);
	/* what the store has at this moment is what a death would leave: `coming` */
	txn = store_read(p->party[0].desk.store);
	assert_true(filebook_next_open(txn, 0, &f) && f.state == FILE_COMING);
	txn_abort(txn);
	assert_int_equal(adapter_upload_drop(u), OK);
	txn = store_write(p->party[0].desk.store);
	filebook_add(txn, p->mem, &f);
	filebook_stage(txn, f.number, 1, SPAN_LIT("closed bytes"));
	assert_int_equal(txn_commit(txn), OK);
	adesk_stop(&p->party[0].desk);
	adesk_start(&p->party[0].desk);
	assert_int_equal(paper_count(p, 0, TABLE_FILE) + paper_count(p, 0, TABLE_STAGED), 0);
	paper_greet(p, 0, 1000);
	assert_int_equal(files_upload(p, 0, &(struct files_ask){ 0 }, file, NULL, &why), OK);
	paper_run(p);
	adesk_stop(&p->party[0].desk);
	adesk_start(&p->party[0].desk);
	paper_greet(p, 0, 1000);
	files_send(p, 0);
	paper_run(p);
	(void)files_in_inbox(p, 1, "attachment", &n);
	assert_int_equal(n, 1);
	paper_down(p);
}

/* A part that is refused is news once, and is not sent again by itself. */
static void
upload_refused_there(void **state)
{
	struct paper *p = files_up();
	struct why why = { .where = "" };
	const char *text, *id;

	(void)state;
	assert_int_equal(files_upload(p, 0, &(struct files_ask){ 0 }, files_make(p, SIZE), &text, &why), OK);
	id = arena_strn(p->mem, strstr(text, "\"msg_id\":\"") + 10, 36);
	paper_run(p);	/* the first part only: the rest stays away */
	adesk_stop(&p->party[0].desk);
	paper_tick(p, 1, 25 * CLOCK_HOUR);
	adesk_start(&p->party[0].desk);
	paper_greet(p, 0, 1000);
	paper_run(p);
	assert_int_equal(stages(p, "refused"), 1);
	files_send(p, 0);	/* the other parts come too late */
	paper_run(p);
	assert_int_equal(stages(p, "refused"), 1);
	text = files_ask(p, 0, "GET", arena_fmt(p->mem, "/v1/files/%s", id), "");
	assert_non_null(strstr(text, "\"refusal\":{\"code\":\"NSK-1310\""));
	assert_int_equal(paper_count(p, 0, TABLE_UNSEEN), 1);
	assert_null(files_in_inbox(p, 1, "attachment", NULL));
	paper_down(p);
}

/* A file is taken back as a whole: who saw it is told once, who sent it too, and its bytes are no more to be had. */
static void
upload_taken_back(void **state)
{
	struct paper *p = files_up();
	struct why why = { .where = "" };
	const char *text, *id, *face;
	unsigned n;

	(void)state;
	assert_int_equal(files_upload(p, 0, &(struct files_ask){ 0 }, files_make(p, SIZE), &text, &why), OK);
	id = arena_strn(p->mem, strstr(text, "\"msg_id\":\"") + 10, 36);
	files_send(p, 0);
	paper_run(p);
	p->party[1].hand = HAND_NOW;
	p->party[1].answer = "taken";
	paper_tick(p, 1, 10);
	paper_tick(p, 1, 10);
	face = files_in_inbox(p, 1, "attachment", NULL);
	assert_int_equal(withdraw_ask(p->party[0].desk.adapter, id, &why), OK);
	paper_run(p);
	assert_int_equal(stages(p, "withdrawn"), 1);
	assert_string_equal(files_in_inbox(p, 1, "withdrawn", &n), face);
	assert_int_equal(n, 1);
	assert_memory_equal(files_ask(p, 1, "GET", arena_fmt(p->mem, "/v1/files/%s/content", face), ""), "NSK-1609", 8);
	assert_non_null(strstr(files_ask(p, 0, "GET", arena_fmt(p->mem, "/v1/files/%s", id), ""), "\"withdrawn\""));
	paper_down(p);
}

/* Taken back while it is on its way, the rest of it is never sent. */
static void
upload_taken_back_early(void **state)
{
	struct paper *p = files_up();
	struct why why = { .where = "" };
	const char *text, *id;
	uint64_t sent;

	(void)state;
	assert_int_equal(files_upload(p, 0, &(struct files_ask){ 0 }, files_make(p, SIZE), &text, &why), OK);
	id = arena_strn(p->mem, strstr(text, "\"msg_id\":\"") + 10, 36);
	paper_run(p);
	assert_int_equal(withdraw_ask(p->party[0].desk.adapter, id, &why), OK);
	sent = paper_count(p, 0, TABLE_OUTBOX);
	files_send(p, 0);
	paper_run(p);
	assert_int_equal(paper_count(p, 0, TABLE_OUTBOX), sent);
	assert_int_equal(paper_count(p, 0, TABLE_STAGED), 1);	/* what is said of it */
	assert_null(files_in_inbox(p, 1, "attachment", NULL));
	assert_null(files_in_inbox(p, 1, "withdrawn", NULL));
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(upload_whole), cmocka_unit_test(upload_stages_of_whole), cmocka_unit_test(upload_refused),
		cmocka_unit_test(upload_too_big), cmocka_unit_test(upload_limits), cmocka_unit_test(upload_waiting_bytes),
		cmocka_unit_test(upload_again), cmocka_unit_test(upload_dies), cmocka_unit_test(upload_refused_there),
		cmocka_unit_test(upload_taken_back), cmocka_unit_test(upload_taken_back_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
