/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_err - the place and the kind of a fault in the terms of HL7, and what to do about it in the sender's language.
 *
 * A fault is told by the record's path or by its place in the message; hl7_map knows the place of a path. Called by
 * hl7_answer.c.
 */
#include "adapters/health/hl7_err.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/core/charset.h"
#include "adapters/health/hl7_map.h"
#include "adapters/health/hl7_obx.h"

#define TABLE_0357 "HL70357"

static const char *const CHANGE_REMEDY[] = {
	[LANG_EN] = "a referral that was sent is changed only in answer to questions: cancel it (I14) and send a new one",
	[LANG_BG] = "изпратено насочване се променя само в отговор на въпроси: отменете го (I14) и изпратете ново",
};

/* Table 0357 for one of our errors. */
static const char *
code_0357(enum err e, const char *where)
{
	if (err_verdict(e) != VERDICT_REJECT)
		return "207";
	if (strncmp(where, "MSH-11", 6) == 0)
		return "202";
	/* the catalogue is long, HL7's list short: what is not named is an application error */
	static const struct { enum err e; const char *code; } CODES[] = {
		{ ERR_REQUIRED, "101" }, { ERR_BAD_DATE, "102" }, { ERR_BAD_NUMBER, "102" }, { ERR_BAD_ID, "102" }, { ERR_ID_DISAGREES, "102" },
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

/* A referral that nobody asked about cannot be changed any more: what can be done about it is another thing than usual. */
static bool
is_late_change(enum err e, const struct hl7_asked *asked)
{
	return asked->act == HL7_CHANGE && (e == ERR_BAD_TRANSITION || e == ERR_BAD_ACTOR);
}

bool
hl7_is_before_25(const struct hl7_asked *asked)
{
	return asked->version && strncmp(asked->version, "2.", 2) == 0 && asked->version[2] < '5';
}

/* A sender that names no charset may read ASCII only. */
static enum lang
lang_of(const struct hl7_asked *asked)
{
	return asked->charset_said && strcmp(asked->charset, CHARSET_ASCII) != 0 ? LANG_BG : LANG_EN;
}

void
hl7_put_note(struct hl7_writer *w, const char *severity, const char *text, const char *text_en, const struct hl7_asked *asked)
{
	if (hl7_is_before_25(asked))
		return;
	hl7_begin(w, "ERR");
	hl7_put(w, 3, 1, 1, "0");
	hl7_put(w, 3, 1, 2, "Message accepted");
	hl7_put(w, 3, 1, 3, TABLE_0357);
	hl7_put(w, 4, 1, 1, severity);
	hl7_put(w, 7, 1, 1, text_en);
	hl7_put(w, 8, 1, 1, lang_of(asked) == LANG_BG ? text : text_en);
	hl7_end(w);
}

/* The place that the fault has, or that the record's path has in this message: of several OBX the one that says it. */
static const char *
place_in(const char *where, const struct hl7_asked *asked, struct arena *mem)
{
	const char *place = hl7_place_of(where, asked->kind ? asked->kind->family : HL7_REFERRALS, mem);
	const struct hl7_segment *s;

	if (!place)
		return where;
	if (strcmp(place, "OBX-5") != 0 || !asked->m || !(s = hl7_find_obx(asked->m, where, mem)))
		return place;
	return arena_fmt(mem, "OBX[%u]-5", s->nth);
}

void
hl7_put_err(struct hl7_writer *w, struct arena *mem, enum err e, const struct why *why, const struct hl7_asked *asked)
{
	bool is_old = hl7_is_before_25(asked);
	const char *code = code_0357(e, why->where), *place;
	enum lang lang = lang_of(asked);
	unsigned nth, field, comp;
	const char *remedy;
	char segment[4];
	bool has;

	place = place_in(why->where, asked, mem);
	has = place && split_place(place, segment, &nth, &field, &comp);
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
	remedy = is_late_change(e, asked) ? CHANGE_REMEDY[lang] : err_remedy(e, lang);
	hl7_put(w, 8, 1, 1, lang == LANG_BG ? arena_fmt(mem, "%s: %s", err_text(e, lang), remedy) : remedy);
	hl7_end(w);
}
