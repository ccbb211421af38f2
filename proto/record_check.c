/* SPDX-License-Identifier: EUPL-1.2 */
/* record_check - is a record what it says: required fields, limits, codes, dates, check digits.
 *
 * The same rules stand at the sending adapter (before sealing) and at the receiving one (after opening). Generic by the
 * type description; what one field or message alone must keep stands in two short tables. The texts given never hold a
 * value of the record.
 */
#include "proto/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/geography.h"
#include "proto/kind.h"
#include "proto/record_place.h"

#define DATE_YEAR_MIN 1900			/* no child, consent or day of work of the programme is older: two digits of a year */
#define LIST_TEXT_MAX 1000			/* bytes of one item of TEXTS, as record.def says */
#define TIME_MIN INT64_C(-62135596800000)	/* 0001-01-01 */
#define TIME_MAX INT64_C(253402300799999)	/* the end of 9999 */

static enum err
fault(struct why *why, enum err e, const struct record_place *at, const char *text)
{
	return record_place_fault(at, e, text, why);
}

static enum err
fault_limit(struct why *why, enum err e, const struct record_place *at, const char *text, size_t limit)
{
	char where[sizeof(why->where)] = "";

	record_place_format(at, where, sizeof(where));
	return why_set(why, e, where, "%s %zu", text, limit);
}

/* -- codes of places -- */
static bool
is_digits(const char *s, size_t n)
{
	return strlen(s) == n && strspn(s, "0123456789") == n;
}

static bool
is_ekatte(const char *s)
{
	return is_digits(s, 5);
}

/* Rules of one field beyond its kind. */
static const struct field_rule {
	const char *type, *field;
	bool (*holds)(const char *value);
	const char *text;
} field_rules[] = {
	{ "address", "municipality", geography_is_form, "three capital letters and two digits, such as PDV22" },
	{ "address", "ekatte", is_ekatte, "five digits: where a spreadsheet or a database took leading zeros away, write them again (702 is 00702)" },
	{ "preview", "municipality", geography_is_form, "three capital letters and two digits, such as PDV22" },
	{ "transfer", "from_municipality", geography_is_form, "three capital letters and two digits, such as PDV22" },
	{ "transfer", "to_municipality", geography_is_form, "three capital letters and two digits, such as PDV22" },
	{ "responsibility", "municipality", geography_is_form, "three capital letters and two digits, such as PDV22" },
};

/* U+FFFE and U+FFFF (EF BF BE, EF BF BF) are no characters, and XML cannot say them: who gets XML could read none of it. */
static bool
is_printable(const char *s)
{
	for (; *s != '\0'; s++)
		if (((unsigned char)*s < 0x20 && *s != '\t' && *s != '\n' && *s != '\r') || *s == 0x7f ||
		    strncmp(s, "\xef\xbf\xbe", 3) == 0 || strncmp(s, "\xef\xbf\xbf", 3) == 0)
			return false;
	return true;
}

static enum err
check_text(const char *s, size_t limit, const struct record_place *at, struct why *why)
{
	size_t n = strlen(s);

	if (n == 0)
		return fault(why, ERR_REQUIRED, at, "is empty");
	if (n > limit)
		return fault_limit(why, ERR_TOOLONG, at, "its limit in bytes is", limit);
	if (!bytes_is_utf8(SPAN(s, n)))
		return fault(why, ERR_CHARSET, at, "is not UTF-8");
	if (!is_printable(s))
		return fault(why, ERR_CHARSET, at, "has a control character, U+FFFE or U+FFFF");
	return OK;
}

static enum err
check_code(const char *s, const char *const *codes, const struct record_place *at, struct why *why)
{
	char choice[sizeof(why->text)];

	for (size_t i = 0; codes[i] != NULL; i++)
		if (strcmp(codes[i], s) == 0)
			return OK;
	record_say_codes(codes, choice, sizeof(choice));
	return fault(why, ERR_UNKNOWN_CODE, at, choice);
}

