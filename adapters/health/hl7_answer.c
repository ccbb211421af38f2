/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_answer - the acknowledgements of HL7 v2 to what came in.
 *
 * Nothing that comes in stays without an answer, but what asks for none (MSH-15 and MSH-16 both say no) and what is itself
 * an acknowledgement. Which are due says hl7_asked.c; ERR is written by hl7_err.c, the body of an RRI by hl7_report.c.
 */
#include "adapters/health/hl7_sector.h"

#include <inttypes.h>

#include "adapters/core/charset.h"
#include "adapters/core/left_out.h"
#include "adapters/health/hl7_batch.h"
#include "adapters/health/hl7_err.h"
#include "adapters/health/hl7_out.h"

#define FNV_OFFSET UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

/* One message and what became of it. */
struct answering {
	struct hl7_asked asked;
	struct span bytes;
	const struct sector_env *env;
	struct arena *mem;
	enum err e;
	const struct why *why;
	const char *warning, *warning_en;	/* it was taken, but; NULL: nothing */
	int64_t n_left_out;			/* fields of it */
};

/* The same message gets an answer with the same MSH-10; the two that may be due to it differ. */
static const char *
answer_id(struct span bytes, char which, struct arena *mem)
{
	uint64_t h = FNV_OFFSET;

	for (size_t i = 0; i < bytes.n; i++)
		h = (h ^ bytes.p[i]) * FNV_PRIME;
	return arena_fmt(mem, "%c%016" PRIX64, which, h);
}

static void
put_head(struct hl7_writer *w, const struct answering *t, const char *code, bool is_report)
{
	const struct hl7_asked *a = &t->asked;
	char now[HL7_TIME_LEN];

	hl7_format_time(t->env->now_ms, now);
	hl7_begin(w, "MSH");
	hl7_put(w, 3, 1, 1, a->to_app ? a->to_app : HL7_SYSTEM);
	hl7_put(w, 4, 1, 1, a->to_facility);
	hl7_put(w, 5, 1, 1, a->app);
	hl7_put(w, 6, 1, 1, a->facility);
	hl7_put(w, 7, 1, 1, now);
	hl7_put(w, 9, 1, 1, is_report ? "RRI" : "ACK");
	if (a->event) {
		hl7_put(w, 9, 1, 2, a->event);
		hl7_put(w, 9, 1, 3, is_report ? "RRI_I12" : "ACK");
	}
	hl7_put(w, 10, 1, 1, answer_id(t->bytes, *code == 'C' ? 'C' : 'A', t->mem));
	hl7_put(w, 11, 1, 1, a->processing ? a->processing : "P");
	hl7_put(w, 12, 1, 1, a->version ? a->version : HL7_VERSION);
	hl7_put(w, 18, 1, 1, a->charset_said);
	hl7_end(w);
	hl7_begin(w, "MSA");
	hl7_put(w, 1, 1, 1, code);
	hl7_put(w, 2, 1, 1, a->control_id);
	if (t->e != OK && code[1] != 'A')	/* MSA-3 is what systems older than ERR-5 show */
		hl7_put(w, 3, 1, 1, arena_fmt(t->mem, "%s %s", err_code(t->e), err_text(t->e, LANG_EN)));
	else if (t->warning)
		hl7_put(w, 3, 1, 1, t->warning_en);
	else if (hl7_is_before_25(a))	/* it has no ERR to say so */
		hl7_put(w, 3, 1, 1, left_out_text(t->n_left_out, LANG_EN, t->mem));
	hl7_end(w);
}

/* The charset is the sender's; what it cannot hold (a remedy's dash, a name in another script) becomes a question mark. */
static enum err
in_charset(const char *charset, struct span utf8, struct arena *mem, struct span *ret_bytes)
{
	struct buf b;
	struct span one;
	size_t n;

	if (charset_encode(charset, utf8, mem, ret_bytes, NULL) == OK)
		return OK;
	buf_init(&b, mem);
	for (size_t i = 0; i < utf8.n; i += n) {
		for (n = 1; i + n < utf8.n && (utf8.p[i + n] & 0xC0) == 0x80; n++)
			;
		if (charset_encode(charset, SPAN(utf8.p + i, n), mem, &one, NULL) == OK)
			buf_span(&b, one);
		else
			buf_u8(&b, '?');
	}
	*ret_bytes = buf_bytes(&b);
	return b.e;
}

