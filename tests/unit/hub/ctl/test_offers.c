/* SPDX-License-Identifier: EUPL-1.2 */
/* Tests of hub/ctl/offers.c: what is asked of an adapter about services, and what is shown of its answer. */
#include "hub/ctl/offers.h"

#include "tests/unit/hub/ctl/ctl_server.h"

#define SERVICE "{\"service_id\":\"cop-1\",\"agency\":\"cop\",\"service_kind\":\"mentoring\",\"programme\":\"P3\",\"name_bg\":\"Менторство\"," \
		"\"name_en\":\"Mentors\",\"municipalities\":[\"PDV22\",\"PDV42\"],\"room\":\"stale\",\"available\":3,\"valid_until\":\"2026-03-02T10:00:00Z\"}"

static const struct command services = { "services", NULL, offers_services_options, { "", "" }, .run = offers_services };
static const struct command announce = { "announce", "FILE|ID", offers_announce_options, { "", "" }, .run = offers_announce };

#define LISTED "{\"ok\":true,\"services\":[" SERVICE "]}\n"
#define SAID "{\"ok\":true,\"service\":" SERVICE "}\n"

/* The question holds what was given; the table says what people compare. */
static void
searched(void **state)
{
	struct world *w = *state;
	pid_t pid = server_start(w, "s", LISTED, 1);

	assert_int_equal(WORLD_RUN(w, &services, "services", "--socket", "%/s", "--kind", "mentoring", "--age", "7", "--free"), EXIT_OK);
	server_end(pid);
	assert_non_null(strstr(w->out, "stale"));
	assert_non_null(strstr(w->out, "PDV22, PDV42"));
	assert_non_null(strstr(w->out, "Mentoring"));
	assert_string_equal(server_request(w), "{\"verb\":\"services\",\"kind\":\"mentoring\",\"age\":\"7\",\"free\":true}\n");
	pid = server_start(w, "s", LISTED, 1);
	assert_int_equal(WORLD_RUN(w, &services, "services", "--socket", "%/s", "--municipality", "Plovdiv", "--json"), EXIT_OK);
	server_end(pid);
	assert_non_null(strstr(w->out, "\"services\""));
	assert_string_equal(server_request(w), "{\"verb\":\"services\",\"municipality\":\"Plovdiv\"}\n");
	assert_int_equal(WORLD_RUN(w, &services, "services"), EXIT_FAILED);
}

/* A file is put whole; options change what they say; the end is the end; and what is wrong is not sent. */
static void
announced(void **state)
{
	struct world *w = *state;
	pid_t pid = server_start(w, "s", SAID, 1);

	world_file(w, "service.json", "[{\"service_id\": \"cop-1\"}]");
	assert_int_equal(WORLD_RUN(w, &announce, "announce", "--socket", "%/s", "%/service.json"), EXIT_OK);
	server_end(pid);
	assert_string_equal(server_request(w), "{\"verb\":\"announce\",\"how\":\"put\",\"service\":{\"service_id\":\"cop-1\"}}\n");
	pid = server_start(w, "s", SAID, 1);
	assert_int_equal(WORLD_RUN(w, &announce, "announce", "--socket", "%/s", "cop-1", "--available", "0", "--status", "no-capacity"), EXIT_OK);
	server_end(pid);
	assert_non_null(strstr(server_request(w),
			       "\"how\":\"patch\",\"id\":\"cop-1\",\"service\":{\"capacity_status\":\"no-capacity\",\"available\":0}"));
	pid = server_start(w, "s", SAID, 1);
	assert_int_equal(WORLD_RUN(w, &announce, "announce", "--socket", "%/s", "cop-1", "--end"), EXIT_OK);
	server_end(pid);
	assert_non_null(strstr(server_request(w), "\"how\":\"end\",\"id\":\"cop-1\""));
	assert_int_equal(WORLD_RUN(w, &announce, "announce", "--socket", "%/s", "cop-1", "--available", "many"), EXIT_FAILED);
	assert_int_equal(WORLD_RUN(w, &announce, "announce", "--socket", "%/s", "cop-1", "--available", "1", "--end"), EXIT_FAILED);
	world_file(w, "bad.json", "{");
	assert_int_equal(WORLD_RUN(w, &announce, "announce", "--socket", "%/s", "%/bad.json"), EXIT_FAILED);
	assert_int_equal(WORLD_RUN(w, &announce, "announce", "--socket", "%/s", "%/none.json"), EXIT_FAILED);
}

/* What the adapter refuses is told with its code. */
static void
refused(void **state)
{
	struct world *w = *state;
	pid_t pid = server_start(w, "s", "{\"ok\":false,\"code\":\"NSK-1202\",\"error\":\"has a personal number in it\"}\n", 1);

	assert_int_equal(WORLD_RUN(w, &announce, "announce", "--socket", "%/s", "cop-1", "--waiting", "2"), EXIT_FAILED);
	server_end(pid);
	assert_non_null(strstr(w->err, "NSK-1202"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(searched, world_open, world_close),
		cmocka_unit_test_setup_teardown(announced, world_open, world_close),
		cmocka_unit_test_setup_teardown(refused, world_open, world_close),
	};

	return cmocka_run_group_tests_name("offers", tests, NULL, NULL);
}
