/* SPDX-License-Identifier: EUPL-1.2 */
/* Tests of adapters/core/register.c: by which names a thread is found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/core/register.h"
#include "adapters/core/storage.h"
#include "proto/msgid.h"

static char folder[64];
static struct store *store;
static struct arena *mem;

static int
setup(void **state)
{
	static const char *const tables[] = { ADAPTER_TABLE_NAMES };
	const struct store_options options = { .path = folder, .tables = tables, .map_bytes = 1 << 20, .schema = ADAPTER_SCHEMA };
	struct why why;

	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/nasoka-register-XXXXXX");
	return mkdtemp(folder) && store_open(&options, &store, &why) == OK && (mem = arena_new(1 << 20)) ? 0 : -1;
}

static int
teardown(void **state)
{
	char command[96];

	(void)state;
	store_close(store);
	arena_free(mem);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

/* A thread is found by either agency's number and by the id of anything sent or received in it, and by no other name. */
static void
found_by_any_name(void **state)
{
	static const struct { const char *ref; bool is_found; } NAMES[] = {
		{ "R-1", true }, { "C-7", true }, { "01900000-0000-7000-8000-000000000001", true },
		{ "01900000-0000-7000-8000-000000000002", true }, { "01900000-0000-7000-8000-000000000003", false },
		{ "R-2", false }, { "", false },
	};
	struct thread t = { .id.b = { 5 }, .others = { { .agency = "ozd" } }, .n_others = 1,
			    .state = STATE_ACCEPTED, .referral_id = "R-1", .case_no = "C-7" }, got;
	struct outbound o = { .class = CLASS_DATA, .thread.b = { 5 } };
	struct inbound in = { .from = "ozd", .thread.b = { 5 }, .state = INBOUND_TAKEN };
	struct txn *txn = store_write(store);

	(void)state;
	assert_int_equal(msgid_parse(NAMES[2].ref, &o.id), OK);
	assert_int_equal(msgid_parse(NAMES[3].ref, &in.id), OK);
	casebook_put(txn, mem, &t);
	outbox_add(txn, mem, &o, SPAN_LIT("header"), SPAN_LIT("body"), SPAN_NONE);
	inbox_add(txn, mem, &in, SPAN_LIT("record"));
	assert_int_equal(txn_commit(txn), OK);
	txn = store_read(store);
	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
		memset(&got, 0, sizeof(got));
		if (register_find_thread(txn, NAMES[i].ref, &got) != NAMES[i].is_found)
			fail_msg("%s", NAMES[i].ref);
		assert_string_equal(got.referral_id, NAMES[i].is_found ? "R-1" : "");
	}
	txn_abort(txn);
}

/* Blanks are no case number: nobody could find the child by it. */
static void
blanks_are_no_number(void **state)
{
	static const char *const BLANK[] = { "", " ", "  \t", "\r\n", "\u00a0", "\u200b", "\ufeff ", "\u3000\u2060", "\u00ad" };
	const struct inbound in = { .state = INBOUND_TAKEN };
	struct why why;

	(void)state;
	for (size_t i = 0; i < sizeof(BLANK) / sizeof(BLANK[0]); i++) {
		assert_false(register_is_number(BLANK[i]));
		assert_int_equal(register_check(&in, BLANK[i], &why), ERR_REQUIRED);
		assert_string_equal(why.where, "case_no");
	}
	assert_false(register_is_number(NULL));
	assert_int_equal(register_check(&in, " 7", &why), OK);
	assert_int_equal(register_check(&in, "\u200bЩ-1", &why), OK);
	assert_int_equal(register_check(&in, "7\n8", &why), ERR_CHARSET);
	assert_int_equal(register_check(&in, "7\x01", &why), ERR_CHARSET);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(found_by_any_name, setup, teardown),
		cmocka_unit_test(blanks_are_no_number),
	};

	return cmocka_run_group_tests_name("register", tests, NULL, NULL);
}
