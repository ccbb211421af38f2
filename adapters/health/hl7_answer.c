/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_answer - the acknowledgements of HL7 v2: ours to what came in, and what another system's means for us.
 *
 * Nothing that comes in stays without an answer, but what asks for none (MSH-15 and MSH-16 both say no) and what is itself
 * an acknowledgement, since answering that would never end. The rules are in MAPPING-hl7.md, "Answers".
 */
#include "adapters/health/hl7_sector.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "adapters/core/charset.h"
#include "adapters/health/hl7.h"
#include "adapters/health/hl7_control.h"
#include "adapters/health/hl7_map.h"

#define TABLE_0357 "HL70357"
#define FNV_OFFSET UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

/* What the message says about how to answer it. */
struct asked {
	const char *type, *event, *version, *control_id, *processing, *charset_said, *charset;
	const char *app, *facility, *to_app, *to_facility;	/* MSH-3 to MSH-6, first components */
	const char *accept, *application;			/* MSH-15, MSH-16 */
};

static void
read_asked(const struct native *in, struct arena *mem, struct asked *a)
{
	const struct hl7_segment *msh;
	struct hl7 m;
	struct why why;

	*a = (struct asked){ .charset = CHARSET_UTF8 };
	if (hl7_parse(in->bytes, in->charset, mem, &m, &why) != OK && m.n == 0)
		return;
	if (!(msh = hl7_find(&m, "MSH", 1)))
		return;
	a->app = hl7_get(&m, msh, 3, 1, 1);
	a->facility = hl7_get(&m, msh, 4, 1, 1);
	a->to_app = hl7_get(&m, msh, 5, 1, 1);
	a->to_facility = hl7_get(&m, msh, 6, 1, 1);
	a->type = hl7_get(&m, msh, 9, 1, 1);
	a->event = hl7_get(&m, msh, 9, 1, 2);
	a->control_id = hl7_get(&m, msh, 10, 1, 0);
	a->processing = hl7_get(&m, msh, 11, 1, 1);
	a->version = hl7_get(&m, msh, 12, 1, 1);
	a->accept = hl7_get(&m, msh, 15, 1, 1);
	a->application = hl7_get(&m, msh, 16, 1, 1);
	a->charset = m.charset;
	if (m.has_charset)
		a->charset_said = hl7_get(&m, msh, 18, 1, 0);
}

static bool
is_wanted(const char *condition, bool is_error)
{
	return condition && (strcmp(condition, "AL") == 0 || (strcmp(condition, "ER") == 0 && is_error) ||
			     (strcmp(condition, "SU") == 0 && !is_error));
}

/* Table 0357 for one of our errors. */
static const char *
code_0357(enum err e, const char *where)
{
	if (err_verdict(e) != VERDICT_REJECT)
		return "207";
	if (where && strncmp(where, "MSH-11", 6) == 0)
		return "202";
	/* the catalogue is long, HL7's list short: what is not named is an application error */
	static const struct { enum err e; const char *code; } CODES[] = {
		{ ERR_REQUIRED, "101" }, { ERR_BAD_DATE, "102" }, { ERR_BAD_NUMBER, "102" }, { ERR_BAD_ID, "102" },
		{ ERR_TOOLONG, "102" }, { ERR_TOOMANY, "102" }, { ERR_CHARSET, "102" }, { ERR_SYNTAX, "100" },
		{ ERR_CUT_OFF, "100" }, { ERR_UNKNOWN_CODE, "103" }, { ERR_UNKNOWN_FIELD, "103" },
		{ ERR_UNSUPPORTED, "200" }, { ERR_VERSION, "203" }, { ERR_UNKNOWN_REFERRAL, "204" },
		{ ERR_UNKNOWN_THREAD, "204" }, { ERR_UNKNOWN_AGENCY, "204" }, { ERR_UNROUTABLE, "204" },
		{ ERR_NOTFOUND, "204" }, { ERR_DUPLICATE, "205" }, { ERR_CONFLICT, "205" }, { ERR_EXISTS, "205" },
	};

	for (size_t i = 0; i < sizeof(CODES) / sizeof(CODES[0]); i++)
		if (CODES[i].e == e)
			return CODES[i].code;
	return "207";
}