static enum err
check_item(const struct field *f, const void *p, const struct record_place *at, struct why *why)
{
	struct civil date;

	switch (f->kind) {
	case FIELD_TEXT:
		return check_text(p, f->limit, at, why);
	case FIELD_TEXTS:
		return check_text(p, LIST_TEXT_MAX, at, why);
	case FIELD_CODE:
	case FIELD_CODES:
		return check_code(p, f->codes, at, why);
	case FIELD_DATE:
		return clock_parse_date(p, &date) == OK && date.year >= DATE_YEAR_MIN ? OK :
			fault(why, ERR_BAD_DATE, at, "not a date yyyy-mm-dd of the years from 1900");
	case FIELD_TIME:
		if (*(const int64_t *)p < TIME_MIN || *(const int64_t *)p > TIME_MAX)
			return fault(why, ERR_BAD_DATE, at, "not a time of the years 1 to 9999");
		return OK;
	case FIELD_INT:
		if (*(const int64_t *)p < 0 || (uint64_t)*(const int64_t *)p > f->limit)
			return fault_limit(why, ERR_BAD_NUMBER, at, "a whole number from 0 to", f->limit);
		return OK;
	case FIELD_ID:
		return bytes_is_zero(p, f->limit) ? fault(why, ERR_REQUIRED, at, "is nothing but zeroes") : OK;
	case FIELD_BYTES:
		if (((const struct span *)p)->n == 0)
			return fault(why, ERR_REQUIRED, at, "is empty");
		if (((const struct span *)p)->n > f->limit)
			return fault_limit(why, ERR_TOOLONG, at, "its limit in bytes is", f->limit);
		return OK;
	case FIELD_BOOL:
	case FIELD_MSG:
	case FIELD_MSGS:
		break;
	}
	return OK;
}

static enum err
check_rules(const struct record_type *type, const struct field *f, const char *value, const struct record_place *at,
	    struct why *why)
{
	for (size_t i = 0; i < sizeof(field_rules) / sizeof(field_rules[0]); i++) {
		const struct field_rule *r = &field_rules[i];

		if (strcmp(r->field, f->name) == 0 && strcmp(r->type, type->name) == 0 && !r->holds(value))
			return fault(why, ERR_UNKNOWN_CODE, at, r->text);
	}
	return OK;
}

/* -- rules of a whole message -- */
static enum err
check_person_id(const void *msg, const struct record_place *at, struct why *why)
{
	const struct person_id *id = msg;
	const struct record_place value = { at, "value", 0, false };

	if (strcmp(id->type, "EGN") == 0 && !record_is_egn(id->value))
		return fault(why, ERR_BAD_ID, &value, "not a valid EGN");
	if (strcmp(id->type, "LNCH") == 0 && !record_is_lnch(id->value))
		return fault(why, ERR_BAD_ID, &value, "not a valid LNCH");
	return OK;
}

static enum err
check_referral(const void *msg, const struct record_place *at, struct why *why)
{
	const struct referral *referral = msg;
	const struct record_place consent = { at, "consent", 0, false };

	if (strcmp(referral->legal_basis, "consent") == 0 && referral->consent == NULL)
		return fault(why, ERR_REQUIRED, &consent, "the legal basis is consent");
	return OK;
}

static enum err
check_info_answer(const void *msg, const struct record_place *at, struct why *why)
{
	const struct info_answer *a = msg;
	const struct record_place text = { at, "text", 0, false };
	int n = (a->text != NULL) + (a->code != NULL) + (a->date != NULL) + (a->yes != NULL) + (a->refused != NULL) +
	    (a->unknown != NULL);

	if (n == 0 && a->attachments.n == 0)
		return fault(why, ERR_REQUIRED, &text, "an answer, a refusal, or that it is unknown");
	return n > 1 ? fault(why, ERR_INCONSISTENT, &text, "one answer to a question") : OK;
}

/* One thread that it is said in: by its referral, its conference or its transfer. */
static enum err
check_names_one(const char *referral, const char *conference, const char *transfer, const struct record_place *at, struct why *why)
{
	const struct record_place of = { at, "referral_id", 0, false };
	int n = (referral != NULL) + (conference != NULL) + (transfer != NULL);

	return n == 1 ? OK : fault(why, ERR_REQUIRED, &of, "a referral, a conference or a transfer, and one alone");
}

static enum err
check_consent_change(const void *msg, const struct record_place *at, struct why *why)
{
	const struct consent_change *c = msg;
	const struct record_place consent = { at, "consent", 0, false };
	enum err e;

	if ((e = check_names_one(c->referral_id, c->conference_id, c->transfer_id, at, why)) != OK)
		return e;
	if (strcmp(c->change, "withdrawn") != 0 && c->consent == NULL)
		return fault(why, ERR_REQUIRED, &consent, "the consent as it is now");
	return OK;
}

