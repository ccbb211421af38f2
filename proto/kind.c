/* SPDX-License-Identifier: EUPL-1.2 */
/* kind - the table of kind.def, read, and the steps that its rows take. */
#include "proto/kind.h"

#include <stdio.h>
#include <string.h>

/* The names that the rows are written with. */
enum { I = ACTOR_INITIATOR, R = ACTOR_RECIPIENT };
enum { ON = 0, BEGINS = 1 };
enum { ANY = 0, OPEN = 1 };

static const struct kind kinds[] = {
#define KIND(number, code, body, topic, place, who, when) { number, code, #body, TOPIC_##topic, place, who, when },
#include "proto/kind.def"
#undef KIND
};

static const char *const references[] = {
	[TOPIC_REFERRAL] = "referral_id",
	[TOPIC_CONFERENCE] = "conference_id",
	[TOPIC_TRANSFER] = "transfer_id",
	[TOPIC_REPORT] = "report_id",
	[TOPIC_THREAD] = NULL,
};

#define IS_OPEN (1U << STATE_REQUESTED | 1U << STATE_RECEIVED | 1U << STATE_INFO_REQUESTED | 1U << STATE_ACCEPTED | 1U << STATE_WAITLISTED | \
		 1U << STATE_SCHEDULED | 1U << STATE_IN_PROGRESS | 1U << STATE_ON_HOLD | 1U << STATE_CANCEL_REQUESTED | 1U << STATE_LATE_OFFERED)

/* A kind takes a step in the state and by the side that the row says; `type` is the cancellation's, or the result of an answer about consent. */
static const struct step_row {
	const char *kind, *type;
	unsigned from, actors;		/* bits by state; 0: any */
	const char *transition;
} steps[] = {
	{ "info-request", NULL, 1U << STATE_REQUESTED | 1U << STATE_RECEIVED, R, "T03" },
	{ "info-response", NULL, 1U << STATE_INFO_REQUESTED, I, "T04" },
	{ "cancellation", "cancel-request", 1U << STATE_REQUESTED, I, "T29" },
	{ "cancellation", "cancel-request", 0, I, "T20" },
	{ "cancellation", "cancel-confirm", 0, R, "T21" },
	{ "cancellation", "consent-withdrawn", 0, I | R, "T27" },
	{ "cancellation", "error", 0, I, "T30" },
	{ "consent-answer", "shredded", IS_OPEN, R, "T27" },	/* who has nothing of the child any more cannot go on */
};

const struct kind *
kind_by_code(const char *code)
{
	for (size_t i = 0; code != NULL && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].code, code) == 0)
			return &kinds[i];
	return NULL;
}

const void *
kind_body(const struct record *record)
{
	const struct kind *kind = kind_by_code(record->kind);

	return kind == NULL ? NULL : record_at(record, record_field(record_type(), kind->body));
}

static const char *
text_in_body(const struct record *record, const char *name)
{
	const struct kind *kind = kind_by_code(record->kind);
	const void *body = kind_body(record);
	const struct field *f;

	if (body == NULL || (f = record_field(record_field(record_type(), kind->body)->of, name)) == NULL)
		return NULL;
	return record_at(body, f);
}

enum topic
kind_topic(const struct record *record)
{
	const struct kind *kind = kind_by_code(record->kind);

	if (kind == NULL || kind->topic != TOPIC_NONE)
		return kind == NULL ? TOPIC_NONE : kind->topic;
	for (enum topic t = TOPIC_REFERRAL; t <= TOPIC_TRANSFER; t++)
		if (text_in_body(record, references[t]) != NULL)
			return t;
	return TOPIC_NONE;
}

const char *
kind_reference_field(const struct record *record)
{
	enum topic topic = kind_topic(record);

	return references[topic == TOPIC_NONE ? TOPIC_REFERRAL : topic];
}

bool
kind_is_open(enum topic topic, enum state now)
{
	return topic == TOPIC_TRANSFER ? now == STATE_REQUESTED : !lifecycle_is_final(now);
}

/* Whose offer it is takes it back; the other side answers it. */
static bool
takes_back_offer(const struct record *record)
{
	return strcmp(record->transfer_answer->answer, "withdraw") == 0;
}

