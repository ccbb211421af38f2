/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/core/core.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

struct seen {
	enum log_event event;
	char text[64];
	uint8_t frame[256];
	size_t frame_len;
	enum err answer;
};

static void
on_tell(void *arg, enum log_event event, const char *text)
{
	struct seen *seen = arg;

	seen->event = event;
	assert_true(strlen(text) < 1024);
	memcpy(seen->text, text, sizeof(seen->text) - 1);
}

static void
on_random(void *arg, void *to, size_t n)
{
	(void)arg;
	memset(to, 7, n);
}

static enum err
on_send(void *arg, struct span frame)
{
	struct seen *seen = arg;

	assert_true(frame.n <= sizeof(seen->frame));
	memcpy(seen->frame, frame.p, frame.n);
	seen->frame_len = frame.n;
	return seen->answer;
}

static void
setup(struct adapter *a, struct seen *seen)
{
	*seen = (struct seen){ .answer = OK };
	memset(a, 0, sizeof(*a));
	a->mem = arena_new(1024 * 1024);
	a->p.links = (struct adapter_links){ .arg = seen, .random = on_random, .send = on_send, .tell = on_tell };
	assert_non_null(a->mem);
}

/* A line goes out as it was formatted, and a longer one is cut, never overrun. */
static void
core_tell_formats(void **state)
{
	static struct adapter a;
	struct seen seen;
	char filler[2000];

	(void)state;
	setup(&a, &seen);
	core_tell(&a, LOG_READY, "ms=%d", 12);
	assert_int_equal(seen.event, LOG_READY);
	assert_string_equal(seen.text, "ms=12");
	memset(filler, 'x', sizeof(filler) - 1);
	filler[sizeof(filler) - 1] = '\0';
	core_tell(&a, LOG_READY, "%s", filler);
	arena_free(a.mem);
}

/* What is sent decodes to the frame that was given, and the link's "not now" comes back. */
static void
core_send_encodes(void **state)
{
	static struct adapter a;
	struct frame f = { .kind = FRAME_CREDIT, .epoch = 3, .credit = { 10, 2000 } }, got;
	struct seen seen;

	(void)state;
	setup(&a, &seen);
	assert_int_equal(core_send(&a, &f), OK);
	assert_int_equal(frame_decode(SPAN(seen.frame, seen.frame_len), a.mem, &got, NULL), OK);
	assert_int_equal(got.epoch, 3);
	assert_int_equal(got.credit.messages, 10);
	seen.answer = ERR_BUSY;
	assert_int_equal(core_send(&a, &f), ERR_BUSY);
	arena_free(a.mem);
}

/* Randomness fills exactly what was asked for. */
static void
core_random_fills(void **state)
{
	static struct adapter a;
	uint8_t bytes[4] = { 0 };
	struct seen seen;

	(void)state;
	setup(&a, &seen);
	core_random(&a, bytes, 3);
	assert_int_equal(bytes[2], 7);
	assert_int_equal(bytes[3], 0);
	arena_free(a.mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(core_tell_formats), cmocka_unit_test(core_send_encodes), cmocka_unit_test(core_random_fills),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