/* Who keeps what a family wants gone says by what right. */
static enum err
check_consent_answer(const void *msg, const struct record_place *at, struct why *why)
{
	const struct consent_answer *a = msg;
	const struct record_place ground = { at, "ground", 0, false };
	const struct record_place basis = { at, "legal_basis", 0, false };
	enum err e;

	if ((e = check_names_one(a->referral_id, a->conference_id, a->transfer_id, at, why)) != OK)
		return e;
	if (strcmp(a->result, "retained") != 0)
		return OK;
	if (a->legal_basis == NULL)
		return fault(why, ERR_REQUIRED, &basis, "the legal basis to keep it");
	return a->ground == NULL ? fault(why, ERR_REQUIRED, &ground, "the ground to keep it") : OK;
}

static enum err
check_file_part(const void *msg, const struct record_place *at, struct why *why)
{
	const size_t part_max = record_field(record_type_by_name("file_part"), "data")->limit;
	const struct file_part *f = msg;
	const struct record_place part = { at, "part", 0, false }, data = { at, "data", 0, false };
	const struct record_place sha256 = { at, "sha256", 0, false }, of = { at, "referral_id", 0, false }, whole = { at, "size", 0, false };
	uint64_t size = (uint64_t)*f->size, parts = (uint64_t)*f->parts, k = (uint64_t)*f->part;

	if ((f->referral_id == NULL) == (f->conference_id == NULL))
		return fault(why, ERR_REQUIRED, &of, "either a referral or a conference that it belongs to");
	if (strlen(f->sha256) != 64 || strspn(f->sha256, "0123456789abcdef") != 64)
		return fault(why, ERR_FORMAT, &sha256, "64 hexadecimal digits in lower case");
	if (size == 0 || parts != (size + part_max - 1) / part_max || k == 0 || k > parts)
		return fault(why, ERR_INCONSISTENT, &part, "parts of 512 KiB, counted from 1, the last one shorter");
	if (parts == 1 && f->data->n != size)
		return fault(why, ERR_FILE_DIFFERS, &whole, "the file has another size");
	if (f->data->n != (k < parts ? part_max : size - (parts - 1) * part_max))
		return fault(why, ERR_INCONSISTENT, &data, "not as long as this part of the file is");
	return OK;
}

static enum err
check_commitment(const void *msg, const struct record_place *at, struct why *why)
{
	const struct commitment *c = msg;
	const struct record_place version = { at, "version", 0, false }, reason = { at, "reason", 0, false };

	if (*c->version == 0)
		return fault(why, ERR_BAD_NUMBER, &version, "versions count from 1");
	return *c->version > 1 && c->reason == NULL ? fault(why, ERR_REQUIRED, &reason, "why it changes") : OK;
}

static enum err
check_commitment_update(const void *msg, const struct record_place *at, struct why *why)
{
	const struct commitment_update *u = msg;
	const struct record_place reason = { at, "reason", 0, false };
	bool needs = u->new_due != NULL || strcmp(u->state, "refused") == 0 || strcmp(u->state, "not-done") == 0;

	return needs && u->reason == NULL ? fault(why, ERR_REQUIRED, &reason, "the reason") : OK;
}

/* A family that gives no score leaves it out. */
static enum err
check_feedback(const void *msg, const struct record_place *at, struct why *why)
{
	const struct feedback *f = msg;
	const struct record_place score = { at, "score", 0, false };

	return f->score != NULL && *f->score == 0 ? fault(why, ERR_BAD_NUMBER, &score, "a whole number from 1 to 5") : OK;
}

static enum err
check_transfer_answer(const void *msg, const struct record_place *at, struct why *why)
{
	const struct transfer_answer *a = msg;
	const struct record_place reason = { at, "reason", 0, false };

	if (strcmp(a->answer, "accept") != 0 && a->reason == NULL)
		return fault(why, ERR_REQUIRED, &reason, "why it is rejected, or taken back");
	return OK;
}

static enum err
check_kept_commitment(const void *msg, const struct record_place *at, struct why *why)
{
	const struct kept_commitment *c = msg;
	const struct record_place update = { at, "update", 0, false }, words = { at, "words", 0, false };

	if ((c->update == NULL) != (c->updated == NULL))
		return fault(why, ERR_INCONSISTENT, &update, "an update and when it was made");
	for (size_t i = 0; i < c->n_words; i++)
		if (*c->words[i]->seq == 0 || *c->words[i]->version == 0)
			return fault(why, ERR_BAD_NUMBER, &words, "seqs and versions count from 1");
	return OK;
}

