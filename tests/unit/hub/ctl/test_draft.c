/* SPDX-License-Identifier: EUPL-1.2 */
/* Tests of hub/ctl/draft.c: the registrars' YAML, right and wrong. */
#include "hub/ctl/draft.h"

#include "tests/unit/hub/ctl/ctl_world.h"

#define DAY_0 (20000 * CLOCK_DAY)
/* Public keys of the world's seeds, in the order in which the template names them */
#define LINES "version: 7\n"								/* 1 */ \
	"valid_days: 90\n"								/* 2 */ \
	"hub: { origin: hub.test/log, log: %s, notice: %s, curve: %s }\n"		/* 3 */ \
	"auditors:\n"									/* 4 */ \
	"  threshold: 2\n"								/* 5 */ \
	"  members: [{ name: auditor-1, key: %s }, { name: auditor-2, key: %s }]\n"	/* 6 */ \
	"registrars:\n"									/* 7 */ \
	"  threshold: 2\n"								/* 8 */ \
	"  keys: [%s, %s, %s]\n"							/* 9 */ \
	"coordinators: { PDV22: b-ozd }\n"						/* 10 */ \
	"agencies:\n"									/* 11 */ \
	"  - { id: b-ozd, kind: ozd, municipality: PDV22, name_bg: ОЗД, name_en: CPD, signing: %s, may_send: ['*'] }\n"	/* 12 */ \
	"  - { id: a-gp, kind: gp, municipality: PDV22, name_bg: ОПЛ, name_en: GP, signing: %s, may_send: ['*'] }\n"		/* 13 */

static const char *
b64(struct world *w, const struct public_key *key)
{
	return note_base64(SPAN(key->b, KEY_LEN), w->mem);
}

static char *
right(struct world *w, const struct directory *d)
{
	return arena_fmt(w->mem, LINES, b64(w, &d->log), b64(w, &d->notice), b64(w, &d->curve), b64(w, &d->auditors[0].pub),
			 b64(w, &d->auditors[1].pub), note_verifier_format(&d->registrars[0], w->mem),
			 note_verifier_format(&d->registrars[1], w->mem), note_verifier_format(&d->registrars[2], w->mem),
			 b64(w, &d->agencies[1].signing), b64(w, &d->agencies[0].signing));
}

/* The first `find` in `text` replaced by `with`. */
static char *
edit(struct world *w, const char *text, const char *find, const char *with)
{
	const char *at = strstr(text, find);

	if (at == NULL)
		fail_msg("not in the text: %s", find);
	return arena_fmt(w->mem, "%.*s%s%s", (int)(at - text), text, with, at + strlen(find));
}

static enum err
load(struct world *w, const char *text, struct directory **ret_directory)
{
	const struct draft_load load = { world_file(w, "dir.yaml", text), DAY_0, LANG_EN, w->call.err };
	enum err e;

	rewind(w->call.err);
	e = draft_load(&load, w->mem, ret_directory);
	fputc('\0', w->call.err);
	fflush(w->call.err);
	return e;
}

/* What is written by hand is the directory made by program, agencies sorted by id. */
static void
draft_load_right(void **state)
{
	struct world *w = *state;
	struct directory *want = world_directory(w), *got;
	struct span a, b;

	assert_int_equal(load(w, right(w, want), &got), OK);
	want->valid_from_ms = DAY_0;
	want->valid_until_ms = DAY_0 + 90 * CLOCK_DAY;
	assert_int_equal(directory_encode(want, w->mem, &a), OK);
	assert_int_equal(directory_encode(got, w->mem, &b), OK);
	assert_true(span_eq(a, b));
}

