/* SPDX-License-Identifier: EUPL-1.2 */
/* A service as JSON: what was written is read as the same, and what is no service's is refused by its name. */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "adapters/core/services_json.h"
#include "tests/support/announce_sample.h"
#include "tests/support/arena_fixture.h"

#define NOW INT64_C(1772445600000)

static enum err
read_text(const char *text, struct announce *a, struct why *why)
{
	json_t *root = json_loads(text, 0, NULL);
	enum err e;

	assert_non_null(root);
	e = services_json_read(root, NOW, mem, a, why);
	json_decref(root);
	return e;
}

/* There and back it is the same bytes on the wire. */
static void
round_trip(void **state)
{
	struct service s = { .announce = sample_announce("cop", "cop-1", NOW), .is_ours = true };
	struct announce back;
	struct span before, after;
	struct why why;
	json_t *root = services_json_write(&s, NOW);

	(void)state;
	assert_string_equal(json_string_value(json_object_get(root, "room")), "free");
	assert_true(json_is_false(json_object_get(root, "stored")));
	services_json_blank(&back);
	assert_int_equal(services_json_read(root, NOW, mem, &back, &why), OK);
	assert_int_equal(announce_encode(&s.announce, mem, &before, &why), OK);
	assert_int_equal(announce_encode(&back, mem, &after, &why), OK);
	assert_true(span_eq(before, after));
	json_decref(root);
}

/* As of now where it does not say; valid for so many days, or as long as it was before. */
static void
times(void **state)
{
	struct announce a;
	struct why why;

	(void)state;
	services_json_blank(&a);
	assert_int_equal(read_text("{\"valid_days\": 2}", &a, &why), OK);
	assert_true(a.as_of_ms == NOW && a.valid_until_ms == NOW + 2 * CLOCK_DAY);
	a.as_of_ms -= CLOCK_DAY;
	a.valid_until_ms -= CLOCK_DAY;
	assert_int_equal(read_text("{\"waiting\": 3}", &a, &why), OK);
	assert_true(a.as_of_ms == NOW && a.valid_until_ms == NOW + 2 * CLOCK_DAY && a.waiting == 3);
	assert_int_equal(read_text("{\"as_of\": \"2026-03-01T10:00:00Z\", \"valid_until\": \"2026-04-01T10:00:00Z\"}", &a, &why), OK);
	assert_int_equal(a.valid_until_ms - a.as_of_ms, 31 * CLOCK_DAY);
	services_json_blank(&a);
	assert_int_equal(read_text("{}", &a, &why), OK);
	assert_int_equal(a.valid_until_ms, 0);	/* announce_check will ask for it */
}

/* What is of another type or name. */
static void
refused(void **state)
{
	static const struct { const char *text, *where; enum err e; } bad[] = {
		{ "[]", "announcement", ERR_SYNTAX },
		{ "{\"colour\": 1}", "colour", ERR_UNKNOWN_FIELD },
		{ "{\"total\\n2\": 1}", "total", ERR_UNKNOWN_FIELD },
		{ "{\"name_bg\": 1}", "name_bg", ERR_FORMAT },
		{ "{\"total\": \"4\"}", "total", ERR_BAD_NUMBER },
		{ "{\"total\": -1}", "total", ERR_BAD_NUMBER },
		{ "{\"total\": 100001}", "total", ERR_BAD_NUMBER },
		{ "{\"requires_napravlenie\": \"yes\"}", "requires_napravlenie", ERR_FORMAT },
		{ "{\"as_of\": \"yesterday\"}", "as_of", ERR_BAD_DATE },
		{ "{\"municipalities\": \"PDV22\"}", "municipalities", ERR_FORMAT },
		{ "{\"municipalities\": [1]}", "municipalities", ERR_FORMAT },
		{ "{\"contacts\": [{\"kind\": \"phone\"}]}", "contacts", ERR_FORMAT },
		{ "{\"places\": [{\"street\": \"x\"}]}", "places", ERR_FORMAT },
		{ "{\"valid_days\": 367}", "valid_days", ERR_BAD_NUMBER },
		{ "{\"valid_days\": null}", "valid_days", ERR_BAD_NUMBER },
	};
	struct announce a;
	struct why why;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		services_json_blank(&a);
		assert_int_equal(read_text(bad[i].text, &a, &why), bad[i].e);
		assert_string_equal(why.where, bad[i].where);
	}
}

/* null takes a text or a number back. */
static void
taken_back(void **state)
{
	struct announce a = sample_announce("cop", "cop-1", NOW);
	struct why why;

	(void)state;
	assert_int_equal(read_text("{\"name_en\": null, \"total\": null, \"municipalities\": [\"PDV42\", \"PDV01\"]}", &a, &why), OK);
	assert_null(a.name_en);
	assert_int_equal(a.total, ANNOUNCE_UNSAID);
	assert_string_equal(a.municipalities[0], "PDV01");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip), cmocka_unit_test(times), cmocka_unit_test(refused), cmocka_unit_test(taken_back),
	};

	return cmocka_run_group_tests_name("services_json", tests, setup, teardown);
}
