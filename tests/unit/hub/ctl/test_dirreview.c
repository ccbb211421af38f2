/* SPDX-License-Identifier: EUPL-1.2 */
/* Tests of hub/ctl/dirreview.c: a proposal is the next version with other rules, and nothing else. */
#include "hub/ctl/dirreview.h"

#include <jansson.h>

#include "hub/ctl/dirfile.h"
#include "tests/unit/hub/ctl/ctl_world.h"

static const struct command propose = { "directory propose", NULL, dirreview_propose_options, { "", "" }, .run = dirreview_propose };
static const struct command review = { "directory review", "OLD NEW", dirreview_review_options, { "", "" }, .run = dirreview_review };

static void
base(struct world *w)
{
	struct directory *d = world_directory(w);
	struct span note;
	struct why why;

	d->valid_from_ms = clock_wall_ms() - CLOCK_DAY;
	d->valid_until_ms = d->valid_from_ms + 90 * CLOCK_DAY;
	note = world_note(w, d, 3);
	assert_int_equal(plainfile_make(world_path(w, "base.note"), note, &why), OK);
	world_file(w, "rules.yaml", "deadlines: [{ respond_by: 9d }]\n");
}

#define PROPOSE(w, ...) WORLD_RUN(w, &propose, "directory", "propose", "--base", "%/base.note", "--rules", "%/rules.yaml", __VA_ARGS__)

/* One version higher, with the rules of the file, unsigned, and all else as it was; what it changes is printed. */
static void
proposal(void **state)
{
	struct world *w = *state;
	struct dirfile before, after;
	struct why why;
	json_t *said;

	base(w);
	assert_int_equal(PROPOSE(w, "--out", "%/next.note", "--json"), EXIT_OK);
	said = json_loads(w->out, 0, NULL);
	assert_int_equal(json_integer_value(json_object_get(said, "to_version")), 8);
	assert_int_equal(json_array_size(json_object_get(said, "changes")), 2);	/* holds from now; the deadline */
	json_decref(said);
	assert_int_equal(dirfile_read(world_path(w, "base.note"), w->mem, &before, &why), OK);
	assert_int_equal(dirfile_read(world_path(w, "next.note"), w->mem, &after, &why), OK);
	assert_false(after.is_signed);
	assert_int_equal(after.directory->valid_until_ms, before.directory->valid_until_ms);
	assert_int_equal(after.directory->rules.deadlines[0].respond_by.ms, 9 * CLOCK_DAY);
	assert_int_equal(WORLD_RUN(w, &review, "directory", "review", "%/base.note", "%/next.note"), EXIT_OK);
	assert_non_null(strstr(w->out, "answered in 9 d"));
	assert_int_equal(WORLD_RUN(w, &review, "directory", "review", "%/next.note", "%/next.note", "--json"), EXIT_OK);
	assert_non_null(strstr(w->out, "\"changes\": []"));
}

/* Nothing is written over, and what cannot hold is told. */
static void
refused(void **state)
{
	struct world *w = *state;

	base(w);
	assert_int_equal(PROPOSE(w, "--out", "%/base.note"), EXIT_FAILED);
	assert_int_equal(PROPOSE(w, "--out", "%/x.note", "--valid-days", "400"), EXIT_FAILED);
	world_file(w, "rules.yaml", "kinds: [magic]\n");
	assert_int_equal(PROPOSE(w, "--out", "%/x.note"), EXIT_FAILED);
	assert_false(plainfile_exists(world_path(w, "x.note")));
	assert_int_equal(WORLD_RUN(w, &review, "directory", "review", "%/base.note", "%/rules.yaml"), EXIT_FAILED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(proposal, world_open, world_close),
		cmocka_unit_test_setup_teardown(refused, world_open, world_close),
	};

	return cmocka_run_group_tests_name("dirreview", tests, NULL, NULL);
}
