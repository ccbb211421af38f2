/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/support/paper_files.h"

#include "adapters/core/casebook.h"
#include "adapters/core/compose.h"
#include "adapters/core/gather.h"
#include "adapters/core/withdraw.h"
#include "proto/base/clock.h"

#define SIZE ((size_t)WHOLE_PART_BYTES + 1000)

static const char *
hex_of(struct paper *p, struct span file)
{
	char hex[65];
	struct hash h;

	hash_sha256(file, &h);
	bytes_hex(h.b, sizeof(h.b), hex);
	return arena_str(p->mem, hex);
}

/* One part by itself, as a sender would say it that cuts files by hand. */
static const char *
part_text(struct paper *p, const char *att_id, unsigned k, struct span file, const char *sha256, const char *name)
{
	struct span data = SPAN(file.p + (k - 1) * WHOLE_PART_BYTES, whole_part_bytes(file.n, k));
	struct record like = { .attachment = &(struct file_part){ .data = &data } };
	const char *text = record_get(&like, p->mem, "attachment.data");
	struct buf b;

	buf_init(&b, p->mem);
	buf_fmt(&b, "id=%s-%u\nkind=attachment\nattachment.referral_id=R-1\nattachment.att_id=%s\nattachment.filename=%s\n", att_id, k, att_id, name);
	buf_fmt(&b, "attachment.media_type=application/pdf\nattachment.size=%zu\nattachment.sha256=%s\n", file.n, sha256);
	buf_fmt(&b, "attachment.part=%u\nattachment.parts=%u\nattachment.category=other\nattachment.data=", k, whole_parts(file.n));
	buf_str(&b, text);
	return buf_text(&b);
}

/* The answer: "OK msg_id ..." */
static const char *
part(struct paper *p, const char *att_id, unsigned k, struct span file, const char *sha256, const char *name)
{
	return paper_take(p, 0, part_text(p, att_id, k, file, sha256, name));
}

static const char *
part_ok(struct paper *p, const char *att_id, unsigned k, struct span file)
{
	const char *said = part(p, att_id, k, file, hex_of(p, file), "a.pdf");

	if (strncmp(said, "OK ", 3) != 0)
		fail_msg("%s", said);
	return arena_strn(p->mem, said + 3, 36);
}

static unsigned
refused(struct paper *p)
{
	unsigned n = 0;
	struct txn *txn = store_read(p->party[1].desk.store);
	struct inbound in = { .cursor = 0 };

	while (inbox_next(txn, in.cursor, &in))
		n += in.state == INBOUND_REFUSED;
	txn_abort(txn);
	return n;
}

static unsigned
attachments(struct paper *p)
{
	unsigned n;

	(void)files_in_inbox(p, 1, "attachment", &n);
	return n;
}

/* Parts in the wrong order are nothing to our system until all are there; then one entry stands for them, with a newer place than all it
 * has seen, and is handed to the door once. */
static void
gather_once(void **state)
{
	struct paper *p = files_up();
	struct span file = files_make(p, 2 * WHOLE_PART_BYTES + 5);
	const char *last;
	size_t handed;

	(void)state;
	p->party[1].hand = HAND_NOW;
	p->party[1].answer = "taken";
	paper_tick(p, 1, 10);
	handed = p->party[1].n_handed;
	(void)part_ok(p, "a", 3, file);
	(void)part_ok(p, "a", 1, file);
	paper_run(p);
	paper_tick(p, 1, 10);
	assert_int_equal(attachments(p), 0);
	assert_int_equal(p->party[1].n_handed, handed);
	last = part_ok(p, "a", 2, file);
	paper_run(p);
	for (int i = 0; i < 3; i++)
		paper_tick(p, 1, 1000);
	assert_int_equal(attachments(p), 1);
	assert_string_equal(files_in_inbox(p, 1, "attachment", NULL), last);
	assert_int_equal(p->party[1].n_handed, handed + 1);
	assert_true(span_eq(files_read(p, 1, last), file));
	paper_down(p);
}