/* AR: it is not the content (the form, the kind, or our own trouble); AE: it is. */
static bool
is_about_message(enum err e, const char *where)
{
	return err_verdict(e) != VERDICT_REJECT || e == ERR_SYNTAX || e == ERR_CUT_OFF || e == ERR_CHARSET ||
	       e == ERR_TOOBIG || e == ERR_UNSUPPORTED || e == ERR_VERSION || strncmp(where, "MSH", 3) == 0;
}

static const char *
ack_code(enum err e, const char *where, bool is_enhanced)
{
	if (e == OK)
		return is_enhanced ? "CA" : "AA";
	if (is_enhanced)
		return err_verdict(e) == VERDICT_REJECT ? "CR" : "CE";
	return is_about_message(e, where) ? "AR" : "AE";
}

/* "NK1[2]-5.1" in its parts; false if it is no place of HL7. */
static bool
split_place(const char *where, char segment[static 4], unsigned *ret_nth, unsigned *ret_field, unsigned *ret_comp)
{
	char *end;

	*ret_nth = 1;
	*ret_field = *ret_comp = 0;
	for (int i = 0; i < 3; i++)
		if (!isupper((unsigned char)where[i]) && !(i > 0 && isdigit((unsigned char)where[i])))
			return false;
	if (where[3] != '\0' && where[3] != '[' && where[3] != '-')	/* a word, as "MLLP" */
		return false;
	memcpy(segment, where, 3);
	segment[3] = '\0';
	where += 3;
	if (*where == '[') {
		*ret_nth = (unsigned)strtoul(where + 1, &end, 10);
		where = *end == ']' ? end + 1 : end;
	}
	if (*where == '-') {
		*ret_field = (unsigned)strtoul(where + 1, &end, 10);
		if (*end == '.')
			*ret_comp = (unsigned)strtoul(end + 1, NULL, 10);
	}
	return true;
}

static void
put_number(struct hl7_writer *w, struct arena *mem, unsigned field, unsigned comp, unsigned n)
{
	if (n)
		hl7_put(w, field, 1, comp, arena_fmt(mem, "%u", n));
}

static void
put_err(struct hl7_writer *w, struct arena *mem, enum err e, const struct why *why, const struct asked *a)
{
	bool is_old = a->version && strncmp(a->version, "2.", 2) == 0 && a->version[2] < '5';
	const char *code = code_0357(e, why->where), *place = hl7_place_of(why->where, mem);
	/* a sender that names no charset may read ASCII only */
	enum lang lang = a->charset_said && strcmp(a->charset, CHARSET_ASCII) != 0 ? LANG_BG : LANG_EN;
	unsigned nth, field, comp;
	char segment[4];
	bool has;

	has = split_place(place ? place : why->where, segment, &nth, &field, &comp);
	hl7_begin(w, "ERR");
	if (has && is_old) {	/* before 2.5 there is ERR-1 only: segment, which, field, code */
		hl7_put(w, 1, 1, 1, segment);
		put_number(w, mem, 1, 2, nth);
		put_number(w, mem, 1, 3, field);
		hl7_put_sub(w, 1, 1, 4, 1, code);
		hl7_put_sub(w, 1, 1, 4, 3, TABLE_0357);
	}
	if (has) {
		hl7_put(w, 2, 1, 1, segment);
		put_number(w, mem, 2, 2, nth);
		put_number(w, mem, 2, 3, field);
		put_number(w, mem, 2, 4, field ? 1 : 0);
		put_number(w, mem, 2, 5, comp);
	}
	hl7_put(w, 3, 1, 1, code);
	hl7_put(w, 3, 1, 3, TABLE_0357);
	hl7_put(w, 4, 1, 1, "E");
	hl7_put(w, 5, 1, 1, err_code(e));
	hl7_put(w, 5, 1, 2, err_text(e, LANG_EN));
	hl7_put(w, 5, 1, 3, HL7_SYSTEM);
	hl7_put(w, 7, 1, 1, why->line ? arena_fmt(mem, "%s (segment %u)", why->text, why->line) : why->text);
	hl7_put(w, 8, 1, 1, lang == LANG_BG ? arena_fmt(mem, "%s: %s", err_text(e, lang), err_remedy(e, lang)) :
					      err_remedy(e, lang));
	hl7_end(w);
}

