/* SPDX-License-Identifier: EUPL-1.2 */
/* A file in parts is one row in the list of deadlines, at both ends, on whatever page; and one item of a mail. */
#include "tests/support/paper_files.h"

#include <jansson.h>

#include "adapters/core/duty_file.h"
#include "adapters/core/duty_view.h"

#define PARTS 3

static json_t *
list_of(struct paper *p, size_t i, const char *query)
{
	return json_loads(files_ask(p, i, "GET", arena_fmt(p->mem, "/v1/deadlines%s", query), ""), 0, NULL);
}

static size_t
count(json_t *list)
{
	return json_array_size(json_object_get(list, "deadlines"));
}

/* The only row of a file. */
static json_t *
file_in(json_t *list)
{
	json_t *row, *found = NULL;
	size_t i;

	json_array_foreach(json_object_get(list, "deadlines"), i, row)
		if (json_object_get(row, "parts")) {
			assert_null(found);
			found = row;
		}
	assert_non_null(found);
	return found;
}

static const char *
text(json_t *row, const char *name)
{
	return json_string_value(json_object_get(row, name));
}

static int
number(json_t *row, const char *name)
{
	return (int)json_integer_value(json_object_get(row, name));
}

/* The referral R-1 and a file of PARTS parts, at both ends. Gives the file's message id at its sender. */
static struct paper *
up(const char **ret_id)
{
	struct paper *p = files_up();
	struct why why = { .where = "" };
	const char *answer = NULL;

	assert_int_equal(files_upload(p, 0, &(struct files_ask){ 0 }, files_make(p, (PARTS - 1) * WHOLE_PART_BYTES + 9), &answer, &why), OK);
	if (ret_id)
		*ret_id = arena_strn(p->mem, strstr(answer, "\"msg_id\":\"") + 10, 36);
	files_send(p, 0);
	paper_run(p);
	return p;
}

/* The row of a part at its sender. */
static struct duty
part_of(struct paper *p, unsigned part)
{
	struct txn *txn = store_read(p->party[0].desk.adapter->p.store);
	struct outbound o;
	struct file f;
	struct duty d;

	assert_true(filebook_get(txn, 1, &f) && f.whole.parts == PARTS && outbox_get(txn, f.whole.at[part - 1], &o));
	assert_true(duty_find(txn, &f.thread, &o.first, world_ids[1], &d));
	txn_abort(txn);
	return d;
}

static void
put(struct paper *p, struct duty *d)
{
	struct txn *txn = store_write(p->party[0].desk.adapter->p.store);

	duty_put(txn, p->mem, d, p->now_ms);
	assert_int_equal(txn_commit(txn), OK);
}

/* Both agencies see one row beside the referral's, under the id that their system knows the file by; registered, it is gone. */
static void
one_row(void **state)
{
	const char *ids[2];
	struct paper *p = up(&ids[0]);
	json_t *list, *row;

	(void)state;
	ids[1] = files_in_inbox(p, 1, "attachment", NULL);
	for (size_t i = 0; i < 2; i++) {
		list = list_of(p, i, "");
		assert_int_equal(count(list), 2);
		row = file_in(list);
		assert_int_equal(number(row, "parts"), PARTS);
		assert_int_equal(number(row, "parts_left"), PARTS);
		assert_string_equal(text(row, "msg_id"), ids[i]);
		assert_string_equal(text(row, "stage"), "delivered");
		assert_null(json_object_get(row, "filename"));
		json_decref(list);
		list = duty_view_rows(p->party[i].desk.adapter, NULL, false);
		assert_int_equal(count(list), 2);
		assert_int_equal(number(file_in(list), "parts"), PARTS);
		json_decref(list);
	}
	(void)files_ask(p, 1, "POST", "/inbox/x/registered", arena_fmt(p->mem, "confirms=%s\ncase_no=7\n", ids[1]));
	paper_run(p);
	for (size_t i = 0; i < 2; i++) {
		list = list_of(p, i, "");
		assert_int_equal(count(list), 1);
		assert_null(json_object_get(json_array_get(json_object_get(list, "deadlines"), 0), "parts"));
		json_decref(list);
	}
	paper_down(p);
}

/* A page that begins between its parts does not name it again, and what comes behind it is on the next. */
static void
on_one_page(void **state)
{
	struct paper *p = up(NULL);
	unsigned n = 0, n_files = 0;
	json_t *list, *next = NULL;
	uint64_t after = 0;

	(void)state;
	paper_refer(p, "R-2", "routine");
	paper_run(p);
	do {
		list = list_of(p, 0, arena_fmt(p->mem, "?limit=1&after=%llu", (unsigned long long)after));
		n += (unsigned)count(list);
		n_files += json_object_get(json_array_get(json_object_get(list, "deadlines"), 0), "parts") != NULL;
		next = json_object_get(list, "next");
		after = (uint64_t)json_integer_value(next);
		json_decref(list);
	} while (next);
	assert_int_equal(n, 3);
	assert_int_equal(n_files, 1);
	paper_down(p);
}

/* It is as late as the part that is, by the earliest deadline; a part that is confirmed is not counted, and the next stands for it. */
static void
worst_of_its_parts(void **state)
{
	struct paper *p = up(NULL);
	struct duty first = part_of(p, 1), last = part_of(p, PARTS);
	int64_t due_ms = first.registered_by_ms - CLOCK_MINUTE;
	char due[CLOCK_TEXT_LEN];
	json_t *list, *row;

	(void)state;
	last.registered_by_ms = due_ms;
	last.said[NOTICE_LATE_REGISTERED] = (struct said){ .at_ms = p->now_ms, .due_ms = due_ms };
	put(p, &last);
	list = list_of(p, 0, "?late=true");
	assert_int_equal(count(list), 1);
	row = file_in(list);
	clock_format(due_ms, due);
	assert_string_equal(text(row, "fact"), "late");
	assert_string_equal(text(row, "due"), due);
	assert_string_equal(text(row, "registered_by"), due);
	assert_int_equal(number(row, "no"), first.no);
	json_decref(list);
	first.is_registered = true;
	put(p, &first);
	list = list_of(p, 0, "");
	row = file_in(list);
	assert_int_equal(number(row, "parts_left"), PARTS - 1);
	assert_int_equal(number(row, "no"), part_of(p, 2).no);
	json_decref(list);
	paper_down(p);
}

/* A fact that was said of one part is no news of another, and is of a message that is no part. */
static void
said_once(void **state)
{
	struct paper *p = up(NULL);
	unsigned late = 1u << NOTICE_LATE_REGISTERED, half = 1u << NOTICE_HALF_TIME;
	struct duty first = part_of(p, 1), second = part_of(p, 2), alone = { .no = 0 };
	struct txn *txn;

	(void)state;
	first.said[NOTICE_LATE_REGISTERED] = (struct said){ .at_ms = p->now_ms, .due_ms = p->now_ms };
	put(p, &first);
	txn = store_read(p->party[0].desk.adapter->p.store);
	assert_int_equal(duty_file_news(txn, &second, late | half), half);
	assert_int_equal(duty_file_news(txn, &first, late | half), late | half);
	assert_true(duty_next(txn, 0, &alone));
	assert_int_equal(duty_file_news(txn, &alone, late | half), late | half);
	txn_abort(txn);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_row), cmocka_unit_test(on_one_page), cmocka_unit_test(worst_of_its_parts), cmocka_unit_test(said_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
