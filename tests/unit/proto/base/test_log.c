/* SPDX-License-Identifier: EUPL-1.2 */
/* Log lines: one event, one line, one write, whatever the values hold. */
#include "proto/base/log.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/base/bytes.h"

static int records[2] = { -1, -1 };	/* a SEQPACKET pair: each write(2) stays one record */
static int old_stderr = -1;
static char line[8192];

static int
capture(void **state)
{
	(void)state;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, records) != 0)
		return -1;
	old_stderr = dup(STDERR_FILENO);
	log_set_level(LOG_LEVEL_INFO);
	unsetenv("JOURNAL_STREAM");
	return dup2(records[1], STDERR_FILENO) < 0;
}

static int
release(void **state)
{
	(void)state;
	dup2(old_stderr, STDERR_FILENO);
	close(old_stderr);
	close(records[0]);
	close(records[1]);
	unsetenv("JOURNAL_STREAM");
	return 0;
}

/* What one write brought; "" if there was none. */
static const char *
next_record(void)
{
	ssize_t n = recv(records[0], line, sizeof(line) - 1, 0);

	line[n > 0 ? n : 0] = '\0';
	return line;
}

/* A line is the event's name and its values, in one write. */
static void
line_is_one_write(void **state)
{
	(void)state;
	log_event(LOG_SUBMIT_ACCEPTED, "id=%s from=%s leaf=%d", "0198", "bg.plovdiv.rz", 7);
	assert_string_equal(next_record(), "submit.accepted id=0198 from=bg.plovdiv.rz leaf=7\n");
	assert_string_equal(next_record(), "");
	log_event(LOG_STOP, "%s", "");
	assert_string_equal(next_record(), "stop\n");
}

/* No value can make a second line, move the terminal or break the encoding. */
static void
values_are_escaped(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "a\nb", "a\\nb" },	      { "a\rb\t", "a\\x0db\\x09" },  { "\x1b[31m", "\\x1b[31m" },
		{ "\x7f", "\\x7f" },	      { "насока", "насока" },	     { "\xff\xfe", "\\xff\\xfe" },
		{ "\xc2\x9b" "31m", "\\u009b31m" }, { "\xc2\xa0", "\xc2\xa0" }, { "\xed\xa0\x80", "\\xed\\xa0\\x80" },
		{ "\xd0", "\\xd0" },	      { "\xf0\x9d\x84\x9e", "\xf0\x9d\x84\x9e" },
		{ "\n\n", "\\n\\n" },	      { "100%s%n", "100%s%n" },
	};
	char wanted[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		log_event(LOG_START, "program=%s", rows[i].in);
		snprintf(wanted, sizeof(wanted), "start program=%s\n", rows[i].out);
		assert_string_equal(next_record(), wanted);
	}
}

/* Every byte value alone gives exactly one line of valid UTF-8 with one line break, at its end. */
static void
every_byte_is_safe(void **state)
{
	unsigned b;

	(void)state;
	for (b = 1; b < 256; b++) {
		const char text[] = { 'x', (char)b, 'y', '\0' };

		log_event(LOG_START, "program=%s", text);
		next_record();
		assert_true(bytes_is_utf8(span_str(line)));
		assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
		assert_null(strpbrk(line, "\r\x1b\x7f\t"));
	}
}

/* A long line is cut below the size that a pipe takes in one piece, between characters, and says so. */
static void
long_lines_are_cut(void **state)
{
	static const char *const letters[] = { "a", "ж", "\n", "\xff", "𝄞" };
	char text[4096];
	size_t i, pad, at;

	(void)state;
	for (i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		for (pad = 0; pad < 5; pad++) {
			memset(text, 'x', pad);
			for (at = pad; at + 5 < sizeof(text); at += strlen(letters[i]))
				memcpy(text + at, letters[i], strlen(letters[i]) + 1);
			log_event(LOG_START, "program=%s", text);
			next_record();
			assert_true(strlen(line) <= 2048);
			assert_true(strlen(line) > 2030);
			assert_true(bytes_is_utf8(span_str(line)));
			assert_string_equal(next_record(), "");
		}
	}
	log_event(LOG_START, "program=%s", "short");
	assert_null(strstr(next_record(), "..."));
	memset(text, '\n', 1500);	/* it doubles */
	text[1500] = '\0';
	log_event(LOG_START, "program=%s", text);
	next_record();
	assert_string_equal(line + strlen(line) - 6, "\\n...\n");
}