bool
kind_is_shredded(const struct record *record)
{
	return record->consent_answer != NULL && record->consent_answer->result != NULL &&
	       strcmp(record->consent_answer->result, "shredded") == 0;
}

enum state
kind_state_after(const struct record *record, enum state now)
{
	if (kind_is_shredded(record) && kind_topic(record) == TOPIC_TRANSFER && now == STATE_REQUESTED)
		return STATE_WITHDRAWN;
	if (record->transfer_answer == NULL)
		return now;
	if (takes_back_offer(record))
		return STATE_CANCELLED;
	return strcmp(record->transfer_answer->answer, "accept") == 0 ? STATE_ACCEPTED : STATE_DECLINED;
}

const char *
kind_reference(const struct record *record)
{
	enum topic topic = kind_topic(record);

	return topic == TOPIC_NONE || topic == TOPIC_THREAD ? NULL : text_in_body(record, references[topic]);
}

#define POSSIBLE_MAX 180	/* bytes of such a list */

/* What the side may still say when it has ended. */
static const char *
list_after_end(enum topic topic, enum actor actor, char text[static POSSIBLE_MAX])
{
	size_t n = 0;

	snprintf(text, POSSIBLE_MAX, "nothing");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && n < POSSIBLE_MAX; i++)
		if ((kinds[i].topic == topic || kinds[i].topic == TOPIC_NONE) && (kinds[i].actors & actor) != 0 &&
		    !kinds[i].begins && !kinds[i].only_open)
			n += (size_t)snprintf(text + n, POSSIBLE_MAX - n, "%s%s", n > 0 ? ", " : "", kinds[i].code);
	return text;
}

enum err
kind_check(const struct record *record, enum actor actor, bool is_open, struct why *why)
{
	const struct kind *kind = kind_by_code(record->kind);
	char possible[POSSIBLE_MAX];

	if ((kind->actors & actor) == 0)
		return why_set(why, ERR_BAD_ACTOR, "kind", "%s comes from the other side of a thread", kind->code);
	if (record->transfer_answer != NULL && takes_back_offer(record) != (actor == ACTOR_INITIATOR))
		return why_set(why, ERR_BAD_ACTOR, "transfer_answer.answer", "who offers may withdraw the offer, the other side accept or reject it");
	if (kind->only_open && !is_open)
		return why_set(why, ERR_BAD_TRANSITION, "kind", "%s is too late: what it is about has ended; possible now: %s", kind->code,
			       list_after_end(kind_topic(record), actor, possible));
	return OK;
}

static bool
row_is_of(const struct step_row *row, const struct record *record)
{
	const char *type = record->cancellation ? record->cancellation->type : kind_is_shredded(record) ? "shredded" : NULL;

	return strcmp(row->kind, record->kind) == 0 && kind_topic(record) == TOPIC_REFERRAL &&
	       (row->type == NULL || (type != NULL && strcmp(type, row->type) == 0));
}

const char *
kind_transition(const struct record *record, enum state now, enum actor actor)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (row_is_of(&steps[i], record) && (steps[i].actors & actor) != 0 &&
		    (steps[i].from == 0 || (steps[i].from & 1U << now) != 0))
			return steps[i].transition;
	return NULL;
}

bool
kind_may_step(const struct record *record)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (row_is_of(&steps[i], record) && strcmp(steps[i].transition, record->step->transition) == 0)
			return true;
	return false;
}

bool
kind_step(const struct record *record, struct status *ret_status)
{
	struct status s = { .referral_id = kind_reference(record), .at = record->created };

	if (record->status != NULL) {
		*ret_status = *record->status;
		return true;
	}
	s.transition = record->kind;
	if (record->step != NULL) {
		s.from = record->step->from;
		s.to = record->step->to;
		s.transition = record->step->transition;
	}
	if (record->info_request != NULL) {
		s.questions = record->info_request->questions;
		s.n_questions = record->info_request->n_questions;
		s.answer_by = record->info_request->answer_by;
	}
	if (record->info_response != NULL && record->info_response->n_answers > 0)
		s.reason_text = record->info_response->answers[0]->qid;	/* the answers stand for the text */
	if (record->cancellation != NULL) {
		s.reason_text = record->cancellation->reason;
		s.reason_code = record->cancellation->reason_code;
	}
	*ret_status = s;
	return record->step != NULL;
}