static enum err
check_thread_state(const void *msg, const struct record_place *at, struct why *why)
{
	const struct thread_state *s = msg;
	const struct record_place referral = { at, "referral", 0, false }, state = { at, "state", 0, false };
	int beginnings = (s->referral != NULL) + (s->transfer != NULL) + (s->minutes != NULL);

	if (beginnings == 0)
		return fault(why, ERR_REQUIRED, &referral, "what began the thread: a referral, a transfer or a conference");
	if (beginnings > 1)
		return fault(why, ERR_INCONSISTENT, &referral, "several beginnings");
	if (s->minutes == NULL && s->state == NULL)
		return fault(why, ERR_REQUIRED, &state, "the state of the thread");
	return s->minutes && s->state ? fault(why, ERR_INCONSISTENT, &state, "a conference's stands in its minutes") : OK;
}

/* Exactly the body that the kind names, and beside status changes the step that was taken, if any. */
static enum err
check_record(const void *msg, const struct record_place *at, struct why *why)
{
	const struct record *record = msg;
	const struct kind *kind = kind_by_code(record->kind);
	const struct record_type *type = record_type();
	const struct record_place step = { at, "step", 0, false }, right = { at, kind->body, 0, false };

	if (kind_body(record) == NULL)
		return fault(why, ERR_REQUIRED, &right, "the kind says that it is there");
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct field *f = &type->fields[i];
		const struct record_place wrong = { at, f->name, 0, false };

		if (f->tag >= RECORD_BODY_FIRST && strcmp(f->name, kind->body) != 0 && record_has(record, f))
			return fault(why, ERR_INCONSISTENT, &wrong, "the kind says that it is not there");
	}
	if (record->step != NULL && !kind_may_step(record))
		return fault(why, ERR_INCONSISTENT, &step, "not a step that this kind takes");
	return OK;
}

static const struct type_rule {
	const char *type;
	enum err (*check)(const void *msg, const struct record_place *at, struct why *why);
} type_rules[] = {
	{ "person_id", check_person_id },
	{ "referral", check_referral },
	{ "info_answer", check_info_answer },
	{ "consent_change", check_consent_change },
	{ "consent_answer", check_consent_answer },
	{ "file_part", check_file_part },
	{ "commitment", check_commitment },
	{ "commitment_update", check_commitment_update },
	{ "feedback", check_feedback },
	{ "transfer_answer", check_transfer_answer },
	{ "kept_commitment", check_kept_commitment },
	{ "thread_state", check_thread_state },
	{ "record", check_record },
};

/* -- the walk -- */
static enum err check_message(const struct record_type *type, const void *msg, const struct record_place *at, struct why *why);

static enum err
check_list(const struct field *f, const void *msg, const struct record_place *up, struct why *why)
{
	struct record_place at = { up, f->name, 0, false };
	const void *const *items = record_at(msg, f);
	size_t n = record_count(msg, f);
	enum err e;

	if (n > f->limit)
		return fault_limit(why, ERR_TOOMANY, &at, "at most", f->limit);
	for (at.is_item = true; at.index < n; at.index++) {
		const void *item = items[at.index];

		e = f->kind == FIELD_MSGS ? check_message(f->of, item, &at, why) : check_item(f, item, &at, why);
		if (e != OK)
			return e;
	}
	return OK;
}

static enum err
check_field(const struct record_type *type, const struct field *f, const void *msg, const struct record_place *up,
	    struct why *why)
{
	const struct record_place at = { up, f->name, 0, false };
	const void *p;
	enum err e;

	if (!record_has(msg, f))
		return f->must ? fault(why, ERR_REQUIRED, &at, "is missing") : OK;
	if (record_field_is_list(f))
		return check_list(f, msg, up, why);
	p = record_at(msg, f);
	if (f->kind == FIELD_MSG)
		return check_message(f->of, p, &at, why);
	if ((e = check_item(f, p, &at, why)) != OK)
		return e;
	return f->kind == FIELD_TEXT ? check_rules(type, f, p, &at, why) : OK;
}

static enum err
check_message(const struct record_type *type, const void *msg, const struct record_place *at, struct why *why)
{
	enum err e;

	for (size_t i = 0; i < type->n_fields; i++)
		if ((e = check_field(type, &type->fields[i], msg, at, why)) != OK)
			return e;
	for (size_t i = 0; i < sizeof(type_rules) / sizeof(type_rules[0]); i++)
		if (strcmp(type_rules[i].type, type->name) == 0)
			return type_rules[i].check(msg, at, why);
	return OK;
}

enum err
record_check(const struct record *record, struct why *why)
{
	return check_message(record_type(), record, NULL, why);
}
