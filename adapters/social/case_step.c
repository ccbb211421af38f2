/* SPDX-License-Identifier: EUPL-1.2 */
/* case_step - what a unit is, by its word and by where the referral stands: a new referral, a step, a registration, or nothing new.
 *
 * A case system lists a case again and again with all its services. So what stands already is known, and no step. "Exited" does not say
 * whether anything was done: completed where the referral had been accepted, declined where it had not. Called by case_in.c.
 */
#include "adapters/social/case.h"

#include <jansson.h>
#include <string.h>

#include "adapters/core/sector.h"

struct standing {
	struct progress p;
	bool is_known;
};

static const char *
of_unit(const struct case_reading *r, const char *member)
{
	const char *text = case_text(r->mem, r->unit->service, member);

	return text != NULL ? text : case_text(r->mem, r->unit->client, member);
}

static const char *
said_by(const struct case_reading *r)
{
	const char *text;

	if (r->shape == CASE_OSCAR)
		return of_unit(r, "referral_status");
	if (r->unit->service == NULL)
		return case_text(r->mem, r->unit->client, "status");
	text = case_text_like(r->mem, r->unit->service, "referral_status");
	return text != NULL ? text : case_text(r->mem, r->transition, "status");
}

/* -- which referral -- */

static bool
find(const struct case_reading *r, const char *number, struct standing *s)
{
	s->is_known = number != NULL && r->env->progress_of != NULL && r->env->progress_of(r->env->core, number, r->mem, &s->p) == OK &&
		      s->p.referral != NULL && s->p.referral->referral != NULL;
	return s->is_known;
}

/* A number that may be another's as well is believed of what came here only, and if nothing in the body is against it. */
static bool
find_received(const struct case_reading *r, const char *number, struct standing *s)
{
	const char *external = r->shape == CASE_OSCAR ? of_unit(r, "external_id") : NULL;

	if (find(r, number, s) && !s->p.is_initiator &&
	    (external == NULL || strcmp(external, number) == 0 || (s->p.referral_no != NULL && strcmp(external, s->p.referral_no) == 0)))
		return true;
	s->is_known = false;
	return false;
}

/* A client's external_id is that of one referral: where words are said on several services, the one that it was asked for. */
static bool
is_its_service(const struct case_reading *r, const struct standing *s)
{
	const struct referral *asked_for = s->p.referral->referral;
	const char *name = case_text(r->mem, r->unit->service, "name"), *own = of_unit(r, "referral_id"), *kind;
	size_t i, n = 0;
	json_t *one;

	json_array_foreach(json_object_get(r->unit->client, "services"), i, one)
		n += case_text(r->mem, one, "referral_status") != NULL;
	if (n < 2)
		return true;
	if (s->p.case_no != NULL && own != NULL)
		return strcmp(s->p.case_no, own) == 0;
	kind = case_code(r->env, "oscar-service", "service_kind", name, r->mem);
	return (name != NULL && asked_for->service_text != NULL && strcmp(name, asked_for->service_text) == 0) ||
	       (kind != NULL && asked_for->service_kind != NULL && strcmp(kind, asked_for->service_kind) == 0);
}

/* Its own number, or ours that it gave back, or one that it registered the referral under. A case's number alone may be that of several. */
static void
stand(const struct case_reading *r, struct standing *s)
{
	const char *own = of_unit(r, "referral_id");

	*s = (struct standing){ .is_known = false };
	if (find(r, r->number, s) || r->shape == CASE_PRIMERO)
		return;
	if (find_received(r, of_unit(r, "uuid"), s) || (find_received(r, of_unit(r, "external_id"), s) && is_its_service(r, s)))
		return;
	if (find_received(r, own, s) && (s->p.case_no == NULL || strcmp(s->p.case_no, own) != 0))
		s->is_known = false;
}

/* Under which number it has registered what came; NULL: it does not say. */
static const char *
own_number(const struct case_reading *r)
{
	const char *display;

	if (r->shape == CASE_OSCAR)
		return of_unit(r, "referral_id");
	display = case_text(r->mem, r->unit->client, "case_id_display");
	return display != NULL ? display : case_text(r->mem, r->unit->client, "case_id");
}

/* -- which step -- */

static bool
is_one_of(const char *state, const char *const *list)
{
	for (; state != NULL && *list != NULL; list++)
		if (strcmp(state, *list) == 0)
			return true;
	return false;
}

static bool
is_taken(const char *state)
{
	static const char *const list[] = { "accepted", "scheduled", "in-progress", "on-hold", NULL };

	return is_one_of(state, list);
}

static bool
is_ended(const char *state)
{
	static const char *const list[] = { "declined", "redirected", "expired", "cancelled", "withdrawn", "transferred", "completed", "failed",
					    "entered-in-error", NULL };

	return is_one_of(state, list);
}

/* Where the word leads from `state`; NULL: it stands there. What may not be, the lifecycle refuses. */
static const char *
step_of_recipient(enum case_word word, const char *state)
{
	static const char *const done[] = { "completed", "failed", "transferred", NULL }, *const offered[] = { "late-offered", NULL };

	if (word == CASE_ACCEPTED)
		return is_taken(state) || is_one_of(state, done) || is_one_of(state, offered) ? NULL : "accepted";
	if (is_ended(state))
		return NULL;
	if (state != NULL && strcmp(state, "cancel-requested") == 0)
		return word == CASE_DONE ? "completed" : "cancelled";
	if (word == CASE_DONE || (word == CASE_EXITED && is_taken(state)))
		return "completed";
	return word == CASE_REVOKED ? "cancelled" : "declined";
}