/* Facts in a file of their own count as if they stood in the draft, and must not disagree with it. */
static void
draft_load_facts(void **state)
{
	struct world *w = *state;
	struct directory *d = world_directory(w), *got;
	const char *key = b64(w, &d->agencies[0].signing);
	char *text = edit(w, right(w, d), arena_fmt(w->mem, "signing: %s, may_send: ['*'] }\n", key), "facts: gp.yaml }\n");

	world_file(w, "gp.yaml", arena_fmt(w->mem, "id: a-gp\nsigning: %s\n", key));
	assert_int_equal(load(w, text, &got), OK);
	assert_memory_equal(got->agencies[0].signing.b, d->agencies[0].signing.b, KEY_LEN);
	assert_int_equal(load(w, edit(w, text, "id: a-gp, ", ""), &got), OK);
	assert_int_equal(load(w, edit(w, text, "id: a-gp", "id: c-gp"), &got), ERR_CONFIG);
	assert_non_null(strstr(w->err, "dir.yaml:13:5: agencies.id: not the same as in facts"));
	world_file(w, "gp.yaml", "id: a-gp\nsigning: short\n");
	assert_int_equal(load(w, text, &got), ERR_CONFIG);
	assert_non_null(strstr(w->err, "gp.yaml:2:10: signing: not a public key"));
}

/* Each wrong draft is refused with file, line, column and key. */
static void
draft_load_wrong(void **state)
{
	static const struct { const char *find, *with, *says; } wrongs[] = {
		{ "version: 7", "version: 0", ":1:10: version: 0 is out of range" },
		{ "version: 7\n", "\n", "version: required and missing" },
		{ "valid_days: 90", "valid_days: 367", ":2:13: valid_days: 367 is out of range" },
		{ "valid_days: 90", "valid_from: soon", ":2:13: valid_from: 'soon' is not a date" },
		{ "valid_days: 90", "valid_day: 90", ":2:1: valid_day: unknown key; did you mean 'valid_days'?" },
		{ "origin: hub.test/log, ", "", ":3:6: hub.origin: required and missing" },
		{ "origin: hub.test/log", "origin: hub+log", ":3:16: hub.origin: 'hub+log' is not a log origin" },
		{ "threshold: 2", "threshold: 1", ":5:14: auditors.threshold: 1 is out of range" },
		{ "threshold: 2", "threshold: 3", ":5:14: auditors.threshold: more than auditors.members, which is 2" },
		{ "name: auditor-2", "name: auditor-1", "auditors.members.name: 'auditor-1' stands in the list twice" },
		{ "name: auditor-2", "name: Auditor", "'Auditor' is not an agency id" },
		{ "  threshold: 2\n  keys", "  threshold: 4\n  keys", ":8:14: registrars.threshold: more than registrars.keys, which is 3" },
		{ "keys: [r1+", "keys: [r9+", ":9:10: registrars.keys[1]: not a verifier key" },
		{ "PDV22: b-ozd", "PDV22: c-none", ":10:24: coordinators.PDV22: 'c-none' is no agency of this directory" },
		{ "PDV22: b-ozd", "Plovdiv: b-ozd", ":10:17: coordinators.Plovdiv: 'Plovdiv' is not a municipality code" },
		{ "id: a-gp", "id: b-ozd", ":13:11: agencies.id: 'b-ozd' stands in the list twice" },
		{ "id: a-gp", "id: hub", ":13:11: agencies[2].id: 'hub' is not an agency id" },
		{ "id: a-gp, ", "", ":13:5: agencies.id: required and missing" },
		{ "kind: gp, ", "", ":13:5: agencies[2].kind: required and missing" },
		{ "municipality: PDV22, name_bg: ОПЛ", "municipality: PDV, name_bg: ОПЛ", "agencies[2].municipality: 'PDV' is not a municipality" },
		{ "may_send: ['*'] }\n  -", "may_send: [x-none] }\n  -", "agencies.may_send: 'x-none' is no agency of this directory" },
		{ "may_send: ['*'] }\n  -", "facts: none.yaml }\n  -", "agencies[1].facts: no such file" },
		{ "agencies:", "agencies: &a", "anchors and aliases" },
		{ "version: 7", "version: 7\nversion: 8", "given twice" },
	};
	struct world *w = *state;
	const char *good = right(w, world_directory(w));
	struct directory *got;

	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		if (load(w, edit(w, good, wrongs[i].find, wrongs[i].with), &got) != ERR_CONFIG)
			fail_msg("taken: %s", wrongs[i].with);
		if (strstr(w->err, wrongs[i].says) == NULL)
			fail_msg("%s: not told \"%s\" but: %s", wrongs[i].with, wrongs[i].says, w->err);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(draft_load_right, world_open, world_close),
		cmocka_unit_test_setup_teardown(draft_load_facts, world_open, world_close),
		cmocka_unit_test_setup_teardown(draft_load_wrong, world_open, world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
