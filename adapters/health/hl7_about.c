/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_about - which referral a message is about, by all that it says of it: the number in RF1, ORC, SCH, OBR and an OBX of ours, and the child.
 *
 * A step on another child's referral is worse than none: where two numbers name two referrals that are known here, or PID is another child than
 * was referred, the whole message is refused. What nobody knows may be the sender's own number of something else, and is passed over. Called by
 * hl7_to_record.c.
 */
#include "adapters/health/hl7_in.h"

#include "adapters/health/child.h"
#include "adapters/health/hl7_obx.h"
#include "proto/kind.h"

#define PID_IDS 3

struct about {
	const char *number;		/* the first that is known here; NULL: none yet */
	struct progress at;
};

static bool
is_text(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* Did one of its agencies give it this number? Then another agency may have given it to another referral as well. */
static bool
is_number_of(const struct progress *at, const char *number)
{
	return is_text(at->referral_no, number) || is_text(at->external_no, number) || is_text(at->case_no, number);
}

static bool
may_be_one(const struct about *about, const char *number, const struct progress *at)
{
	return !about->at.thread || !at->thread || strcmp(about->at.thread, at->thread) == 0 || is_number_of(&about->at, number) ||
	       is_number_of(at, about->number);
}

static void
add(struct hl7_reading *r, struct about *about, const char *number, const char *where)
{
	struct progress at;

	if (r->e != OK || !number || is_text(about->number, number) || !r->env->progress_of ||
	    r->env->progress_of(r->env->core, number, r->mem, &at) != OK)
		return;
	if (!about->number)
		*about = (struct about){ number, at };
	else if (!may_be_one(about, number, &at))
		hl7_fail(r, ERR_INCONSISTENT, where, "another referral than the message names before");
}

/* They are only compared here: what is left out stays so, and is counted. */
static void
add_field(struct hl7_reading *r, struct about *about, const struct hl7_segment *s, unsigned field)
{
	for (unsigned rep = 1; rep <= hl7_repeats(&r->m, s, field); rep++)
		add(r, about, hl7_peek(&r->m, s, field, rep, 1), hl7_place(r, s, field));
}

/* The field of the record that names its referral, conference or transfer, where it is said by its path. */
static void
add_observations(struct hl7_reading *r, struct about *about)
{
	const char *field = r->record ? kind_reference_field(r->record) : "referral_id", *code;
	const struct hl7_segment *s;

	for (unsigned i = 1; field && (s = hl7_find(&r->m, "OBX", i)); i++)
		if ((code = hl7_peek(&r->m, s, 3, 1, 1)) && strcmp(code, field) == 0 && hl7_is_our_obx(&r->m, s) &&
		    !hl7_is_void_obx(&r->m, s))
			add_field(r, about, s, 5);
}

/* One referral a message: what a second RF1 says of another would be lost. */
void
hl7_check_rf1(struct hl7_reading *r)
{
	const struct hl7_segment *rf1;
	const char *first = NULL, *number;

	for (unsigned i = 1; (rf1 = hl7_find(&r->m, "RF1", i)); i++) {
		unsigned field = (unsigned)(6 + hl7_rf1_shift(r, rf1));

		number = hl7_peek(&r->m, rf1, field, 1, 1);
		if (first && number && strcmp(first, number) != 0)
			hl7_fail(r, ERR_INCONSISTENT, hl7_place(r, rf1, field), "one referral a message");
		first = first ? first : number;
	}
}

void
hl7_check_names(struct hl7_reading *r)
{
	static const struct { const char *segment; unsigned field; } PLACES[] = { { "SCH", 26 }, { "RF1", 6 }, { "ORC", 2 }, { "OBR", 2 } };
	struct about about = { .number = NULL };
	const struct hl7_segment *s;

	for (size_t k = 0; k < sizeof(PLACES) / sizeof(PLACES[0]); k++)
		for (unsigned i = 1; (s = hl7_find(&r->m, PLACES[k].segment, i)); i++)
			add_field(r, &about, s, (unsigned)((int)PLACES[k].field + (strcmp(s->name, "RF1") == 0 ? hl7_rf1_shift(r, s) : 0)));
	add_observations(r, &about);
}

/* -- whose it is -- */

static const struct person *
child_of(struct hl7_reading *r, const struct hl7_segment *pid)
{
	unsigned n = hl7_repeats(&r->m, pid, PID_IDS);
	struct person *child = arena_alloc(r->mem, sizeof(*child));
	struct person_id *ids = arena_array(r->mem, n + 1, sizeof(*ids));
	bool has_egn = false;

	if (!child || !ids || !(child->ids = arena_array(r->mem, n + 1, sizeof(*child->ids))))
		return NULL;
	for (unsigned rep = 1; rep <= n; rep++)
		if (hl7_read_id(r, pid, PID_IDS, rep, &ids[child->n_ids])) {
			has_egn |= strcmp(ids[child->n_ids].type, "EGN") == 0;
			child->ids[child->n_ids] = &ids[child->n_ids];
			child->n_ids++;
		}
	if (!has_egn && (ids[child->n_ids].value = hl7_read_old_egn(r, pid))) {
		ids[child->n_ids].type = "EGN";
		child->ids[child->n_ids] = &ids[child->n_ids];
		child->n_ids++;
	}
	return child;
}

static void
name_it(struct hl7_reading *r, const char *number, const char *where)
{
	if (r->record)
		hl7_set(r, arena_fmt(r->mem, "%s%s", hl7_body(r), kind_reference_field(r->record)), number, where);
	if (r->item->confirms)
		r->item->confirms = number;
}

void
hl7_check_child(struct hl7_reading *r)
{
	const char *number = r->e != OK ? NULL : r->record ? kind_reference(r->record) : r->item->confirms, *is;
	const struct hl7_segment *pid;
	struct progress at;

	for (unsigned i = 1; number && (pid = hl7_find(&r->m, "PID", i)); i++) {
		if (!r->env->progress_of || r->env->progress_of(r->env->core, number, r->mem, &at) != OK)
			return;
		if (!(is = child_referral(&at, number, child_of(r, pid))))
			hl7_fail(r, ERR_INCONSISTENT, hl7_place(r, pid, PID_IDS), "another child than was referred under this number");
		else if (strcmp(is, number) != 0)
			name_it(r, is, hl7_place(r, pid, PID_IDS));
		number = is;
	}
}