static const char *
reason_of(const struct case_reading *r)
{
	static const char *const members[] = { "reason_for_exiting", "rejected_reason", "rejection_note", "reason_not_successful",
					       "note_on_referral_from_provider", NULL };
	const json_t *list = json_object_get(r->unit->client, "reason_for_exiting");
	const char *text;

	for (size_t i = 0; members[i] != NULL; i++)
		if ((text = of_unit(r, members[i])) != NULL || (text = case_text(r->mem, r->transition, members[i])) != NULL)
			return text;
	return json_is_array(list) && json_is_string(json_array_get(list, 0)) ?
	       arena_str(r->mem, json_string_value(json_array_get(list, 0))) : NULL;
}

static const char *
success_of(const struct case_reading *r)
{
	const char *text = of_unit(r, "success_status");

	return text != NULL ? text : case_text(r->mem, r->transition, "success_status");
}

static void
write_reason(struct case_reading *r, const char *to, const char *word)
{
	const char *text = reason_of(r), *code;

	if (strcmp(to, "completed") == 0) {
		code = case_reason(r->shape, "outcome", text, r->env, r->mem);
		if (code == NULL)
			code = case_reason(r->shape, "outcome", success_of(r), r->env, r->mem);
		case_set(r, "status.outcome.outcome", code != NULL ? code : "other");
		case_set(r, "status.outcome.text", text);
	} else if (strcmp(to, "declined") == 0) {
		code = case_reason(r->shape, "reason", text, r->env, r->mem);
		case_set(r, "status.reason_code", code != NULL ? code : "other");
		case_set(r, "status.reason_text", text != NULL ? text : code == NULL ? word : NULL);
	} else if (strcmp(to, "cancelled") == 0) {
		case_set(r, "status.reason_text", text != NULL ? text : word);
	}
}

static enum case_act
take_step(struct case_reading *r, const struct standing *s, const char *to, const char *word)
{
	const char *from = s->is_known ? s->p.state : "requested", *number = s->is_known ? s->p.msg_id : r->number;
	const char *own = own_number(r);

	case_set(r, "kind", "status-change");
	case_set(r, "status.referral_id", number);
	case_set(r, "status.to", to);
	case_set(r, "status.actor.name", s->is_known && s->p.is_initiator ? NULL : case_text(r->mem, r->unit->client, "case_worker_name"));
	write_reason(r, to, word);
	r->item->native_id = arena_fmt(r->mem, "%s/%s/%s", s->is_known && s->p.referral_no != NULL ? s->p.referral_no : number, from, to);
	if (s->is_known && !s->p.is_initiator && s->p.case_no == NULL && own != NULL && strlen(own) <= SOCIAL_CASE_NO_MAX) {
		r->item->confirms = s->p.msg_id;
		r->item->case_no = own;
	}
	return CASE_STEP;
}

static enum case_act
known(struct case_reading *r, const struct standing *s)
{
	r->item->msg_id = s->p.msg_id;
	r->item->thread = s->p.thread;
	r->item->is_repeat = true;
	return CASE_KNOWN;
}

/* Referred, pending: of ours that is the referral again; of what came, that its system has it. */
static enum case_act
asked(struct case_reading *r, const struct standing *s)
{
	const char *own = own_number(r);

	if (!s->is_known || s->p.is_initiator)
		return CASE_REFER;
	if (own == NULL || strlen(own) > SOCIAL_CASE_NO_MAX || s->p.case_no != NULL || is_ended(s->p.state))
		return known(r, s);
	r->item->confirms = s->p.msg_id;
	r->item->case_no = own;
	return CASE_REGISTER;
}

static bool
is_anothers(const struct case_reading *r)
{
	const char *type = case_text(r->mem, r->unit->service, "service_response_type");

	return type != NULL && strncmp(type, "referral_from", strlen("referral_from")) == 0;
}

static const char *
status_at(const struct case_reading *r)
{
	return r->unit->service == NULL && r->shape == CASE_PRIMERO ? "status" : "status.to";
}

enum case_act
case_step(struct case_reading *r)
{
	const char *text = said_by(r), *to;
	enum case_word word = case_word_by_text(r->shape, text, r->env);
	struct standing s;

	if (word == CASE_FOREIGN)
		case_fail(r, ERR_UNKNOWN_CODE, status_at(r), r->shape == CASE_OSCAR ? "Referred, Accepted or Exited" :
			  "in_progress, accepted, rejected, done or revoked");
	if (r->e != OK)
		return CASE_KNOWN;
	stand(r, &s);
	if (!s.is_known && r->env->progress_of != NULL && (is_anothers(r) || r->unit->service == NULL ||
							   (word != CASE_ASKED && word != CASE_SILENT))) {
		case_fail(r, ERR_UNKNOWN_REFERRAL, "referral.referral_id", "no referral here has this number");
		return CASE_KNOWN;
	}
	if (word == CASE_ASKED || word == CASE_SILENT)
		return asked(r, &s);
	if (!s.is_known || !s.p.is_initiator)
		return (to = step_of_recipient(word, s.is_known ? s.p.state : "requested")) != NULL ? take_step(r, &s, to, text) : known(r, &s);
	/* our own system: it repeats what it was told, but for the end that it makes itself */
	if ((word != CASE_EXITED && word != CASE_REVOKED) || is_ended(s.p.state) || strcmp(s.p.state, "cancel-requested") == 0)
		return known(r, &s);
	return take_step(r, &s, "cancelled", text);
}
