/* SPDX-License-Identifier: EUPL-1.2 */
/* one_way - the way of a message through a sector, without the adapter around it. */
#include "tests/fuzz/one_way.h"

#include <assert.h>

#include "proto/lifecycle.h"

#define ONE_WAY_ARENA ((size_t)64 * 1024 * 1024)
#define NOW_MS INT64_C(1772440000000)

static const char *
no_concept(const void *arg, const char *system, const char *code)
{
	(void)arg;
	(void)system;
	return record_is_code("service_kind", code) ? code : NULL;
}

static const char *
same_agency(const void *arg, const char *name)
{
	(void)arg;
	return name;
}

/* What the core would have filled in. */
static void
complete(struct record *r, struct arena *mem)
{
	static const uint8_t case_id[16] = { 1 };

	r->case_id = case_id;
	r->created = record_int(mem, NOW_MS);
	if (r->referral) {
		if (r->referral->initiator == NULL)
			r->referral->initiator = record_new(mem, "party");
		if (r->referral->target == NULL)
			r->referral->target = record_new(mem, "party");
		if (r->referral->respond_by == NULL)
			r->referral->respond_by = record_int(mem, NOW_MS);
	} else if (r->status) {
		if (r->status->from == NULL)
			r->status->from = "requested";
		if (r->status->at == NULL)
			r->status->at = record_int(mem, NOW_MS);
		if (r->status->transition == NULL)
			r->status->transition = "T05";
	}
}

static void
hand_out(const struct sector *sector, enum format format, const struct sector_env *env, struct arena *mem, struct record *record)
{
	struct outgoing out = {
		.msg_id = "01999999-0000-7000-8000-000000000001",
		.thread = "00000000000000000000000000000001",
		.from = "plovdiv-cop",
		.record = record,
		.referral = record->referral ? record : NULL,
		.is_initiator = record->status != NULL,
		.state = record->status ? record->status->to : "requested",
		.case_no = "C-1",
		.cursor = 1,
		.at_ms = NOW_MS,
	};
	struct native native = { 0 };
	struct why why = { 0 };

	if (out.referral == NULL)
		return;		/* a status needs its thread's referral; the unit tests have those */
	if (sector->from_record(&out, format, env, mem, &native, &why) == OK)
		assert(native.bytes.n == 0 || native.bytes.p != NULL);
}

void
one_way(const struct sector *sector, enum format format, const char *path, struct span input)
{
	struct arena *mem = arena_new(ONE_WAY_ARENA);
	struct sector_env env = {
		.agency = "plovdiv-cop", .now_ms = NOW_MS, .concept = no_concept, .agency_of = same_agency, .alias_of = same_agency,
	};
	struct native in = { .format = format, .bytes = input, .method = path ? "POST" : NULL, .path = path,
			     .file = path ? NULL : "input" };
	struct native answer = { 0 };
	struct intake intake = { 0 };
	struct record *again;
	struct span bytes, twice;

	sector->to_records(&in, &env, mem, &intake);
	for (size_t i = 0; intake.e == OK && i < intake.n; i++) {
		struct intake_item *item = &intake.items[i];

		if (item->e != OK || item->record == NULL)
			continue;
		assert(item->native_id != NULL);
		complete(item->record, mem);
		if ((item->e = record_encode(item->record, mem, &bytes, &item->why)) != OK)
			continue;
		if (record_decode(bytes, mem, &again, NULL) == OK && record_encode(again, mem, &twice, NULL) == OK)
			assert(span_eq(bytes, twice));
		else
			assert(arena_is_full(mem));
		item->msg_id = "01999999-0000-7000-8000-000000000001";
		item->thread = "00000000000000000000000000000001";
		hand_out(sector, format, &env, mem, item->record);
	}
	if (sector->answer(&in, &intake, &env, mem, &answer) == OK)
		assert(answer.bytes.n == 0 || answer.bytes.p != NULL);
	arena_free(mem);
}
