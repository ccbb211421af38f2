/* SPDX-License-Identifier: EUPL-1.2 */
/* Services asked for and said over HTTP and the control socket, and by the configuration's file. */
#include "tests/support/paper_services.h"

#include <jansson.h>

#include "adapters/core/services_view.h"

#define WHOLE "{\"service_kind\": \"mentoring\", \"name_bg\": \"Менторство\", \"municipalities\": [\"PDV22\"], \"capacity_status\": \"capacity\"," \
	" \"unit\": \"place\", \"available\": 2, \"valid_days\": 5}"

static enum err
call(struct paper *p, const char *method, const char *path, const char *body, json_t **ret_said, struct why *why)
{
	struct native in = { .format = FORMAT_JSON, .method = method, .path = path, .bytes = span_str(body) }, answer = { 0 };
	const char *id = strrchr(path, '/') + 1;
	struct adapter *a = p->party[0].desk.adapter;
	enum err e;

	e = strcmp(method, "GET") == 0 ? services_view_answer(a, &in, p->mem, &answer, why) :
					 services_view_say(a, id, &in, p->mem, &answer, why);
	*ret_said = e == OK ? json_loadb((const char *)answer.bytes.p, answer.bytes.n, 0, NULL) : NULL;
	return e;
}

static size_t
count(struct paper *p, const char *path)
{
	struct why why;
	json_t *said;
	size_t n;

	assert_int_equal(call(p, "GET", path, "", &said, &why), OK);
	n = json_array_size(json_object_get(said, "services"));
	json_decref(said);
	return n;
}

/* Put whole, changed in part, ended; each is a word to all. */
static void
said(void **state)
{
	struct paper *p = paper_up();
	struct why why;
	json_t *said;

	(void)state;
	assert_int_equal(call(p, "PUT", "/v1/services/m-1", WHOLE, &said, &why), OK);
	assert_string_equal(json_string_value(json_object_get(said, "programme")), "P3");
	json_decref(said);
	assert_int_equal(count(p, "/v1/services?free=true&municipality=Пловдив&kind=mentoring"), 1);
	assert_int_equal(count(p, "/v1/services?municipality=гр. Пловдив"), 1);
	assert_int_equal(count(p, "/v1/services?municipality=77373"), 0);	/* in Rodopi */
	assert_int_equal(count(p, "/v1/services?municipality=Храбрино"), 0);
	assert_int_equal(call(p, "PATCH", "/v1/services/m-1", "{\"available\": 0, \"capacity_status\": \"no-capacity\"}", &said, &why), OK);
	assert_string_equal(json_string_value(json_object_get(said, "name_bg")), "Менторство");
	assert_string_equal(json_string_value(json_object_get(said, "room")), "full");
	json_decref(said);
	assert_int_equal(count(p, "/v1/services?free=true"), 0);
	assert_int_equal(call(p, "DELETE", "/v1/services/m-1", "", &said, &why), OK);
	json_decref(said);
	assert_int_equal(count(p, "/v1/services"), 0);
	assert_int_equal(p->party[0].n_sent, 3);
	paper_down(p);
}

