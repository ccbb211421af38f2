/* SPDX-License-Identifier: EUPL-1.2 */
/* standing - a statement of two pages verifies; changed in any one place it does not. */
#include "trust_world.h"

#include "proto/standing.h"

#define LEAVES 7

/* A log of seven submits between the first and the second agency (the odd ones back), and a statement of all of them for the
 * first: five rows, then two and the head. */
struct stand {
	struct world *w;
	uint8_t leaves[LEAVES][LEAF_LEN], salt[LEAF_SALT_LEN];
	struct hash hashes[LEAVES];
	struct span details[LEAVES];
	struct standing rows[LEAVES];
	struct statement_item items[LEAVES];
	struct statement pages[2];
	struct standing_head head;
	struct checkpoint cp;
};

static void
put_leaf(struct stand *s, uint64_t i)
{
	struct detail d = { .id = { { 1, (uint8_t)i } }, .env_hash = { { 2, (uint8_t)i } }, .from = world_ids[i % 2],
			    .to = { world_ids[1 - i % 2] }, .n_to = 1, .thread = { { 3 } }, .thread_seq = i / 2 + 1,
			    .at_ms = WORLD_NOW, .created_ms = WORLD_NOW - 1 };
	struct leaf leaf = { LEAF_SUBMIT, RETAIN_MESSAGE, i, WORLD_NOW / 1000, 0, { { 0 } } };

	assert_int_equal(detail_encode(&d, s->w->mem, &s->details[i]), OK);
	detail_hash(s->salt, s->details[i], &leaf.detail);
	leaf_encode(&leaf, s->leaves[i]);
	leaf_hash(s->leaves[i], &s->hashes[i]);
	s->rows[i] = (struct standing){ .leaf = i, .n_to = 1, .priority = PRIORITY_ROUTINE, .respond_by_ms = WORLD_NOW + 9,
					.stages = { 1u << STAGE_DELIVERED } };
}

static void
put_item(struct stand *s, size_t i)
{
	struct statement_item *item = &s->items[i];

	assert_int_equal(standing_encode(&s->rows[i], s->w->mem, &item->row), OK);
	item->leaf = SPAN(s->leaves[i], LEAF_LEN);
	item->salt = SPAN(s->salt, LEAF_SALT_LEN);
	item->detail = s->details[i];
	item->path = arena_array(s->w->mem, MERKLE_PATH_MAX, sizeof(*item->path));
	merkle_path_of(s->hashes, LEAVES, i, item->path, &item->n_path);
}

static void
sign(struct stand *s, const struct key *key)
{
	assert_int_equal(standing_sign(&s->head, key, s->w->mem, &s->pages[1].head, s->pages[1].sig), OK);
}

static void
begin(struct stand *s, struct world *w)
{
	*s = (struct stand){ .w = w, .salt = { 5 }, .cp = { .origin = "log", .size = LEAVES } };
	for (uint64_t i = 0; i < LEAVES; i++)
		put_leaf(s, i);
	merkle_root_of(s->hashes, LEAVES, &s->cp.root);
	s->head = (struct standing_head){ .ask = { 8 }, .agency = world_ids[0], .at_ms = WORLD_NOW, .size = LEAVES, .root = s->cp.root,
					  .rows = LEAVES };
	for (size_t i = 0; i < LEAVES; i++) {
		put_item(s, i);
		standing_digest(&s->head.digest, s->items[i].row);
	}
	s->pages[0] = (struct statement){ .ask = { 8 }, .items = s->items, .n = 5 };
	s->pages[1] = (struct statement){ .ask = { 8 }, .after = 4, .items = s->items + 5, .n = 2 };
	sign(s, w->notice);
}

/* Both pages as the first agency takes them; what the last one taken came to. */
static enum err
take(struct stand *s, struct standing_head *ret_head)
{
	struct standing_sum sum = { .ask = { 8 }, .agency = world_ids[0] };
	struct standing *rows;
	bool is_whole = false;
	struct why why = { 0 };
	enum err e = OK;

	for (size_t i = 0; i < 2 && e == OK; i++) {
		assert_false(is_whole);
		e = standing_page(&sum, &s->pages[i], &s->cp, key_public(s->w->notice), s->w->mem, &rows, &is_whole, ret_head, &why);
	}
	assert_true(e != OK || is_whole);
	return e;
}

