/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "adapters/validate/place.h"

static void
same(struct place p, unsigned line, unsigned col)
{
	assert_int_equal(p.line, line);
	assert_int_equal(p.col, col);
}

/* A path leads to its value; a part that is missing to the nearest value around it. */
static void
json_places(void **state)
{
	static const char text[] = "{\n \"а\": \"\\\"}\", \"ids\": [ {\"type\": 1},\n  {\"type\": 2, \"value\":\"Ж\"} ],\n \"x\" : {\"y\":true}\n}";
	struct span s = span_str(text);

	(void)state;
	same(place_in_json(s, 0, "ids[0].type"), 2, 32);
	same(place_in_json(s, 0, "ids[1].value"), 3, 23);
	same(place_in_json(s, 0, "ids.type"), 2, 32);
	same(place_in_json(s, 0, "ids[1].nothing"), 3, 3);
	same(place_in_json(s, 0, "ids[7].type"), 2, 21);
	same(place_in_json(s, 0, "x.y"), 4, 13);
	same(place_in_json(s, 0, "nothing"), 1, 1);
	same(place_in_json(s, 0, ""), 1, 1);
	same(place_in_json(SPAN_LIT("\xEF\xBB\xBF{\"a\":1}"), 0, "a"), 1, 6);
}

/* Whatever the text is, cut at any byte, the search ends within it. */
static void
json_is_bounded(void **state)
{
	static const char text[] = "{\"a\":[{\"b\":\"\\u0416\"},[1,2]],\"resourceType\":\"Patient\",\"c\":{\"d\":null}}";

	(void)state;
	for (size_t n = 0; n < sizeof(text); n++) {
		char *cut = test_malloc(n + 1);

		memcpy(cut, text, n);
		assert_true(place_in_json(SPAN(cut, n), 0, "c.d").line == 1);
		assert_true(place_in_json(SPAN(cut, n), 0, "a[1].x").line == 1);
		(void)place_in_fhir(SPAN(cut, n), "Patient.c.d");
		(void)place_in_hl7(SPAN(cut, n), "PID-7");
		(void)place_in_csv(SPAN(cut, n), 3, 3, ';');
		test_free(cut);
	}
}

/* A FHIR path is looked for in the resource of its type. */
static void
fhir_places(void **state)
{
	static const char text[] = "{\"resourceType\":\"Bundle\",\"entry\":[\n{\"resource\":{\"birthDate\":\"x\",\"resourceType\":\"Patient\"}},\n"
		"{\"resource\":{\"resourceType\":\"Task\",\"status\":\"y\"}}]}";

	(void)state;
	same(place_in_fhir(span_str(text), "Patient.birthDate"), 2, 26);
	same(place_in_fhir(span_str(text), "Task.status"), 3, 45);
	same(place_in_fhir(span_str(text), "Task"), 3, 13);
	same(place_in_fhir(span_str(text), "Consent.status"), 0, 0);
}

/* A field of HL7 is counted from its segment's name; MSH-1 is the separator itself. */
static void
hl7_places(void **state)
{
	struct span s = SPAN_LIT("MSH|^~\\&|A|B\rPID|1||7^^^Ж|\rNK1|1|X\rNK1|2|Y\r");

	(void)state;
	same(place_in_hl7(s, "MSH-3"), 1, 10);
	same(place_in_hl7(s, "PID-3"), 2, 8);
	same(place_in_hl7(s, "NK1[2]-2"), 4, 7);
	same(place_in_hl7(s, "NK1[2]-2.1"), 4, 7);
	same(place_in_hl7(s, "PID"), 2, 1);
	same(place_in_hl7(s, "ZZZ-1"), 0, 0);
	same(place_in_hl7(s, "x"), 0, 0);
}

/* A cell is counted by its separators outside of quotes. */
static void
csv_places(void **state)
{
	struct span s = SPAN_LIT("a;b;c\r\n1;\"x;\ny\";3\r\n4;5;6");

	(void)state;
	same(place_in_csv(s, 1, 2, ';'), 1, 5);
	same(place_in_csv(s, 2, 2, ';'), 3, 4);
	same(place_in_csv(s, 4, 1, ';'), 4, 3);
	same(place_in_csv(s, 4, 9, ';'), 4, 6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_places), cmocka_unit_test(json_is_bounded), cmocka_unit_test(fhir_places), cmocka_unit_test(hl7_places),
		cmocka_unit_test(csv_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