/* Wrong questions and wrong words are told, and nothing is sent of them. */
static void
refused(void **state)
{
	static const struct { const char *method, *path, *body; enum err e; const char *where; } bad[] = {
		{ "GET", "/v1/services?kind=magic", "", ERR_UNKNOWN_CODE, "kind" },
		{ "GET", "/v1/services?programme=P9", "", ERR_UNKNOWN_CODE, "programme" },
		{ "GET", "/v1/services?municipality=Sofia", "", ERR_UNKNOWN_CODE, "municipality" },
		{ "GET", "/v1/services?municipality=56784", "", ERR_UNROUTABLE, "municipality" },
		{ "GET", "/v1/services?age=many", "", ERR_BAD_NUMBER, "age" },
		{ "GET", "/v1/services?free=1", "", ERR_UNKNOWN_CODE, "free" },
		{ "GET", "/v1/services?kind=mentoring&colour=red", "", ERR_UNKNOWN_FIELD, "colour" },
		{ "GET", "/v1/services?kinds", "", ERR_UNKNOWN_FIELD, "kinds" },
		{ "PUT", "/v1/services/m-1", "{", ERR_SYNTAX, "body" },
		{ "PUT", "/v1/services/m-1", "{}", ERR_REQUIRED, "service_kind" },
		{ "PUT", "/v1/services/m-1", "{\"service_id\": \"m-2\"}", ERR_INCONSISTENT, "service_id" },
		{ "PUT", "/v1/services/M 1", WHOLE, ERR_FORMAT, "service_id" },
		{ "PATCH", "/v1/services/m-1", "{\"available\": 1}", ERR_NOTFOUND, "service_id" },
		{ "DELETE", "/v1/services/m-1", "", ERR_NOTFOUND, "service_id" },
	};
	struct paper *p = paper_up();
	struct why why;
	json_t *said;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		why = (struct why){ .where = "" };
		if (call(p, bad[i].method, bad[i].path, bad[i].body, &said, &why) != bad[i].e || strcmp(why.where, bad[i].where) != 0)
			fail_msg("%s %s: %s %s", bad[i].method, bad[i].path, why.where, why.text);
	}
	assert_int_equal(p->party[0].n_sent, 0);
	paper_down(p);
}

/* nasokactl's words do the same. */
static void
by_control(void **state)
{
	struct paper *p = paper_up();
	struct adapter *a = p->party[0].desk.adapter;
	json_t *asked = json_pack("{s:s, s:s, s:o}", "how", "put", "id", "m-1", "service", json_loads(WHOLE, 0, NULL)), *said;
	struct why why;

	(void)state;
	assert_int_equal(services_view_take(a, asked, p->mem, &said, &why), OK);
	json_decref(said);
	json_decref(asked);
	asked = json_pack("{s:s, s:b}", "kind", "mentoring", "free", 1);
	assert_int_equal(services_view_list(a, asked, p->mem, &said, &why), OK);
	assert_int_equal(json_array_size(json_object_get(said, "services")), 1);
	json_decref(said);
	json_decref(asked);
	asked = json_pack("{s:s}", "how", "put");
	assert_int_equal(services_view_take(a, asked, p->mem, &said, &why), ERR_REQUIRED);
	json_decref(asked);
	paper_down(p);
}

/* The file is said once, again when it changes, and does not undo what was said of room since. */
static void
by_file(void **state)
{
	static const char text[] = "[{\"service_id\": \"m-1\", \"service_kind\": \"mentoring\", \"name_bg\": \"А\", \"municipalities\": [\"PDV22\"],"
		" \"capacity_status\": \"capacity\", \"unit\": \"place\", \"available\": 2, \"valid_days\": 5}]";
	static const char later[] = "[{\"service_id\": \"m-1\", \"name_bg\": \"Б\"}]";
	struct paper *p = paper_up();
	struct adapter *a = p->party[0].desk.adapter;
	struct why why;
	json_t *said;

	(void)state;
	assert_int_equal(services_view_file(a, SPAN_LIT(text), &why), OK);
	assert_int_equal(services_view_file(a, SPAN_LIT(text), &why), OK);
	assert_int_equal(p->party[0].n_sent, 1);
	assert_int_equal(call(p, "PATCH", "/v1/services/m-1", "{\"available\": 1}", &said, &why), OK);
	json_decref(said);
	assert_int_equal(services_view_file(a, SPAN_LIT(text), &why), OK);
	assert_int_equal(paper_service(p, 0, "m-1").announce.available, 1);
	assert_int_equal(services_view_file(a, SPAN_LIT(later), &why), OK);
	assert_string_equal(paper_service(p, 0, "m-1").announce.name_bg, "Б");
	assert_int_equal(paper_service(p, 0, "m-1").announce.available, 1);
	assert_int_equal(services_view_file(a, SPAN_LIT("{}"), &why), ERR_SYNTAX);
	assert_int_equal(services_view_file(a, SPAN_LIT("[{}]"), &why), ERR_REQUIRED);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(said), cmocka_unit_test(refused), cmocka_unit_test(by_control), cmocka_unit_test(by_file),
	};

	return cmocka_run_group_tests_name("services_view", tests, NULL, NULL);
}