/* The same message gets an answer with the same MSH-10. */
static const char *
answer_id(struct span bytes, struct arena *mem)
{
	uint64_t h = FNV_OFFSET;

	for (size_t i = 0; i < bytes.n; i++)
		h = (h ^ bytes.p[i]) * FNV_PRIME;
	return arena_fmt(mem, "A%016" PRIX64, h);
}

static void
put_header(struct hl7_writer *w, const struct asked *a, const struct native *in, const struct sector_env *env,
	   struct arena *mem)
{
	char now[HL7_TIME_LEN];

	hl7_format_time(env->now_ms, now);
	hl7_begin(w, "MSH");
	hl7_put(w, 3, 1, 1, a->to_app ? a->to_app : HL7_SYSTEM);
	hl7_put(w, 4, 1, 1, a->to_facility);
	hl7_put(w, 5, 1, 1, a->app);
	hl7_put(w, 6, 1, 1, a->facility);
	hl7_put(w, 7, 1, 1, now);
	hl7_put(w, 9, 1, 1, "ACK");
	if (a->event) {
		hl7_put(w, 9, 1, 2, a->event);
		hl7_put(w, 9, 1, 3, "ACK");
	}
	hl7_put(w, 10, 1, 1, answer_id(in->bytes, mem));
	hl7_put(w, 11, 1, 1, a->processing ? a->processing : "P");
	hl7_put(w, 12, 1, 1, a->version ? a->version : HL7_VERSION);
	hl7_put(w, 18, 1, 1, a->charset_said);
	hl7_end(w);
}

/* The charset of the message; should that lack a character (our texts need Cyrillic), UTF-8 and said so would surprise a
 * sender that cannot read it: what it lacks is left out instead, codes and places are ASCII. */
static enum err
in_charset(const char *charset, struct span utf8, struct arena *mem, struct span *ret_bytes)
{
	struct span one;
	struct buf b;
	size_t n;

	if (charset_encode(charset, utf8, mem, ret_bytes, NULL) == OK)
		return OK;
	buf_init(&b, mem);
	for (size_t i = 0; i < utf8.n; i += n) {
		n = bytes_utf8_len(SPAN(utf8.p + i, utf8.n - i));
		n = n ? n : 1;
		if (charset_encode(charset, SPAN(utf8.p + i, n), mem, &one, NULL) == OK)
			buf_span(&b, one);
	}
	*ret_bytes = buf_bytes(&b);
	return b.e;
}

enum err
health_hl7_answer(const struct native *in, const struct intake *intake, const struct sector_env *env, struct arena *mem,
		  struct native *ret_answer)
{
	const struct intake_item *item = intake->n ? &intake->items[0] : NULL;
	const struct why *why = intake->e == OK && item ? &item->why : &intake->why;
	enum err e = intake->e == OK && item ? item->e : intake->e;
	bool is_enhanced, is_accept;
	struct hl7_writer w;
	struct asked a;

