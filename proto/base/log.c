/* SPDX-License-Identifier: EUPL-1.2 */
/* log - one event, one line, one write(2).
 *
 * Invariants: a line never holds a control character or a byte that is not UTF-8 (both come out as \xNN), so no value
 * can make a second line or a terminal sequence; a line is at most LINE_MAX_LEN bytes, which the kernel writes to a
 * pipe in one piece. Any thread may log. Nothing is allocated.
 */
#include "proto/base/log.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/bytes.h"

#define LINE_MAX_LEN 2048	/* below PIPE_BUF: lines of several threads and processes do not mix */

struct row {
	const char *name, *keys, *text;
	enum log_level level;
};

static const struct row rows[N_LOG_EVENTS] = {
#define LOG_EVENT(id, name, level, keys, text) [id] = { name, keys, text, LOG_LEVEL_##level },
#include "proto/base/log_events.def"
#undef LOG_EVENT
};

/* The one setting of the process, set before the threads start; atomic so that a reload may change it. */
static _Atomic int level_shown = LOG_LEVEL_INFO;

/* systemd names the device and inode of the stream that it gave us; another redirection since then is not the journal's. */
static bool
is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	if (stream == NULL || sscanf(stream, "%llu:%llu", &dev, &ino) != 2)
		return false;
	return fstat(STDERR_FILENO, &st) == 0 && st.st_dev == dev && st.st_ino == ino;
}

/* What a character is written as: itself, or an escape. C1 controls (U+0080 to U+009F) move some terminals too. */
static int
escape(struct span s, size_t *ret_taken, char to[static 8])
{
	size_t len = bytes_utf8_len(s);

	*ret_taken = 1;
	if (len == 0 || s.p[0] < 0x20 || s.p[0] == 0x7F) {
		if (s.p[0] == '\n')
			return snprintf(to, 8, "\\n");
		return snprintf(to, 8, "\\x%02x", s.p[0]);
	}
	*ret_taken = len;
	if (len == 2 && s.p[0] == 0xC2 && s.p[1] < 0xA0)
		return snprintf(to, 8, "\\u%04x", s.p[1]);
	memcpy(to, s.p, len);
	return (int)len;
}

/* Append `s` escaped; false when it did not fit whole, and then the line ends in "...". */
static bool
add_escaped(char *line, size_t *at, size_t cap, struct span s)
{
	static const char cut[] = "...";

	while (s.n > 0) {
		char out[8];
		size_t taken, len = (size_t)escape(s, &taken, out);

		if (*at + len > cap - (sizeof(cut) - 1)) {
			memcpy(line + *at, cut, sizeof(cut) - 1);
			*at += sizeof(cut) - 1;
			return false;
		}
		memcpy(line + *at, out, len);
		*at += len;
		s = SPAN(s.p + taken, s.n - taken);
	}
	return true;
}

void
log_set_level(enum log_level level)
{
	atomic_store(&level_shown, (int)level);
}

const char *
log_event_name(enum log_event event)
{
	assert((unsigned)event < N_LOG_EVENTS);
	return rows[event].name;
}

enum log_level
log_event_level(enum log_event event)
{
	assert((unsigned)event < N_LOG_EVENTS);
	return rows[event].level;
}

const char *
log_event_keys(enum log_event event)
{
	assert((unsigned)event < N_LOG_EVENTS);
	return rows[event].keys;
}

const char *
log_event_text(enum log_event event)
{
	assert((unsigned)event < N_LOG_EVENTS);
	return rows[event].text;
}

void
log_event(enum log_event event, const char *fmt, ...)
{
	char values[LINE_MAX_LEN], line[LINE_MAX_LEN];
	const char *name = log_event_name(event);
	size_t at = 0;
	va_list args;
	int n;

	if ((int)rows[event].level > atomic_load(&level_shown))
		return;
	va_start(args, fmt);
	n = vsnprintf(values, sizeof(values), fmt, args);
	va_end(args);
	if (n < 0)
		return;
	if (is_journal())
		at += (size_t)snprintf(line, sizeof(line), "<%d>", (int)rows[event].level);
	if (add_escaped(line, &at, sizeof(line) - 1, span_str(name)) && n > 0 &&
	    add_escaped(line, &at, sizeof(line) - 1, SPAN_LIT(" ")))
		add_escaped(line, &at, sizeof(line) - 1, span_str(values));
	line[at++] = '\n';
	/* A log that cannot be written stops nobody: it is lossy by definition. */
	while (write(STDERR_FILENO, line, at) < 0 && errno == EINTR)
		;
}
