/* SPDX-License-Identifier: EUPL-1.2 */
/* checker_envelope - a message against its detail, its sender's signature and the directory that it names. */
#include "hub/audit/checker_parts.h"

#include "proto/announce.h"
#include "proto/notice.h"
#include "proto/seal.h"

/* A notice that nobody was left to be told of has none. */
static bool
has_envelope(const struct leaf *leaf, const struct detail *d)
{
	return leaf->type == LEAF_SUBMIT || leaf->type == LEAF_ANNOUNCE || ledger_stage(leaf->type) != STAGE_NONE ||
	       (leaf->type == LEAF_NOTICE && d->n_to > 0);
}

static enum envelope_class
class_of(enum leaf_type type)
{
	if (type == LEAF_ANNOUNCE)
		return CLASS_ANNOUNCE;
	return type == LEAF_SUBMIT ? CLASS_DATA : type == LEAF_NOTICE ? CLASS_NOTICE : CLASS_RECEIPT;
}

/* Head and body are hashed together: which of the two differs cannot be told, so both are named. */
static void
find_both(struct checker *c, uint64_t leaf, bool has_body)
{
	struct place head, body;
	size_t n;

	c->source->ops->place(c->source, leaf, PART_HEAD, &head);
	c->source->ops->place(c->source, leaf, PART_BODY, &body);
	n = strlen(head.name);
	if (has_body)
		(void)snprintf(head.name + n, sizeof(head.name) - n, ", %.80s", body.name);
	finding_add(c->findings, FOUND_ENVELOPE_HASH, &head, leaf, NULL);
}

static bool
is_same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* NULL: they agree; else what does not. */
static const char *
contradiction(struct checker *c, const struct leaf *leaf, const struct header *h, const struct detail *d)
{
	bool is_receipt = class_of(leaf->type) == CLASS_RECEIPT;
	const struct ledger_message *m = is_receipt ? ledger_at(c->ledger, leaf->aux) : NULL;

	if (h->class != class_of(leaf->type) || (is_receipt && h->stage != ledger_stage(leaf->type)))
		return "class";
	if (!msgid_eq(&h->id, &d->id) || !is_same_text(h->from, d->from) || h->created_ms != d->created_ms)
		return "id, from, created";
	if (!msgid_eq(leaf->type == LEAF_SUBMIT ? &h->supersedes : &h->in_reply_to, &d->about))
		return "about";
	if (memcmp(h->thread.b, d->thread.b, THREAD_LEN) != 0 || h->seq != d->thread_seq)
		return "thread";
	if (h->n_to != d->n_to)
		return "to";
	for (size_t i = 0; i < h->n_to; i++)
		if (!is_same_text(h->to[i], d->to[i]))
			return "to";
	if (m && h->stage != STAGE_REFUSED && !hash_eq(&h->received, &m->env_hash))
		return "received";
	return NULL;
}

/* The hub let pass what the directory in force allowed, with exactly its auditors. */
static const char *
against_directory(const struct checker *c, const struct header *h, const struct directory *named)
{
	struct why why;

	if (directory_find(c->current, h->from) == NULL)
		return "from";
	for (size_t i = 0; i < h->n_to; i++)
		if (!directory_may_send(c->current, h->from, h->to[i]))
			return "to: the directory does not allow it";
	return seal_check_auditors(h, named, &why) == OK ? NULL : "shares: not exactly the auditors";
}

/* What a notice says of its message, each fact once: NULL, or what does not fit. */
static const char *
against_message(struct checker *c, const struct leaf *leaf, const struct detail *d, struct span body)
{
	struct ledger_message *m = ledger_at(c->ledger, leaf->aux);
	struct ledger_party *p;
	struct notice n;

	if (notice_decode(body, c->mem, &n, NULL) != OK)
		return "notice: its form";
	if (n.leaf != leaf->aux || !msgid_eq(&n.about, &d->about) || memcmp(n.thread.b, d->thread.b, THREAD_LEN) != 0 ||
	    n.at_ms != d->at_ms || !is_same_text(notice_fact_name(n.fact), d->text))
		return "notice: another message, time or fact than its entry";
	if (m == NULL)
		return NULL;	/* erased, or no message: the ledger tells */
	if (!hash_eq(&n.env_hash, &m->env_hash) || strcmp(n.from, m->from) != 0 || (p = ledger_party(m, n.to)) == NULL)
		return "notice: not the sender, a recipient and the content of the message";
	if (p->notices & 1u << n.fact)
		return "notice: said twice";
	p->notices |= (uint8_t)(1u << n.fact);
	return n.fact == NOTICE_LATE_REGISTERED && (p->stages & LEDGER_ENDS) ? "notice: late, and the message had ended" : NULL;
}