/* A file of one part is a message like any other, and can be read as a file as well. */
static void
gather_single(void **state)
{
	struct paper *p = files_up();
	struct span file = files_make(p, 100);
	const char *id = part_ok(p, "a", 1, file);

	(void)state;
	paper_run(p);
	assert_int_equal(attachments(p), 1);
	assert_true(span_eq(files_read(p, 1, id), file));
	assert_int_equal(paper_count(p, 1, TABLE_FILE), 0);
	paper_down(p);
}

/* At the sender's door a file of one part is what it says, or it is refused there and nothing of it is written. */
static void
gather_single_checked(void **state)
{
	struct paper *p = files_up();
	struct span file = files_make(p, 100), program = SPAN_LIT("MZ and more");
	uint64_t n = paper_count(p, 0, TABLE_OUTBOX);

	(void)state;
	assert_string_equal(part(p, "a", 1, file, hex_of(p, program), "a.pdf"), "NSK-1309 attachment.sha256\n");
	assert_string_equal(part(p, "a", 1, program, hex_of(p, program), "a.pdf"), "NSK-1603 attachment.data\n");
	assert_int_equal(paper_count(p, 0, TABLE_OUTBOX), n);
	(void)part_ok(p, "a", 1, file);
	paper_down(p);
}

/* A file past the door of a sender that checks less than we do. */
static void
send_unchecked(struct paper *p, const char *sha256, struct span file)
{
	struct adapter *a = p->party[0].desk.adapter;
	struct thread t = paper_thread(p, 0, "R-1");
	struct file_part f = {
		.referral_id = "R-1", .att_id = "a", .filename = "a.pdf", .media_type = "application/pdf", .sha256 = sha256, .category = "other",
		.size = record_int(p->mem, (int64_t)file.n), .part = record_int(p->mem, 1), .parts = record_int(p->mem, 1), .data = &file,
	};
	struct record record = {
		.kind = "attachment", .case_id = t.case_id, .created = record_int(p->mem, p->now_ms), .source = "test", .attachment = &f,
	};
	struct txn *txn = store_write(a->p.store);
	struct outbound o;

	arena_reset(a->mem);
	assert_int_equal(compose_data(a, txn, &t, &record, &o, NULL), OK);
	casebook_put(txn, a->mem, &t);
	assert_int_equal(txn_commit(txn), OK);
	paper_tick(p, 0, 1000);
	paper_run(p);
}

/* A file of one part that is not what its hash says is refused by its recipient, and its sender hears it; its type is the sender's to check. */
static void
gather_single_wrong(void **state)
{
	struct paper *p = files_up();
	struct span program = SPAN_LIT("MZ and more");

	(void)state;
	send_unchecked(p, hex_of(p, SPAN_LIT("another")), program);
	assert_int_equal(attachments(p), 0);
	assert_non_null(strstr(p->party[1].told, "NSK-1309 where=attachment.sha256"));
	assert_int_equal(paper_count(p, 0, TABLE_UNSEEN), 1);
	send_unchecked(p, hex_of(p, program), program);
	assert_int_equal(attachments(p), 1);
	paper_down(p);
}

/* The same under another native id than `att_id`-1. */
static const char *
part_as(struct paper *p, const char *id, const char *att_id, unsigned k, struct span file)
{
	const char *said = part_text(p, att_id, k, file, hex_of(p, file), "a.pdf");

	return paper_take(p, 0, arena_fmt(p->mem, "id=%s%s", id, strchr(said, '\n')));
}

