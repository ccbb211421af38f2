/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_unread - what of a message nobody has read: hl7_get marks what it gives, the rest is counted.
 *
 * A repetition of which nothing was read counts one; of one that was read in part, each component that was not, and each subcomponent
 * behind one that was. What numbers or describes other values never counts. Called by hl7_to_record.c.
 */
#include "adapters/health/hl7_in.h"

#include "adapters/health/hl7_obx.h"

#define ALL ~UINT64_C(0)
#define F(n) (UINT64_C(1) << (n))

struct tally {
	unsigned n;
	bool is_any_read;
};

/* Fields that are about the message, or number and describe others: bit n is field n. */
static const struct { const char *name; uint64_t fields; } SILENT[] = {
	{ "MSH", ALL }, { "MSA", ALL }, { "SFT", ALL }, { "ERR", ALL },
	{ "OBX", F(1) | F(2) | F(3) | F(4) | F(11) }, { "NTE", F(1) | F(4) }, { "RF1", F(1) },
	{ "PID", F(1) }, { "NK1", F(1) }, { "DG1", F(1) }, { "OBR", F(1) | F(2) | F(3) | F(25) }, { "PR1", F(1) }, { "TQ1", F(1) },
	{ "RGS", F(1) | F(2) }, { "AIS", F(1) | F(2) }, { "AIL", F(1) | F(2) }, { "AIP", F(1) | F(2) },
	{ "PRD", F(1) }, { "SCH", F(1) | F(2) | F(25) },
};

/* And what says again, on the way of a referral that is known, who the child and the parties are and what is asked. */
static const struct { const char *name; uint64_t fields; } KNOWN[] = {
	{ "PID", F(3) | F(5) | F(7) | F(8) | F(11) | F(13) | F(15) | F(26) }, { "PRD", F(2) | F(4) | F(5) | F(7) | F(10) },
	{ "OBR", F(4) | F(16) | F(22) }, { "AIS", F(3) | F(4) },
};

/* Components that tell how to read the others: bit n is component n. */
static const struct { const char *name; unsigned field; uint64_t comps; } LABELS[] = {
	{ "PID", 3, F(4) | F(5) },
	{ "PID", 5, F(7) }, { "NK1", 2, F(7) }, { "PRD", 2, F(7) }, { "CTD", 2, F(7) },
	{ "PID", 11, F(7) }, { "NK1", 4, F(7) },
	{ "PID", 13, F(2) | F(3) }, { "NK1", 5, F(2) | F(3) }, { "PRD", 5, F(2) | F(3) }, { "CTD", 5, F(2) | F(3) }, { "ORC", 14, F(2) | F(3) },
	{ "SCH", 17, F(2) | F(3) },
	{ "PRD", 7, F(2) }, { "CTD", 1, F(1) | F(3) },
	{ "OBX", 5, F(2) | F(3) | F(4) | F(5) | F(6) },		/* of a code; a text and a file are read whole */
	{ "RF1", 6, F(2) | F(3) | F(4) }, { "RF1", 11, F(2) | F(3) | F(4) }, { "ORC", 2, F(2) | F(3) | F(4) }, { "ORC", 3, F(2) | F(3) | F(4) },
	{ "ORC", 4, F(2) | F(3) | F(4) }, { "SCH", 1, F(2) | F(3) | F(4) }, { "SCH", 2, F(2) | F(3) | F(4) }, { "SCH", 26, F(2) | F(3) | F(4) },
	{ "SCH", 27, F(2) | F(3) | F(4) },
	{ "PID", 15, F(3) }, { "PID", 26, F(3) }, { "DG1", 3, F(3) }, { "DG1", 6, F(3) },
};

static uint64_t
silent_fields(const char *name, bool is_referral)
{
	uint64_t fields = 0;

	for (size_t i = 0; i < sizeof(SILENT) / sizeof(SILENT[0]); i++)
		if (strcmp(SILENT[i].name, name) == 0)
			fields |= SILENT[i].fields;
	for (size_t i = 0; !is_referral && i < sizeof(KNOWN) / sizeof(KNOWN[0]); i++)
		if (strcmp(KNOWN[i].name, name) == 0)
			fields |= KNOWN[i].fields;
	return fields;
}