/* A whole statement: every row comes out with what its leaf's detail says, and the head with what was signed. */
static void
test_whole(void **state)
{
	struct world *w = world_new();
	struct standing_sum sum = { .ask = { 8 }, .agency = world_ids[0] };
	struct standing_head head = { 0 };
	struct standing *rows;
	struct stand s;
	bool is_whole;

	(void)state;
	begin(&s, w);
	assert_int_equal(standing_page(&sum, &s.pages[0], &s.cp, key_public(w->notice), w->mem, &rows, &is_whole, &head, NULL), OK);
	assert_true(!is_whole && sum.rows == 5 && sum.after == 4);
	assert_false(standing_is_next(&sum, &s.pages[0]));	/* once more */
	assert_int_equal(standing_page(&sum, &s.pages[0], &s.cp, key_public(w->notice), w->mem, &rows, &is_whole, &head, NULL), ERR_FORMAT);
	assert_true(standing_is_next(&sum, &s.pages[1]));
	assert_string_equal(rows[3].from, world_ids[1]);
	assert_string_equal(rows[3].to[0], world_ids[0]);
	assert_true(rows[3].leaf == 3 && rows[3].seq == 2 && rows[3].id.b[1] == 3 && rows[3].env_hash.b[1] == 3 &&
		    rows[3].thread.b[0] == 3 && rows[3].priority == PRIORITY_ROUTINE && rows[3].stages[0] == 1u << STAGE_DELIVERED &&
		    rows[3].submitted_ms == WORLD_NOW && rows[3].created_ms == WORLD_NOW - 1 && rows[3].respond_by_ms == WORLD_NOW + 9);
	assert_int_equal(standing_page(&sum, &s.pages[1], &s.cp, key_public(w->notice), w->mem, &rows, &is_whole, &head, NULL), OK);
	assert_true(is_whole && head.rows == LEAVES && head.size == LEAVES && head.at_ms == WORLD_NOW && head.ask[0] == 8);
	assert_string_equal(head.agency, world_ids[0]);
	world_free(w);
}

/* A page that gets no further, without a row and without the head, is refused: such pages would keep a statement open for ever. */
static void
test_page_of_nothing(void **state)
{
	struct world *w = world_new();
	struct standing_sum sum = { .ask = { 8 }, .agency = world_ids[0] };
	struct statement page = { .ask = { 8 } };
	struct standing_head head;
	struct standing *rows;
	struct stand s;
	bool is_whole;

	(void)state;
	begin(&s, w);
	assert_int_equal(standing_page(&sum, &page, &s.cp, key_public(w->notice), w->mem, &rows, &is_whole, &head, NULL), ERR_FORMAT);
	world_free(w);
}

/* An agency without messages gets a signed statement of nothing. */
static void
test_empty(void **state)
{
	struct world *w = world_new();
	struct standing_sum sum = { .ask = { 8 }, .agency = world_ids[2], .since = 4 };
	struct standing_head head;
	struct standing *rows;
	struct stand s;
	bool is_whole;

	(void)state;
	begin(&s, w);
	s.head = (struct standing_head){ .ask = { 8 }, .agency = world_ids[2], .at_ms = 1, .since = 4, .size = LEAVES, .root = s.cp.root };
	s.pages[1].n = 0;
	s.pages[1].after = 0;
	sign(&s, w->notice);
	assert_int_equal(standing_page(&sum, &s.pages[1], &s.cp, key_public(w->notice), w->mem, &rows, &is_whole, &head, NULL), OK);
	assert_true(is_whole && head.rows == 0);
	world_free(w);
}

/* A row changed after signing, left out, told twice, or signed for by somebody else is found, each under its number. */
static void
test_lies(void **state)
{
	struct world *w = world_new();
	struct standing_head head;
	struct stand s;

	(void)state;
	begin(&s, w);
	assert_int_equal(take(&s, &head), OK);
	s.rows[2].stages[0] = 1u << STAGE_REGISTERED;
	put_item(&s, 2);
	assert_int_equal(take(&s, &head), ERR_INCONSISTENT);
	begin(&s, w);
	s.pages[0].n = 4;
	s.pages[1].after = 3;
	assert_int_equal(take(&s, &head), ERR_INCONSISTENT);
	begin(&s, w);
	s.items[4] = s.items[3];
	assert_int_equal(take(&s, &head), ERR_INCONSISTENT);
	begin(&s, w);
	s.head.digest.b[0] ^= 1;
	sign(&s, w->notice);
	assert_int_equal(take(&s, &head), ERR_INCONSISTENT);
	begin(&s, w);
	s.head.rows++;
	sign(&s, w->notice);
	assert_int_equal(take(&s, &head), ERR_INCONSISTENT);
	begin(&s, w);
	sign(&s, w->signing[1]);
	assert_int_equal(take(&s, &head), ERR_BAD_SIGNATURE);
	begin(&s, w);
	s.pages[1].sig[0] ^= 1;
	assert_int_equal(take(&s, &head), ERR_BAD_SIGNATURE);
	world_free(w);
}

