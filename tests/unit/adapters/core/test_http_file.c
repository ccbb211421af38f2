/* SPDX-License-Identifier: EUPL-1.2 */
/* Files at the HTTP door: in without being collected, out part by part. */
#include "adapters/core/http_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "adapters/core/http.h"
#include "adapters/core/wire.h"
#include "tests/support/fake_adapter.h"
#include "tests/support/loop_client.h"

#define BODY_MAX 1000

struct world {
	struct loop *loop;
	struct http *http;
	struct adapter_config config;
	struct loop_client client;
};

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	const struct door_host *host;
	struct why why = { 0 };

	assert_non_null(w);
	memset(&fake, 0, sizeof(fake));
	assert_int_equal(loop_new(&w->loop), OK);
	host = fake_host(w->loop);
	w->client.fd = -1;
	w->config.in_http.host = "127.0.0.1";
	w->config.in_http.loopback = true;
	w->config.in_http.body_bytes = BODY_MAX;
	fake.loop = NULL;
	fake.answer = "{}";
	assert_int_equal(http_open(&w->config, host, &w->http, &why), OK);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	loop_client_close(&w->client);
	http_close(w->http);
	loop_free(w->loop);
	free(w);
	return 0;
}

static struct span
exchange(struct world *w, const char *request, size_t n)
{
	loop_client_connect(&w->client, w->loop, http_port(w->http));
	assert_true(loop_client_talk(&w->client, SPAN(request, n), 0, 10000));
	close(w->client.fd);
	w->client.fd = -1;
	return SPAN(w->client.in ? w->client.in : "", w->client.n);
}

/* A request with a body of `n` bytes, `said` of them in its head. */
static const char *
post(struct world *w, size_t n, size_t said)
{
	size_t head;
	char *text = calloc(1, n + 300);
	const char *answer;

	head = (size_t)sprintf(text, "POST /v1/referrals/1/files?filename=a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nIdempotency-Key: k\r\n"
				     "Content-Type: application/pdf\r\nContent-Length: %zu\r\n\r\n", said);
	memset(text + head, 'x', n);
	answer = (const char *)exchange(w, text, head + n).p;
	free(text);
	return answer;
}

/* A file may be larger than what the door collects, reaches the adapter byte for byte, and is answered when the adapter has ended it. */
static void
in_whole(void **state)
{
	struct world *w = *state;
	const char *answer;

	fake.status = 202;
	answer = post(w, 3000000, 3000000);
	assert_memory_equal(answer, "HTTP/1.1 202", 12);
	assert_int_equal(fake.n_uploads, 1);
	assert_int_equal(fake.n_ended, 1);
	assert_int_equal(fake.n_dropped, 0);
	assert_int_equal(fake.n_uploaded, 3000000);
	assert_string_equal(fake.key, "k");
	assert_string_equal(fake.media_type, "application/pdf");
}

/* One that breaks off is dropped; one that is refused while it comes, or at its end, is told so. */
static void
in_broken(void **state)
{
	static const char half[] = "POST /v1/referrals/1/files HTTP/1.1\r\nHost: x\r\nContent-Length: 3000\r\n\r\n%PDF-";
	struct world *w = *state;

	loop_client_connect(&w->client, w->loop, http_port(w->http));
	(void)loop_client_talk(&w->client, SPAN(half, sizeof(half) - 1), 0, 200);
	assert_int_equal(fake.n_uploaded, 5);
	http_close(w->http);
	w->http = NULL;
	assert_int_equal(fake.n_dropped, 1);
	assert_int_equal(fake.n_ended, 0);
}

static void
in_refused(void **state)
{
	struct world *w = *state;

	fake.more_says = ERR_MEDIA_TYPE;
	assert_non_null(strstr(post(w, 100000, 100000), "NSK-1603"));
	assert_int_equal(fake.n_dropped, 1);
	fake.more_says = OK;
	fake.end_says = ERR_FILE_DIFFERS;
	assert_non_null(strstr(post(w, 100000, 100000), "NSK-1309"));
	assert_int_equal(fake.n_dropped, 1);	/* ended, by itself */
	assert_int_equal(fake.n_ended, 1);
	assert_memory_equal(post(w, 10, HTTP_SWALLOW_MAX + 1), "HTTP/1.1 413", 12);	/* at once: its body is not waited for */
}

/* A file is given part by part under its length, its name, type and hash. */
static void
out_whole(void **state)
{
	static const struct file_bytes f = { .id = "x", .digest = "AAAA", .media_type = "application/pdf", .name = "Писмо 1.pdf",
					     .size = 524288 * 2 + 7, .parts = 3 };
	static const char get[] = "GET /v1/files/x/content HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
	struct world *w = *state;
	struct span answer;
	const char *body;

	fake.content = &f;
	for (int i = 0; i <= HTTP_FILES_MAX; i++) {	/* each gives its place back */
		answer = exchange(w, get, sizeof(get) - 1);
		assert_memory_equal(answer.p, "HTTP/1.1 200", 12);
	}
	assert_non_null(strstr((const char *)answer.p, "Content-Length: 1048583\r\n"));
	assert_non_null(strstr((const char *)answer.p, "Repr-Digest: sha-256=:AAAA:\r\n"));
	assert_non_null(strstr((const char *)answer.p, "filename*=UTF-8''%D0%9F%D0%B8%D1%81%D0%BC%D0%BE%201.pdf\r\n"));
	body = strstr((const char *)answer.p, "\r\n\r\n") + 4;
	assert_int_equal(answer.n - (size_t)(body - (const char *)answer.p), f.size);
	assert_int_equal(body[0], 'a');
	assert_int_equal(body[524287], 'a');
	assert_int_equal(body[524288], 'b');
	assert_int_equal(body[f.size - 1], 'c');
}

