/* SPDX-License-Identifier: EUPL-1.2 */
/* What may be asked of a running adapter. */
#include "tests/support/paper_hub.h"

#include <jansson.h>

#include "adapters/core/verbs.h"

static void
stop(void *arg, enum err e)
{
	(void)arg;
	fail_msg("%s", err_name(e));
}

/* The member `name` of the answer to `line`, as text. */
static const char *
ask(struct paper *p, const char *line, const char *name)
{
	struct verbs v = { p->party[1].desk.adapter, stop, NULL };
	json_t *said = verbs_answer(&v, span_str(line));
	char *text = json_dumps(json_object_get(said, name), JSON_ENCODE_ANY | JSON_COMPACT);
	const char *kept = arena_str(p->mem, text ? text : "null");

	free(text);
	json_decref(said);
	return kept;
}

static void
park(struct paper *p, uint64_t cursor)
{
	struct txn *txn = store_write(p->party[1].desk.store);

	egress_put(txn, &(struct due){ .cursor = cursor, .tries = 12, .strikes = 10, .code = ERR_PEER_REFUSED, .is_parked = true });
	assert_int_equal(txn_commit(txn), OK);
}

/* What is parked is listed with its error, tried anew by one verb and refused by another; what is not named is not touched. */
static void
parked_listed_requeued_refused(void **state)
{
	struct paper *p = paper_up();
	const char *list;
	char id[MSGID_TEXT_LEN];
	json_t *items;

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_refer(p, "R-2", "routine");
	paper_run(p);
	park(p, 1);
	park(p, 2);
	assert_string_equal(ask(p, "{\"verb\":\"status\"}", "parked"), "2");
	list = ask(p, "{\"verb\":\"parked\"}", "messages");
	items = json_loads(list, 0, NULL);
	assert_int_equal(json_array_size(items), 2);
	assert_string_equal(json_string_value(json_object_get(json_array_get(items, 0), "code")), "NSK-1605");
	assert_int_equal(json_integer_value(json_object_get(json_array_get(items, 0), "tries")), 12);
	snprintf(id, sizeof(id), "%s", json_string_value(json_object_get(json_array_get(items, 0), "id")));
	json_decref(items);

	assert_string_equal(ask(p, "{\"verb\":\"requeue\"}", "code"), "\"NSK-1301\"");
	assert_string_equal(ask(p, "{\"verb\":\"requeue\",\"id\":\"nothing\"}", "code"), "\"NSK-1006\"");
	assert_string_equal(ask(p, arena_fmt(p->mem, "{\"verb\":\"refuse\",\"id\":\"%s\"}", id), "code"), "\"NSK-1301\"");
	assert_string_equal(ask(p, arena_fmt(p->mem, "{\"verb\":\"refuse\",\"id\":\"%s\",\"reason\":\"Без дата\"}", id), "refused"), "1");
	assert_string_equal(ask(p, "{\"verb\":\"parked\"}", "parked"), "1");
	assert_string_equal(ask(p, "{\"verb\":\"requeue\",\"all\":true}", "requeued"), "1");
	assert_string_equal(ask(p, "{\"verb\":\"parked\"}", "parked"), "0");
	assert_int_equal(paper_count(p, 1, TABLE_EGRESS), 1);
	paper_down(p);
}

/* What nobody has opened is listed, counted, opened and declined over the socket as by HTTP; a refusal names its field. */
static void
previews_listed_opened_declined(void **state)
{
	static const char *const all[] = { "all" };
	struct paper *p = paper_up();
	const char *list;

	(void)state;
	p->party[1].desk.config.preview.services = all;
	p->party[1].desk.config.preview.n_services = 1;
	paper_refer(p, "R-1", "routine");
	paper_refer(p, "R-2", "urgent");
	paper_run(p);
	assert_string_equal(ask(p, "{\"verb\":\"status\"}", "previews"), "2");
	list = ask(p, "{\"verb\":\"previews\"}", "previews");
	assert_non_null(strstr(list, "\"R-1\""));
	assert_non_null(strstr(list, "\"R-2\""));
	assert_non_null(strstr(list, "\"age_band\":\"7-11\""));
	assert_null(strstr(list, "Измислен"));
	assert_null(strstr(ask(p, "{\"verb\":\"previews\",\"after\":1}", "previews"), "\"R-1\""));
	assert_string_equal(ask(p, "{\"verb\":\"previews\",\"after\":-1}", "code"), "\"NSK-1305\"");
	assert_string_equal(ask(p, "{\"verb\":\"open\"}", "where"), "\"id\"");
	assert_string_equal(ask(p, "{\"verb\":\"open\",\"id\":\"R-9\"}", "code"), "\"NSK-1403\"");
	assert_string_equal(ask(p, "{\"verb\":\"open\",\"id\":\"R-1\",\"colour\":\"blue\"}", "code"), "\"NSK-1308\"");
	assert_string_equal(ask(p, "{\"verb\":\"decline\",\"id\":\"R-2\"}", "where"), "\"status.reason_code\"");
	assert_string_equal(ask(p, "{\"verb\":\"status\"}", "previews"), "2");
	assert_string_equal(ask(p, "{\"verb\":\"open\",\"id\":\"R-1\",\"actor\":{\"role\":\"инспектор\"}}", "state"), "\"received\"");
	assert_string_equal(ask(p, "{\"verb\":\"decline\",\"id\":\"R-2\",\"reason_code\":\"wrong-service\"}", "state"), "\"declined\"");
	assert_string_equal(ask(p, "{\"verb\":\"open\",\"id\":\"R-2\"}", "code"), "\"NSK-1609\"");
	assert_string_equal(ask(p, "{\"verb\":\"status\"}", "previews"), "0");
	paper_down(p);
}

/* What is no request is told so. */
static void
no_request(void **state)
{
	struct paper *p = paper_up();

	(void)state;
	assert_string_equal(ask(p, "status", "code"), "\"NSK-1504\"");
	assert_string_equal(ask(p, "{\"verb\":\"dance\"}", "code"), "\"NSK-1504\"");
	assert_string_equal(ask(p, "{\"verb\":7}", "ok"), "false");
	paper_down(p);
}

/* Sealing keys turn over on demand; of other keys this adapter knows no turnover. */
static void
rotate_names_a_new_key(void **state)
{
	struct paper *p = paper_up();

	(void)state;
	assert_string_equal(ask(p, "{\"verb\":\"rotate\",\"what\":\"signing\"}", "code"), "\"NSK-1504\"");
	assert_string_equal(ask(p, "{\"verb\":\"rotate\",\"what\":\"sealing\"}", "sheet_version"), "2");
	assert_string_equal(ask(p, "{\"verb\":\"status\"}", "sealing_keys"), "2");
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parked_listed_requeued_refused),
		cmocka_unit_test(previews_listed_opened_declined),
		cmocka_unit_test(no_request),
		cmocka_unit_test(rotate_names_a_new_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
