/* SPDX-License-Identifier: EUPL-1.2 */
/* case_out - what is handed to a case management system: its own shape first, and our own item whole in `nasoka` behind it.
 *
 * A referral comes as a client with one service, all else that a referral's thread says as the referral's status. What the shape has no
 * member for (another kind, an exact state, a carer) stands in `nasoka`. Called by from_record.c.
 */
#include "adapters/social/case.h"

#include <string.h>

#define UUID_HEX 32

const char *
case_id_of(const struct person *child, const char *type, struct arena *mem)
{
	for (size_t i = 0; child != NULL && i < child->n_ids; i++) {
		const char *v = child->ids[i]->value;

		if (child->ids[i]->type == NULL || v == NULL || strcmp(child->ids[i]->type, type) != 0)
			continue;
		if (strlen(v) != UUID_HEX || strspn(v, "0123456789abcdefABCDEF") != UUID_HEX)
			return v;
		return arena_fmt(mem, "%.8s-%.4s-%.4s-%.4s-%.12s", v, v + 8, v + 12, v + 16, v + 20);
	}
	return NULL;
}

const char *
case_state_number(const struct person *child)
{
	for (size_t i = 0; child != NULL && i < child->n_ids; i++)
		if (child->ids[i]->type != NULL && (strcmp(child->ids[i]->type, "EGN") == 0 || strcmp(child->ids[i]->type, "LNCH") == 0))
			return child->ids[i]->value;
	return NULL;
}

/* The state to tell: of ours that was refused or taken back before anybody answered, that end. */
static const char *
state_of(const struct outgoing *out)
{
	if (out->stage == NULL || out->state == NULL || strcmp(out->state, "requested") != 0)
		return out->state != NULL ? out->state : "requested";
	return strcmp(out->stage, "refused") == 0 ? "declined" : strcmp(out->stage, "withdrawn") == 0 ? "withdrawn" : out->state;
}

static const char *
reason_of(const struct outgoing *out)
{
	const struct record *record = out->record;
	const struct status *s = record != NULL ? record->status : NULL;

	if (out->stage_err != OK)
		return err_text(out->stage_err, LANG_BG);
	if (s != NULL)
		return s->reason_text != NULL ? s->reason_text : s->outcome != NULL && s->outcome->text != NULL ? s->outcome->text : s->reason_code;
	return record != NULL && record->cancellation != NULL ? record->cancellation->reason : NULL;
}

static void
write_status(struct buf *b, enum case_shape shape, const struct outgoing *out, const struct sector_env *env)
{
	const struct referral *r = out->referral->referral;
	const struct status *s = out->record != NULL ? out->record->status : NULL;
	struct case_said said = {
		.number = r->referral_id,
		.case_ref = out->is_initiator ? case_id_of(r->child, "local", b->mem) : NULL,
		.child_ref = case_id_of(r->child, "other", b->mem),
		.word = case_word_of_state(shape, state_of(out), env),
		.reason = reason_of(out),
		.outcome = s != NULL && s->outcome != NULL ? s->outcome->outcome : NULL,
		.is_ours = out->is_initiator,
	};

	if (shape == CASE_OSCAR)
		case_write_oscar_status(b, &said);
	else
		case_write_primero_status(b, &said, env);
}

static bool
is_stage(const struct outgoing *out, const char *stage)
{
	return out->stage != NULL && strcmp(out->stage, stage) == 0;
}

void
case_write(struct buf *b, enum case_shape shape, const struct outgoing *out, const struct sector_env *env)
{
	bool is_of_referral = out->referral != NULL && out->referral->referral != NULL && out->referral->referral->referral_id != NULL;

	buf_u8(b, '{');
	if (is_of_referral && out->record != NULL && out->record->referral != NULL) {
		if (shape == CASE_OSCAR)
			case_write_oscar_referral(b, out, env);
		else
			case_write_primero_referral(b, out, env);
	} else if (is_of_referral && !is_stage(out, "preview") && !is_stage(out, "erased")) {
		write_status(b, shape, out, env);
	}
	social_json_key(b, "nasoka");
	social_item(b, out);
	buf_u8(b, '}');
}

enum err
social_case_write(const struct outgoing *out, enum format format, const struct sector_env *env, struct arena *mem,
		  struct native *ret_native, struct why *why)
{
	struct buf b;
	enum err e;

	buf_init(&b, mem);
	case_write(&b, format == FORMAT_OSCAR ? CASE_OSCAR : CASE_PRIMERO, out, env);
	if ((e = social_json_finish(&b, 0, "application/json", ret_native)) != OK)
		return why_set(why, e, NULL, "no room for the JSON text");
	ret_native->format = format;
	ret_native->method = "POST";
	return OK;
}
