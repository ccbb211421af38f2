/* SPDX-License-Identifier: EUPL-1.2 */
/* Tests of hub/ctl/keyset.c: all or none. */
#include "hub/ctl/keyset.h"

#include "tests/unit/hub/ctl/ctl_world.h"

static void
make_two(struct world *w, struct keyset *set)
{
	keyset_init(set, w->mem);
	assert_int_equal(keyset_add(set, KEY_SIGNING, world_path(w, "signing.key"), NULL), OK);
	assert_int_equal(keyset_add(set, KEY_LOCAL, world_path(w, "local.key"), NULL), OK);
	keyset_add_file(set, world_path(w, "facts"), SPAN_LIT("id: a\n"));
}

/* Saved keys load, and only as what they are. */
static void
keyset_save_all(void **state)
{
	struct world *w = *state;
	struct keyset set;
	struct key *key;
	struct why why;

	make_two(w, &set);
	assert_int_equal(keyset_save(&set, &why), OK);
	assert_int_equal(key_load(world_path(w, "signing.key"), KEY_SIGNING, &key, &why), OK);
	assert_true(key_id_eq(key_id(key), key_id(set.keys[0].key)));
	key_free(key);
	assert_int_equal(key_load(world_path(w, "local.key"), KEY_SIGNING, &key, &why), ERR_KEYFILE);
	keyset_done(&set);
}

/* Whichever of the files is in the way, none of the others appears. */
static void
keyset_save_none(void **state)
{
	static const char *const names[] = { "signing.key", "local.key", "facts" };
	struct world *w = *state;
	struct keyset set;
	struct why why;

	for (size_t i = 0; i < 3; i++) {
		make_two(w, &set);
		world_file(w, names[i], "in the way");
		assert_int_equal(keyset_save(&set, &why), ERR_EXISTS);
		for (size_t k = 0; k < 3; k++)
			assert_int_equal(plainfile_exists(world_path(w, names[k])), k == i);
		unlink(world_path(w, names[i]));
		keyset_done(&set);
	}
}

/* A failure in the middle takes away what was written before it. */
static void
keyset_save_undoes(void **state)
{
	struct world *w = *state;
	struct keyset set;
	struct why why;

	make_two(w, &set);
	set.files[0].path = world_path(w, "no/such/folder");
	assert_int_equal(keyset_save(&set, &why), ERR_NOTFOUND);
	assert_false(plainfile_exists(world_path(w, "signing.key")));
	assert_false(plainfile_exists(world_path(w, "local.key")));
	keyset_done(&set);
}

/* Facts come out as lines that YAML reads, and nothing that is not given. */
static void
keyset_yaml_lines(void **state)
{
	struct world *w = *state;
	struct keyset set;

	keyset_init(&set, w->mem);
	keyset_fact(&set, "id", "plovdiv-cop");
	keyset_fact(&set, "origin", NULL);
	assert_true(span_eq(keyset_yaml(&set, "title"), SPAN_LIT("# title\nid: plovdiv-cop\n")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(keyset_save_all, world_open, world_close),
		cmocka_unit_test_setup_teardown(keyset_save_none, world_open, world_close),
		cmocka_unit_test_setup_teardown(keyset_save_undoes, world_open, world_close),
		cmocka_unit_test_setup_teardown(keyset_yaml_lines, world_open, world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
