/* SPDX-License-Identifier: EUPL-1.2 */
/* policy - each rule one check, in the order of PROTOCOL.md; the first that fails is told. */
#include "hub/policy.h"

enum err
policy_signer(const struct envelope *e, const struct roster *roster, int64_t now_ms, int64_t grace_ms,
	      const struct directory **ret_named, const struct agency **ret_signer, struct why *why)
{
	const struct header *h = &e->header;
	const struct directory *now = roster_current(roster);
	const struct directory *named = roster_version(roster, h->directory_version, now_ms, grace_ms);
	const struct agency *from;

	if (now == NULL)
		return why_set(why, ERR_BUSY, "directory", "the hub has none yet");
	if (named == NULL)
		return why_set(why, h->directory_version > now->version ? ERR_BUSY : ERR_RESEAL, "directory_version",
			       "the hub has version %llu", (unsigned long long)now->version);
	/* who was taken out of the directory may not go on under the old one */
	if (directory_find(now, h->from) == NULL || (from = directory_find(named, h->from)) == NULL)
		return why_set(why, ERR_UNKNOWN_AGENCY, "from", "not in the directory");
	if (!key_id_eq(&from->signing_id, &h->signing_key) || !key_id_eq(&from->signing_id, &e->signature.key))
		return why_set(why, ERR_UNKNOWN_KEY, "signing_key", "not the sender's in the directory");
	*ret_named = named;
	*ret_signer = from;
	return OK;
}

/* One whose time has passed is on its sheet only until the next one: its private half may be gone. */
static bool
has_sealing_key(const struct sheet *s, const struct key_id *id, int64_t now_ms)
{
	for (size_t i = 0; s && i < s->n_sealing; i++)
		if (key_id_eq(&s->sealing[i].id, id))
			return s->sealing[i].not_after_ms == 0 || now_ms < s->sealing[i].not_after_ms;
	return false;
}

static enum err
check_recipients(const struct policy_ask *ask, struct why *why)
{
	const struct directory *d = roster_current(ask->roster);
	const struct header *h = ask->header;

	if (h->n_wraps != h->n_to)
		return why_set(why, ERR_INCONSISTENT, "wraps", "not exactly the recipients");
	for (size_t i = 0; i < h->n_to; i++) {
		if (directory_find(d, h->to[i]) == NULL)
			return why_set(why, ERR_UNKNOWN_AGENCY, "to", "not in the directory");
		if (!directory_may_send(d, h->from, h->to[i]))
			return why_set(why, ERR_NOT_ALLOWED, "to", "the sender may not write to this agency");
		if (strcmp(h->wraps[i].agency, h->to[i]) != 0)
			return why_set(why, ERR_INCONSISTENT, "wraps", "not exactly the recipients");
		if (!has_sealing_key(roster_sheet(ask->roster, h->to[i]), &h->wraps[i].key, ask->now_ms))
			return why_set(why, ERR_RESEAL, "wraps", "a key that its recipient does not name");
	}
	return OK;
}

static enum err
check_auditors(const struct policy_ask *ask, struct why *why)
{
	const struct directory *d = ask->named;
	const struct header *h = ask->header;

	if (h->n_shares != d->n_auditors)
		return why_set(why, ERR_INCONSISTENT, "shares", "not exactly the auditors");
	for (size_t i = 0; i < h->n_shares; i++)
		if (h->shares[i].auditor != i + 1 || !key_id_eq(&h->shares[i].key, &d->auditors[i].id))
			return why_set(why, ERR_INCONSISTENT, "shares", "not exactly the auditors");
	return OK;
}

enum err
policy_check(const struct policy_ask *ask, struct why *why)
{
	const struct header *h = ask->header;
	enum err e;

	if (h->class != CLASS_DATA)
		return why_set(why, ERR_UNSUPPORTED, "class", "not taken from an agency");
	if (h->n_attachments > 0)
		return why_set(why, ERR_UNSUPPORTED, "attachments", "not taken");
	/* what supersedes is new by its id; it was made when the first one was */
	if (msgid_time_ms(&h->id) < ask->now_ms - ask->horizon_ms ||
	    (msgid_is_zero(&h->supersedes) && h->created_ms < ask->now_ms - ask->horizon_ms))
		return why_set(why, ERR_STALE, "id", "older than the duplicate horizon");
	if ((e = check_recipients(ask, why)) != OK)
		return e;
	return check_auditors(ask, why);
}
