/* SPDX-License-Identifier: EUPL-1.2 */
/* resume - the row "run" of META: a state u8 and a time u64. Called by adapterd.c alone. */
#include "adapters/core/resume.h"

#include "adapters/core/storage.h"

#define KEY_RUN SPAN_LIT("run")
#define UNDER_WAY 1
#define ENDED 2
#define ROW_LEN 9

static enum err
put(struct store *store, uint8_t state, int64_t now_ms)
{
	struct txn *txn = store_write(store);
	uint8_t row[ROW_LEN] = { state };

	for (int i = 0; i < 8; i++)
		row[1 + i] = (uint8_t)((uint64_t)now_ms >> (56 - 8 * i));
	txn_put(txn, TABLE_META, KEY_RUN, SPAN(row, sizeof(row)));
	return txn_commit(txn);
}

enum err
resume_begin(struct store *store, int64_t now_ms, struct resumed *ret_resumed)
{
	struct txn *txn = store_read(store);
	struct cursor c;
	uint8_t state;
	enum err e;

	*ret_resumed = (struct resumed){ .last = RESUME_NONE };
	cursor_init(&c, txn_get(txn, TABLE_META, KEY_RUN));
	state = cursor_u8(&c);
	ret_resumed->last_ms = (int64_t)cursor_u64(&c);
	if (cursor_end(&c) != OK)
		ret_resumed->last_ms = 0;
	else
		ret_resumed->last = state == ENDED ? RESUME_CLEAN : RESUME_CRASH;
	txn_abort(txn);
	e = put(store, UNDER_WAY, now_ms);
	return e == ERR_FULL ? OK : e;
}

void
resume_end(struct store *store, int64_t now_ms)
{
	(void)!put(store, ENDED, now_ms);	/* it only tells */
}

const char *
resume_last_name(enum resume_last last)
{
	static const char *const names[] = { [RESUME_NONE] = "none", [RESUME_CLEAN] = "clean", [RESUME_CRASH] = "crash" };

	return names[last];
}
