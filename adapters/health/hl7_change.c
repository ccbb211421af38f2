/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_change - two referrals side by side, by the record's own description: a referral that was sent is not rewritten, so what
 * its sender changes travels as the answer to the recipient's questions, in words that a person can act upon.
 *
 * Called by hl7_to_record.c.
 */
#include "adapters/health/hl7_change.h"

#include <string.h>

/* About the sending, not the child. */
static const char *const NOT_COMPARED[] = {
	"referral_id", "external_id", "initiator", "target", "respond_by", "authored_on", "preview", "reason_text",
};

static bool
is_compared(const char *name)
{
	for (size_t i = 0; i < sizeof(NOT_COMPARED) / sizeof(NOT_COMPARED[0]); i++)
		if (strcmp(NOT_COMPARED[i], name) == 0)
			return false;
	return true;
}

static void compare(struct buf *b, struct arena *mem, const char *path, const void *was, const void *is, const struct record_type *type);

static void
compare_items(struct buf *b, struct arena *mem, const char *path, const void *was, const void *is, const struct field *f)
{
	const void *const *old = was && record_has(was, f) ? record_at(was, f) : NULL, *const *new = record_at(is, f);
	size_t n_old = old ? record_count(was, f) : 0;

	for (size_t i = 0; i < record_count(is, f); i++)
		compare(b, mem, arena_fmt(mem, "%s[%zu].", path, i + 1), i < n_old ? old[i] : NULL, new[i], f->of);
}

static const char *
text_of(const void *msg, const struct field *f, struct arena *mem)
{
	const char *const *items, *text = NULL;

	if (!msg || !record_has(msg, f))
		return NULL;
	if (!record_field_is_list(f))
		return record_text(msg, f, mem);
	items = record_at(msg, f);
	for (size_t i = 0; i < record_count(msg, f); i++)
		text = text ? arena_fmt(mem, "%s, %s", text, items[i]) : items[i];
	return text;
}

static void
compare(struct buf *b, struct arena *mem, const char *path, const void *was, const void *is, const struct record_type *type)
{
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct field *f = &type->fields[i];
		const char *at = arena_fmt(mem, "%s%s", path, f->name), *old, *new;

		if (!at || !record_has(is, f) || (*path == '\0' && !is_compared(f->name)))
			continue;
		if (f->kind == FIELD_MSG) {
			compare(b, mem, arena_fmt(mem, "%s.", at), was && record_has(was, f) ? record_at(was, f) : NULL,
				record_at(is, f), f->of);
		} else if (f->kind == FIELD_MSGS) {
			compare_items(b, mem, at, was, is, f);
		} else {
			old = text_of(was, f, mem);
			new = text_of(is, f, mem);
			if (new && (!old || strcmp(old, new) != 0))
				buf_fmt(b, "%s%s: %s", b->n ? "\n" : "", at, new);
		}
	}
}

const char *
hl7_changes(const struct record *was, const struct record *is, struct arena *mem)
{
	const char *old = was->referral->reason_text, *new = is->referral->reason_text;
	struct buf b;

	buf_init(&b, mem);
	if (new && (!old || strcmp(old, new) != 0))
		buf_str(&b, new);
	compare(&b, mem, "", was->referral, is->referral, record_type_by_name("referral"));
	return b.n ? buf_text(&b) : NULL;
}