	*ret_answer = (struct native){ .format = FORMAT_HL7, .media_type = "x-application/hl7-v2+er7" };
	read_asked(in, mem, &a);
	if (a.type && (strcmp(a.type, "ACK") == 0 || strcmp(a.type, "MCF") == 0))
		return OK;
	is_enhanced = a.accept || a.application;
	is_accept = is_enhanced && is_wanted(a.accept, e != OK);
	if (is_enhanced && !is_accept && !is_wanted(a.application, e != OK))
		return OK;
	hl7_writer_init(&w, mem);
	put_header(&w, &a, in, env, mem);
	hl7_begin(&w, "MSA");
	hl7_put(&w, 1, 1, 1, ack_code(e, why->where, is_accept));
	hl7_put(&w, 2, 1, 1, a.control_id);
	if (e != OK)	/* MSA-3 is what systems older than ERR-5 show */
		hl7_put(&w, 3, 1, 1, arena_fmt(mem, "%s %s", err_code(e), err_text(e, LANG_EN)));
	hl7_end(&w);
	if (e != OK)
		put_err(&w, mem, e, why, &a);
	if (w.b.e != OK || arena_is_full(mem))
		return ERR_TOOBIG;
	ret_answer->charset = a.charset;
	return in_charset(a.charset, buf_bytes(&w.b), mem, &ret_answer->bytes);
}

/* -- what another system answered -- */

/* Is it about what we sent? By MSA-2, or, since some systems put something else there, by the referral's number. */
static bool
is_ours(const struct hl7 *m, const struct outgoing *out, struct arena *mem)
{
	const char *about = hl7_get(m, hl7_find(m, "MSA", 1), 2, 1, 0), *number = hl7_get(m, hl7_find(m, "RF1", 1), 6, 1, 1);
	const char *sent = hl7_control_id(out, mem), *ref = NULL;

	if (about && sent && strcmp(about, sent) == 0)
		return true;
	if (out->referral && out->referral->referral)
		ref = out->referral->referral->referral_id;
	return number && ref && strcmp(number, ref) == 0;
}

/* A status of the system's own referral: there is no RRI to an RRI, so its application's AA is all the confirmation there can
 * be, and its number for the case is the one that it gave the referral. A referral received needs a number of its own. */
static const char *
own_number(const struct outgoing *out)
{
	bool is_home = out->is_initiator && out->record && out->record->status && out->referral && out->referral->referral;

	return is_home ? out->referral->referral->referral_id : NULL;
}

/* Their error code of table 0357: ERR-3, before 2.5 ERR-1.4, else MSA-6. 0: none. */
static unsigned
their_code(const struct hl7 *m)
{
	const struct hl7_segment *err = hl7_find(m, "ERR", 1);
	const char *code = hl7_get(m, err, 3, 1, 1);

	if (!code)
		code = hl7_get(m, err, 1, 1, 4);
	if (!code)
		code = hl7_get(m, hl7_find(m, "MSA", 1), 6, 1, 1);
	return code && strlen(code) <= 3 ? (unsigned)strtoul(code, NULL, 10) : 0;
}

enum err
health_hl7_read_answer(const struct outgoing *out, const struct native *answer, struct arena *mem, const char **ret_case_no,
		       struct why *why)
{
	const char *code;
	unsigned number;
	struct hl7 m;

	*ret_case_no = NULL;
	if (answer->bytes.n == 0 || hl7_parse(answer->bytes, answer->charset, mem, &m, NULL) != OK)
		return why_set(why, ERR_PEER_REFUSED, NULL, "the answer is no HL7 message");
	if (!(code = hl7_get(&m, hl7_find(&m, "MSA", 1), 1, 1, 1)))
		return why_set(why, ERR_PEER_REFUSED, "MSA-1", "the answer has no acknowledgement code");
	if (!is_ours(&m, out, mem))
		return why_set(why, ERR_PEER_REFUSED, "MSA-2", "the answer is about another message");
	if (strcmp(code, "AA") == 0 || strcmp(code, "CA") == 0) {
		*ret_case_no = hl7_get(&m, hl7_find(&m, "RF1", 1), 11, 1, 1);
		if (!*ret_case_no && strcmp(code, "AA") == 0)
			*ret_case_no = own_number(out);
		return OK;
	}
	number = their_code(&m);
	if (strcmp(code, "CE") == 0 || number == 206 || (number == 207 && strcmp(code, "AR") == 0))
		return why_set(why, ERR_PEER_REFUSED, "MSA-1", "the system cannot take it now (%u)", number);
	return why_set(why, ERR_UNSUPPORTED, "MSA-1", "the system refused it for good (%u)", number);
}