/* One number is one file of its sender in a thread: another is refused at the door, of one part or of several; the same again is the same message. */
static void
gather_number_ours(void **state)
{
	struct paper *p = files_up();
	struct span file = files_make(p, 100), other = SPAN(file.p, 99), large = files_make(p, SIZE);
	const char *id = part_ok(p, "a", 1, file), *again;

	(void)state;
	assert_string_equal(part_as(p, "n-1", "a", 1, other), "NSK-1106 attachment.att_id\n");
	assert_string_equal(part_as(p, "n-2", "a", 1, large), "NSK-1106 attachment.att_id\n");
	for (int i = 0; i < 2; i++) {
		again = part_as(p, "n-3", "a", 1, file);
		assert_non_null(strstr(again, "again"));
		assert_non_null(strstr(again, id));
		paper_run(p);
	}
	assert_int_equal(attachments(p), 1);
	(void)part_ok(p, "b", 1, other);
	(void)part_ok(p, "c", 1, large);
	(void)part_ok(p, "c", 2, large);
	assert_string_equal(part_as(p, "n-4", "c", 1, file), "NSK-1106 attachment.att_id\n");
	paper_run(p);
	assert_int_equal(attachments(p), 3);
	paper_down(p);
}

/* A file that was refused or taken back leaves its number free, at both sides. */
static void
gather_number_free(void **state)
{
	struct paper *p = files_up();
	struct span file = files_make(p, 100), other = SPAN(file.p, 99);
	const char *id = part_ok(p, "a", 1, file);
	struct why why;

	(void)state;
	paper_run(p);
	assert_int_equal(withdraw_ask(p->party[0].desk.adapter, id, &why), OK);
	paper_run(p);
	assert_memory_equal(part_as(p, "n-1", "a", 1, other), "OK ", 3);
	paper_run(p);
	assert_null(strstr(p->party[1].told, "NSK-1106"));
	assert_string_equal(part_as(p, "n-2", "a", 1, file), "NSK-1106 attachment.att_id\n");
	paper_down(p);
}

/* What comes all the same from who does not check is refused by its recipient: another file as such, the same as one that came; and its sender
 * hears it. */
static void
gather_number_theirs(void **state)
{
	struct paper *p = files_up();
	struct span file = files_make(p, 100), other = SPAN(file.p, 99);

	(void)state;
	send_unchecked(p, hex_of(p, file), file);
	send_unchecked(p, hex_of(p, other), other);
	assert_non_null(strstr(p->party[1].told, "NSK-1106 where=attachment.att_id"));
	send_unchecked(p, hex_of(p, file), file);
	assert_non_null(strstr(p->party[1].told, "NSK-1404 where=attachment.att_id"));
	assert_int_equal(attachments(p), 1);
	assert_int_equal(paper_count(p, 0, TABLE_UNSEEN), 2);
	paper_down(p);
}

/* Parts that do not make what their hash says are refused, all of them, and nothing of it is handed over. */
static void
gather_wrong_hash(void **state)
{
	struct paper *p = files_up();
	struct span file = files_make(p, SIZE);
	const char *wrong = hex_of(p, SPAN_LIT("another"));

	(void)state;
	assert_memory_equal(part(p, "a", 1, file, wrong, "a.pdf"), "OK ", 3);
	assert_memory_equal(part(p, "a", 2, file, wrong, "a.pdf"), "OK ", 3);
	paper_run(p);
	assert_int_equal(attachments(p), 0);
	assert_int_equal(refused(p), 2);
	assert_non_null(strstr(p->party[1].told, "file.failed"));
	assert_non_null(strstr(p->party[1].told, "NSK-1309"));
	assert_int_equal(paper_count(p, 0, TABLE_UNSEEN), 2);
	assert_int_equal(paper_count(p, 1, TABLE_FILE_OPEN), 0);
	paper_down(p);
}

