/* SPDX-License-Identifier: EUPL-1.2 */
/* case_in - the JSON that a case management system sends: each service of each client in it becomes one item.
 *
 * What one unit lacks refuses that unit, and its neighbours go on. Called by to_record.c.
 */
#include "adapters/social/case.h"

#include <jansson.h>
#include <string.h>

#include "proto/merkle.h"

#define CASE_KEY_MIN 26		/* an ULID; an UUID is longer */
#define CASE_ID_LEN 16

static void
begin_record(struct case_reading *r)
{
	if ((r->record = record_new(r->mem, "record")) == NULL)
		case_fail(r, ERR_TOOBIG, NULL, "no room for the body");
	case_set(r, "source", r->shape == CASE_OSCAR ? "oscar-json" : "primero-json");
}

/* All referrals of one child are one case, so that what its family says of consent later reaches each recipient. The system's own key of
 * the child is too long to be guessed, and does not go itself. A short one would be: then the core draws lots.
 */
static void
name_case(struct case_reading *r)
{
	const json_t *c = r->unit->client;
	const char *key = case_text(r->mem, c, r->shape == CASE_OSCAR ? "global_id" : "oscar_number");
	struct hash hash;
	struct buf b;

	if (key == NULL || strlen(key) < CASE_KEY_MIN)
		key = case_text(r->mem, c, r->shape == CASE_OSCAR ? "external_id" : "case_id");
	if (key == NULL || strlen(key) < CASE_KEY_MIN)
		return;
	buf_init(&b, r->mem);
	buf_fmt(&b, "case %s %s", r->env->agency, key);
	hash_sha256(buf_bytes(&b), &hash);
	r->record->case_id = arena_copy(r->mem, hash.b, CASE_ID_LEN);
}

static void
read_referral(struct case_reading *r)
{
	const struct field *number = record_field(record_type_by_name("referral"), "referral_id");

	if (r->number == NULL)
		case_fail(r, ERR_REQUIRED, "referral.referral_id", "is missing");
	else if (strlen(r->number) > number->limit)
		case_fail(r, ERR_TOOLONG, "referral.referral_id", "longer than its limit");
	case_set(r, "kind", "referral");
	case_set(r, "referral.referral_id", r->number);
	case_set(r, "referral.initiator.agency", r->env->agency);
	r->item->native_id = r->number;
	if (r->e != OK)
		return;
	name_case(r);
	if (r->shape == CASE_OSCAR)
		case_read_oscar(r);
	else
		case_read_primero(r);
	if (r->e == OK)
		case_count_dropped(r);
}

static void
read_unit(struct case_reading *r)
{
	enum case_act act;

	begin_record(r);
	act = case_step(r);
	if (r->e == OK && act == CASE_REFER)
		read_referral(r);
	if (r->e == OK && (act == CASE_REFER || act == CASE_STEP)) {
		case_set(r, "native_id", r->item->native_id);
		r->item->record = r->record;
	}
	if (r->e == OK && arena_is_full(r->mem))
		case_fail(r, ERR_TOOBIG, NULL, "no room for the body");
	if (r->e == OK)
		return;
	r->item->record = NULL;
	r->item->confirms = r->item->case_no = r->item->target = r->item->msg_id = r->item->thread = NULL;
	r->item->is_repeat = false;
}

void
social_case_to_records(enum format format, struct json_t *root, const struct sector_env *env, struct arena *mem, struct intake *ret_intake)
{
	const enum case_shape shape = format == FORMAT_OSCAR ? CASE_OSCAR : CASE_PRIMERO;
	struct case_unit *units;
	size_t n;

	*ret_intake = (struct intake){ .e = OK };
	if ((ret_intake->e = case_walk(shape, root, mem, &units, &n, &ret_intake->why)) != OK)
		return;
	if ((ret_intake->items = arena_array(mem, n, sizeof(*ret_intake->items))) == NULL) {
		ret_intake->e = why_set(&ret_intake->why, ERR_TOOBIG, NULL, "no room for the body");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct case_reading r = { .shape = shape, .unit = &units[i], .env = env, .mem = mem, .item = &ret_intake->items[i] };

		r.item->row = n > 1 ? (unsigned)i + 1 : 0;
		r.number = shape == CASE_OSCAR ? case_number_oscar(r.unit, mem) : case_number_primero(r.unit, mem);
		if (shape == CASE_PRIMERO)
			r.transition = case_transition(units[i].client, units[i].service);
		read_unit(&r);
		r.item->e = r.e;
	}
	ret_intake->n = n;
}
