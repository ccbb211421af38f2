/* SPDX-License-Identifier: EUPL-1.2 */
/* checker_entries - the second walk, over leaves that are known to be the signed ones: details, what belongs to the directory
 * and key sheets, envelopes (checker_envelope.c), and the state machine (ledger.c). What is gone must have been erased on record.
 */
#include "hub/audit/checker_parts.h"

#include <stdlib.h>

#include "hub/audit/layout.h"
#include "proto/base/clock.h"

enum err
checker_missing(struct checker *c, uint64_t leaf, enum source_part part)
{
	size_t cap = c->cap_missing ? 2 * c->cap_missing : 16;
	struct missing *more;

	if (c->n_missing == c->cap_missing) {
		if ((more = realloc(c->missing, cap * sizeof(*more))) == NULL)
			return ERR_NOMEM;
		c->missing = more;
		c->cap_missing = cap;
	}
	c->missing[c->n_missing] = (struct missing){ .leaf = leaf, .is_detail = part == PART_DETAIL };
	c->source->ops->place(c->source, leaf, part, &c->missing[c->n_missing++].place);
	return OK;
}

/* SHRED: aux is the erased entry, the text says whether its body alone went. */
static enum err
add_shred(struct checker *c, const struct leaf *leaf, const struct detail *d)
{
	size_t cap = c->cap_shreds ? 2 * c->cap_shreds : 16;
	uint64_t *more;

	if (c->n_shreds == c->cap_shreds) {
		if ((more = realloc(c->shreds, cap * sizeof(*more))) == NULL)
			return ERR_NOMEM;
		c->shreds = more;
		c->cap_shreds = cap;
	}
	c->shreds[c->n_shreds++] = 2 * leaf->aux + (d->text && strcmp(d->text, "body") == 0);
	return OK;
}

static bool
is_shredded(const struct checker *c, const struct missing *m)
{
	for (size_t i = 0; i < c->n_shreds; i++)
		if (c->shreds[i] / 2 == m->leaf && (!m->is_detail || c->shreds[i] % 2 == 0))
			return true;
	return false;
}

/* -- directories and key sheets -- */

static void
take_directory(struct checker *c, const struct leaf *leaf, const struct detail *d)
{
	for (size_t i = 0; i < c->n_directories; i++) {
		struct checked_directory *k = &c->directories[i];

		if (k->d->version != d->version)
			continue;
		if (!hash_eq(&k->d->hash, &d->object) || k->leaf != UINT64_MAX || (c->current && c->current->version >= d->version)) {
			finding_add(c->findings, FOUND_DIRECTORY_LEAF, &k->note->place, leaf->seq, NULL);
			return;
		}
		k->leaf = leaf->seq;
		c->current = k->d;
		return;
	}
	checker_find(c, FOUND_DIRECTORY_LEAF, leaf->seq, PART_DETAIL, "the directory itself is missing");
}

static const struct source_note *
sheet_at(const struct checker *c, uint64_t leaf)
{
	for (size_t i = 0; i < c->source->sheets.n; i++)
		if (c->source->sheets.items[i].number == leaf)
			return &c->source->sheets.items[i];
	return NULL;
}

static enum err
add_lost(struct checker *c, const struct leaf *leaf, const struct detail *d)
{
	size_t cap = c->cap_lost ? 2 * c->cap_lost : 16;

	if (c->n_lost == c->cap_lost) {
		c->lost = arena_grow(c->kept, c->lost, c->cap_lost * sizeof(*c->lost), cap * sizeof(*c->lost));
		if (c->lost == NULL)
			return ERR_NOMEM;
		c->cap_lost = cap;
	}
	c->lost[c->n_lost++] = (struct lost_sheet){ arena_str(c->kept, d->from ? d->from : ""), leaf->seq };
	return OK;
}

/* An agency's newest sheet must be there; older ones may be. */
static enum err
take_sheet(struct checker *c, const struct leaf *leaf, const struct detail *d)
{
	const struct source_note *note = sheet_at(c, leaf->seq);
	struct sheet *sheet;
	struct why why = { .text = "" };

	if (note == NULL)
		return add_lost(c, leaf, d);
	checker_use(c, note->place.name);
	if (c->current == NULL || sheet_open(note->bytes, c->current, 0, c->kept, &sheet, &why) != OK || d->from == NULL ||
	    strcmp(sheet->agency, d->from) != 0 || sheet->version != d->version || sheet->made_ms != d->created_ms ||
	    !hash_eq(&sheet->hash, &d->object)) {
		finding_add(c->findings, FOUND_SHEET, &note->place, leaf->seq, why.text);
		return arena_is_full(c->kept) ? ERR_NOMEM : OK;
	}
	c->counts->sheets++;
	for (size_t i = 0; i < c->n_sheets; i++)
		if (strcmp(c->sheets[i].sheet->agency, sheet->agency) == 0) {
			if (c->sheets[i].sheet->version >= sheet->version)
				finding_add(c->findings, FOUND_SHEET, &note->place, leaf->seq, "older than the one before it");
			c->sheets[i] = (struct checked_sheet){ sheet, note };
			return OK;
		}
	c->sheets[c->n_sheets++] = (struct checked_sheet){ sheet, note };
	return OK;
}

/* -- one entry -- */

static void
use_files(struct checker *c, uint64_t i, const struct source_entry *entry)
{
	char name[LAYOUT_NAME_MAX];

	if (i % LAYOUT_BLOCK == 0)
		checker_use(c, layout_details(i / LAYOUT_BLOCK, layout_width(i / LAYOUT_BLOCK, c->source->size), name));
	if (entry->head.p)
		checker_use(c, layout_message(i, false, name));
	if (entry->body.p)
		checker_use(c, layout_message(i, true, name));
	c->counts->envelopes += entry->head.p != NULL;
	c->counts->bodies += entry->body.p != NULL;
}