/* Parts that stay away for a day: what is here is refused, what comes later too; a part that comes in time gives another day. */
static void
gather_missing(void **state)
{
	struct paper *p = files_up();
	struct span file = files_make(p, 2 * WHOLE_PART_BYTES + 5);

	(void)state;
	(void)part_ok(p, "a", 1, file);
	paper_run(p);
	paper_tick(p, 1, GATHER_WAIT_MS - CLOCK_MINUTE);
	(void)part_ok(p, "a", 2, file);
	paper_run(p);
	paper_tick(p, 1, 2 * CLOCK_MINUTE);
	assert_int_equal(refused(p), 0);
	paper_tick(p, 1, GATHER_WAIT_MS);
	assert_int_equal(refused(p), 2);
	assert_non_null(strstr(p->party[1].told, "NSK-1310"));
	paper_run(p);
	(void)part_ok(p, "a", 3, file);
	paper_run(p);
	assert_int_equal(attachments(p), 0);
	assert_int_equal(paper_count(p, 1, TABLE_FILE_OPEN), 0);
	paper_down(p);
}

/* A part that says another file under the same att_id, or comes twice, is refused; the file becomes whole all the same. */
static void
gather_disagrees(void **state)
{
	struct paper *p = files_up();
	struct span file = files_make(p, SIZE);
	const char *sha256 = hex_of(p, file), *twice;

	(void)state;
	(void)part_ok(p, "a", 1, file);
	assert_memory_equal(part(p, "a", 2, file, sha256, "b.pdf"), "OK ", 3);
	paper_run(p);
	assert_non_null(strstr(p->party[1].told, "NSK-1106 where=attachment"));
	twice = arena_fmt(p->mem, "%s", part(p, "a", 1, file, sha256, "a.pdf"));
	assert_non_null(strstr(twice, "again"));	/* the same native id: our own side knows it */
	assert_int_equal(attachments(p), 0);
	paper_down(p);
}

/* The number that our system gives to what it sees is the number of every part; before it is whole there is nothing to confirm. */
static void
gather_registered(void **state)
{
	struct paper *p = files_up();
	struct span file = files_make(p, SIZE);
	const char *first = part_ok(p, "a", 1, file), *second;

	(void)state;
	paper_run(p);
	assert_memory_equal(files_ask(p, 1, "POST", "/inbox/x/registered", arena_fmt(p->mem, "confirms=%s\ncase_no=F-1\n", first)), "NSK-1310", 8);
	assert_memory_equal(files_ask(p, 1, "GET", arena_fmt(p->mem, "/v1/files/%s", first), ""), "NSK-1310", 8);
	second = part_ok(p, "a", 2, file);
	paper_run(p);
	assert_memory_equal(files_ask(p, 1, "POST", "/inbox/x/registered", arena_fmt(p->mem, "confirms=%s\ncase_no=F-1\n", second)), "OK ", 3);
	assert_memory_equal(files_ask(p, 1, "POST", "/inbox/x/registered", arena_fmt(p->mem, "confirms=%s\ncase_no=F-1\n", first)), "OK ", 3);
	paper_run(p);
	assert_int_equal(paper_count(p, 1, TABLE_UNREGISTERED), 1);	/* the referral */
	paper_down(p);
}

/* Of one sender so many files of a thread may lack parts; the next one's first part is refused. */
static void
gather_too_many(void **state)
{
	struct paper *p = files_up();
	struct span file = files_make(p, SIZE);

	(void)state;
	for (unsigned i = 0; i <= GATHER_THREAD_MAX; i++) {
		(void)part_ok(p, arena_fmt(p->mem, "a%u", i), 1, file);
		paper_run(p);
	}
	assert_int_equal(paper_count(p, 1, TABLE_FILE), GATHER_THREAD_MAX);
	assert_non_null(strstr(p->party[1].told, "NSK-1307 where=attachment.att_id"));
	paper_down(p);
}

/* Files of too many bytes lack parts already: the next one is refused. */
static void
gather_too_much(void **state)
{
	struct paper *p = files_up();
	struct file f = { .state = FILE_GATHERING, .thread = { { 9 } }, .from = "x", .whole = { .size = GATHER_WAITING_MAX }, .changed_ms = p->now_ms };
	struct txn *txn = store_write(p->party[1].desk.store);

	(void)state;
	f.whole.parts = 50;
	filebook_add(txn, p->mem, &f);
	assert_int_equal(txn_commit(txn), OK);
	(void)part_ok(p, "a", 1, files_make(p, SIZE));
	paper_run(p);
	assert_int_equal(paper_count(p, 1, TABLE_FILE), 1);
	assert_non_null(strstr(p->party[1].told, "NSK-1307"));
	paper_down(p);
}

