/* SPDX-License-Identifier: EUPL-1.2 */
/* header_check - what a header of each class must and must not carry: the table of PROTOCOL.md 3.2 as code.
 *
 * One row of `rules` a class says which parts it has; what a part looks like is checked once, for all classes. What needs the
 * directory (who may write to whom, which auditors) is the hub's policy and the recipient's recomputation, not here. Pure.
 */
#include "proto/envelope.h"

enum presence { NEVER, MAY, MUST };

/* What a class carries. */
struct rule {
	size_t to_min, to_max;
	enum presence thread, clocks, in_reply_to, supersedes, closes, attachments, basis;
	bool has_seq;
	bool is_sealed;		/* wraps, capsule, shares, commit: all there */
	bool is_receipt;	/* stage, received */
	size_t wraps_max;	/* receipts: one with a commit, or neither */
	bool is_from_hub;
};

static const struct rule rules[] = {
	[CLASS_DATA] = {
		.to_min = 1, .to_max = ENVELOPE_TO_MAX, .thread = MUST, .clocks = MAY, .in_reply_to = MAY,
		.supersedes = MAY, .closes = MAY, .attachments = MAY, .basis = MAY, .has_seq = true, .is_sealed = true,
	},
	[CLASS_RECEIPT] = {
		.to_min = 1, .to_max = 1, .thread = MUST, .in_reply_to = MUST, .is_receipt = true, .wraps_max = 1,
	},
	[CLASS_NOTICE] = {
		.to_min = 1, .to_max = ENVELOPE_TO_MAX, .thread = MAY, .in_reply_to = MAY, .is_from_hub = true,
	},
	[CLASS_ANNOUNCE] = {
		.to_max = 0,	/* it is for all */
	},
};

/* A sender's own receipt: to all recipients of its message, which it takes back. */
static const struct rule withdrawal = {
	.to_min = 1, .to_max = ENVELOPE_TO_MAX, .thread = MUST, .in_reply_to = MUST, .has_seq = true, .is_receipt = true,
};

/* What cannot be opened is asked for again; there is no more to say. */
static const struct rule reseal = {
	.to_min = 1, .to_max = 1, .thread = MUST, .in_reply_to = MUST, .is_receipt = true,
};

static const struct rule *
rule_of(const struct header *h)
{
	if (h->class == CLASS_RECEIPT && h->stage == STAGE_WITHDRAWN)
		return &withdrawal;
	return h->class == CLASS_RECEIPT && h->stage == STAGE_RESEAL ? &reseal : &rules[h->class];
}

static enum err
bad(struct why *why, const char *where, const char *text)
{
	return why_set(why, ERR_FORMAT, where, "%s", text);
}

static bool
is_as(enum presence presence, bool is_there)
{
	return presence == MAY || (presence == MUST) == is_there;
}

static bool
is_reference(enum presence presence, const struct msgid *id)
{
	bool is_there = !msgid_is_zero(id);

	return is_as(presence, is_there) && (!is_there || msgid_is_valid(id));
}

/* Position of `agency` in `to`; n_to if it is not there. */
static size_t
place_in_to(const struct header *h, const char *agency)
{
	size_t i = 0;

	while (i < h->n_to && (agency == NULL || strcmp(h->to[i], agency) != 0))
		i++;
	return i;
}

static enum err
check_parties(const struct header *h, const struct rule *rule, struct why *why)
{
	if (!agency_is_id(h->from) || (strcmp(h->from, AGENCY_HUB) == 0) != rule->is_from_hub)
		return bad(why, "from", "not an agency that may send this class");
	if (h->n_to < rule->to_min || h->n_to > rule->to_max)
		return bad(why, "to", "too few or too many");
	for (size_t i = 0; i < h->n_to; i++)
		if (!agency_is_id(h->to[i]) || strcmp(h->to[i], h->from) == 0 || strcmp(h->to[i], AGENCY_HUB) == 0 ||
		    place_in_to(h, h->to[i]) != i)
			return bad(why, "to", "not an agency, the sender itself, or named twice");
	return OK;
}

static enum err
check_thread(const struct header *h, const struct rule *rule, struct why *why)
{
	if (!is_as(rule->thread, !bytes_is_zero(h->thread.b, THREAD_LEN)))
		return bad(why, "thread", "missing, or not of this class");
	if ((h->seq != 0) != rule->has_seq)
		return bad(why, "seq", "missing, or not of this class");
	if (rule->basis == NEVER && h->n_basis != 0)
		return bad(why, "basis", "not of this class");
	for (size_t i = 0; i < h->n_basis; i++) {
		if (place_in_to(h, h->basis[i].agency) == h->n_to || h->basis[i].seq == 0)
			return bad(why, "basis", "not of another party of the thread");
		for (size_t k = 0; k < i; k++)
			if (strcmp(h->basis[k].agency, h->basis[i].agency) == 0)
				return bad(why, "basis", "the same party twice");
	}
	return OK;
}

static enum err
check_references(const struct header *h, const struct rule *rule, struct why *why)
{
	if (!is_reference(rule->in_reply_to, &h->in_reply_to))
		return bad(why, "in_reply_to", "missing, not a message id, or not of this class");
	if (!is_reference(rule->supersedes, &h->supersedes))
		return bad(why, "supersedes", "not a message id, or not of this class");
	if (rule->closes == NEVER && h->n_closes != 0)
		return bad(why, "closes", "not of this class");
	for (size_t i = 0; i < h->n_closes; i++) {
		if (!msgid_is_valid(&h->closes[i]))
			return bad(why, "closes", "not a message id");
		for (size_t k = 0; k < i; k++)
			if (msgid_eq(&h->closes[k], &h->closes[i]))
				return bad(why, "closes", "the same message twice");
	}
	return OK;
}