/* What is below the level is not written, what is at it or above is. */
static void
level_filters(void **state)
{
	(void)state;
	log_event(LOG_DELIVER, "id=%s", "1");
	assert_string_equal(next_record(), "");
	log_set_level(LOG_LEVEL_DEBUG);
	log_event(LOG_DELIVER, "id=%s", "1");
	assert_string_equal(next_record(), "deliver.sent id=1\n");
	log_set_level(LOG_LEVEL_ERROR);
	log_event(LOG_SUBMIT_REFUSED, "id=%s", "1");
	assert_string_equal(next_record(), "");
	log_event(LOG_FATAL, "code=%s", "NSK-1002");
	assert_string_equal(next_record(), "fatal code=NSK-1002\n");
}

/* The prefix of the journal is there exactly when standard error is the stream that JOURNAL_STREAM names. */
static void
journal_prefix(void **state)
{
	char stream[64];
	struct stat st;

	(void)state;
	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_event(LOG_START, "program=%s", "x");
	assert_string_equal(next_record(), "<6>start program=x\n");
	log_event(LOG_FATAL, "code=%s", "x");
	assert_string_equal(next_record(), "<3>fatal code=x\n");
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino + 1);
	setenv("JOURNAL_STREAM", stream, 1);
	log_event(LOG_START, "program=%s", "x");
	assert_string_equal(next_record(), "start program=x\n");
	setenv("JOURNAL_STREAM", "nonsense", 1);
	log_event(LOG_START, "program=%s", "x");
	assert_string_equal(next_record(), "start program=x\n");
}

/* A log that nobody reads, or that is closed, holds up nobody. */
static void
lost_lines_do_no_harm(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 5000; i++)	/* far more than the socket takes */
		log_event(LOG_START, "program=%d", i);
	close(STDERR_FILENO);
	log_event(LOG_START, "program=%s", "x");
}

/* Each event has a name of its own form, keys, a sentence and a level that can be filtered. */
static void
events_are_complete(void **state)
{
	unsigned i, k;

	(void)state;
	for (i = 0; i < N_LOG_EVENTS; i++) {
		enum log_event e = (enum log_event)i;
		enum log_level level = log_event_level(e);
		const char *name = log_event_name(e), *text = log_event_text(e);

		assert_true(strlen(name) > 0);
		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz._"), strlen(name));
		assert_int_equal(strspn(log_event_keys(e), "abcdefghijklmnopqrstuvwxyz_ "), strlen(log_event_keys(e)));
		assert_int_equal(text[strlen(text) - 1], '.');
		assert_true(level == LOG_LEVEL_ERROR || level == LOG_LEVEL_WARN || level == LOG_LEVEL_INFO ||
			    level == LOG_LEVEL_DEBUG);
		for (k = i + 1; k < N_LOG_EVENTS; k++)
			assert_string_not_equal(name, log_event_name((enum log_event)k));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(line_is_one_write, capture, release),
		cmocka_unit_test_setup_teardown(values_are_escaped, capture, release),
		cmocka_unit_test_setup_teardown(every_byte_is_safe, capture, release),
		cmocka_unit_test_setup_teardown(long_lines_are_cut, capture, release),
		cmocka_unit_test_setup_teardown(level_filters, capture, release),
		cmocka_unit_test_setup_teardown(journal_prefix, capture, release),
		cmocka_unit_test_setup_teardown(lost_lines_do_no_harm, capture, release),
		cmocka_unit_test(events_are_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
