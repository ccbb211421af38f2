/* SPDX-License-Identifier: EUPL-1.2 */
/* directory_check - each rule of a directory broken once, and named. */
#include "trust_world.h"

#include "proto/directory_check.h"

static struct world *w;
static struct agency agencies[WORLD_AGENCIES];
static struct auditor auditors[WORLD_AUDITORS];
static struct note_verifier registrars[WORLD_REGISTRARS];
static struct directory d;

/* A fresh copy of the good directory, to be spoilt. */
static void
fresh(void)
{
	d = *w->directory;
	memcpy(agencies, d.agencies, sizeof(agencies));
	memcpy(auditors, d.auditors, sizeof(auditors));
	memcpy(registrars, d.registrars, sizeof(registrars));
	d.agencies = agencies;
	d.auditors = auditors;
	d.registrars = registrars;
}

static void
assert_bad(enum err want, const char *where)
{
	struct why why;

	assert_int_equal(directory_check(&d, &why), want);
	assert_string_equal(why.where, where);
	fresh();
	assert_int_equal(directory_check(&d, &why), OK);
}

static int
make(void **state)
{
	(void)state;
	w = world_new();
	fresh();
	return 0;
}

static int
drop(void **state)
{
	(void)state;
	world_free(w);
	return 0;
}

/* Version, time, origin and the hub's keys. */
static void
test_head(void **state)
{
	(void)state;
	d.version = 0;
	assert_bad(ERR_FORMAT, "version");
	d.valid_until_ms = d.valid_from_ms;
	assert_bad(ERR_FORMAT, "valid");
	d.valid_until_ms = d.valid_from_ms + DIRECTORY_VALID_MAX_MS + 1;
	assert_bad(ERR_FORMAT, "valid");
	d.origin = "a b";
	assert_bad(ERR_FORMAT, "origin");
	d.notice = d.log;
	assert_bad(ERR_FORMAT, "hub");
	memset(&d.curve, 0, sizeof(d.curve));
	assert_bad(ERR_FORMAT, "hub");
}

/* Agencies: names, order, keys of their own, rules that lead somewhere. */
static void
test_agencies(void **state)
{
	static const char *nobody[] = { "nobody" }, *no_kind[] = { "kind:" }, *blank[] = { "a b" };
	char name[DIRECTORY_NAME_MAX + 2];

	(void)state;
	agencies[0].id = "Plovdiv";
	assert_bad(ERR_FORMAT, "agencies");
	agencies[0].id = AGENCY_HUB;
	assert_bad(ERR_FORMAT, "agencies");
	agencies[0].id = "z-last";
	assert_bad(ERR_FORMAT, "agencies");
	agencies[1].id = agencies[0].id;
	assert_bad(ERR_FORMAT, "agencies");
	agencies[1].kind = NULL;
	assert_bad(ERR_FORMAT, "agencies");
	agencies[1].municipality = "";
	assert_bad(ERR_FORMAT, "agencies");
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	agencies[2].name_bg = name;
	assert_bad(ERR_FORMAT, "agencies");
	memset(&agencies[2].signing, 0, sizeof(agencies[2].signing));
	assert_bad(ERR_FORMAT, "agencies");
	agencies[2].signing_id = agencies[0].signing_id;
	assert_bad(ERR_FORMAT, "agencies");
	agencies[2].may_send = nobody;
	assert_bad(ERR_UNKNOWN_AGENCY, "agencies");
	agencies[2].may_send = no_kind;
	assert_bad(ERR_FORMAT, "agencies");
	agencies[1].services = blank;
	assert_bad(ERR_FORMAT, "agencies");
	agencies[1].n_may_send = DIRECTORY_MAY_SEND_MAX + 1;
	assert_bad(ERR_FORMAT, "agencies");
	d.n_agencies = DIRECTORY_AGENCIES_MAX + 1;
	assert_bad(ERR_FORMAT, "agencies");
}

/* Coordinators are agencies, one a municipality. */
static void
test_coordinators(void **state)
{
	struct coordinator stranger = { "PDV22", "nobody" }, twice[2] = { { "PDV22", "plovdiv-ozd" }, { "PDV22", "plovdiv-gp" } };

	(void)state;
	d.coordinators = &stranger;
	assert_bad(ERR_UNKNOWN_AGENCY, "coordinators");
	d.coordinators = twice;
	d.n_coordinators = 2;
	assert_bad(ERR_FORMAT, "coordinators");
}

/* Auditors: 2 <= threshold <= number, names and keys of their own. */
static void
test_auditors(void **state)
{
	(void)state;
	d.threshold = 1;
	assert_bad(ERR_FORMAT, "auditors");
	d.threshold = WORLD_AUDITORS + 1;
	assert_bad(ERR_FORMAT, "auditors");
	d.n_auditors = DIRECTORY_AUDITORS_MAX + 1;
	assert_bad(ERR_FORMAT, "auditors");
	auditors[3].name = auditors[0].name;
	assert_bad(ERR_FORMAT, "auditors");
	auditors[3].pub = auditors[0].pub;
	assert_bad(ERR_FORMAT, "auditors");
	auditors[3].name = "#1";
	assert_bad(ERR_FORMAT, "auditors");
}

/* Registrars: a threshold that can be met, names and keys of their own. */
static void
test_registrars(void **state)
{
	(void)state;
	d.registrar_threshold = 0;
	assert_bad(ERR_FORMAT, "registrars");
	d.registrar_threshold = WORLD_REGISTRARS + 1;
	assert_bad(ERR_FORMAT, "registrars");
	registrars[1].name = registrars[0].name;
	assert_bad(ERR_FORMAT, "registrars");
	registrars[1].pub = registrars[0].pub;
	assert_bad(ERR_FORMAT, "registrars");
	registrars[1].name = "a+b";
	assert_bad(ERR_FORMAT, "registrars");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_head),	 cmocka_unit_test(test_agencies),   cmocka_unit_test(test_coordinators),
		cmocka_unit_test(test_auditors), cmocka_unit_test(test_registrars),
	};

	return cmocka_run_group_tests_name("directory_check", tests, make, drop);
}
