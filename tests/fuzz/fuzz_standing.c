/* SPDX-License-Identifier: EUPL-1.2 */
/* fuzz_standing - a row of a statement beside a leaf and a detail that are in a log of one, and the same bytes as a page of a frame. */
#include <assert.h>
#include <string.h>

#include "proto/standing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
make_entry(struct arena *mem, struct statement_item *item, struct checkpoint *cp)
{
	static const uint8_t salt[LEAF_SALT_LEN] = { 1 };
	struct detail d = { .id = { { 1 } }, .env_hash = { { 2 } }, .from = "gp", .to = { "ozd", "school" }, .n_to = 2, .at_ms = 1 };
	struct leaf leaf = { LEAF_SUBMIT, RETAIN_MESSAGE, 0, 1, 0, { { 0 } } };
	uint8_t *bytes = arena_alloc(mem, LEAF_LEN);
	enum err e = detail_encode(&d, mem, &item->detail);

	assert(e == OK && bytes);
	detail_hash(salt, item->detail, &leaf.detail);
	leaf_encode(&leaf, bytes);
	item->leaf = SPAN(bytes, LEAF_LEN);
	item->salt = SPAN(salt, LEAF_SALT_LEN);
	*cp = (struct checkpoint){ .origin = "log", .size = 1 };
	leaf_hash(bytes, &cp->root);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *mem = arena_new((size_t)32 * 1024 * 1024);
	struct standing_sum sum = { .agency = "gp" };
	struct statement_item item = { .row = SPAN(data, size) };
	struct statement page = { .items = &item, .n = 1 };
	struct public_key notice = { { 3 } };
	struct standing_head head;
	struct standing *rows;
	struct checkpoint cp;
	struct frame frame;
	struct span again;
	bool is_whole;

	make_entry(mem, &item, &cp);
	if (standing_page(&sum, &page, &cp, &notice, mem, &rows, &is_whole, &head, NULL) == OK) {
		assert(!is_whole && rows[0].n_to == 2 && sum.rows == 1);
		assert(standing_encode(&rows[0], mem, &again) == OK && span_eq(again, item.row));
	}
	if (frame_decode(SPAN(data, size), mem, &frame, NULL) == OK && frame.kind == FRAME_STATEMENT) {
		memcpy(sum.ask, frame.statement.ask, sizeof(sum.ask));
		(void)standing_page(&sum, &frame.statement, &cp, &notice, mem, &rows, &is_whole, &head, NULL);
	}
	arena_free(mem);
	return 0;
}
