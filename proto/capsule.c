/* SPDX-License-Identifier: EUPL-1.2 */
/* capsule - record -> capsule -> bytes, and back.
 *
 * A capsule holds codes only: what it may hold is decided by capsule_of, line by line, and nothing that a person wrote freely
 * or that names one is among it. One form for one content: version, case, each text with its length, then zeroes.
 */
#include "proto/capsule.h"

#define CAPSULE_VERSION 1
#define TEXTS 9

static const char *
home_of(const struct person *child)
{
	const struct address *home = child == NULL ? NULL : child->actual_address != NULL ? child->actual_address : child->address;

	return home == NULL ? NULL : home->municipality;
}

static void
of_referral(const struct referral *r, struct capsule *c)
{
	c->state_from = "draft";
	c->state_to = "requested";
	c->transition = r->supersedes == NULL ? "T01" : "T26";
	c->service_kind = r->service_kind;
	c->legal_basis = r->legal_basis;
	c->municipality = home_of(r->child);
}

static void
of_status(const struct status *s, struct capsule *c)
{
	c->state_from = s->from;
	c->state_to = s->to;
	c->transition = s->transition;
	c->reason_code = s->reason_code;
	c->outcome = s->outcome == NULL ? NULL : s->outcome->outcome;
}

/* Of the other kinds: what was answered, decided or came of it, and by what right. */
static void
of_others(const struct record *r, struct capsule *c)
{
	if (r->outcome_report != NULL)
		c->outcome = r->outcome_report->outcome;
	if (r->cancellation != NULL) {
		c->outcome = r->cancellation->type;
		c->reason_code = r->cancellation->reason_code;
	}
	if (r->info_request != NULL)
		c->legal_basis = r->info_request->legal_basis;
	if (r->consent_change != NULL)
		c->outcome = r->consent_change->change;
	if (r->consent_answer != NULL) {
		c->outcome = r->consent_answer->result;
		c->legal_basis = r->consent_answer->legal_basis;
	}
	if (r->conference != NULL) {
		c->legal_basis = r->conference->legal_basis;
		c->municipality = home_of(r->conference->child);
	}
	if (r->rsvp != NULL)
		c->outcome = r->rsvp->answer;
	if (r->decision != NULL)
		c->outcome = r->decision->result;
	if (r->commitment != NULL)
		c->outcome = "proposed";
	if (r->commitment_update != NULL)
		c->outcome = r->commitment_update->state;
	if (r->overdue != NULL)
		c->outcome = r->overdue->state;
	if (r->transfer != NULL) {
		c->legal_basis = r->transfer->legal_basis;
		c->municipality = r->transfer->to_municipality;
	}
	if (r->transfer_answer != NULL)
		c->outcome = r->transfer_answer->answer;
	if (r->responsibility != NULL)
		c->municipality = r->responsibility->municipality;
}

void
capsule_of(const struct record *record, struct capsule *ret_capsule)
{
	struct capsule c = { .kind = record->kind };

	if (record->case_id != NULL)
		memcpy(c.case_id, record->case_id, sizeof(c.case_id));
	if (record->step != NULL) {
		c.state_from = record->step->from;
		c.state_to = record->step->to;
		c.transition = record->step->transition;
	}
	if (record->referral != NULL)
		of_referral(record->referral, &c);
	else if (record->status != NULL)
		of_status(record->status, &c);
	else
		of_others(record, &c);
	*ret_capsule = c;
}

/* The texts in the order of the encoding. */
static void
texts_of(struct capsule *c, const char **ret_texts[TEXTS])
{
	ret_texts[0] = &c->kind;
	ret_texts[1] = &c->state_from;
	ret_texts[2] = &c->state_to;
	ret_texts[3] = &c->transition;
	ret_texts[4] = &c->reason_code;
	ret_texts[5] = &c->service_kind;
	ret_texts[6] = &c->legal_basis;
	ret_texts[7] = &c->outcome;
	ret_texts[8] = &c->municipality;
}

enum err
capsule_encode(const struct capsule *c, uint8_t to[static CAPSULE_LEN])
{
	struct capsule copy = *c;
	const char **texts[TEXTS];
	size_t at = 0;

	memset(to, 0, CAPSULE_LEN);
	to[at++] = CAPSULE_VERSION;
	memcpy(to + at, c->case_id, sizeof(c->case_id));
	at += sizeof(c->case_id);
	texts_of(&copy, texts);
	for (size_t i = 0; i < TEXTS; i++) {
		size_t n = *texts[i] == NULL ? 0 : strlen(*texts[i]);

		if (n > UINT8_MAX || at + 1 + n > CAPSULE_LEN)
			return ERR_TOOBIG;
		to[at++] = (uint8_t)n;
		if (n > 0)
			memcpy(to + at, *texts[i], n);
		at += n;
	}
	return OK;
}

/* All codes are of these: what an auditor's tools print cannot move a terminal or begin a formula, whoever sealed it. */
static bool
is_code(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];
		bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		if (!is_word && (i == 0 || (c != '-' && c != '+' && c != '_' && c != '.')))
			return false;
	}
	return true;
}

enum err
capsule_decode(const uint8_t from[static CAPSULE_LEN], struct arena *mem, struct capsule *ret_capsule)
{
	struct capsule c = { 0 };
	const char **texts[TEXTS];
	struct cursor cursor;

	cursor_init(&cursor, SPAN(from, CAPSULE_LEN));
	if (cursor_u8(&cursor) != CAPSULE_VERSION)
		return ERR_VERSION;
	cursor_copy(&cursor, c.case_id, sizeof(c.case_id));
	texts_of(&c, texts);
	for (size_t i = 0; i < TEXTS; i++) {
		struct span text = cursor_take(&cursor, cursor_u8(&cursor));

		if (text.n == 0)
			continue;
		if (!is_code(text))
			return ERR_FORMAT;
		*texts[i] = arena_strn(mem, text.p, text.n);
		if (*texts[i] == NULL)
			return ERR_TOOBIG;
	}
	while (cursor_left(&cursor) > 0)
		if (cursor_u8(&cursor) != 0)
			return ERR_FORMAT;
	if (cursor_end(&cursor) != OK)
		return ERR_FORMAT;
	*ret_capsule = c;
	return OK;
}
