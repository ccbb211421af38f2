/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/support/paper_hub.h"

static enum err
take(struct paper *p, struct span note, const struct span *sheets, size_t n, uint64_t seen)
{
	struct why why;

	return contacts_take(p->party[0].desk.contacts, note, sheets, n, seen, p->now_ms, &why);
}

static enum err
no_room(void *arg)
{
	(void)arg;
	return ERR_FULL;
}

static struct paper *
closed(void)
{
	struct paper *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	paper_init(p);
	return p;
}

static struct span
version(struct paper *p, uint64_t v)
{
	p->world.d.version = v;
	world_sign_directory(&p->world);
	return p->world.note;
}

/* The newest directory is the one to send by, older ones stay at hand, and none goes back; also after a restart. */
static void
contacts_take_versions(void **state)
{
	struct paper *p = closed();
	struct contacts *c = p->party[0].desk.contacts;
	struct span first = p->world.note;

	(void)state;
	for (uint64_t v = 2; v <= 5; v++)
		assert_int_equal(take(p, version(p, v), NULL, 0, 0), OK);
	assert_int_equal(contacts_directory(c)->version, 5);
	for (uint64_t v = 1; v <= 5; v++)
		assert_int_equal(contacts_version(c, v)->version, v);
	assert_null(contacts_version(c, 6));
	assert_int_equal(take(p, first, NULL, 0, 0), ERR_STALE);
	adesk_stop(&p->party[0].desk);
	adesk_start(&p->party[0].desk);
	c = p->party[0].desk.contacts;
	assert_int_equal(contacts_directory(c)->version, 5);
	assert_int_equal(contacts_version(c, 3)->version, 3);
	paper_down(p);
}

/* A directory that other registrars signed is not taken, and changes nothing. */
static void
contacts_take_forged(void **state)
{
	struct paper *p = closed();
	struct key *right = p->world.registrar;

	(void)state;
	p->world.registrar = world_key(&p->world, KEY_REGISTRAR);
	assert_int_not_equal(take(p, version(p, 2), NULL, 0, 0), OK);
	assert_int_equal(contacts_directory(p->party[0].desk.contacts)->version, 1);
	key_free(p->world.registrar);
	p->world.registrar = right;
	paper_down(p);
}

/* A sheet that nobody of the directory signed hinders the others not; an older one does not replace a newer. */
static void
contacts_take_sheets(void **state)
{
	struct paper *p = closed();
	struct contacts *c = p->party[0].desk.contacts;
	struct span sheets[3], old;

	(void)state;
	old = p->world.sheets[1];
	world_sheet(&p->world, 1, 4);
	sheets[0] = p->world.sheets[2];
	sheets[1] = arena_span(p->mem, p->world.sheets[3]);
	((uint8_t *)(uintptr_t)sheets[1].p)[sheets[1].n - 1] ^= 1;
	sheets[2] = p->world.sheets[1];
	assert_int_equal(take(p, SPAN_NONE, sheets, 3, 17), OK);
	assert_int_equal(contacts_sheets_seen(c), 17);
	assert_non_null(sheets_find(contacts_sheets(c), world_ids[2]));
	assert_null(sheets_find(contacts_sheets(c), world_ids[3]));
	assert_int_equal(take(p, SPAN_NONE, &old, 1, 18), OK);
	assert_int_equal(sheets_find(contacts_sheets(c), world_ids[1])->version, 4);
	paper_down(p);
}

/* What the store could not take is not known either, the mark neither: what comes later would forget it, and the hub would never send it
 * again. */
static void
contacts_take_full(void **state)
{
	struct paper *p = closed();
	struct contacts *c = p->party[0].desk.contacts;
	struct span old = p->world.sheets[1];

	(void)state;
	assert_int_equal(take(p, SPAN_NONE, &old, 1, 6), OK);
	world_sheet(&p->world, 1, 4);
	store_set_fault(p->party[0].desk.store, no_room, NULL);
	assert_int_equal(take(p, version(p, 2), &p->world.sheets[1], 1, 17), ERR_FULL);
	store_set_fault(p->party[0].desk.store, NULL, NULL);
	assert_int_equal(contacts_sheets_seen(c), 6);
	assert_int_equal(contacts_directory(c)->version, 1);
	assert_int_equal(sheets_find(contacts_sheets(c), world_ids[1])->version, 1);
	assert_int_equal(take(p, p->world.note, p->world.sheets + 1, 2, 18), OK);
	assert_int_equal(contacts_sheets_seen(c), 18);
	assert_int_equal(contacts_directory(c)->version, 2);
	assert_int_equal(sheets_find(contacts_sheets(c), world_ids[1])->version, 4);
	paper_down(p);
}

/* An expired directory is not taken anew; one that has expired since it was taken still lets the adapter start. */
static void
contacts_open_expired(void **state)
{
	struct paper *p = closed();

	(void)state;
	p->now_ms += 400 * CLOCK_DAY;
	assert_int_equal(take(p, version(p, 2), NULL, 0, 0), ERR_EXPIRED);
	adesk_stop(&p->party[0].desk);
	adesk_start(&p->party[0].desk);
	assert_int_equal(contacts_directory(p->party[0].desk.contacts)->version, 1);
	paper_down(p);
}

/* A trust file that names no registrar, a wrong threshold or nonsense is told by its line. */
static void
contacts_open_trust(void **state)
{
	static const char *const texts[] = { "", "threshold 1\n", "threshold 1\nnonsense\n", "threshold 2\n%s\n", "threshold 0\n%s\n" };
	struct paper *p = closed();
	char *verifier = note_verifier_format(&p->world.verifier, p->mem);

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct contacts *c = NULL;
		struct why why;
		struct buf b;

		buf_init(&b, p->mem);
		for (const char *t = texts[i]; *t; t++)
			*t == '%' ? buf_str(&b, verifier) : t > texts[i] && t[-1] == '%' ? (void)0 : buf_u8(&b, (uint8_t)*t);
		assert_int_equal(contacts_open(p->party[0].desk.store, buf_bytes(&b), p->world.note, p->now_ms, &c, &why), ERR_KEYFILE);
		assert_null(c);
	}
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(contacts_take_versions),
		cmocka_unit_test(contacts_take_forged),
		cmocka_unit_test(contacts_take_sheets),
		cmocka_unit_test(contacts_take_full),
		cmocka_unit_test(contacts_open_expired),
		cmocka_unit_test(contacts_open_trust),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