static enum err
take_rules(struct checker *c, const struct leaf *leaf, const struct detail *d)
{
	struct ledger_event event;
	char text[sizeof(((struct finding *)NULL)->detail)];
	struct why why;
	enum err e = ledger_take(c->ledger, leaf, d, &event, &why);

	if (e != ERR_TAMPERED)
		return e;
	(void)snprintf(text, sizeof(text), "%.40s: %.100s", why.where, why.text);
	checker_find(c, FOUND_RULE, leaf->seq, PART_DETAIL, text);
	return OK;
}

static enum err
take_detail(struct checker *c, const struct leaf *leaf, const struct source_entry *entry)
{
	struct detail d;
	struct hash hash;
	enum err e;

	detail_hash(entry->salt, entry->detail, &hash);
	if (!hash_eq(&hash, &leaf->detail)) {
		checker_find(c, FOUND_DETAIL_HASH, leaf->seq, PART_DETAIL, NULL);
		return OK;
	}
	if (detail_decode(entry->detail, c->mem, &d) != OK) {
		checker_find(c, FOUND_DETAIL_FORM, leaf->seq, PART_DETAIL, NULL);
		return OK;
	}
	if (d.at_ms < 0 || (uint64_t)(d.at_ms / CLOCK_SECOND) > leaf->seconds)
		checker_find(c, FOUND_DETAIL_FORM, leaf->seq, PART_DETAIL, "later than its entry");
	c->counts->details++;
	if (leaf->type == LEAF_DIRECTORY)
		take_directory(c, leaf, &d);
	if (leaf->type == LEAF_SHEET && (e = take_sheet(c, leaf, &d)) != OK)
		return e;
	if (leaf->type == LEAF_SHRED && (e = add_shred(c, leaf, &d)) != OK)
		return e;
	if (ledger_stage(leaf->type) != STAGE_NONE)
		c->counts->receipts++;
	if ((e = checker_envelope(c, leaf, &d, entry)) != OK)
		return e;
	return take_rules(c, leaf, &d);
}

static enum err
take_entry(struct checker *c, uint64_t i, uint64_t *seconds)
{
	struct source *s = c->source;
	struct source_entry entry;
	struct place where;
	struct leaf leaf;
	enum err e;

	e = s->ops->entry(s, i, c->mem, &entry, &where);
	if (e == ERR_NOMEM || e == ERR_STORE || e == ERR_SYSTEM)
		return e;
	if (e != OK) {
		finding_add(c->findings, e == ERR_NOTFOUND ? FOUND_MISSING : FOUND_UNREADABLE, &where, i, NULL);
		return OK;
	}
	if (leaf_decode(SPAN(entry.leaf, LEAF_LEN), &leaf) != OK)
		return ERR_CORRUPT;	/* it could be read a moment ago */
	use_files(c, i, &entry);
	if (leaf.seconds < *seconds)
		checker_find(c, FOUND_LEAF_TIME, i, PART_LEAF, NULL);
	*seconds = leaf.seconds;
	if (entry.has_detail)
		return take_detail(c, &leaf, &entry);
	c->counts->erased++;
	if (entry.head.p || entry.body.p)
		checker_find(c, FOUND_ENVELOPE_EXTRA, i, entry.head.p ? PART_HEAD : PART_BODY, NULL);
	if ((e = checker_missing(c, i, PART_DETAIL)) != OK)
		return e;
	return ledger_skip(c->ledger, i);
}

/* -- the end -- */

static bool
has_newer_sheet(const struct checker *c, const struct lost_sheet *lost)
{
	for (size_t i = 0; i < c->n_sheets; i++)
		if (c->sheets[i].note->number > lost->leaf && strcmp(c->sheets[i].sheet->agency, lost->agency) == 0)
			return true;
	return false;
}

static void
check_whole(struct checker *c)
{
	const struct ledger_message *m = ledger_dangling(c->ledger);

	for (size_t i = 0; i < c->n_missing; i++)
		if (!is_shredded(c, &c->missing[i]))
			finding_add(c->findings, c->missing[i].is_detail ? FOUND_DETAIL_GONE : FOUND_ENVELOPE_GONE, &c->missing[i].place,
				    c->missing[i].leaf, NULL);
	for (size_t i = 0; i < c->n_directories; i++)
		if (c->directories[i].leaf == UINT64_MAX)
			finding_add(c->findings, FOUND_DIRECTORY_LEAF, &c->directories[i].note->place, FINDING_NO_LEAF, "no entry records it");
	for (size_t i = 0; i < c->n_lost; i++)
		if (!has_newer_sheet(c, &c->lost[i]))
			checker_find(c, FOUND_SHEET, c->lost[i].leaf, PART_DETAIL, "the key sheet itself is missing");
	if (m)
		checker_find(c, FOUND_RULE, m->superseded_leaf, PART_LEAF, "the message that supersedes never came");
}

enum err
checker_entries(struct checker *c, struct why *why)
{
	uint64_t seconds = 0;
	enum err e = OK;

	c->sheets = arena_array(c->kept, c->source->sheets.n + 1, sizeof(*c->sheets));
	if (c->sheets == NULL)
		return ERR_NOMEM;
	for (uint64_t i = 0; i < c->source->size && e == OK; i++) {
		arena_reset(c->mem);
		if ((e = take_entry(c, i, &seconds)) != OK)
			return why_set(why, e, "log", "leaf %llu could not be judged", (unsigned long long)i);
	}
	check_whole(c);
	return e;
}
