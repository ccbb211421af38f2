/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_batch - segment by segment over bytes that are not decoded yet: each message says its own charset, and the letters of
 * segment names are the same in all of them.
 *
 * Called by hl7_to_record.c and hl7_answer.c, which both have to find the same messages.
 */
#include "adapters/health/hl7_batch.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/health/hl7.h"

#define NAME_LEN 3
#define COUNT_DIGITS 9

struct splitting {
	struct hl7_batch *batch;
	struct why *why;
	bool in_file, in_group, in_message, is_ended;
	size_t n_group, n_groups_in_file;	/* messages of the open batch, batches of the open file */
};

static bool
is_end(uint8_t c)
{
	return c == '\r' || c == '\n';
}

static struct span
without_start(struct span s)
{
	if (s.n >= 3 && memcmp(s.p, "\xEF\xBB\xBF", 3) == 0)
		s = SPAN(s.p + 3, s.n - 3);
	while (s.n && s.p[0] <= ' ')
		s = SPAN(s.p + 1, s.n - 1);
	return s;
}

static bool
is_named(struct span s, const char *name)
{
	return s.n >= NAME_LEN && memcmp(s.p, name, NAME_LEN) == 0;
}

bool
hl7_is_batch(struct span bytes)
{
	bytes = without_start(bytes);
	return is_named(bytes, "FHS") || is_named(bytes, "BHS");
}

/* The last line that is not empty. */
static struct span
last_line(struct span s)
{
	size_t end = s.n, start;

	while (end && s.p[end - 1] <= ' ')
		end--;
	for (start = end; start && !is_end(s.p[start - 1]); start--)
		;
	return SPAN(s.p + start, end - start);
}

bool
hl7_is_whole_batch(struct span bytes)
{
	return bytes.n && is_end(bytes.p[bytes.n - 1]) &&
	       is_named(last_line(bytes), is_named(without_start(bytes), "FHS") ? "FTS" : "BTS");
}

static struct span
trim(struct span s)
{
	while (s.n && s.p[0] <= ' ')
		s = SPAN(s.p + 1, s.n - 1);
	while (s.n && s.p[s.n - 1] <= ' ')
		s.n--;
	return s;
}

/* BTS-1 or FTS-1 is the number that it should be, or says nothing: what is there and no number says another. */
static bool
is_count(struct span line, size_t n)
{
	char digits[COUNT_DIGITS + 1] = "";
	const uint8_t *end;
	struct span said;

	line = trim(hl7_without_written_end(trim(line)));
	if (line.n <= NAME_LEN)
		return true;
	if (isalnum(line.p[NAME_LEN]))
		return false;
	said = SPAN(line.p + NAME_LEN + 1, line.n - NAME_LEN - 1);
	end = said.n ? memchr(said.p, line.p[NAME_LEN], said.n) : NULL;
	said = trim(SPAN(said.p, end ? (size_t)(end - said.p) : said.n));
	if (said.n == 0 || span_eq(said, SPAN_LIT("\"\"")))
		return true;
	if (said.n > COUNT_DIGITS)
		return false;
	memcpy(digits, said.p, said.n);
	return strspn(digits, "0123456789") == said.n && strtoull(digits, NULL, 10) == n;
}

static enum err
fail(struct splitting *t, enum err e, const char *where, const char *text)
{
	return why_set(t->why, e, where, "%s", text);
}

static enum err
open_group(struct splitting *t, struct span line)
{
	enum err e = OK;

	if (t->batch->n_groups == HL7_BATCH_MAX)
		return fail(t, ERR_TOOMANY, "BHS", "too many batches in one file");
	if (line.n && (e = hl7_check_head(line, t->why)) != OK)
		return e;
	t->batch->groups[t->batch->n_groups++] = line;
	t->in_group = true;
	t->in_message = false;
	t->n_group = 0;
	t->n_groups_in_file++;
	return OK;
}