static enum err
check_clocks(const struct header *h, const struct rule *rule, struct why *why)
{
	if (h->created_ms <= 0)
		return bad(why, "created", "missing");
	if (h->registered_by_ms < 0 || h->respond_by_ms < 0 || h->expires_ms < 0)
		return bad(why, "clocks", "before 1970");
	if (rule->clocks == NEVER && (h->registered_by_ms | h->respond_by_ms | h->expires_ms) != 0)
		return bad(why, "clocks", "not of this class");
	if (h->priority < PRIORITY_ROUTINE || h->priority > PRIORITY_EMERGENCY)
		return bad(why, "priority", "unknown");
	return OK;
}

static enum err
check_stage(const struct header *h, const struct rule *rule, struct why *why)
{
	bool is_known = h->stage >= STAGE_DELIVERED && h->stage <= STAGE_RESEAL;

	if (rule->is_receipt ? !is_known : h->stage != STAGE_NONE)
		return bad(why, "stage", "unknown, or not of this class");
	if (h->stage == STAGE_REFUSED ? h->refusal != REFUSAL_PERMANENT && h->refusal != REFUSAL_CONFLICT
				      : h->refusal != REFUSAL_NONE)
		return bad(why, "refusal", "unknown, or not of this stage");
	if (bytes_is_zero(h->received.b, sizeof(h->received.b)) == rule->is_receipt)
		return bad(why, "received", "missing, or not of this class");
	return OK;
}

/* The boxes of recipients: none, or one for each of `to` in that order. */
static enum err
check_wraps(const struct header *h, const struct rule *rule, struct why *why)
{
	bool has_wraps = h->n_wraps != 0;

	if (rule->is_receipt ? h->n_wraps > rule->wraps_max : has_wraps != rule->is_sealed)
		return bad(why, "wraps", "missing, or not of this class");
	if (has_wraps && h->n_wraps != h->n_to)
		return bad(why, "wraps", "not as many as recipients");
	for (size_t i = 0; i < h->n_wraps; i++)
		if (h->wraps[i].agency == NULL || strcmp(h->wraps[i].agency, h->to[i]) != 0 || h->wraps[i].box.n == 0 ||
		    h->wraps[i].box.n > ENVELOPE_BOX_MAX || bytes_is_zero(h->wraps[i].key.b, KEY_ID_LEN))
			return bad(why, "wraps", "not exactly the recipients, or a box is malformed");
	if (bytes_is_zero(h->commit.b, sizeof(h->commit.b)) == has_wraps)
		return bad(why, "commit", "missing, or without wraps");
	return OK;
}

/* What auditors get: both tiers, or nothing. */
static enum err
check_audit(const struct header *h, const struct rule *rule, struct why *why)
{
	if (h->capsule.n != (rule->is_sealed ? ENVELOPE_CAPSULE_LEN : 0))
		return bad(why, "capsule", "missing, of a wrong length, or not of this class");
	if (rule->is_sealed ? h->n_shares < 2 : h->n_shares != 0)
		return bad(why, "shares", "missing, or not of this class");
	for (size_t i = 0; i < h->n_shares; i++)
		if (h->shares[i].auditor != i + 1 || h->shares[i].box.n == 0 || h->shares[i].box.n > ENVELOPE_BOX_MAX ||
		    bytes_is_zero(h->shares[i].key.b, KEY_ID_LEN) || bytes_is_zero(h->shares[i].hash.b, sizeof(h->shares[i].hash.b)))
			return bad(why, "shares", "not numbered from 1, or a share is malformed");
	return OK;
}

static enum err
check_attachments(const struct header *h, const struct rule *rule, struct why *why)
{
	if (rule->attachments == NEVER && h->n_attachments != 0)
		return bad(why, "attachments", "not of this class");
	for (size_t i = 0; i < h->n_attachments; i++)
		if (h->attachments[i].len == 0 || h->attachments[i].len > ENVELOPE_ATTACHMENT_MAX ||
		    bytes_is_zero(h->attachments[i].hash.b, sizeof(h->attachments[i].hash.b)))
			return bad(why, "attachments", "empty, too large, or without hash");
	return OK;
}

enum err
header_check(const struct header *h, struct why *why)
{
	const struct rule *rule;
	enum err e;

	if (!msgid_is_valid(&h->id))
		return bad(why, "id", "not a message id");
	if (h->class < CLASS_DATA || h->class > CLASS_ANNOUNCE)
		return bad(why, "class", "unknown");
	if (h->directory_version == 0)
		return bad(why, "directory_version", "missing");
	if (bytes_is_zero(h->signing_key.b, KEY_ID_LEN))
		return bad(why, "signing_key", "missing");
	rule = rule_of(h);
	if ((e = check_parties(h, rule, why)) != OK || (e = check_thread(h, rule, why)) != OK ||
	    (e = check_references(h, rule, why)) != OK || (e = check_clocks(h, rule, why)) != OK ||
	    (e = check_stage(h, rule, why)) != OK || (e = check_wraps(h, rule, why)) != OK ||
	    (e = check_audit(h, rule, why)) != OK)
		return e;
	return check_attachments(h, rule, why);
}