/* A broken download goes on where it was: across the seam of two parts, to the end, or from the start where the file is another now; what lies
 * behind the end is refused with the size; a HEAD has no parts. */
static void
out_in_part(void **state)
{
	static const struct file_bytes f = { .id = "x", .digest = "AAAA", .media_type = "application/pdf", .name = "a", .size = 524288 * 2 + 7,
					     .parts = 3 };
	static const struct { const char *method, *head, *status, *range; size_t n; char first, last; } cases[] = {
		{ "GET", "Range: bytes=524280-524295\r\n", "206", "bytes 524280-524295/1048583", 16, 'a', 'b' },
		{ "GET", "Range: bytes=1048575-\r\nIf-Range: \"AAAA\"\r\n", "206", "bytes 1048575-1048582/1048583", 8, 'b', 'c' },
		{ "GET", "Range: bytes=-3\r\n", "206", "bytes 1048580-1048582/1048583", 3, 'c', 'c' },
		{ "GET", "Range: bytes=1-\r\nIf-Range: \"BBBB\"\r\n", "200", NULL, 1048583, 'a', 'c' },
		{ "GET", "Range: bytes=0-1,4-5\r\n", "200", NULL, 1048583, 'a', 'c' },
		{ "GET", "Range: bytes=1048583-\r\n", "416", "bytes */1048583", 0, 0, 0 },
		{ "HEAD", "Range: bytes=0-1\r\n", "200", NULL, 0, 0, 0 },
	};
	struct world *w = *state;

	fake.content = &f;
	fake.etag = "\"AAAA\"";
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char request[300], line[100];
		struct span answer;
		const char *text, *body;
		int n = snprintf(request, sizeof(request), "%s /v1/files/x/content HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n",
				 cases[i].method, cases[i].head);

		answer = exchange(w, request, (size_t)n);
		text = (const char *)answer.p;
		assert_memory_equal(text + 9, cases[i].status, 3);
		snprintf(line, sizeof(line), "\r\nContent-Range: %s\r\n", cases[i].range ? cases[i].range : "");
		body = strstr(text, "\r\n\r\n") + 4;
		assert_int_equal(strstr(text, cases[i].range ? line : "Content-Range") != NULL, cases[i].range != NULL);
		if (strcmp(cases[i].status, "416") == 0) {
			assert_non_null(strstr(body, "NSK-1610"));
			continue;
		}
		assert_non_null(strstr(text, "Repr-Digest: sha-256=:AAAA:\r\n"));
		assert_non_null(strstr(text, "Accept-Ranges: bytes\r\n"));
		assert_int_equal(answer.n - (size_t)(body - text), cases[i].n);
		if (cases[i].n > 0) {
			assert_int_equal(body[0], cases[i].first);
			assert_int_equal(body[cases[i].n - 1], cases[i].last);
		}
	}
}

/* One that is destroyed meanwhile ends before its length: nobody takes it for whole. */
static void
out_gone(void **state)
{
	static const struct file_bytes f = { .id = "x", .digest = "AAAA", .media_type = "application/pdf", .name = "a", .size = 524288 * 2,
					     .parts = 2 };
	static const char get[] = "GET /v1/files/x/content HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
	struct world *w = *state;

	fake.content = &f;
	fake.missing_part = 2;
	assert_true(exchange(w, get, sizeof(get) - 1).n < 524288 * 2);
}

/* No more than so many at once. */
static void
out_too_many(void **state)
{
	static const struct file_bytes f = { .id = "x", .digest = "AAAA", .media_type = "text/plain", .name = "a", .size = 1, .parts = 1 };
	const struct http_part all = { .n = 1, .of = 1 };
	struct MHD_Response *response;
	unsigned n = HTTP_FILES_MAX;

	(void)state;
	assert_int_equal(http_file_answer(NULL, &f, &all, &n, &response), ERR_OVERLOAD);
}

/* The longest name there may be, of what must be written in three characters each, fits. */
static void
disposition_longest(void **state)
{
	char name[201], text[HTTP_FILE_NAME_LEN];

	(void)state;
	memset(name, '"', 200);
	name[200] = '\0';
	http_file_disposition(name, text);
	assert_int_equal(strlen(text), strlen("attachment; filename*=UTF-8''") + 600);
	assert_null(strchr(text, '"'));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(in_whole, setup, teardown), cmocka_unit_test_setup_teardown(in_broken, setup, teardown),
		cmocka_unit_test_setup_teardown(in_refused, setup, teardown), cmocka_unit_test_setup_teardown(out_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(out_in_part, setup, teardown),
		cmocka_unit_test_setup_teardown(out_gone, setup, teardown), cmocka_unit_test(out_too_many), cmocka_unit_test(disposition_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
