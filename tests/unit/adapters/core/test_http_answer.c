/* SPDX-License-Identifier: EUPL-1.2 */
/* What the adapter answers, as HTTP says it. */
#include "adapters/core/http_answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <microhttpd.h>

#include "adapters/core/http_file.h"

static const struct file_bytes file = { .digest = "AAAA", .media_type = "application/pdf", .name = "a.pdf", .size = 1000, .parts = 1 };

static struct MHD_Response *
respond(const struct native *answer, const struct http_part *part, unsigned *n_files)
{
	struct MHD_Response *response = NULL;

	assert_int_equal(http_answer_of(NULL, answer, part, n_files, &response), OK);
	assert_non_null(response);
	return response;
}

/* NULL: it is not to be said. */
static void
assert_says(struct MHD_Response *response, const char *header, const char *value)
{
	const char *said = MHD_get_response_header(response, header);

	if (value == NULL && said != NULL)
		fail_msg("%s: %s", header, said);
	if (value != NULL && (said == NULL || strcmp(said, value) != 0))
		fail_msg("%s: %s in place of %s", header, said ? said : "nothing", value);
}

/* What the adapter knows of its answer is said, what it does not is not; nobody between may keep it, or guess at its type. */
static void
known_and_not(void **state)
{
	const struct native bare = { .bytes = SPAN_NONE, .media_type = "text/plain" };
	const struct native full = {
		.bytes = SPAN_LIT("{}"), .media_type = "application/json", .path = "/v1/referrals/4", .etag = "W/\"3\"",
		.modified_ms = INT64_C(1795330799000),
	};
	struct MHD_Response *r;
	unsigned n_files = 0;

	(void)state;
	r = respond(&bare, NULL, &n_files);
	assert_says(r, "Content-Type", NULL);	/* of nothing */
	assert_says(r, "Location", NULL);
	assert_says(r, "ETag", NULL);
	assert_says(r, "Last-Modified", NULL);
	assert_says(r, "Cache-Control", "no-store");
	assert_says(r, "X-Content-Type-Options", "nosniff");
	MHD_destroy_response(r);
	r = respond(&full, NULL, &n_files);
	assert_says(r, "Content-Type", "application/json");
	assert_says(r, "Location", "/v1/referrals/4");
	assert_says(r, "ETag", "W/\"3\"");
	assert_says(r, "Last-Modified", "Sun, 22 Nov 2026 06:59:59 GMT");
	assert_says(r, "Cache-Control", "no-store");
	MHD_destroy_response(r);
	assert_int_equal(n_files, 0);
}

/* The status is the adapter's, 200 where it says none, and 206 for a part of a file; that there is no such part leaves it 416. */
static void
statuses(void **state)
{
	const struct native silent = { .status = 0 }, created = { .status = 201 }, refused = { .status = 416 };
	const struct http_part part = { 10, 20, 1000 }, none = { 0, 0, 1000 };

	(void)state;
	assert_int_equal(http_answer_status(&silent, NULL), 200);
	assert_int_equal(http_answer_status(&created, NULL), 201);
	assert_int_equal(http_answer_status(&silent, &part), 206);
	assert_int_equal(http_answer_status(&refused, &none), 416);
}

/* Who is refused hears what to do: with a token, by another method, later. An address that takes no method names none. */
static void
ways_out(void **state)
{
	static const struct { unsigned status; const char *allowed, *authenticate, *allow, *retry; } cases[] = {
		{ 200, NULL, NULL, NULL, NULL }, { 401, NULL, "Bearer realm=\"nasoka\"", NULL, NULL },
		{ 405, "GET, POST", NULL, "GET, POST", NULL }, { 405, NULL, NULL, NULL, NULL },
		{ 429, NULL, NULL, NULL, HTTP_ANSWER_RETRY_S }, { 503, NULL, NULL, NULL, HTTP_ANSWER_RETRY_S }, { 500, NULL, NULL, NULL, NULL },
	};
	unsigned n_files = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct native answer = { .status = cases[i].status, .allow = cases[i].allowed };
		struct MHD_Response *r = respond(&answer, NULL, &n_files);

		assert_says(r, "WWW-Authenticate", cases[i].authenticate);
		assert_says(r, "Allow", cases[i].allow);
		assert_says(r, "Retry-After", cases[i].retry);
		MHD_destroy_response(r);
	}
}

/* A file is counted for as long as it is given, said with its type, and with its range where a part is asked for; that there is none such says the
 * size alone.
 */
static void
files(void **state)
{
	const struct native whole = { .content = &file, .media_type = file.media_type }, refused = { .status = 416 };
	const struct http_part part = { 10, 20, 1000 }, none = { 0, 0, 1000 };
	struct MHD_Response *r, *more = NULL;
	unsigned n_files = 0;

	(void)state;
	r = respond(&whole, NULL, &n_files);
	assert_int_equal(n_files, 1);
	assert_says(r, "Content-Type", "application/pdf");
	assert_says(r, "Content-Range", NULL);
	MHD_destroy_response(r);
	assert_int_equal(n_files, 0);
	r = respond(&whole, &part, &n_files);
	assert_says(r, "Content-Range", "bytes 10-29/1000");
	MHD_destroy_response(r);
	r = respond(&refused, &none, &n_files);
	assert_says(r, "Content-Range", "bytes */1000");
	MHD_destroy_response(r);
	n_files = HTTP_FILES_MAX;
	assert_int_equal(http_answer_of(NULL, &whole, NULL, &n_files, &more), ERR_OVERLOAD);
	assert_int_equal(n_files, HTTP_FILES_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_and_not), cmocka_unit_test(statuses), cmocka_unit_test(ways_out),
		cmocka_unit_test(files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