static enum err
open_message(struct splitting *t, struct span line)
{
	enum err e;

	if (t->batch->n == HL7_BATCH_MAX)
		return fail(t, ERR_TOOMANY, "MSH", "too many messages in one batch");
	if (!t->in_group && (e = open_group(t, SPAN_NONE)) != OK)	/* a file without batches */
		return e;
	t->batch->messages[t->batch->n++] = (struct hl7_batch_message){ line, (unsigned)t->batch->n_groups - 1 };
	t->in_message = true;
	t->n_group++;
	return OK;
}

static enum err
take_line(struct splitting *t, struct span line)
{
	struct hl7_batch *b = t->batch;
	enum err e;

	if (t->is_ended)
		return fail(t, ERR_SYNTAX, NULL, "something behind the end of the batch");
	if (is_named(line, "FHS")) {
		if (t->in_file || b->n_groups)
			return fail(t, ERR_SYNTAX, "FHS", "a second file in the same frame");
		if ((e = hl7_check_head(line, t->why)) != OK)
			return e;
		b->file = line;
		t->in_file = true;
		return OK;
	}
	if (is_named(line, "BHS"))
		return t->in_group ? fail(t, ERR_CUT_OFF, "BTS", "the batch before it has no end") : open_group(t, line);
	if (is_named(line, "MSH"))
		return open_message(t, line);
	if (is_named(line, "BTS") || (is_named(line, "FTS") && t->in_file)) {
		bool is_group = line.p[0] == 'B';

		if (is_group ? !t->in_group : t->in_group && b->groups[b->n_groups - 1].n)
			return fail(t, ERR_SYNTAX, is_group ? "BTS" : "FTS", "the end of a batch that has not begun, or has not ended");
		if (!is_count(line, is_group ? t->n_group : b->groups[0].n || !b->n ? t->n_groups_in_file : b->n))
			return fail(t, ERR_CUT_OFF, is_group ? "BTS-1" : "FTS-1", "the count is another, or no number");
		t->in_group = t->in_message = false;
		t->is_ended = !is_group || !t->in_file;
		return OK;
	}
	if (!t->in_message)
		return fail(t, ERR_SYNTAX, NULL, "a segment outside a message");
	b->messages[b->n - 1].bytes.n = (size_t)(line.p + line.n - b->messages[b->n - 1].bytes.p);
	return OK;
}

/* Up to CR or LF; where there is none of them in all of it, to a literal <cr>. */
static size_t
line_len(struct span s, bool has_end)
{
	size_t n;

	for (n = 0; n < s.n && !is_end(s.p[n]); n++)
		if (!has_end && hl7_is_written_end(SPAN(s.p + n, s.n - n)))
			break;
	return n;
}

enum err
hl7_batch_split(struct span bytes, struct arena *mem, struct hl7_batch *b, struct why *why)
{
	bool has_end = bytes.n && (memchr(bytes.p, '\r', bytes.n) || memchr(bytes.p, '\n', bytes.n));
	struct splitting t = { .batch = b, .why = why };
	size_t n;
	enum err e = OK;

	*b = (struct hl7_batch){ .messages = arena_array(mem, HL7_BATCH_MAX, sizeof(*b->messages)) };
	if (!b->messages)
		return why_set(why, ERR_TOOBIG, NULL, "too large");
	bytes = without_start(bytes);
	while (e == OK && bytes.n) {
		n = line_len(bytes, has_end);
		if (n)
			e = take_line(&t, SPAN(bytes.p, n));
		bytes = SPAN(bytes.p + n, bytes.n - n);
		n = hl7_is_written_end(bytes) ? strlen("<cr>") : bytes.n > 0;
		bytes = SPAN(bytes.p + n, bytes.n - n);
	}
	if (e == OK && !t.is_ended)
		e = fail(&t, ERR_CUT_OFF, t.in_file ? "FTS" : "BTS", "the end is missing");
	return e;
}
