/* SPDX-License-Identifier: EUPL-1.2 */
/* Tests of hub/ctl/unopened.c: what is asked of an adapter about referrals that nobody has opened, and what is shown of its answer. */
#include "hub/ctl/unopened.h"

#include "tests/unit/hub/ctl/ctl_server.h"

static const struct command list = { "previews", NULL, unopened_list_options, { "", "" }, .run = unopened_list };
static const struct command open_one = { "open", "ID", unopened_open_options, { "", "" }, .run = unopened_open };
static const struct command decline = { "decline", "ID", unopened_decline_options, { "", "" }, .run = unopened_decline };

#define HELD "{\"kind\":\"preview\",\"msg_id\":\"019c9e5f-0000-7000-8000-000000000001\",\"thread\":\"ab\",\"from\":\"a-gp\",\"referral_id\":\"R-1\"," \
	     "\"state\":\"requested\",\"received_at\":\"2026-03-02T10:00:00Z\",\"respond_by\":\"2026-07-02T10:00:00Z\",\"preview\":{" \
	     "\"age_band\":\"7-11\",\"service_kind\":\"mentoring\",\"municipality\":\"PDV22\",\"priority\":\"urgent\"}}"

/* People read what there is to decide by, in their own time and language; programs get the adapter's words. */
static void
listed(void **state)
{
	static const char *const shown[] = { "2026-03-02T12:00:00+02:00", "2026-07-02T13:00:00+03:00", "a-gp", "7-11", "Mentoring", "PDV22", "urgent",
					     "R-1", "019c9e5f-0000-7000-8000-000000000001" };
	struct world *w = *state;
	pid_t pid = server_start(w, "s", "{\"ok\":true,\"previews\":[" HELD "]}\n", 2);

	assert_int_equal(WORLD_RUN(w, &list, "previews", "--socket", "%/s"), EXIT_OK);
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		assert_non_null(strstr(w->out, shown[i]));
	assert_int_equal(WORLD_RUN(w, &list, "previews", "--socket", "%/s", "--json"), EXIT_OK);
	server_end(pid);
	assert_non_null(strstr(w->out, "\"received_at\": \"2026-03-02T10:00:00Z\""));
	assert_string_equal(server_request(w), "{\"verb\":\"previews\",\"after\":0}\n");
	pid = server_start(w, "s", "{\"ok\":true,\"previews\":[]}\n", 1);
	assert_int_equal(WORLD_RUN(w, &list, "previews", "--socket", "%/s"), EXIT_OK);
	server_end(pid);
	assert_non_null(strstr(w->err, "nothing waits"));
	assert_int_equal(WORLD_RUN(w, &list, "previews"), EXIT_FAILED);
}

/* All pages are asked for, and one that leads back is the last. */
static void
in_pages(void **state)
{
	struct world *w = *state;
	pid_t pid = server_start(w, "s", "{\"ok\":true,\"previews\":[" HELD "],\"next\":7}\n", 2);

	assert_int_equal(WORLD_RUN(w, &list, "previews", "--socket", "%/s"), EXIT_OK);
	server_end(pid);
	assert_string_equal(server_request(w), "{\"verb\":\"previews\",\"after\":7}\n");
	assert_non_null(strstr(strstr(w->out, "R-1") + 1, "R-1"));
}

/* What a person decides goes with who it is; a reason there must be; what the adapter refuses is told with its field. */
static void
decided(void **state)
{
	struct world *w = *state;
	pid_t pid = server_start(w, "s", "{\"ok\":true,\"msg_id\":\"x\",\"thread\":\"ab\",\"referral_id\":\"R-1\",\"state\":\"received\","
				 "\"opened\":true}\n", 1);

	assert_int_equal(WORLD_RUN(w, &open_one, "open", "--socket", "%/s", "R-1", "--role", "inspector"), EXIT_OK);
	server_end(pid);
	assert_string_equal(server_request(w), "{\"verb\":\"open\",\"id\":\"R-1\",\"actor\":{\"role\":\"inspector\"}}\n");
	assert_non_null(strstr(w->out, "received"));
	pid = server_start(w, "s", "{\"ok\":true,\"state\":\"declined\",\"opened\":false}\n", 1);
	assert_int_equal(WORLD_RUN(w, &decline, "decline", "--socket", "%/s", "R-1", "--reason", "other", "--text", "not ours", "--case-no", "7",
				   "--name", "X"), EXIT_OK);
	server_end(pid);
	assert_string_equal(server_request(w), "{\"verb\":\"decline\",\"id\":\"R-1\",\"reason_code\":\"other\",\"reason_text\":\"not ours\","
					       "\"case_no\":\"7\",\"actor\":{\"name\":\"X\"}}\n");
	pid = server_start(w, "s", "{\"ok\":false,\"code\":\"NSK-1303\",\"error\":\"no\",\"where\":\"status.reason_code\"}\n", 1);
	assert_int_equal(WORLD_RUN(w, &decline, "decline", "--socket", "%/s", "R-1", "--reason", "magic"), EXIT_FAILED);
	server_end(pid);
	assert_non_null(strstr(w->err, "status.reason_code"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(listed, world_open, world_close),
		cmocka_unit_test_setup_teardown(in_pages, world_open, world_close),
		cmocka_unit_test_setup_teardown(decided, world_open, world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