/* A death between two parts loses nothing and repeats nothing. */
static void
gather_dies(void **state)
{
	struct paper *p = files_up();
	struct span file = files_make(p, SIZE);
	const char *id;

	(void)state;
	(void)part_ok(p, "a", 1, file);
	paper_run(p);
	adesk_stop(&p->party[1].desk);
	adesk_start(&p->party[1].desk);
	paper_greet(p, 1, 1000);
	id = part_ok(p, "a", 2, file);
	paper_run(p);
	adesk_stop(&p->party[1].desk);
	adesk_start(&p->party[1].desk);
	assert_int_equal(attachments(p), 1);
	assert_true(span_eq(files_read(p, 1, id), file));
	paper_down(p);
}

/* A part that is taken back is never told to a system that has not seen it, and the file goes with it. */
static void
gather_withdrawn(void **state)
{
	struct paper *p = files_up();
	struct span file = files_make(p, SIZE);
	const char *id = part_ok(p, "a", 1, file);
	struct why why;
	unsigned n;

	(void)state;
	paper_run(p);
	assert_memory_equal(files_ask(p, 1, "GET", "/referrals/R-1", ""), "R-1", 3);
	assert_int_equal(withdraw_ask(p->party[0].desk.adapter, id, &why), OK);
	paper_run(p);
	(void)files_in_inbox(p, 1, "withdrawn", &n);
	assert_int_equal(n, 0);
	(void)part_ok(p, "a", 2, file);
	paper_run(p);
	assert_int_equal(attachments(p), 0);
	assert_non_null(strstr(p->party[1].told, "NSK-1310"));
	paper_down(p);
}

/* Of a referral that nobody has opened no file is shown or given; when it is opened there is one, once. */
static void
gather_held(void **state)
{
	static const char *const all[] = { "all" };
	struct paper *p = paper_up();
	struct span file = files_make(p, SIZE);
	const char *id;

	(void)state;
	p->party[1].desk.config.preview.services = all;
	p->party[1].desk.config.preview.n_services = 1;
	p->party[1].hand = HAND_NOW;
	p->party[1].answer = "taken";
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	(void)part_ok(p, "a", 1, file);
	id = part_ok(p, "a", 2, file);
	paper_run(p);
	assert_int_equal(attachments(p), 0);
	assert_memory_equal(files_ask(p, 1, "GET", arena_fmt(p->mem, "/v1/files/%s/content", id), ""), "NSK-1405", 8);
	assert_memory_equal(paper_take(p, 1, adesk_status(p->mem, "s-1", "R-1", "received", "")), "OK ", 3);
	for (int i = 0; i < 4; i++)
		paper_tick(p, 1, 1000);
	assert_int_equal(attachments(p), 1);
	assert_true(span_eq(files_read(p, 1, id), file));
	assert_int_equal(p->party[1].n_handed, 2);	/* the referral, and the file */
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gather_once), cmocka_unit_test(gather_single), cmocka_unit_test(gather_single_checked),
		cmocka_unit_test(gather_number_ours), cmocka_unit_test(gather_number_free), cmocka_unit_test(gather_number_theirs),
		cmocka_unit_test(gather_single_wrong), cmocka_unit_test(gather_wrong_hash), cmocka_unit_test(gather_missing),
		cmocka_unit_test(gather_disagrees), cmocka_unit_test(gather_registered),
		cmocka_unit_test(gather_too_many), cmocka_unit_test(gather_too_much), cmocka_unit_test(gather_dies),
		cmocka_unit_test(gather_withdrawn), cmocka_unit_test(gather_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
