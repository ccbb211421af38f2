/* SPDX-License-Identifier: EUPL-1.2 */
/* notice - struct notice <-> canonical bytes; the same rules hold on both ways. */
#include "proto/notice.h"

#include "proto/pack.h"
#include "proto/schema/notice.pb-c.h"

#define STAGES_KNOWN ((2u << STAGE_WITHDRAWN) - (1u << STAGE_STORED))

const char *
notice_fact_name(enum notice_fact fact)
{
	switch (fact) {
	case NOTICE_HALF_TIME:
		return "half-time";
	case NOTICE_LATE_REGISTERED:
		return "late";
	case NOTICE_LATE_RESPONSE:
		return "no-answer";
	case NOTICE_EXPIRING:
		return "expiring";
	case NOTICE_EXPIRED:
		return "expired";
	}
	return "?";
}

static bool
is_party(const char *id)
{
	return agency_is_id(id) && strcmp(id, AGENCY_HUB) != 0;
}

static enum err
check(const struct notice *n, struct why *why)
{
	static const struct thread_id no_thread;
	static const struct hash no_hash;

	if (n->fact < NOTICE_HALF_TIME || n->fact > NOTICE_EXPIRED)
		return why_set(why, ERR_FORMAT, "fact", "unknown");
	if (!msgid_is_valid(&n->about))
		return why_set(why, ERR_FORMAT, "about", "not a message id");
	if (hash_eq(&n->env_hash, &no_hash))
		return why_set(why, ERR_FORMAT, "env_hash", "missing");
	if (!is_party(n->from))
		return why_set(why, ERR_FORMAT, "from", "not an agency");
	if (!is_party(n->to) || strcmp(n->from, n->to) == 0)
		return why_set(why, ERR_FORMAT, "to", "not another agency");
	if (memcmp(&n->thread, &no_thread, sizeof(no_thread)) == 0)
		return why_set(why, ERR_FORMAT, "thread", "missing");
	if (n->priority < PRIORITY_ROUTINE || n->priority > PRIORITY_EMERGENCY)
		return why_set(why, ERR_FORMAT, "priority", "unknown");
	if (n->submitted_ms <= 0 || n->due_ms <= 0 || n->at_ms <= 0)
		return why_set(why, ERR_FORMAT, "times", "missing");
	if (n->stages & ~STAGES_KNOWN)
		return why_set(why, ERR_FORMAT, "stages", "unknown");
	return OK;
}

enum err
notice_encode(const struct notice *n, struct arena *mem, struct span *ret_bytes)
{
	Hub__V1__Notice m;
	struct span bytes;
	enum err e;

	if ((e = check(n, NULL)) != OK)
		return e;
	hub__v1__notice__init(&m);
	m.fact = (Hub__V1__NoticeFact)n->fact;
	pack_fixed(&m.about, n->about.b, MSGID_LEN);
	pack_fixed(&m.env_hash, n->env_hash.b, sizeof(n->env_hash.b));
	m.from = pack_text(n->from);
	m.to = pack_text(n->to);
	pack_fixed(&m.thread, n->thread.b, THREAD_LEN);
	m.priority = (uint32_t)n->priority;
	m.submitted_ms = n->submitted_ms;
	m.due_ms = n->due_ms;
	m.at_ms = n->at_ms;
	m.stages = n->stages;
	m.leaf = n->leaf;
	if ((e = pack_encode(&m.base, mem, &bytes)) != OK)
		return e;
	*ret_bytes = bytes;
	return OK;
}

enum err
notice_decode(struct span bytes, struct arena *mem, struct notice *ret_notice, struct why *why)
{
	ProtobufCMessage *base;
	const Hub__V1__Notice *m;
	struct notice n = { 0 };
	enum err e;

	if (bytes.n > NOTICE_BODY_MAX)
		return why_set(why, ERR_TOOBIG, "notice", "%zu bytes", bytes.n);
	if ((e = pack_decode(&hub__v1__notice__descriptor, bytes, true, mem, &base)) != OK)
		return why_set(why, e, "notice", "not a notice in canonical form");
	m = (const Hub__V1__Notice *)base;
	n.fact = (enum notice_fact)m->fact;
	n.from = pack_take_text(m->from);
	n.to = pack_take_text(m->to);
	n.priority = (enum priority)m->priority;
	n.submitted_ms = m->submitted_ms;
	n.due_ms = m->due_ms;
	n.at_ms = m->at_ms;
	n.stages = m->stages;
	n.leaf = m->leaf;
	if (!pack_take_fixed(&m->about, n.about.b, MSGID_LEN) ||
	    !pack_take_fixed(&m->env_hash, n.env_hash.b, sizeof(n.env_hash.b)) ||
	    !pack_take_fixed(&m->thread, n.thread.b, THREAD_LEN))
		return why_set(why, ERR_FORMAT, "notice", "an id or hash has a wrong length");
	if ((e = check(&n, why)) != OK)
		return e;
	*ret_notice = n;
	return OK;
}