/* The head is of this question, this agency and this checkpoint. */
static void
test_head(void **state)
{
	struct world *w = world_new();
	struct standing_head head;
	struct stand s;

	(void)state;
#define HEAD(...) (begin(&s, w), __VA_ARGS__, sign(&s, w->notice), assert_int_equal(take(&s, &head), ERR_INCONSISTENT))
	HEAD(s.head.ask[1] = 1);
	HEAD(s.head.agency = world_ids[1]);
	HEAD(s.head.since = 1);
	HEAD(s.head.size--);
	HEAD(s.head.root.b[0] ^= 1);
#undef HEAD
	begin(&s, w);
	s.pages[0].ask[1] = 1;
	assert_int_equal(take(&s, &head), ERR_FORMAT);
	begin(&s, w);
	s.head.at_ms = 0;
	sign(&s, w->notice);
	assert_int_equal(take(&s, &head), ERR_FORMAT);
	world_free(w);
}

/* A row stands on its leaf: another path, leaf, salt or detail does not carry it, nor one of other parties or another type. */
static void
test_leaf(void **state)
{
	struct world *w = world_new();
	struct standing_head head;
	struct stand s;

	(void)state;
#define ROW(...) (begin(&s, w), __VA_ARGS__, assert_int_equal(take(&s, &head), ERR_INCONSISTENT))
	ROW(s.items[1].path[0].b[0] ^= 1);
	ROW(s.items[1].n_path--);
	ROW(s.items[1].leaf = s.items[2].leaf);
	ROW(s.items[1].detail = s.items[2].detail);
	ROW(s.salt[0]++);
	ROW(s.leaves[1][4] = LEAF_CONFLICT);
	ROW(s.rows[1].leaf = 2, put_item(&s, 1));
	ROW(s.rows[1].n_to = 2, put_item(&s, 1));
#undef ROW
	world_free(w);
}

/* Rows of malformed bytes, and rows that are nobody's business here. */
static void
test_rows(void **state)
{
	struct world *w = world_new();
	struct standing_sum sum = { .ask = { 8 }, .agency = world_ids[2] };
	struct standing_head head;
	struct standing *rows;
	struct stand s;
	struct span row;
	bool is_whole;

	(void)state;
	begin(&s, w);
	assert_int_equal(standing_page(&sum, &s.pages[0], &s.cp, key_public(w->notice), w->mem, &rows, &is_whole, &head, NULL),
			 ERR_INCONSISTENT);
	s.rows[0].priority = (enum priority)0;
	put_item(&s, 0);
	assert_int_equal(take(&s, &head), ERR_FORMAT);
	begin(&s, w);
	s.rows[0].expires_ms = -1;
	put_item(&s, 0);
	assert_int_equal(take(&s, &head), ERR_FORMAT);
	begin(&s, w);
	s.rows[0].stages[0] = 0x10000;
	put_item(&s, 0);
	assert_int_equal(take(&s, &head), ERR_FORMAT);
	begin(&s, w);
	s.items[0].row = SPAN_LIT("row");
	assert_int_equal(take(&s, &head), ERR_FORMAT);
	begin(&s, w);
	s.items[0].detail = SPAN_LIT("detail");
	assert_int_equal(take(&s, &head), ERR_FORMAT);
	s.rows[0].n_to = 0;
	assert_int_equal(standing_encode(&s.rows[0], w->mem, &row), ERR_FORMAT);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole), cmocka_unit_test(test_page_of_nothing), cmocka_unit_test(test_empty), cmocka_unit_test(test_lies),
		cmocka_unit_test(test_head),  cmocka_unit_test(test_leaf),  cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests_name("standing", tests, NULL, NULL);
}
