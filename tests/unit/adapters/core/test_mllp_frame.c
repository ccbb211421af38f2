/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "adapters/core/mllp_frame.h"

/* Feed in pieces of `step` bytes and write down what comes out: a letter for the event, and the text. */
static const char *
run(const char *text, size_t n, size_t step, size_t max)
{
	static const char LETTERS[] = { [MLLP_MESSAGE] = 'M', [MLLP_CUT_OFF] = 'C', [MLLP_STRAY] = 'S', [MLLP_TOO_BIG] = 'B' };
	static char out[256];
	struct mllp_frame f;
	enum mllp_event event;
	struct span message;
	size_t at = 0, eaten, len;

	out[0] = '\0';
	mllp_frame_init(&f, max);
	while (at < n) {
		len = n - at < step ? n - at : step;
		eaten = mllp_frame_feed(&f, SPAN(text + at, len), &event, &message);
		assert_true(eaten <= len);
		assert_true(eaten > 0 || event != MLLP_MORE);
		at += eaten;
		if (event != MLLP_MORE)
			snprintf(out + strlen(out), sizeof(out) - strlen(out), "%c(%.*s)", LETTERS[event], (int)message.n,
				 (const char *)message.p);
	}
	if (!mllp_frame_is_empty(&f))
		snprintf(out + strlen(out), sizeof(out) - strlen(out), "...");
	mllp_frame_done(&f);
	return out;
}

/* Messages come out whole and in order however the bytes are cut, and broken framing costs only the message it breaks. */
static void
framing(void **state)
{
	static const struct { const char *in, *out; } CASES[] = {
		{ "\x0B" "one" "\x1C\r", "M(one)" },
		{ "\x0B" "one" "\x1C\r\x0B" "two" "\x1C\r", "M(one)M(two)" },
		{ "\x0B" "one" "\x1C\x0B" "two" "\x1C\r", "M(one)M(two)" },
		{ "\r\n\x0B" "one\rline" "\x1C\r\n\r", "M(one\rline)" },
		{ "\x0B" "cut" "\x0B" "two" "\x1C\r", "C(cut)M(two)" },
		{ "stray" "\x1C\r\x0B" "two" "\x1C\r", "S(stray)M(two)" },
		{ "stray" "\x0B" "two" "\x1C\r", "S(stray)M(two)" },
		{ "\x1C\r\x1C\r\x0B" "two" "\x1C\r", "M(two)" },
		{ "\x0B\x1C\r\x0B" "two" "\x1C\r", "M()M(two)" },
		{ "\x0B" "123456789" "\x1C\r\x0B" "two" "\x1C\r", "B(12345678)M(two)" },
		{ "\x0B" "12345678" "\x1C\r", "M(12345678)" },
		{ "1234567890123" "\x0B" "two" "\x1C\r", "B(12345678)M(two)" },
		{ "\x0B" "one", "..." },
		{ "stray", "..." },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
		for (size_t step = 1; step <= strlen(CASES[i].in); step++)
			if (strcmp(run(CASES[i].in, strlen(CASES[i].in), step, 8), CASES[i].out) != 0)
				fail_msg("case %zu by %zu: %s", i, step, run(CASES[i].in, strlen(CASES[i].in), step, 8));
}

/* A message of many chunks comes out as it went in, and what is wrapped is read back. */
static void
large(void **state)
{
	struct arena *mem = arena_new(1 << 20);
	uint8_t *text = arena_alloc(mem, 100000);
	struct mllp_frame f;
	enum mllp_event event;
	struct span frame, message;

	(void)state;
	memset(text, 'x', 100000);
	frame = mllp_frame_wrap(SPAN(text, 100000), mem);
	assert_int_equal(frame.n, 100003);
	mllp_frame_init(&f, MLLP_BYTES_MAX);
	assert_int_equal(mllp_frame_feed(&f, frame, &event, &message), 100002);
	assert_int_equal(event, MLLP_MESSAGE);
	assert_true(span_eq(message, SPAN(text, 100000)));
	mllp_frame_done(&f);
	arena_free(mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(framing),
		cmocka_unit_test(large),
	};

	return cmocka_run_group_tests_name("mllp_frame", tests, NULL, NULL);
}