/* How far is it, and is a change taken: these two are answered by an RRI that says the state. */
static bool
is_reported(const struct answering *t, const char *code, struct progress *ret_progress)
{
	const struct hl7_asked *a = &t->asked;

	return a->kind && a->kind->family == HL7_REFERRALS && (a->act == HL7_ASK || a->act == HL7_CHANGE) && a->number &&
	       strcmp(code, "AA") == 0 && t->env->progress_of &&
	       t->env->progress_of(t->env->core, a->number, t->mem, ret_progress) == OK;
}

/* What there is to say of what was taken: each in an ERR of its own. */
static void
put_notes(struct hl7_writer *w, const struct answering *t)
{
	if (t->warning)
		hl7_put_note(w, "W", t->warning, t->warning_en, &t->asked);
	if (t->n_left_out > 0)
		hl7_put_note(w, "I", left_out_text(t->n_left_out, LANG_BG, t->mem), left_out_text(t->n_left_out, LANG_EN, t->mem), &t->asked);
}

static enum err
write_answer(const struct answering *t, const char *code, struct span *ret_bytes)
{
	struct outgoing about = { .record = NULL };
	struct hl7_writing body = { .out = &about, .env = t->env, .mem = t->mem };
	struct progress p;
	bool is_report = is_reported(t, code, &p);

	hl7_writer_init(&body.w, t->mem);
	put_head(&body.w, t, code, is_report);
	if (is_report) {
		about = (struct outgoing){ .referral = p.referral, .is_initiator = p.is_initiator };
		hl7_put_report(&body, &p);
	}
	if (t->e != OK && code[1] != 'A')
		hl7_put_err(&body.w, t->mem, t->e, t->why, &t->asked);
	else
		put_notes(&body.w, t);
	if (body.w.b.e != OK || arena_is_full(t->mem))
		return ERR_TOOBIG;
	return in_charset(t->asked.charset, buf_bytes(&body.w.b), t->mem, ret_bytes);
}

/* What is due to one message, in order; both empty: nothing. */
static enum err
answer_one(const struct answering *t, struct span *ret_first, struct span *ret_second)
{
	struct answering commit = *t;
	struct hl7_due due;
	enum err e = OK;

	*ret_first = *ret_second = SPAN_NONE;
	hl7_acks_due(&t->asked, t->e, t->why->where, &due);
	if (due.application) {	/* a warning is said once, by the last */
		commit.warning = NULL;
		commit.n_left_out = 0;
	}
	if (due.commit)
		e = write_answer(&commit, due.commit, ret_first);
	if (e == OK && due.application)
		e = write_answer(t, due.application, due.commit ? ret_second : ret_first);
	return e;
}

/* Of a message the first thing that is wrong is told. */
static void
find_outcome(const struct intake *intake, unsigned row, struct answering *t)
{
	t->e = intake->e;
	t->why = &intake->why;
	t->warning = t->warning_en = NULL;
	t->n_left_out = 0;
	for (size_t i = 0; t->e == OK && i < intake->n; i++) {
		if (intake->items[i].row == row) {
			t->e = intake->items[i].e;
			t->why = &intake->items[i].why;
			t->warning = t->e == OK ? intake->items[i].warning : NULL;
			t->warning_en = intake->items[i].warning_en;
			t->n_left_out += left_out_of(&intake->items[i]);
		}
	}
}

static enum err
join(struct span first, struct span second, struct arena *mem, struct span *ret_both)
{
	struct buf b;

	buf_init(&b, mem);
	buf_span(&b, first);
	buf_span(&b, second);
	*ret_both = buf_bytes(&b);
	return b.e;
}

/* FHS or BHS of the answers: the other way, and which one it answers (-12). */
static void
put_batch_head(struct buf *b, const char *name, struct span theirs, const struct sector_env *env, struct arena *mem)
{
	const struct hl7_segment *s = NULL;
	char now[HL7_TIME_LEN];
	struct hl7_writer w;
	struct hl7 m;

	if (theirs.n == 0)
		return;
	if (hl7_parse(theirs, NULL, mem, &m, NULL) == OK)
		s = hl7_find(&m, name, 1);
	hl7_format_time(env->now_ms, now);
	hl7_writer_init(&w, mem);
	hl7_begin(&w, name);
	if (s) {
		hl7_put(&w, 3, 1, 1, hl7_get(&m, s, 5, 1, 1));
		hl7_put(&w, 4, 1, 1, hl7_get(&m, s, 6, 1, 1));
		hl7_put(&w, 5, 1, 1, hl7_get(&m, s, 3, 1, 1));
		hl7_put(&w, 6, 1, 1, hl7_get(&m, s, 4, 1, 1));
	}
	hl7_put(&w, 7, 1, 1, now);
	hl7_put(&w, 11, 1, 1, answer_id(theirs, *name, mem));
	if (s)
		hl7_put(&w, 12, 1, 1, hl7_get(&m, s, 11, 1, 1));
	hl7_end(&w);
	buf_span(b, buf_bytes(&w.b));
}