static uint64_t
labels_of(const char *name, unsigned field)
{
	for (size_t i = 0; i < sizeof(LABELS) / sizeof(LABELS[0]); i++)
		if (LABELS[i].field == field && strcmp(LABELS[i].name, name) == 0)
			return LABELS[i].comps;
	return 0;
}

static bool
is_set(uint64_t bits, unsigned n)
{
	return bits == ALL || (n < 64 && bits >> n & 1);
}

/* Cuts the next piece off what is left; false when nothing is. */
static bool
next(struct span *rest, uint8_t separator, struct span *ret_piece)
{
	const uint8_t *end;

	if (!rest->p)
		return false;
	end = rest->n ? memchr(rest->p, separator, rest->n) : NULL;
	*ret_piece = SPAN(rest->p, end ? (size_t)(end - rest->p) : rest->n);
	*rest = end ? SPAN(end + 1, rest->n - ret_piece->n - 1) : SPAN_NONE;
	return true;
}

static bool
has_text(struct span s, const uint8_t **ret_first)
{
	size_t i = 0;

	while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\t' || s.p[i] == '\n' || s.p[i] == '\r'))
		i++;
	*ret_first = s.p + i;
	return i < s.n && !span_eq(s, SPAN_LIT("\"\""));
}

static void
count_component(const struct hl7 *m, struct span comp, struct tally *all)
{
	struct tally own = { 0 };
	const uint8_t *first;
	struct span sub;

	while (next(&comp, m->sub, &sub)) {
		if (!has_text(sub, &first))
			continue;
		own.n += !hl7_is_read(m, first);
		own.is_any_read |= hl7_is_read(m, first);
	}
	all->n += own.is_any_read ? own.n : own.n > 0;
	all->is_any_read |= own.is_any_read;
}

static struct tally
count_field(const struct hl7 *m, const struct hl7_segment *s, unsigned field, struct span text)
{
	uint64_t labels = strcmp(s->name, "OBX") == 0 && hl7_is_void_obx(m, s) ? 0 : labels_of(s->name, field);
	struct tally all = { 0 };
	struct span rep, comp;

	while (next(&text, m->repeat, &rep)) {
		struct tally own = { 0 };

		for (unsigned c = 1; next(&rep, m->component, &comp); c++)
			if (!is_set(labels, c))
				count_component(m, comp, &own);
		all.n += own.is_any_read ? own.n : own.n > 0;
		all.is_any_read |= own.is_any_read;
	}
	return all;
}

static unsigned
count_segment(const struct hl7 *m, const struct hl7_segment *s, bool is_referral)
{
	uint64_t silent = silent_fields(s->name, is_referral);
	struct span rest = s->bytes, text;
	bool is_value_read = true;
	unsigned n = 0;

	if (silent == ALL)
		return 0;
	(void)next(&rest, m->field, &text);	/* its name */
	for (unsigned f = 1; next(&rest, m->field, &text); f++) {
		struct tally one = is_set(silent, f) ? (struct tally){ 0 } : count_field(m, s, f, text);

		n += one.n;
		if (f == 5)
			is_value_read = one.is_any_read;
	}
	return strcmp(s->name, "OBX") == 0 && !is_value_read ? n > 0 : n;	/* an observation is one thing */
}

void
hl7_count_dropped(struct hl7_reading *r)
{
	struct record *to = r->record;
	int64_t n = 0;

	for (size_t i = r->first; !to && i < r->intake->n; i++)
		to = r->intake->items[i].record;
	for (size_t i = 0; to && i < r->m.n; i++)
		n += count_segment(&r->m, &r->m.segments[i], to->referral != NULL);
	if (n > 0)
		to->dropped = record_int(r->mem, n);
}