/* Notices are signed by the hub itself, with the key that the directory names for it. */
static void
check_notice(struct checker *c, const struct leaf *leaf, const struct detail *d, const struct envelope *e)
{
	const struct directory *named = checker_directory(c, e->header.directory_version);
	struct key_id key;
	const char *what;

	if (named)
		key_id_of(KEY_NOTICE, &named->notice, &key);
	if (named == NULL || !key_id_eq(&key, &e->header.signing_key) || !memo_is_signed(c->memo, e, &named->notice)) {
		checker_find(c, FOUND_SIGNATURE, leaf->seq, PART_HEAD, named ? NULL : "a directory that is not known");
		return;
	}
	c->counts->signatures++;
	if ((what = against_message(c, leaf, d, e->body)) != NULL)
		checker_find(c, FOUND_RULE, leaf->seq, PART_BODY, what);
}

static void
check_announcement(struct checker *c, const struct leaf *leaf, const struct detail *d, const struct envelope *e)
{
	struct announce a;
	struct why why = { .where = "" };

	if (announce_decode(e->body, c->mem, &a, &why) != OK)
		checker_find(c, FOUND_ENVELOPE_FORM, leaf->seq, PART_BODY, why.where);
	else if (!is_same_text(a.agency, d->from) || !is_same_text(a.service_id, d->text))
		checker_find(c, FOUND_ENVELOPE_DETAIL, leaf->seq, PART_BODY, "agency, service");
}

static void
check_sender(struct checker *c, const struct leaf *leaf, const struct envelope *e)
{
	const struct header *h = &e->header;
	const struct directory *named = checker_directory(c, h->directory_version);
	const struct agency *from = named ? directory_find(named, h->from) : NULL;
	const char *what;

	if (from == NULL || !key_id_eq(&from->signing_id, &h->signing_key) || !memo_is_signed(c->memo, e, &from->signing)) {
		checker_find(c, FOUND_SIGNATURE, leaf->seq, PART_HEAD, from ? NULL : "an agency or a directory that is not known");
		return;
	}
	c->counts->signatures++;
	if (h->class == CLASS_DATA && (what = against_directory(c, h, named)) != NULL)
		checker_find(c, FOUND_RULE, leaf->seq, PART_HEAD, what);
}

enum err
checker_envelope(struct checker *c, const struct leaf *leaf, const struct detail *d, const struct source_entry *entry)
{
	struct envelope env;
	struct why why = { .where = "" };
	const char *what;

	if (!has_envelope(leaf, d)) {
		if (entry->head.p || entry->body.p)
			checker_find(c, FOUND_ENVELOPE_EXTRA, leaf->seq, entry->head.p ? PART_HEAD : PART_BODY, NULL);
		return OK;
	}
	if (entry->head.p == NULL)
		return checker_missing(c, leaf->seq, PART_HEAD);
	if (envelope_decode(entry->envelope, c->mem, &env, &why) != OK) {
		if (entry->body.p == NULL && strcmp(why.where, "body") == 0)
			return checker_missing(c, leaf->seq, PART_BODY);
		checker_find(c, FOUND_ENVELOPE_FORM, leaf->seq, PART_HEAD, why.where);
		return arena_is_full(c->mem) ? ERR_NOMEM : OK;
	}
	if (!hash_eq(&env.hash, &d->env_hash)) {
		find_both(c, leaf->seq, entry->body.p != NULL);
		return OK;
	}
	if ((what = contradiction(c, leaf, &env.header, d)) != NULL)
		checker_find(c, FOUND_ENVELOPE_DETAIL, leaf->seq, PART_HEAD, what);
	if (leaf->type == LEAF_NOTICE)
		check_notice(c, leaf, d, &env);
	else
		check_sender(c, leaf, &env);
	if (leaf->type == LEAF_ANNOUNCE)
		check_announcement(c, leaf, d, &env);
	return OK;
}