/* The answers of one BHS, in the order of its messages. */
static enum err
put_group(struct buf *b, const struct hl7_batch *batch, size_t group, const struct native *in, const struct intake *intake,
	  struct answering *t)
{
	struct span first, second;
	unsigned n = 0;
	enum err e = OK;

	put_batch_head(b, "BHS", batch->groups[group], t->env, t->mem);
	for (size_t i = 0; e == OK && i < batch->n; i++) {
		if (batch->messages[i].group != group)
			continue;
		t->bytes = batch->messages[i].bytes;
		hl7_read_asked(t->bytes, in->charset, t->mem, &t->asked);
		find_outcome(intake, (unsigned)i + 1, t);
		if ((e = answer_one(t, &first, &second)) == OK) {
			buf_span(b, first);
			buf_span(b, second);
			n += (first.n ? 1U : 0U) + (second.n ? 1U : 0U);
		}
	}
	if (batch->groups[group].n)
		buf_fmt(b, "BTS|%u\r", n);
	return e;
}

/* A batch of answers, in its form. One that was refused as a whole gets one answer, about its own number. */
static enum err
answer_batch(const struct native *in, const struct intake *intake, struct answering *t, struct span *ret_bytes)
{
	struct hl7_batch *batch = arena_alloc(t->mem, sizeof(*batch));
	struct why why;
	struct buf b;
	enum err e;

	if (!batch)
		return ERR_TOOBIG;
	buf_init(&b, t->mem);
	e = hl7_batch_split(in->bytes, t->mem, batch, &why);
	put_batch_head(&b, "FHS", batch->file, t->env, t->mem);
	if (e != OK || intake->e != OK) {
		struct span head = batch->n_groups && batch->groups[0].n ? batch->groups[0] : batch->file, first = SPAN_NONE, second;
		struct hl7 m;

		t->asked = (struct hl7_asked){ .charset = CHARSET_UTF8 };
		if (head.n && hl7_parse(head, NULL, t->mem, &m, NULL) == OK && m.n)
			t->asked.control_id = hl7_get(&m, &m.segments[0], 11, 1, 1);
		t->e = intake->e != OK ? intake->e : e;
		t->why = intake->e != OK ? &intake->why : &why;
		if ((e = answer_one(t, &first, &second)) == OK)
			buf_span(&b, first);
	} else {
		for (size_t g = 0; e == OK && g < batch->n_groups; g++)
			e = put_group(&b, batch, g, in, intake, t);
	}
	if (batch->file.n)
		buf_fmt(&b, "FTS|%zu\r", batch->n_groups);
	*ret_bytes = buf_bytes(&b);
	return e != OK ? e : b.e;
}

enum err
health_hl7_answer(const struct native *in, const struct intake *intake, const struct sector_env *env, struct arena *mem,
		  struct native *ret_answer)
{
	struct answering t = { .bytes = in->bytes, .env = env, .mem = mem };
	struct span first, second;
	enum err e;

	*ret_answer = (struct native){ .format = FORMAT_HL7, .media_type = "x-application/hl7-v2+er7" };
	if (hl7_is_batch(in->bytes))
		return answer_batch(in, intake, &t, &ret_answer->bytes);
	hl7_read_asked(in->bytes, in->charset, mem, &t.asked);
	find_outcome(intake, 0, &t);
	if ((e = answer_one(&t, &first, &second)) != OK)
		return e;
	ret_answer->charset = t.asked.charset;
	ret_answer->bytes = first;
	if (!in->file)
		ret_answer->then = second;
	else if (second.n > 0)	/* a folder has no second frame: both in one file */
		e = join(first, second, mem, &ret_answer->bytes);
	return e;
}
