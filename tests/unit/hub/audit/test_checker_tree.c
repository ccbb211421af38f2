/* SPDX-License-Identifier: EUPL-1.2 */
/* checker_tree - leaves, roots, older checkpoints */
#include "tests/support/audit_desk.h"

/* A checkpoint of `size` leaves with that root, by the log's own key. */
static struct source_note
checkpoint_of(struct desk *d, uint64_t size, const struct hash *root)
{
	struct checkpoint c = { d->l->w->directory->origin, size, *root };
	struct note_signer signer = { c.origin, d->l->w->log };
	struct source_note note = { .place = { .name = "kept" } };

	assert_int_equal(checkpoint_sign(&c, &signer, d->l->w->mem, &note.bytes), OK);
	return note;
}

static void
judge_since(struct desk *d, const struct source_note *since)
{
	struct trust trust = log_trusted(d->l);
	struct checker_input input = { .source = d->source, .trust = &trust, .since = since, .n_since = 1 };
	struct why why = { .where = "" };

	assert_int_equal(checker_run(&input, &d->findings, &d->counts, &why), OK);
}

/* A checkpoint that an auditor kept must be of the same history. */
static void
tree_since(void **state)
{
	struct desk *d = desk_new(10);
	struct source_note note;
	struct hash root;

	d->source = log_source(d->l);
	assert_true(merkle_root(7, source_node, d->source, &root));
	note = checkpoint_of(d, 7, &root);
	judge_since(d, &note);
	assert_int_equal(d->findings.n, 0);
	root.b[0] ^= 1;
	note = checkpoint_of(d, 7, &root);
	judge_since(d, &note);
	assert_int_equal(d->findings.items[0].id, FOUND_FORK);
	assert_string_equal(d->findings.items[0].place.name, "kept");
	desk_free(d);
	(void)state;
}

/* A log shorter than a checkpoint that was kept is an older copy. */
static void
tree_older_store(void **state)
{
	struct desk *d = desk_new(3);
	struct source_note note;
	struct hash root = { { 1 } };

	d->source = log_source(d->l);
	note = checkpoint_of(d, d->source->size + 1, &root);
	judge_since(d, &note);
	assert_int_equal(d->findings.items[0].id, FOUND_SHORTER);
	desk_free(d);
	(void)state;
}

/* Something that the log did not sign is no checkpoint. */
static void
tree_not_signed(void **state)
{
	struct desk *d = desk_new(3);
	struct source_note note;
	struct hash root = { { 1 } };

	d->source = log_source(d->l);
	note = checkpoint_of(d, 3, &root);
	note.bytes.n--;
	judge_since(d, &note);
	assert_int_equal(d->findings.items[0].id, FOUND_CHECKPOINT);
	desk_free(d);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tree_since),
		cmocka_unit_test(tree_older_store),
		cmocka_unit_test(tree_not_signed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
