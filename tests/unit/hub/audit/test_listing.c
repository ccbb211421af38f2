/* SPDX-License-Identifier: EUPL-1.2 */
/* listing - table, JSON, CSV from the same rows */
#include "tests/support/audit_desk.h"
#include "hub/audit/listing.h"
#include <jansson.h>
#include <locale.h>

static char *
list(struct desk *d, enum listing_form form, enum lang lang, const struct key *key)
{
	struct history_filter filter = { .agency = NULL };
	struct listing *l;
	struct why why;
	char *text;
	size_t n;
	FILE *to = open_memstream(&text, &n);

	if (d->source == NULL)
		d->source = log_source(d->l);
	l = listing_new(form, lang, key != NULL, to);
	assert_int_equal(history_run(d->source, key, &filter, listing_row, l, &why), OK);
	assert_int_equal(listing_end(l, &n), OK);
	fclose(to);
	return text;
}

/* JSON holds one object an event, with types that programs expect. */
static void
listing_json_form(void **state)
{
	struct desk *d = desk_new(3);
	json_t *root, *first;
	char *text;

	text = list(d, LISTING_JSON, LANG_EN, d->l->w->auditors[0]);
	assert_non_null(root = json_loads(text, JSON_REJECT_DUPLICATES, NULL));
	first = json_array_get(json_object_get(root, "events"), 0);
	assert_string_equal(json_string_value(json_object_get(first, "event")), "submit");
	assert_string_equal(json_string_value(json_object_get(first, "stage")), "stored");
	assert_string_equal(json_string_value(json_array_get(json_object_get(first, "to"), 0)), world_ids[1]);
	assert_string_equal(json_string_value(json_object_get(first, "state_to")), "requested");
	assert_string_equal(json_string_value(json_object_get(first, "case")), "00112233445566778899aabbccddeeff");
	assert_true(json_is_null(json_object_get(first, "latency_ms")));
	assert_true(json_is_false(json_object_get(first, "breaks_a_rule")));
	json_decref(root);
	free(text);
	desk_free(d);
	(void)state;
}

/* CSV has a header line and as many columns on each line; the table speaks Bulgarian. */
static void
listing_csv_and_table(void **state)
{
	struct desk *d = desk_new(3);
	unsigned lines = 0, columns = 0;
	char *text;

	text = list(d, LISTING_CSV, LANG_EN, NULL);
	for (char *line = strtok(text, "\r\n"); line; line = strtok(NULL, "\r\n"), lines++) {
		unsigned commas = 0;

		for (char *p = line; *p; p++)
			commas += *p == ',';
		if (lines == 0)
			columns = commas;
		assert_int_equal(commas, columns);
	}
	assert_true(lines > 6);
	free(text);
	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	text = list(d, LISTING_TABLE, LANG_BG, NULL);
	assert_non_null(strstr(text, "съхранено"));
	assert_non_null(strstr(text, "СЪБИТИЕ"));
	free(text);
	desk_free(d);
	(void)state;
}

/* A notice is told with its fact: by a name to programs, in words to people; a text that is none of them is not shown. */
static void
listing_notice(void **state)
{
	struct history_row row = { .leaf = { .type = LEAF_NOTICE, .seq = 9 }, .detail = { .from = "hub", .text = "no-answer" }, .latency_ms = -1 };
	json_t *o = listing_json(&row);
	struct listing *l;
	char *text;
	size_t n;
	FILE *to = open_memstream(&text, &n);

	assert_string_equal(json_string_value(json_object_get(o, "fact")), "no-answer");
	json_decref(o);
	row.detail.text = "something else";
	o = listing_json(&row);
	assert_true(json_is_null(json_object_get(o, "fact")));
	json_decref(o);
	row.detail.text = "late";
	l = listing_new(LISTING_TABLE, LANG_EN, false, to);
	assert_int_equal(listing_row(l, &row), OK);
	assert_int_equal(listing_end(l, &n), OK);
	fclose(to);
	assert_non_null(strstr(text, "notice: not registered in time"));
	free(text);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listing_json_form),
		cmocka_unit_test(listing_notice),
		cmocka_unit_test(listing_csv_and_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
